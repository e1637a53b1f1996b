"""The collision rule: who collides, how much, and what would resolve it."""

import datetime as dt
import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.quarter.bars import Overlaps, SegmentFacts, days_shared, overlaps_of
from experiments.quarter.collisions import Resolution, Room, collides, collisions, reasons
from tests.quarter.worlds import MONDAY, SIZES, bars, make_bar, overlaps

NONE = Overlaps()
DAY = dt.timedelta(days=1)


@given(bars(), overlaps())
def test_every_pair_is_compared_and_those_that_collide_are_listed_once(listed, shared):
    expected = {
        frozenset((one.key, other.key))
        for one, other in itertools.combinations(listed, 2)
        if one.days and other.days and collides(one, other, shared)
    }
    pairs = collisions(listed, shared)
    assert [len(expected), expected] == [
        len(pairs),
        {frozenset((p.first, p.second)) for p in pairs},
    ]


@given(bars(), overlaps(), st.randoms(use_true_random=False))
def test_the_order_of_the_bars_changes_nothing(listed, shared, random):
    shuffled = list(listed)
    random.shuffle(shuffled)
    assert collisions(shuffled, shared) == collisions(listed, shared)


@given(bars(), overlaps())
def test_shared_days_and_shares_lie_within_both_bars(listed, shared):
    by_key = {bar.key: bar for bar in listed}
    room = Room(segments=tuple(SegmentFacts(key, size=size) for key, size in SIZES.items()))
    for pair in collisions(listed, shared, room):
        first, second = by_key[pair.first], by_key[pair.second]
        assert pair.days == days_shared(
            first.starts_on, first.ends_on, second.starts_on, second.ends_on
        )
        assert (first.starts_on, first.key) <= (second.starts_on, second.key) or (
            first.starts_on == second.starts_on
        )
        for share in (pair.first_share, pair.second_share, pair.second_loss):
            assert share is None or 0 <= share <= 1
        if pair.units is not None:
            sizes = [SIZES[bar.segment] for bar in (first, second)]
            assert 0 <= pair.units <= max(size for size in sizes if size is not None) + 1e-9


@given(bars(), overlaps())
def test_every_way_out_that_is_offered_leads_out(listed, shared):
    by_key = {bar.key: bar for bar in listed}
    room = Room(
        segments=tuple(SegmentFacts(key, size=size) for key, size in SIZES.items()),
        starts_on=MONDAY,
        ends_on=MONDAY + 91 * DAY,
    )
    for pair in collisions(listed, shared, room):
        for way in pair.resolved_by:
            bar, other = by_key[way.key], by_key[pair.other(way.key)]
            assert not bar.is_fixed
            assert not collides(
                changed(bar, other, way), changed(other, bar, way, is_other=True), shared
            )


def changed(bar, other, way, *, is_other=False):
    if way.code == "namespace":
        return replace(bar, namespace=way.namespace if way.namespace is not None else 99)
    if is_other:
        return bar
    if way.code == "other-week":
        return bar.at(way.starts_on)
    return replace(bar, segment=way.segment)


SIDE_BY_SIDE = [
    ({}, {}, ("same-segment", "same-channel")),
    ({"surface": "Home"}, {"surface": "home"}, ("same-segment", "same-channel", "same-surface")),
    ({"channel": "push"}, {}, ()),
    ({"channel": "", "surface": "home"}, {"surface": "home"}, ("same-segment", "same-surface")),
    ({"channel": "", "surface": "home"}, {}, ()),
    ({"channel": ""}, {}, ("same-segment", "no-channel-or-surface")),
    ({"segment": 2}, {}, ()),
    ({"segment": None}, {}, ()),
    ({"country": "de"}, {"country": "fr"}, ()),
    ({"country": "de"}, {}, ("same-segment", "same-channel")),
    ({"namespace": 4}, {"namespace": 4}, ()),
    ({"namespace": 4}, {"namespace": 5}, ("same-segment", "same-channel")),
    ({"first": 28}, {}, ()),
]


@pytest.mark.parametrize(("one", "other", "why"), SIDE_BY_SIDE)
def test_the_rule_case_by_case(one, other, why):
    pairs = collisions([make_bar(1, **one), make_bar(2, **other)], NONE)
    assert [pair.why for pair in pairs] == ([why] if why else [])


def test_segments_that_overlap_collide_and_the_people_in_both_are_counted():
    shared = overlaps_of({1: 1000, 2: 400}, {(1, 2): 100})
    room = Room(segments=(SegmentFacts(1, size=1000), SegmentFacts(2, size=400)))
    one, other = make_bar(1, share=0.5), make_bar(2, first=14, segment=2, share=0.8)
    (pair,) = collisions([one, other], shared, room)
    assert pair.why[0] == "overlapping-segments"
    assert pair.units == pytest.approx(100 * 0.5 * 0.8)
    assert pair.first_share == pytest.approx(0.1 * 0.8)
    assert pair.second_share == pytest.approx(0.25 * 0.5)
    assert pair.second_loss == pytest.approx(0.25 * 0.5 / 2)
    assert (pair.weeks, pair.share_of(1), pair.other(1)) == (2, pair.first_share, 2)


def test_an_overlap_that_nobody_counted_is_a_collision_without_figures():
    (pair,) = collisions(
        [make_bar(1), make_bar(2, segment=2)], Overlaps(unknown=frozenset({(1, 2)}))
    )
    assert (pair.units, pair.first_share, pair.second_loss) == (None, None, None)


def test_a_namespace_another_week_and_another_segment_are_offered_for_the_later_bar():
    room = Room(
        segments=(SegmentFacts(1, size=1000), SegmentFacts(2, size=50), SegmentFacts(3, size=5000)),
        starts_on=MONDAY,
        ends_on=MONDAY + 91 * DAY,
    )
    one, other = make_bar(1, share=0.5), make_bar(2, first=7, share=0.5, units=200)
    (pair,) = collisions([other, one], NONE, room)
    assert pair.resolved_by == (
        Resolution("namespace", 2),
        Resolution("other-week", 2, starts_on=one.ends_on),
        Resolution("other-segment", 2, segment=3),
    )


def test_what_cannot_help_is_not_offered():
    room = Room(starts_on=MONDAY, ends_on=MONDAY + 35 * DAY)

    def ways(one, other):
        (pair,) = collisions([one, other], NONE, room)
        return [(way.code, way.key, way.namespace) for way in pair.resolved_by]

    # More than everybody would be needed, and four weeks more do not fit.
    assert ways(make_bar(1, share=0.6), make_bar(2, first=7, share=0.6)) == []
    # A sealed experiment joins no namespace, but its own can be joined.
    assert ways(make_bar(1, share=0.2, is_fixed=True), make_bar(2, share=0.2)) == []
    fixed = make_bar(1, share=0.2, is_fixed=True, namespace=6)
    assert ways(fixed, make_bar(2, share=0.2)) == [("namespace", 2, 6)]
    # The later one is sealed, so the earlier one moves; both sealed: nothing moves.
    late = make_bar(2, first=7, days=7, is_fixed=True)
    assert ways(make_bar(1, days=14), late) == [("other-week", 1, None)]
    assert ways(make_bar(1, is_fixed=True), late) == []


def test_reasons_do_not_look_at_days():
    assert reasons(make_bar(1), make_bar(2, first=60), NONE)
    assert not collides(make_bar(1), make_bar(2, first=60), NONE)
