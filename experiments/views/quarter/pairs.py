"""One card for each pair of tests that get in each other's way: why, what it costs, what would resolve it."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from experiments.flows.quarter.facts import CalendarFacts
from experiments.flows.quarter.sentences import Names, day_words, days_words, share_words
from experiments.models import Experiment
from experiments.quarter import collisions as rule
from experiments.quarter.bars import Bar, Overlaps
from experiments.quarter.collisions import Collision, Resolution, Room
from experiments.quarter.effects import effect_change
from experiments.views.quarter.detectable import size_words

SHOWN = 24
Pair = tuple[Bar, Bar]
WHY = {
    rule.SAME_SEGMENT: "the same segment",
    rule.OVERLAPPING_SEGMENTS: "segments that overlap",
    rule.SAME_CHANNEL: "the same channel",
    rule.SAME_SURFACE: "the same surface",
    rule.NO_PLACE: "no channel or surface that would keep them apart",
}


@dataclass(frozen=True)
class Side:
    """One of the two; `test` is None where the reader may not see it."""

    test: Experiment | None
    name: str
    effect: str


@dataclass(frozen=True)
class WayOut:
    """What would resolve it; with days it can be placed there, else `route`, if any, leads to where it is done."""

    words: str
    test: Experiment
    route: str = ""
    starts_on: dt.date | None = None
    last_day: dt.date | None = None


@dataclass(frozen=True)
class PairCard:
    sides: tuple[Side, Side]
    why: str
    days: str
    shared: str
    ways_out: tuple[WayOut, ...]


def pairs_seen(known: CalendarFacts, names: Names) -> list[Pair]:
    """The pairs of the window of which the reader sees at least one test."""
    pairs = rule.colliding_pairs(known.bars, known.facts.overlaps)
    return [pair for pair in pairs if any(bar.key in names.tests for bar in pair)]


def cards_of(
    pairs: Sequence[Pair], known: CalendarFacts, names: Names, may_move: Mapping[int, bool]
) -> list[PairCard]:
    """A card for each of the pairs that share most, as many as a person reads."""
    facts = known.facts
    room = Room(segments=facts.segments, starts_on=facts.starts_on, ends_on=facts.ends_on)
    return [
        _card(rule.collision(*pair, facts.overlaps, room), known, names, may_move)
        for pair in _worst(pairs, facts.overlaps)
    ]


def _worst(pairs: Sequence[Pair], overlaps: Overlaps) -> list[Pair]:
    """In the order of the pairs; unknown overlaps count as the most."""
    losses = [rule.loss_of_second(*pair, overlaps) for pair in pairs]
    weights = [1.0 if loss is None else loss for loss in losses]
    kept = sorted(range(len(pairs)), key=lambda place: -weights[place])[:SHOWN]
    return [pairs[place] for place in sorted(kept)]


def _card(
    pair: Collision, known: CalendarFacts, names: Names, may_move: Mapping[int, bool]
) -> PairCard:
    why = [WHY[code] for code in pair.why]
    return PairCard(
        (_side(pair, pair.first, known, names), _side(pair, pair.second, known, names)),
        f"They have {' and '.join(why)}.",
        days_words(pair.starts_on, pair.ends_on),
        _shared(pair),
        tuple(
            _way_out(one, known, names, may_move)
            for one in pair.resolved_by
            if one.key in names.tests
        ),
    )


def _shared(pair: Collision) -> str:
    if pair.first_share is None or pair.second_share is None:
        return "Nobody knows how many people are in both. Enter the overlap with the segments."
    people = f"About {pair.units:,.0f} people are in both: " if pair.units else "In both: "
    return (
        f"{people}{share_words(pair.first_share)} of the first’s and "
        f"{share_words(pair.second_share)} of the second’s."
    )


def _side(pair: Collision, key: int, known: CalendarFacts, names: Names) -> Side:
    test = known.tests.get(key) if key in names.tests else None
    loss = pair.second_loss if key == pair.second else 0.0
    effect = _effect(known, known.by_key[key], loss or 0.0) if test else ""
    return Side(test, names.test(key), effect)


def _effect(known: CalendarFacts, bar: Bar, loss: float) -> str:
    """What it could detect, and what is left of that without the people of the other."""
    facts = known.facts.effects.get(bar.key)
    change = (
        effect_change(facts, days_before=bar.days, days_after=bar.days, loss=loss)
        if facts
        else None
    )
    if facts is None or change is None or change.before is None:
        return "Its plan does not say yet what it could detect."
    before = size_words(change.before_points, change.before, facts.kind)
    if not loss:
        return f"It keeps its people and could detect {before}."
    after = size_words(change.after_points, change.after, facts.kind)
    return f"It starts later: it could detect {before}, without the shared people {after}."


def _way_out(
    one: Resolution, known: CalendarFacts, names: Names, may_move: Mapping[int, bool]
) -> WayOut:
    """Somebody who may not change it reads what would help, without a link to a page that refuses."""
    way = _resolved(one, known, names)
    may = may_move.get(way.test.pod_id or 0, False)
    return way if may else WayOut(way.words, way.test)


def _resolved(one: Resolution, known: CalendarFacts, names: Names) -> WayOut:
    test = known.tests[one.key]
    name = names.test(one.key)
    if one.code == rule.OTHER_WEEK and one.starts_on:
        bar = known.by_key[one.key]
        ends_on = one.starts_on + dt.timedelta(days=bar.days)
        last = ends_on - dt.timedelta(days=1)
        return WayOut(f"Move {name} to {day_words(one.starts_on)}", test, "", one.starts_on, last)
    if one.code == rule.NAMESPACE:
        return WayOut(
            f"Let {name} share a namespace with the other, so that nobody is in both",
            test,
            "experiments:experiment_assignment",
        )
    return WayOut(
        f"Give {name} the segment {names.segment(one.segment)}", test, "experiments:experiment_edit"
    )
