"""Observations by day over the API: days replace days, and nothing counts twice."""

import datetime as dt
from functools import partial

import pytest
from django.utils import timezone

from experiments.engine.days import running_totals
from experiments.flows.analysing import analyse_now
from experiments.models import Observation
from tests.factories import launched, make_experiment

TODAY = timezone.localdate()
DAYS = [str(TODAY - dt.timedelta(days=ago)) for ago in (2, 1, 0)]


@pytest.fixture
def running(alice, bob, pod, objective):
    return launched(make_experiment(alice, pod, objective=objective, analyst=bob), alice)


@pytest.fixture
def send_to(api_of, bob):
    def call(experiment, rows, expect=201, key=None, **extra):
        headers = {"Idempotency-Key": key} if key else {}
        answer = api_of(bob).post(
            f"/api/v1/experiments/{experiment.pk}/observations/", {"observations": rows, **extra},
            format="json", headers=headers,
        )  # fmt: skip
        assert answer.status_code == expect, answer.content
        return answer.json()

    return call


@pytest.fixture
def send(send_to, running):
    return partial(send_to, running)


def of_day(day, n=1000, control=100, treatment=120):
    return [
        {"variant": arm, "metric": "Reactivated", "day": day, "n": n, "successes": successes}
        for arm, successes in (("As it is", control), ("Series named", treatment))
    ]


def totals_of(running):
    rows = Observation.objects.filter(intake__in=running.intakes.counting(), day=None)
    return {row.variant.name: (row.n, row.successes) for row in rows.select_related("variant")}


def test_days_add_up_and_a_day_sent_again_replaces_that_day_only(send, running):
    first = send(of_day(DAYS[0]), accumulation="daily", key="a")
    assert send(of_day(DAYS[0]), accumulation="daily", key="a")["id"] == first["id"]
    assert send(of_day(DAYS[0]), accumulation="daily", key="b")["id"] == first["id"]
    send(of_day(DAYS[1], n=500, control=40, treatment=50), accumulation="daily")
    assert totals_of(running) == {"As it is": (1500, 140), "Series named": (1500, 170)}
    send(of_day(DAYS[0], n=900, control=90, treatment=99), accumulation="daily")
    assert totals_of(running) == {"As it is": (1400, 130), "Series named": (1400, 149)}
    assert running.intakes.counting().count() == 1
    reading = analyse_now(running.intakes.counting().get().pk)
    inputs = reading.inputs
    days = running_totals(inputs["observations"], inputs["accumulation"])
    assert [(str(d.day), d.units["As it is"]) for d in days] == [(DAYS[0], 900), (DAYS[1], 1400)]
    assert reading.result["units"] == {"As it is": 1400, "Series named": 1400}


def test_running_totals_are_not_summed(send, running):
    send(of_day(DAYS[0]), accumulation="cumulative")
    send(of_day(DAYS[1], n=1800, control=190, treatment=200), accumulation="cumulative")
    assert totals_of(running) == {"As it is": (1800, 190), "Series named": (1800, 200)}
    refused = send(of_day(DAYS[2]), accumulation="daily", expect=409)
    assert "are running totals and these are each day’s own figures" in refused["detail"]


@pytest.mark.parametrize(
    ("rows", "values", "sentence"),
    [
        (of_day(DAYS[0]), {}, "The rows have days"),
        ([{**row, "day": None} for row in ()], {"accumulation": "daily"}, "Send at least one row"),
        (of_day(DAYS[0])[:1], {"accumulation": "daily"}, f"on {DAYS[0]}. Send every arm"),
        (of_day(DAYS[0]) * 2, {"accumulation": "daily"}, f"twice on {DAYS[0]}"),
        (of_day("2199-01-01"), {"accumulation": "daily"}, "is in the future"),
        ([{k: v for k, v in row.items() if k != "day"} for row in of_day(DAYS[0])],
         {"accumulation": "daily"}, "Give every row a day"),
    ],
)  # fmt: skip
def test_what_cannot_be_added_up_is_refused(send, running, rows, values, sentence):
    assert sentence in send(rows, expect=409, **values)["detail"]
    assert not running.intakes.exists()


def test_the_skewness_of_amounts_is_kept_and_added_up_over_days(
    send_to, alice, bob, carol, pod, objective
):
    metric = {"role": "primary", "name": "Spend", "kind": "mean", "direction": "increase",
              "baseline": 10, "baseline_sd": 20, "smallest_effect": 0.1}  # fmt: skip
    made = make_experiment(alice, pod, objective=objective, analyst=carol, metrics=(metric,))
    running = launched(made, alice)
    rows = [
        {"variant": arm, "metric": "Spend", "day": day, "n": 1000, "mean": 10.0 + place,
         "variance": 400.0, "skewness": 4.0}
        for place, day in enumerate(DAYS[:2])
        for arm in ("As it is", "Series named")
    ]  # fmt: skip
    send_to(running, rows, accumulation="daily")
    by_day = Observation.objects.exclude(day=None).values_list("skewness", flat=True)
    assert set(by_day) == {4.0}
    total = Observation.objects.filter(day=None).first()
    assert 3.9 < total.skewness < 4.1
    reading = analyse_now(running.intakes.counting().get().pk)
    whole = next(row for row in reading.inputs["observations"] if "day" not in row)
    assert whole["skewness"] == total.skewness
