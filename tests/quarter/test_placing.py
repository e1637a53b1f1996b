"""What follows from putting a bar somewhere: hard and soft, with its figures; and the next clear week."""

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.quarter.bars import Blackout, Overlaps, Placement, SegmentFacts, overlaps_of
from experiments.quarter.capacity import PodCapacity
from experiments.quarter.collisions import collides
from experiments.quarter.consequences import Deadline, Facts
from experiments.quarter.effects import EffectFacts
from experiments.quarter.placing import consequences, effect_of, length_of, next_clear_start
from tests.quarter.worlds import MONDAY, WEEKS, bars, make_bar, overlaps

DAY, WEEK = dt.timedelta(days=1), dt.timedelta(days=7)
FACTS = Facts(starts_on=MONDAY, ends_on=MONDAY + 13 * WEEK, weeks=WEEKS)
HARD = {"ends-before-start", "sealed-start", "after"}


def rows_of(bar, others=(), *, at=None, **facts):
    return consequences(bar, at or bar.placement, others, replace(FACTS, **facts))


def codes_of(*arguments, **facts):
    return [row.code for row in rows_of(*arguments, **facts)]


def test_a_free_place_has_no_consequences():
    assert rows_of(make_bar()) == ()


def test_an_end_before_the_start_is_refused_and_nothing_else_is_worked_out():
    rows = rows_of(make_bar(), [make_bar(2)], at=Placement(MONDAY, MONDAY))
    assert [(row.code, row.is_hard) for row in rows] == [("ends-before-start", True)]


def test_a_sealed_start_cannot_move_but_its_end_can():
    sealed = make_bar(is_fixed=True)
    (row,) = rows_of(sealed, at=Placement(MONDAY + DAY, sealed.ends_on))
    assert (row.code, row.is_hard, row.starts_on) == ("sealed-start", True, MONDAY)
    assert rows_of(sealed, at=Placement(MONDAY, sealed.ends_on + WEEK)) == ()


@pytest.mark.parametrize(("first", "days", "outside"), [
    (-3, 10, 3), (85, 14, 8), (-3, 100, 9), (-30, 7, 7), (200, 7, 7),
])  # fmt: skip
def test_days_outside_the_range_are_counted(first, days, outside):
    (row,) = [
        row for row in rows_of(make_bar(first=first, days=days)) if row.code == "outside-range"
    ]
    assert (row.amount, row.is_hard) == (outside, False)


@pytest.mark.parametrize("is_hard", [True, False])
def test_a_blackout_warns_or_refuses(is_hard):
    freeze = Blackout("Freeze", MONDAY + 2 * WEEK, MONDAY + 3 * WEEK, is_hard=is_hard)
    (row,) = rows_of(make_bar(days=17), blackouts=(freeze,))
    assert (row.code, row.is_hard, row.name, row.amount) == ("blackout", is_hard, "Freeze", 3)
    assert rows_of(make_bar(days=14), blackouts=(freeze,)) == ()
    assert rows_of(make_bar(days=17), blackouts=(replace(freeze, pod=8),)) == ()


def test_what_it_must_wait_for_has_to_end_first_or_to_be_done():
    waiting = make_bar(1, first=14, segment=2, after=frozenset({2}))
    assert [(row.code, row.is_hard, row.keys) for row in rows_of(waiting, [make_bar(2)])] == [
        ("after", True, (1, 2))
    ]
    assert rows_of(waiting, [make_bar(2, days=14)]) == ()
    assert codes_of(waiting) == ["after"]
    assert rows_of(waiting, done=frozenset({2})) == ()


def test_what_waits_for_it_must_not_start_before_it_ends():
    waiting = make_bar(2, first=14, segment=2, after=frozenset({1}))
    (row,) = rows_of(make_bar(1), [waiting])
    assert (row.is_hard, row.keys) == (True, (2, 1))
    assert rows_of(make_bar(1, days=14), [waiting]) == ()


def test_a_collision_says_with_whom_how_much_and_when():
    facts = {"segments": (SegmentFacts(1, size=1000),)}
    (row,) = rows_of(make_bar(1, share=0.5), [make_bar(2, first=14, share=0.4)], **facts)
    assert (row.code, row.keys, row.amount, row.units) == ("collision", (2,), 0.4, 200)
    assert (row.starts_on, row.ends_on) == (MONDAY + 2 * WEEK, MONDAY + 4 * WEEK)


