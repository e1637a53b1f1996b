"""The reading that decides is the first that may; newer data do not ask the rule again."""

import datetime as dt
import re
from itertools import pairwise

import pytest
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from experiments.engine.ruling import FIXED, Past, ruling_of
from experiments.models import Decision, Experiment
from tests.factories import analysed, launched, make_experiment, totals

OUTCOMES = ("keep-running", "ship", "roll-back", "no-difference", "cannot-tell", "no-data")
pasts = st.lists(st.builds(Past, st.sampled_from(OUTCOMES), st.booleans(), st.booleans()))
methods = st.sampled_from([FIXED, "any-time", "planned-looks"])


@given(readings=pasts, method=methods)
def test_what_comes_later_does_not_change_which_reading_decides(readings, method):
    """But for a ship whose arm turns out worse, and a gap that is filled."""
    places = [ruling_of(readings[:n], method) for n in range(1, len(readings) + 1)]
    for n, (before, after) in enumerate(pairwise(places), start=1):
        if before is None or before == after or readings[before].has_gap:
            continue
        assert after == n
        assert (readings[before].outcome, readings[n].outcome) == ("ship", "roll-back")


@given(readings=pasts, method=methods)
def test_data_that_must_be_mended_first_decide_nothing(readings, method):
    assert ruling_of([*readings, Past("fix-data", True)], method) is None


@pytest.fixture
def running(alice, bob, pod, objective):
    def made(reading=Experiment.Reading.FIXED, *, ends_in=0, title="Series"):
        plan = make_experiment(alice, pod, objective=objective, analyst=bob, idea_title=title)
        Experiment.objects.filter(pk=plan.pk).update(reading=reading)
        plan.refresh_from_db()
        experiment = launched(plan, alice)
        today = timezone.localdate()
        Experiment.objects.filter(pk=experiment.pk).update(
            starts_on=today - dt.timedelta(days=28), ends_on=today + dt.timedelta(days=ends_in)
        )
        return Experiment.objects.get(pk=experiment.pk)

    return made


def now(experiment):
    return Experiment.objects.get(pk=experiment.pk)


def test_a_fixed_plan_has_one_reading(running, bob, carol, client_of):
    """F8: each further reading of data that grow errs again."""
    experiment = running()
    first = analysed(experiment, bob, totals(n=15_000, treatment=0.101))
    later = analysed(now(experiment), bob, totals(n=18_000, treatment=0.12))
    assert (first.outcome, later.outcome) == ("no-difference", "ship")
    assert now(experiment).ruling_analysis == first
    page = client_of(carol).get(reverse("experiments:experiment_results", args=[experiment.pk]))
    assert "No difference that matters." in page.content.decode()
    assert "Ship “" not in page.content.decode()
    url = reverse("experiments:experiment_decide", args=[experiment.pk])
    client_of(carol).post(url, {"choice": "stop", "seen": "running"})
    assert Decision.objects.get().analysis == first


def test_a_bound_that_was_crossed_stays_crossed(running, bob, carol, client_of):
    """M9: one more upload after the bound closed the page again and took the button away."""
    experiment = running(Experiment.Reading.PLANNED_LOOKS, ends_in=20)
    planned = experiment.plan_at_launch.units
    crossed = analysed(experiment, bob, totals(n=round(planned * 0.35), treatment=0.14))
    between = analysed(now(experiment), bob, totals(n=round(planned * 0.4), treatment=0.10))
    assert (crossed.outcome, between.outcome) == ("ship", "keep-running")
    assert now(experiment).ruling_analysis == crossed
    page = client_of(carol).get(reverse("experiments:experiment_results", args=[experiment.pk]))
    text = page.content.decode()
    assert "Ship “Series named”." in text
    assert "Results open" not in text
    assert reverse("experiments:experiment_decide", args=[experiment.pk]) in text


def test_a_look_that_decides_nothing_says_how_likely_the_end_does(running, bob, carol, client_of):
    experiment = running(Experiment.Reading.PLANNED_LOOKS, ends_in=20)
    planned = experiment.plan_at_launch.units
    look = analysed(experiment, bob, totals(n=round(planned * 0.35), treatment=0.1005))
    assert look.outcome == "keep-running"
    url = reverse("experiments:experiment_results", args=[experiment.pk])
    text = client_of(carol).get(url).content.decode()
    assert re.search(
        r"the end would be clear in \d+ of 100 cases; if it goes on as so far, in \d+\.", text
    )


def test_a_gap_that_is_filled_decides(running, bob):
    experiment = running()
    lacking = [row for row in totals() if row["metric"] != "Unsubscribed"]
    gap = analysed(experiment, bob, lacking)
    assert gap.head == "Cannot tell: “Unsubscribed” was not measured."
    whole = analysed(now(experiment), bob, totals())
    assert now(experiment).ruling_analysis == whole


def test_a_newer_file_without_the_guardrail_takes_nothing_back(running, bob):
    """W1: the guardrail vanished with the newer file, and the verdict became “Ship”."""
    experiment = running()
    rows = totals()
    worse = [{**row, "successes": 400} if row["metric"] == "Unsubscribed"
             and row["variant"] == "Series named" else row for row in rows]  # fmt: skip
    first = analysed(experiment, bob, worse)
    lacking = [row for row in rows if row["metric"] != "Unsubscribed"]
    newer = analysed(now(experiment), bob, lacking)
    assert (first.outcome, newer.outcome) == ("roll-back", "cannot-tell")
    assert now(experiment).ruling_analysis == first


def test_a_mismatch_is_mended_before_anything_is_decided(running, bob, carol, client_of):
    """M11: the page asked for a decision on arms that were not as planned."""
    experiment = running()
    rows = [{**row, "n": 14_000, "successes": min(row["successes"], 14_000)}
            if row["variant"] == "As it is" else row for row in totals()]  # fmt: skip
    assert analysed(experiment, bob, rows).outcome == "fix-data"
    text = client_of(carol).get(
        reverse("experiments:experiment_decide", args=[experiment.pk])
    ).content.decode()  # fmt: skip
    assert "Find out what is wrong with the data" in text
    assert "Do not decide yet" in text
