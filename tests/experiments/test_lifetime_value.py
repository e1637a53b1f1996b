"""Lifetime value as a metric: written in the catalogue, sealed, brought in, never read too early."""

import pytest
from django.urls import reverse

from experiments.flows.analysing import analyse_now
from experiments.models import Experiment, Intake, Metric
from experiments.plan.document import Plan, PlannedMetric
from tests.browsing import form_on
from tests.experiments.posting import confirmed, mapped
from tests.factories import launched, make_experiment

WORTH = (
    {"role": "primary", "name": "Worth", "kind": "mean", "direction": "increase",
     "baseline": 20.0, "baseline_sd": 10.0, "smallest_effect": 0.1},
)  # fmt: skip
LABELS = {"label_0": "As it is", "label_1": "Series named"}


def form_of(**changes):
    return {"name": "Worth", "kind": "mean", "direction": "increase", "window_days": "180",
            "is_lifetime_value": "on", "discount_rate": "8", **changes}  # fmt: skip


@pytest.fixture
def running(alice, bob, pod, objective):
    draft = make_experiment(alice, pod, objective=objective, analyst=bob, metrics=WORTH)
    Metric.objects.filter(name="Worth").update(
        is_lifetime_value=True, window_days=30, discount_rate=0.0
    )
    return launched(draft, alice)


def content(days=("2026-03-01", "2026-03-25")):
    rows = [f"{n},{'AB'[n % 2]},{days[n // 2 % 2]},2026-03-26,{10 + n % 7}" for n in range(200)]
    return "user,group,entered,paid_on,amount\n" + "\n".join(rows)


def brought(client, experiment, **fields):
    named = {
        "metric_Worth": "amount",
        "valueday_Worth": "paid_on",
        "day": "entered",
        "unit": "user",
    }
    return mapped(client, experiment, content(), **LABELS, **named, **fields)


def test_the_catalogue_says_horizon_discount_and_who_is_left_out(client_of, olive):
    client, new = client_of(olive), reverse("experiments:metric_new")
    made = client.post(new, form_of())
    metric = Metric.objects.get()
    assert (metric.window_days, metric.discount_rate) == (180, pytest.approx(0.08))
    page = client.get(made.url).content.decode()
    assert "amounts of the first 180 days of each unit, discounted by 8.0" in page
    assert "a unit whose 180 days are not over is left out" in page
    edit = reverse("experiments:metric_edit", args=[metric.pk])
    form = form_on(client, edit).data()
    assert form["discount_rate"] == "8"
    assert client.post(edit, form | {"unit": "readers"}).status_code == 302
    metric.refresh_from_db()
    assert (metric.unit, metric.discount_rate) == ("readers", pytest.approx(0.08))


@pytest.mark.parametrize(("changes", "sentence"), [
    ({"window_days": ""}, "A lifetime value is a mean with days to count."),
    ({"kind": "proportion"}, "A lifetime value is a mean with days to count."),
    ({"kind": "ratio"}, "A lifetime value is a mean with days to count."),
    ({"is_lifetime_value": ""}, "Only a lifetime value is discounted."),
    ({"discount_rate": "101"}, "100"),
    ({"discount_rate": "-1"}, "0"),
    ({"discount_rate": "soon"}, "Enter a number, such as 4.2."),
])  # fmt: skip
def test_what_does_not_fit_together_is_said(client_of, olive, changes, sentence):
    answer = client_of(olive).post(reverse("experiments:metric_new"), form_of(**changes))
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not Metric.objects.exists()


def test_the_plan_seals_horizon_and_discount(running):
    (metric,) = running.plan_in_force.metrics
    assert (metric.is_lifetime_value, metric.window_days, metric.discount_rate) == (True, 30, 0.0)
    Metric.objects.update(discount_rate=0.5)
    fresh = Experiment.objects.get(pk=running.pk)
    assert fresh.plan_in_force.metrics[0].discount_rate == 0.0


def test_plans_without_one_are_written_as_they_always_were():
    """So that their fingerprints stay the same."""
    plain = Plan(metrics=(PlannedMetric(name="Paid"),)).to_json()
    assert "is_lifetime_value" not in plain["metrics"][0]
    assert "discount_rate" not in plain["metrics"][0]
    worth = PlannedMetric(name="Worth", kind="mean", is_lifetime_value=True, discount_rate=0.1)
    plan = Plan(metrics=(worth,))
    assert Plan.from_json(plan.to_json()) == plan


def test_a_file_says_how_many_of_each_arm_are_left_out(client_of, alice, bob, running):
    """The sender reads arms, the analyst letters: sizes by arm are for the first alone."""
    answer = brought(client_of(alice), running, until_Worth="2026-03-31")
    page = client_of(alice).get(answer.url).content.decode()
    assert "100 of 200 units are not yet observed to the end of the 30 days of “Worth”" in page
    each = "not observed to the end of 30 days: As it is 50 of 100 · Series named 50 of 100"
    assert each in page
    assert "Worth · day of the amount" in page
    masked = client_of(bob).get(answer.url).content.decode()
    assert "not observed to the end of 30 days: 100 of 200" in masked
    assert "50 of 100" not in masked
    confirmed(client_of(alice), answer.url)
    reading = analyse_now(Intake.objects.latest("pk").pk)
    assert {arm["n"] for arm in reading.result["metrics"][0]["arms"]} == {50}
    assert sum(reading.result["units"].values()) == 200
    assert [row["window_days"] for row in reading.result["waiting"]] == [30], "no verdict yet"


def test_the_last_known_day_is_not_remembered_for_the_next_file(client_of, alice, running):
    answer = brought(client_of(alice), running, until_Worth="2026-03-31")
    confirmed(client_of(alice), answer.url)
    brought(client_of(alice), running, look="1")
    intake = Intake.objects.latest("pk")
    url = reverse("experiments:intake_map", args=[running.pk, intake.pk])
    form = client_of(alice).get(url).context["form"]
    (part,) = running.measured
    assert form[f"valueday_{part.pk}"].value() == "paid_on"
    assert not form[f"until_{part.pk}"].value()


def test_without_the_day_of_entry_the_page_says_what_to_do(client_of, alice, running):
    answer = mapped(
        client_of(alice), running, content(), **LABELS, metric_Worth="amount", unit="user"
    )
    assert (
        "on which day each unit entered. Choose the column with that day" in answer.content.decode()
    )


def test_the_api_takes_and_shows_it(api_of, olive):
    made = api_of(olive).post("/api/v1/metrics/", {
        "name": "Worth", "kind": "mean", "window_days": 180, "is_lifetime_value": True,
        "discount_rate": 0.08,
    }, format="json")  # fmt: skip
    assert made.status_code == 201, made.content
    assert (made.json()["is_lifetime_value"], made.json()["discount_rate"]) == (True, 0.08)
    wrong = api_of(olive).post(
        "/api/v1/metrics/", {"name": "W", "kind": "mean", "is_lifetime_value": True}, format="json"
    )
    assert wrong.status_code in (400, 409)
    assert "days to count" in wrong.content.decode()
