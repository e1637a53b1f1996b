"""The plan’s form takes an effect as people think of it, and says what does not fit before anybody saves."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from backlog.models import Objective, Quarter
from experiments.flows.amending import amend, price_of_a_new_end
from experiments.flows.guards import LAUNCH_CHECKS, with_people_enough
from experiments.models import Experiment, Look, Metric
from experiments.plan.document import Plan
from experiments.views.wording import planned_against_done
from tests.experiments.posting import METRIC_ROWS, plan_data
from tests.factories import (
    HYPOTHESIS,
    analysed,
    launched,
    make_experiment,
    make_idea,
    make_round,
    totals,
)


@pytest.fixture
def idea(alice, pod, objective):
    return make_idea(alice, pod, objective=objective, **HYPOTHESIS)


@pytest.fixture
def url(idea):
    return reverse("experiments:idea_promote", args=[idea.pk])


def primary(**changes):
    first, *others = METRIC_ROWS
    return [{**first, **changes}, *others]


def page_of(response):
    return response.content.decode()


@pytest.mark.parametrize(
    ("kind", "baseline", "effect", "lift"),
    [("proportion", "4", "0.5", 0.125), ("proportion", "4,0 %", "0,5", 0.125), ("mean", "12.5", "-2", -0.16)],
)  # fmt: skip
def test_an_effect_in_points_is_kept_as_the_lift_that_it_is(
    client_of, alice, url, kind, baseline, effect, lift
):
    """U1: 0.5 in a field of per cent planned 15 million units."""
    rows = primary(
        kind=kind, baseline=baseline, baseline_sd="5", smallest_effect=effect, effect_in="points"
    )
    client_of(alice).post(url, plan_data(metrics=rows))
    assert Experiment.objects.get().primary.smallest_effect == pytest.approx(lift)


def test_points_without_a_baseline_say_what_to_do(client_of, alice, url):
    rows = primary(baseline="", smallest_effect="0.5", effect_in="points")
    response = client_of(alice).post(url, plan_data(metrics=rows))
    assert response.status_code == 422
    assert "Enter the baseline too" in page_of(response)


def test_the_effect_is_repeated_as_what_it_leads_to(client_of, alice, url):
    rows = primary(baseline="4", smallest_effect="0.5", effect_in="points", name="")
    page = page_of(client_of(alice).post(url, plan_data(metrics=rows, look="1")))
    assert "4.0\xa0% → 4.5\xa0%" in page


def test_an_effect_of_the_idea_waits_for_its_baseline(client_of, alice, idea, url):
    type(idea).objects.filter(pk=idea.pk).update(expected_effect="+0.5 points")
    rows = primary(baseline="", smallest_effect="0.5", effect_in="points")
    client_of(alice).post(url, plan_data(metrics=rows))
    made = Experiment.objects.get()
    assert made.primary.smallest_effect is None
    page = client_of(alice).get(reverse("experiments:experiment_edit", args=[made.pk]))
    row = page.context["plan"].metrics.forms[0]
    assert (row["smallest_effect"].value(), row["effect_in"].value()) == ("0.5", "points")


@pytest.mark.parametrize(
    ("expected", "shown"),
    [("+0.5 points", True), ("0,5 percentage points", True), ("2 pp", True), ("+10 %", False),
     ("0.5 to 1 points", False), ("a lot", False)],
)  # fmt: skip
def test_the_metric_and_the_effect_come_from_the_idea_where_they_are_certain(
    client_of, alice, pod, idea, url, expected, shown
):
    """U2: the idea’s own metric and effect had to be typed again."""
    Metric.objects.create(pod=pod, name="Reactivated in 30 days", kind="proportion")
    type(idea).objects.filter(pk=idea.pk).update(
        outcome="reactivated in 30 days", expected_effect=expected
    )
    page = client_of(alice).get(url)
    row = page.context["plan"].metrics.forms[0]
    assert row["name"].value() == "Reactivated in 30 days"
    assert bool(row["smallest_effect"].value()) == shown
    assert (row["effect_in"].value() == "points") == shown
    assert f"The idea expects “{expected}”." in page_of(page)


def test_the_usual_margin_stands_in_the_field(client_of, alice, pod, url):
    Metric.objects.create(pod=pod, name="Unsubscribed", kind="proportion", direction="decrease", usual_margin=0.005)  # fmt: skip
    page = page_of(client_of(alice).post(url, plan_data(look="1")))
    assert 'placeholder="0.5"' in page
    assert 'data-margin="0.5"' in page


def test_more_units_than_people_is_said_at_once_and_asked_at_the_launch(
    client_of, alice, bob, pod, objective, url
):
    """M15: 51,102 units from an audience of 34,900, without a word."""
    page = page_of(client_of(alice).post(url, plan_data(audience_size="9000", look="1")))
    assert "It takes 29,502 units, and the audience has 9,000." in page
    made = make_experiment(alice, pod, objective=objective, analyst=bob, idea_title="Another")
    Experiment.objects.filter(pk=made.pk).update(audience_size=9_000)
    made = Experiment.objects.get(pk=made.pk)
    assert "its audience has 9,000" in with_people_enough(made, {})
    assert "Enough people for the planned sample" in [check.label for check in LAUNCH_CHECKS]


def test_dates_are_offered_for_as_long_as_the_sample_takes(client_of, alice, url):
    page = client_of(alice).post(url, plan_data(units_per_week="2700", look="1"))
    weeks = page.context["calculator"]["sizing"].weeks
    assert weeks == 11
    offer = page.context["dates"][0]
    assert (offer.last_day - offer.starts_on).days + 1 == 7 * weeks


def test_a_value_per_unit_is_sealed_and_an_old_plan_reads_as_before(client_of, alice, bob, url):
    client_of(alice).post(url, plan_data(value_per_unit="12,50", currency="€"))
    made = Experiment.objects.get()
    assert (made.value_per_unit, made.currency) == (12.5, "€")
    written = Plan(value_per_unit=12.5, currency="€").to_json()
    assert (written["value_per_unit"], written["currency"]) == (12.5, "€")
    assert {"value_per_unit", "currency", "began_before"}.isdisjoint(Plan().to_json())


def test_a_plan_may_be_surer_than_usual_and_then_takes_more_units(client_of, alice, url):
    usual, surer = (
        client_of(alice).post(url, plan_data(confidence=level, look="1")).context["calculator"]
        for level in ("0.95", "0.99")
    )
    assert surer["sizing"].units > usual["sizing"].units
    client_of(alice).post(url, plan_data(confidence="0.99"))
    made = Experiment.objects.get()
    assert made.confidence == 0.99
    page = client_of(alice).get(reverse("experiments:experiment_edit", args=[made.pk]))
    assert '<option value="0.99" selected>' in page_of(page)


# --- Launched after it began, ended after a look ----------------------------------------------------


def begun(made, days):
    today = timezone.localdate()
    Experiment.objects.filter(pk=made.pk).update(
        starts_on=today - dt.timedelta(days=days), ends_on=today + dt.timedelta(days=21 - days)
    )
    return Experiment.objects.get(pk=made.pk)


def test_a_launch_after_the_first_day_is_said_everywhere(client_of, alice, bob, pod, objective):
    """M7: “Planned, sealed 27 Nov ✓ Ran 2 to 26 Nov ✓”."""
    made = begun(make_experiment(alice, pod, objective=objective, analyst=bob), 7)
    client = client_of(alice)
    assert "7 days ago" in page_of(client.get(made.get_absolute_url()))
    asks = reverse("experiments:experiment_move", args=[made.pk, "launch"])
    assert "may know what it has seen" in page_of(client.get(asks))
    launched(made, alice)
    made = begun(made, 7)
    assert made.sealed_plan["began_before"] == 7
    page = page_of(client.get(made.get_absolute_url()))
    assert "7 days after it began" in page
    assert "The plan was sealed 7 days after the first day." in page
    rows = {row["what"]: row["done"] for row in planned_against_done(made)}
    assert rows["Plan sealed"] == "7 days after the first day"


def test_a_launch_in_time_says_nothing(client_of, alice, bob, pod, objective):
    made = launched(begun(make_experiment(alice, pod, objective=objective, analyst=bob), 0), alice)
    assert "began_before" not in made.sealed_plan
    assert "after it began" not in page_of(client_of(alice).get(made.get_absolute_url()))


def test_the_end_of_a_fixed_plan_has_a_price_after_a_look(client_of, alice, bob, pod, objective):
    """M6: look, end it yesterday, decide, and the ledger said “reached”."""
    made = launched(make_experiment(alice, pod, objective=objective, analyst=bob), alice)
    assert price_of_a_new_end(made) is None
    reading = analysed(made, bob, totals(n=7_375))
    Look.objects.create(experiment=made, analysis=reading, user=bob, day=timezone.localdate(),
                        units=reading.units, is_early=True)  # fmt: skip
    made = Experiment.objects.get(pk=made.pk)
    assert price_of_a_new_end(made) == pytest.approx(0.083, abs=0.001)
    url = reverse("experiments:experiment_amend", args=[made.pk])
    assert "“wins” in 8.3" in page_of(client_of(alice).get(url))
    today = timezone.localdate()
    Experiment.objects.filter(pk=made.pk).update(starts_on=today - dt.timedelta(days=9))
    amend(Experiment.objects.get(pk=made.pk), by=alice, reason="Enough.", ends_on=today)
    page = page_of(client_of(alice).get(reverse("experiments:experiment_results", args=[made.pk])))
    assert "The end was moved after a result had been seen" in page
    assert "in 8.3 % of cases, not in 5 %" in page


def test_a_plan_that_may_be_read_any_day_moves_its_end_for_nothing(alice, bob, pod, objective):
    made = make_experiment(alice, pod, objective=objective, analyst=bob, reading="any-time")
    made = launched(made, alice)
    reading = analysed(made, bob, totals(n=4_000))
    Look.objects.create(experiment=made, analysis=reading, user=bob, day=timezone.localdate(),
                        units=reading.units, is_early=True)  # fmt: skip
    assert price_of_a_new_end(made) is None


@pytest.mark.parametrize(
    ("expected", "baseline", "effect", "unit", "shown"),
    [
        ("+0.5 points", "4", "0.5", "points", ("0.5", "points")),
        ("+0.5 points", "4", "12.5", "lift", ("0.5", "points")),  # as the idea has it
        ("a lot", "7", "0.3", "points", ("0.3", "points")),  # 4.2857142857 %
        ("a lot", "4", "0.5", "points", ("12.5", "lift")),  # both are short
        ("+0.5 points", "7", "10.01", "lift", ("10.01", "lift")),  # 0.7007 points
    ],
)
def test_a_plan_is_changed_in_what_its_effect_was_typed_in(
    client_of, alice, idea, url, expected, baseline, effect, unit, shown
):
    """0.5 points came back as 12.5 in per cent; 0.75 typed over it then planned 13 million units."""
    type(idea).objects.filter(pk=idea.pk).update(expected_effect=expected)
    rows = primary(baseline=baseline, smallest_effect=effect, effect_in=unit)
    client_of(alice).post(url, plan_data(metrics=rows))
    made = Experiment.objects.get()
    page = client_of(alice).get(reverse("experiments:experiment_edit", args=[made.pk]))
    row = page.context["plan"].metrics.forms[0]
    size = float(row["smallest_effect"].value())
    assert (size, row["effect_in"].value() or "lift") == (float(shown[0]), shown[1])


def test_an_objective_carries_its_quarter_on_the_card_in_the_plan_and_on_the_experiment(
    client_of, alice, bob, pod, idea, objective
):
    later = Quarter.objects.create(
        name="Q9 2099", starts_on=dt.date(2099, 1, 1), ends_on=dt.date(2099, 4, 1)
    )
    Objective.objects.create(quarter=later, title=objective.title)
    client, full = client_of(alice), f"{objective.title} · {objective.quarter}"
    offered = page_of(client.get(reverse("experiments:idea_promote", args=[idea.pk])))
    assert full in offered
    assert f"{objective.title} · Q9 2099" in offered
    planned = make_experiment(alice, pod, analyst=bob, objective=objective)
    for name in ("experiment_detail", "experiment_summary"):
        assert full in page_of(client.get(reverse(f"experiments:{name}", args=[planned.pk])))
    assert full in page_of(client.get(reverse("experiments:experiment_list") + "?show=planned"))
    item = make_round(alice, pod, idea).ideas.get()
    assert full in page_of(client_of(bob).get(item.get_absolute_url()))