def test_a_small_overlap_is_left_out_and_one_that_nobody_counted_is_not():
    little = overlaps_of({1: 1000, 2: 1000}, {(1, 2): 80})
    pair = (make_bar(1), [make_bar(2, segment=2)])
    assert codes_of(*pair, overlaps=little) == ["collision"]
    assert codes_of(*pair, overlaps=little, shared_limit=0.1) == []
    unknown = Overlaps(unknown=frozenset({(1, 2)}))
    assert codes_of(*pair, overlaps=unknown, shared_limit=0.1) == ["collision"]


def test_capacity_names_the_weeks_and_the_worst_of_them():
    limits = (PodCapacity(1, 4.0, {WEEKS[1]: 1.0}),)
    other = make_bar(2, first=7, pod=1, segment=2, people_days=3)
    bar = make_bar(1, first=14, pod=1, people_days=10, build_days=10)
    (row,) = rows_of(bar, [other], capacities=limits)
    assert (row.code, row.pod, row.weeks) == ("capacity", 1, WEEKS[:2])
    assert (row.amount, row.limit) == (8, 4)  # of weeks with 8 of 4 and 5 of 1, equally far over
    assert rows_of(replace(bar, people_days=0.0), [other], capacities=limits) == ()


def test_experiments_at_once_are_counted_in_the_pod_and_in_all():
    others = [make_bar(n, pod=n % 2, segment=n) for n in (2, 3, 4)]
    limits = (PodCapacity(1, at_once=1), PodCapacity(0, at_once=9))
    rows = rows_of(make_bar(1, pod=1, days=10), others, capacities=limits, at_once=3)
    assert [(row.code, row.pod, row.amount, row.limit) for row in rows] == [
        ("tests-at-once", 1, 2, 1),
        ("tests-at-once", None, 4, 3),
    ]
    assert rows[0].weeks == WEEKS[:2]


def test_people_booked_in_its_own_and_in_overlapping_segments_are_held_against_the_limit():
    shared = overlaps_of({1: 100, 2: 100}, {(1, 2): 50})
    other = make_bar(2, segment=2, channel="push", share=0.6)
    rows = rows_of(
        make_bar(1, share=0.5, days=14), [other], overlaps=shared, booked_limit=0.8, holdout=0.1
    )
    assert [(row.code, row.segment, row.weeks) for row in rows] == [
        ("audience", 1, WEEKS[:2]),
        ("audience", 2, WEEKS[:2]),
    ]
    assert [row.amount for row in rows] == pytest.approx([0.9, 0.95])


def test_a_bar_is_not_blamed_for_weeks_and_segments_that_it_does_not_touch():
    full = [make_bar(n, first=28, segment=2, channel=f"c{n}", pod=1) for n in (2, 3)]
    beside = [make_bar(n, segment=3, channel=f"c{n}", pod=2) for n in (4, 5)]
    limits = (PodCapacity(1, 1.0, at_once=1), PodCapacity(2, at_once=1))
    bar = make_bar(1, pod=1, share=0.5)
    assert rows_of(bar, [*full, *beside], booked_limit=0.8, capacities=limits) == ()


def test_the_shares_of_a_namespace_are_held_against_all_of_its_people():
    others = [
        make_bar(2, share=0.4, segment=2, namespace=1),
        make_bar(3, first=14, share=0.3, namespace=1),
        make_bar(4, share=1.0, segment=3, namespace=2),
    ]
    bar = make_bar(1, days=21, share=0.5, namespace=1)
    (row,) = rows_of(bar, others)
    assert (row.code, row.weeks, row.limit, row.is_hard) == ("namespace", WEEKS[2:3], 1.0, False)
    assert row.amount == pytest.approx(1.2)
    assert rows_of(replace(bar, share=0.3), others) == ()
    assert rows_of(replace(bar, namespace=None, segment=4), others) == ()


def test_a_bar_is_not_blamed_for_days_of_its_namespace_on_which_it_does_not_run():
    full = [make_bar(n, days=9, segment=2, share=0.6, namespace=1) for n in (2, 3)]
    bar = make_bar(1, first=9, days=7, share=0.9, namespace=1)
    assert rows_of(bar, full) == ()
    assert [row.code for row in rows_of(bar.at(bar.starts_on - WEEK), full)] == ["namespace"]


def test_messages_are_held_against_the_cap_of_the_channel():
    other = make_bar(2, share=0.5, messages_per_week=2, namespace=1)
    rows = rows_of(
        make_bar(1, days=7, share=0.5, messages_per_week=3, namespace=1), [other], caps={"EMAIL": 2}
    )
    assert [(row.code, row.name, row.segment, row.amount, row.limit) for row in rows] == [
        ("pressure", "email", 1, 2.5, 2)
    ]


