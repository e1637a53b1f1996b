"""The ledger: shares and messages add up, in any order, and never below zero."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.quarter.bars import Overlaps, overlaps_of
from experiments.quarter.ledger import fullest, ledger, pressure, sharings
from tests.quarter.worlds import MONDAY, WEEKS, bars, make_bar, overlaps

NONE = Overlaps()
CAPS = {"Email": 2.0}


def booked(listed, shared):
    rows = ledger(listed, WEEKS, shared, segments=(1, 2, 3, 4))
    return {(row.segment, row.week): row.booked for row in rows}


def messages(listed, shared):
    rows = pressure(listed, WEEKS, shared, caps=CAPS)
    return {(row.channel, row.segment, row.week): row.messages for row in rows}


@pytest.mark.parametrize("figures", [booked, messages])
@given(listed=bars(), shared=overlaps(), cut=st.integers(0, 12))
def test_two_halves_add_up_to_the_whole(figures, listed, shared, cut):
    whole = figures(listed, shared)
    parts = [figures(listed[:cut], shared), figures(listed[cut:], shared)]
    for key in set(whole).union(*parts):
        assert whole.get(key, 0) == pytest.approx(sum(part.get(key, 0) for part in parts))


@pytest.mark.parametrize("figures", [booked, messages])
@given(listed=bars(), shared=overlaps(), random=st.randoms(use_true_random=False))
def test_the_order_changes_no_bit_and_one_bar_less_never_adds(figures, listed, shared, random):
    shuffled = list(listed)
    random.shuffle(shuffled)
    whole = figures(listed, shared)
    assert figures(shuffled, shared) == whole
    fewer = figures(shuffled[1:], shared)
    assert all(fewer.get(key, 0) <= value + 1e-12 for key, value in whole.items())
    assert all(value >= 0 for value in whole.values())


@given(bars(), overlaps())
def test_each_figure_is_the_sum_of_its_parts_and_days_outside_all_bars_are_empty(listed, shared):
    for row in ledger(listed, WEEKS, shared, segments=(1, 2, 3, 4), holdout=0.05):
        assert row.booked == pytest.approx(sum(part.amount for part in row.parts))
        assert row.total == row.booked + 0.05
        assert row.left == max(0, 1 - row.total)
        if not any(
            b.starts_on < row.week + dt.timedelta(7) and b.ends_on > row.week for b in listed
        ):
            assert row.booked == 0
    for row in pressure(listed, WEEKS, shared, caps=CAPS):
        assert row.messages == pytest.approx(sum(part.amount for part in row.parts))


@given(bars(), overlaps())
def test_over_all_weeks_a_bar_books_its_share_of_each_of_its_days(listed, shared):
    seen = ledger(listed, WEEKS, shared, segments=(1, 2, 3, 4))
    for bar in listed:
        if bar.segment is None:
            continue
        inside = sum(
            WEEKS[0] <= bar.starts_on + dt.timedelta(n) < WEEKS[-1] + dt.timedelta(7)
            for n in range(bar.days)
        )
        mine = sum(
            part.amount for row in seen if row.segment == bar.segment
            for part in row.parts if part.key == bar.key
        )  # fmt: skip
        assert mine == pytest.approx(bar.share * inside / 7)


def test_a_segment_also_books_what_it_has_in_common_with_another():
    shared = overlaps_of({1: 1000, 2: 200}, {(1, 2): 100})
    rows = ledger([make_bar(1, days=7, share=0.4)], [MONDAY], shared)
    assert [(row.segment, row.booked) for row in rows] == [(1, 0.4), (2, pytest.approx(0.2))]
    assert fullest(rows, MONDAY).segment == 1
    assert fullest(rows, WEEKS[1]) is None


def test_a_bar_without_a_segment_books_nobody_and_an_empty_week_has_none():
    assert ledger([make_bar(segment=None)], WEEKS, NONE) == ()
    (row,) = ledger([], [MONDAY], NONE, segments=[1], holdout=0.1)
    assert (row.booked, row.total, row.parts) == (0, 0.1, ())


def test_more_than_everybody_can_be_booked_and_then_nobody_is_left():
    (row,) = ledger([make_bar(1, days=7), make_bar(2, days=7, share=0.5)], [MONDAY], NONE)
    assert (row.booked, row.left) == (1.5, 0)


def test_messages_are_held_against_the_cap_of_their_channel():
    def is_over(each, **parts):
        rows = pressure(
            [make_bar(days=7, messages_per_week=each, **parts)], [MONDAY], NONE, caps=CAPS
        )
        return [row.is_over for row in rows]

    assert is_over(2.0) == [False]
    assert is_over(2.1) == [True]
    assert is_over(9, channel="push") == [False]
    assert is_over(9, channel="") == []
    assert is_over(None) == []
    assert is_over(9, share=0.1) == [False]


@given(bars())
def test_what_a_namespace_gives_in_a_week_is_the_most_of_its_days(listed):
    rows = {(row.namespace, row.week): row for row in sharings(listed, WEEKS)}
    for space in (1, 2):
        for week in WEEKS:
            by_day = []
            for day in (week + dt.timedelta(n) for n in range(7)):
                running = [
                    b for b in listed if b.namespace == space and b.starts_on <= day < b.ends_on
                ]
                by_day.append(sum(bar.share for bar in running))
            row = rows.get((space, week))
            assert (row.share if row else 0) == pytest.approx(max(by_day))
            assert row is None or row.share == pytest.approx(sum(p.amount for p in row.parts))
            assert row is None or row.is_over == (max(by_day) > 1 + 1e-9)
    assert {space for space, _ in rows} <= {1, 2}


def test_one_that_ends_leaves_its_people_to_one_that_starts_in_the_same_week():
    first = make_bar(1, days=10, namespace=1, share=0.7)
    after = make_bar(2, 10, 4, namespace=1, share=0.6)
    beside = make_bar(3, 9, 5, namespace=1, share=0.6)
    assert [row.share for row in sharings([first, after], WEEKS[:2])] == [0.7, 0.7]
    assert [row.is_over for row in sharings([first, beside], WEEKS[:2])] == [False, True]
