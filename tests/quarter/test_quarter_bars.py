"""What bars, blackouts and segments say of themselves."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.quarter.bars import (
    Blackout,
    Overlaps,
    Placement,
    days_shared,
    overlaps_of,
    same_word,
    working_days_after,
    working_days_before,
)
from tests.quarter.worlds import DAYS, MONDAY, make_bar


@given(DAYS, st.integers(0, 40))
def test_working_days_before_and_after_are_counted_one_by_one(day, count):
    start, end = working_days_before(day, count), working_days_after(day, count)
    assert working(start, day) == working(day, end) == count
    if count:
        assert start.weekday() < 5
        assert (end - dt.timedelta(days=1)).weekday() < 5
    else:
        assert start == end == day


def working(first, after):
    return sum((first + dt.timedelta(days=n)).weekday() < 5 for n in range((after - first).days))


@given(DAYS, DAYS, DAYS, DAYS)
def test_shared_days_are_those_in_both_ranges(a, b, c, d):
    def days(first, after):
        return {first + dt.timedelta(days=n) for n in range((after - first).days)}

    assert days_shared(a, b, c, d) == len(days(a, b) & days(c, d))


def test_a_bar_keeps_its_length_when_it_moves_and_changes_it_when_it_is_given_an_end():
    bar = make_bar(days=21, build_days=5, readout_days=3)
    moved = bar.at(MONDAY + dt.timedelta(days=7))
    assert (moved.days, moved.key, moved.build_starts_on) == (21, bar.key, MONDAY)
    assert bar.at(MONDAY, MONDAY + dt.timedelta(days=14)).days == 14
    assert bar.readout_ends_on == MONDAY + dt.timedelta(days=24)
    assert bar.placement == Placement(bar.starts_on, bar.ends_on)


def test_an_end_before_the_start_has_no_days_and_is_no_error():
    assert make_bar(days=-5).days == 0
    assert Placement(MONDAY, MONDAY - dt.timedelta(days=3)).days == 0


@pytest.mark.parametrize("part", [{"share": 1.2}, {"share": -0.1}, {"people_days": -1.0},
                                  {"share": float("nan")}, {"units": -4}])  # fmt: skip
def test_impossible_numbers_are_refused(part):
    with pytest.raises(ValueError, match="a share lies between 0 and 1"):
        make_bar(**part)


def test_weeks_needed_are_unknown_without_size_or_traffic():
    assert make_bar(units=9000, units_per_week=3000).weeks_needed == 3
    assert make_bar(units=9000).weeks_needed is None
    assert make_bar(units=9000, units_per_week=0).weeks_needed is None
    assert make_bar(units_per_week=3000).weeks_needed is None


def test_a_blackout_binds_its_pod_and_its_channel():
    freeze = Blackout("Freeze", MONDAY, MONDAY + dt.timedelta(days=7))
    assert freeze.binds(make_bar(pod=3))
    assert not Blackout("Freeze", MONDAY, MONDAY, pod=2).binds(make_bar(pod=3))
    mail = Blackout("No mail", MONDAY, MONDAY, channel="Email")
    assert mail.binds(make_bar(channel=" email"))
    assert not mail.binds(make_bar(channel=""))
    assert freeze.days_in(make_bar(first=-3, days=5).placement) == 2


def test_names_are_compared_without_case_and_blanks_and_an_empty_one_is_like_no_other():
    assert same_word(" Push", "push")
    assert not same_word(" ", "")


def test_overlaps_are_shares_of_either_segment_never_over_all_of_it():
    both = overlaps_of({1: 1000, 2: 200}, {(2, 1): 300})
    assert (both.share(1, 2), both.share(2, 1)) == (0.3, 1.0)
    assert both.is_overlap(1, 2)
    assert both.is_overlap(2, 1)
    assert both.neighbours(1) == (2,)
    assert both.neighbours(9) == ()


def test_an_overlap_of_unknown_size_still_counts_as_one_and_a_tolerated_one_does_not():
    unknown = overlaps_of({1: None, 2: None}, {(1, 2): 10})
    assert unknown.is_overlap(1, 2)
    assert unknown.share(1, 2) == 0
    little = Overlaps({(1, 2): 0.05, (2, 1): 0.1}, tolerated=0.1)
    assert not little.is_overlap(1, 2)
    assert little.of(1) == ((1, 1.0), (2, 0.05))