def test_too_few_weeks_are_said_with_those_that_are_needed():
    (row,) = rows_of(make_bar(days=21, units=24_000, units_per_week=6000))
    assert (row.code, row.amount, row.limit) == ("too-short", 3, 4)
    assert rows_of(make_bar(days=28, units=24_000, units_per_week=6000)) == ()


EFFECTS = {n: EffectFacts(baseline=0.1, units_per_week=6000, matters=0.12) for n in (1, 2)}


def test_a_shorter_run_and_shared_people_are_said_in_detectable_effects():
    bar = make_bar(1, first=7, days=28, share=0.5)
    at = Placement(bar.starts_on, bar.starts_on + 3 * WEEK)
    rows = rows_of(bar, [make_bar(2, share=0.6)], at=at, effects=EFFECTS)
    (row,) = [row for row in rows if row.code == "effect"]
    change = effect_of(bar, at, [make_bar(2, share=0.6)], replace(FACTS, effects=EFFECTS))
    assert row.keys == (1,)
    assert row.amount == pytest.approx(0.111, abs=0.001)
    assert row.limit == change.after
    assert row.points == pytest.approx((0.0111, 0.0207), abs=0.0001)
    assert row.could_miss


def test_the_later_of_two_loses_the_shared_people():
    early, late = make_bar(1), make_bar(2, first=14)
    for moved, other in ((early, late), (late, early)):
        rows = rows_of(moved, [other], effects=EFFECTS)
        assert [row.keys for row in rows if row.code == "effect"] == [(2,)]


def test_a_place_that_takes_nothing_says_nothing_of_effects():
    assert rows_of(make_bar(1, days=28), effects=EFFECTS) == ()
    assert effect_of(make_bar(9), make_bar(9).placement, [], FACTS) is None


def test_a_deadline_that_is_over_is_missed_from_today_on():
    due = (Deadline("Final edits", -10), Deadline("Legal", -3, key=7))
    today = MONDAY - 5 * DAY
    (row,) = rows_of(make_bar(), deadlines=due, today=today)
    assert (row.code, row.name, row.starts_on) == (
        "deadline-missed", "Final edits", MONDAY - 10 * DAY,
    )  # fmt: skip
    assert rows_of(make_bar(first=7), deadlines=due, today=today) == ()
    assert rows_of(make_bar(first=5), deadlines=due, today=today) == ()  # due today
    assert rows_of(make_bar(), deadlines=due) == ()
    assert len(rows_of(make_bar(7), deadlines=due, today=MONDAY)) == 2


def test_hard_consequences_come_first():
    freeze = Blackout("Freeze", MONDAY, MONDAY + WEEK, is_hard=True)
    rows = rows_of(make_bar(first=-2), [make_bar(2)], blackouts=(freeze,))
    assert [row.is_hard for row in rows] == [True, False, False]


@given(bars(6), overlaps())
def test_only_what_breaks_the_order_of_things_is_hard(listed, shared):
    for bar in listed:
        rows = rows_of(bar, listed, overlaps=shared, booked_limit=0.8, at_once=2)
        assert all(row.is_hard == (row.code in HARD) for row in rows)


@given(bars(6), overlaps(), st.integers(0, 12))
def test_the_next_clear_week_is_the_first_without_consequences(listed, shared, index):
    facts = replace(FACTS, overlaps=shared, booked_limit=0.9, at_once=3)
    bar = make_bar(50, days=21, segment=2, share=0.4)
    week = next_clear_start(bar, listed, facts, not_before=WEEKS[index])
    for start in WEEKS[index:]:
        if week is not None and start >= week:
            break
        assert consequences(bar, Placement(start, start + 3 * WEEK), listed, facts)
    if week is not None:
        moved = bar.at(week)
        assert consequences(bar, moved.placement, listed, facts) == ()
        assert not any(collides(moved, other, shared) for other in listed)


def test_a_clear_week_gives_the_size_its_weeks_and_a_sealed_start_has_none():
    short = make_bar(1, days=7, units=9000, units_per_week=3000)
    freeze = Blackout("Freeze", MONDAY + 2 * WEEK, MONDAY + 3 * WEEK)
    facts = replace(FACTS, blackouts=(freeze,))
    assert length_of(short) == 21
    assert next_clear_start(short, [], facts) == MONDAY + 3 * WEEK
    assert next_clear_start(replace(short, is_fixed=True), [], facts) is None
    assert next_clear_start(replace(short, units=90_000), [], facts) is None
