"""Numbers of health are counts of rows, recomputed here the slow way."""

import datetime as dt
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.learning.evidence import TrialOutcome
from experiments.learning.records import Gap
from experiments.learning.throughput import (
    Percentiles,
    Stay,
    cycle_times,
    lead_times,
    learning_rate,
    percentiles,
    share_inconclusive,
    throughput,
    work_in_progress,
)

OCTOBER, JANUARY = dt.date(2026, 10, 1), dt.date(2027, 1, 1)
DAYS = st.integers(0, 120).map(lambda n: OCTOBER + dt.timedelta(days=n - 15))


@st.composite
def stays(draw):
    entered = draw(DAYS)
    left = draw(st.none() | st.integers(0, 60))
    return Stay(
        draw(st.sampled_from("ABCD")),
        draw(st.sampled_from(["idea", "review", "decided"])),
        entered,
        None if left is None else entered + dt.timedelta(days=left),
    )


@given(st.lists(stays(), max_size=20))
def test_cycle_times_are_of_what_left_a_stage_within_the_range(rows):
    times = cycle_times(rows, OCTOBER, JANUARY)
    for stage in ("idea", "review", "decided"):
        days = [
            (row.left - row.entered).days
            for row in rows
            if row.stage == stage and row.left and row.left >= OCTOBER and row.left < JANUARY
        ]
        assert (stage in times) == bool(days)
        if days:
            assert (times[stage].n, times[stage].median) == (len(days), median(days))


@given(st.lists(stays(), max_size=20))
def test_work_is_in_progress_from_the_day_it_enters_until_the_day_before_it_leaves(rows):
    on = dt.date(2026, 11, 2)
    here = work_in_progress(rows, on)
    for stage in ("idea", "review", "decided"):
        keys = {
            row.key
            for row in rows
            if row.stage == stage and row.entered <= on and not (row.left and row.left <= on)
        }
        assert here.get(stage, (0, 0))[0] == len(keys)


@given(st.lists(stays(), max_size=20))
def test_throughput_counts_each_piece_of_work_once(rows):
    november = dt.date(2026, 11, 1)
    ranges = [(OCTOBER, november), (november, JANUARY)]
    counts = throughput(rows, "decided", ranges)
    first = {
        key: min(row.entered for row in rows if row.key == key and row.stage == "decided")
        for key in {row.key for row in rows if row.stage == "decided"}
    }
    assert sum(counts) == sum(OCTOBER <= day < JANUARY for day in first.values())
    assert counts[0] == sum(OCTOBER <= day < november for day in first.values())


def test_what_leaves_on_a_day_is_out_on_it():
    stay = Stay("A", "review", OCTOBER, JANUARY)
    assert work_in_progress([stay], JANUARY) == {}
    assert work_in_progress([stay], JANUARY - dt.timedelta(days=1)) == {"review": (1, 91.0)}


def test_the_range_is_half_open():
    one = Stay("A", "review", OCTOBER, JANUARY)
    assert cycle_times([one], OCTOBER, JANUARY) == {}
    assert cycle_times([one], JANUARY, dt.date(2027, 4, 1))["review"].median == 92
    assert throughput([Stay("A", "decided", JANUARY)], "decided", [(OCTOBER, JANUARY)]) == (0,)


def test_lead_times_run_from_the_first_stage_to_the_first_time_in_the_last():
    day = dt.timedelta(days=1)
    rows = [
        Stay("A", "review", OCTOBER + 5 * day, OCTOBER + 9 * day),
        Stay("A", "idea", OCTOBER, OCTOBER + 5 * day),
        Stay("A", "done", OCTOBER + 30 * day, OCTOBER + 31 * day),
        Stay("A", "done", OCTOBER + 50 * day),
        Stay("B", "idea", OCTOBER),
    ]
    assert lead_times(rows, "done", OCTOBER, JANUARY) == percentiles([30])
    assert lead_times(rows, "done", OCTOBER + 40 * day, JANUARY) == Percentiles(0)


def test_the_share_of_inconclusive_has_wilsons_interval():
    outcomes = [TrialOutcome.INCONCLUSIVE] * 4 + [TrialOutcome.WON] * 6 + [TrialOutcome.HARMED] * 4
    share = share_inconclusive(outcomes)
    assert (share.value, share.n) == (pytest.approx(4 / 14), 14)
    assert (share.low, share.high) == pytest.approx((0.1172, 0.5465), abs=1e-4)


def test_without_a_decision_there_is_a_code():
    assert share_inconclusive([]).why_not == Gap.NOT_ENOUGH_DATA
    rate, share = learning_rate([])
    assert (rate, share.why_not) == (None, Gap.NOT_ENOUGH_DATA)
    assert percentiles([]) == Percentiles(0)


def test_a_lost_experiment_with_a_learning_counts_like_a_won_one():
    rate, share = learning_rate([3, 0, 0, 1])
    assert (rate, share.value) == (1.0, 0.5)
