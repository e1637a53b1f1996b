"""Work per pod and week, experiments at once, and the factor of a pod."""

import datetime as dt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.quarter.capacity import PodCapacity, at_once, correction, loads, spread
from tests.quarter.worlds import MONDAY, WEEKS, bars, make_bar

ALL_WEEKS = [MONDAY + dt.timedelta(days=7 * n) for n in range(-9, 20)]


@given(bars())
def test_no_day_of_work_is_lost_and_all_of_it_is_before_the_start(listed):
    for bar in listed:
        days = spread(bar, ALL_WEEKS)
        assert sum(days.values()) == pytest.approx(bar.people_days)
        assert all(week < bar.starts_on for week in days)
        if bar.build_days:
            assert all(week + dt.timedelta(days=7) > bar.build_starts_on for week in days)


@given(bars())
def test_the_workspace_is_the_sum_of_its_pods_and_at_once_counts_days(listed):
    rows = loads(listed, WEEKS, [])
    for week in WEEKS:
        pods = [row for row in rows if row.week == week and row.pod is not None]
        (whole,) = [row for row in rows if row.week == week and row.pod is None]
        assert whole.days == pytest.approx(sum(row.days for row in pods))
        days = [week + dt.timedelta(days=n) for n in range(7)]
        running = [sum(bar.starts_on <= day < bar.ends_on for bar in listed) for day in days]
        assert [whole.at_once] == [max(running)] == at_once(listed, [week])
        assert whole.at_once <= sum(row.at_once for row in pods)


@given(bars(), st.randoms(use_true_random=False))
def test_the_order_of_bars_changes_no_load(listed, random):
    shuffled = list(listed)
    random.shuffle(shuffled)
    limits = [PodCapacity(1, 4.0, at_once=1)]
    assert loads(shuffled, WEEKS, limits, limit=2) == loads(listed, WEEKS, limits, limit=2)


def test_work_is_held_against_an_ordinary_week_an_exception_and_a_capacity_of_zero():
    bar = make_bar(pod=1, first=14, people_days=10, build_days=10)

    def over(capacity):
        rows = loads([bar], WEEKS[:3], [capacity])
        return [row.is_over_days for row in rows if row.pod == 1]

    assert over(PodCapacity(1, 5.0)) == [False, False, False]
    assert over(PodCapacity(1, 4.9)) == [True, True, False]
    assert over(PodCapacity(1, 5.0, {WEEKS[1]: 0.0})) == [False, True, False]
    assert over(PodCapacity(1, 0.0)) == [True, True, False]
    assert over(PodCapacity(1)) == [False, False, False]
    assert over(PodCapacity(1, 5.0, factor=1.2)) == [True, True, False]


def test_without_build_days_the_work_is_in_the_week_before():
    assert spread(make_bar(first=7, people_days=5), WEEKS) == {WEEKS[0]: 5}
    assert spread(make_bar(first=0, people_days=5), WEEKS) == {}


def test_limits_of_a_pod_and_of_all_are_separate():
    listed = [make_bar(1, pod=1), make_bar(2, pod=1, first=3), make_bar(3, pod=2)]
    rows = loads(listed, WEEKS[:1], [PodCapacity(1, at_once=1)], limit=2)
    assert [(row.pod, row.at_once, row.is_over_limit) for row in rows] == [
        (1, 2, True),
        (2, 1, False),
        (None, 3, True),
    ]


def test_a_week_of_all_pods_has_a_capacity_only_if_every_pod_has_one():
    listed = [make_bar(1, pod=1), make_bar(2, pod=2)]
    assert loads(listed, WEEKS[:1], [PodCapacity(1, 3)])[-1].capacity is None
    assert loads(listed, WEEKS[:1], [PodCapacity(1, 3), PodCapacity(2, 4)])[-1].capacity == 7


def test_a_pod_gets_a_factor_from_its_third_experiment_on():
    assert correction([]).past == 0
    assert correction([(2, 3), (1, 0), (0, 4), (4, 5)]) == correction([(2, 3), (4, 5)])
    third = correction([(2, 3), (4, 5), (3, 3)])
    assert third.factor == pytest.approx(11 / 9)
    assert third.low < third.factor < third.high


def test_a_pod_that_is_always_out_by_the_same_factor_has_no_range():
    same = correction([(2, 3), (4, 6), (10, 15)])
    assert (same.factor, same.low, same.high) == pytest.approx((1.5, 1.5, 1.5))


@pytest.mark.parametrize("past", [3, 8, 20])
def test_the_range_of_a_factor_holds_the_truth_about_as_often_as_it_says(past):
    """Experiments of 1 to 8 days that take 1.3 times as long, give or take 30 %: 80 %, within 4 points."""
    random = np.random.default_rng(5)
    hits, worlds = 0, 2000
    for _ in range(worlds):
        forecast = random.uniform(1, 8, past)
        days = forecast * 1.3 * np.exp(random.normal(-0.045, 0.3, past))
        factor = correction(zip(forecast.tolist(), days.tolist(), strict=True))
        hits += factor.low <= 1.3 <= factor.high
    assert hits / worlds == pytest.approx(0.8, abs=0.04)
