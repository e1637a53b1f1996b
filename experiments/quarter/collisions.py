"""The one rule for when two experiments get in each other's way, and what would resolve it. Pure.

Two bars collide when all of this holds:

- they share days on which both run;
- they have the same segment, or segments that overlap. A bar without a segment collides with nothing,
  because nobody knows whom it reaches;
- they meet people in the same place: the same channel, or the same surface. An empty channel or surface
  is like no other. But a bar that names neither may be anywhere, so it is taken to be everywhere;
- they are not limited to two different countries;
- they have no common namespace, which would share the people out between them.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from experiments.quarter.bars import (
    Bar,
    Overlaps,
    SegmentFacts,
    days_shared,
    in_order,
    same_word,
    word_of,
)

SAME_SEGMENT: Final = "same-segment"
OVERLAPPING_SEGMENTS: Final = "overlapping-segments"
SAME_CHANNEL: Final = "same-channel"
SAME_SURFACE: Final = "same-surface"
NO_PLACE: Final = "no-channel-or-surface"
NAMESPACE: Final = "namespace"
OTHER_WEEK: Final = "other-week"
OTHER_SEGMENT: Final = "other-segment"


@dataclass(frozen=True)
class Resolution:
    """One way out: `code` is "namespace", "other-week" or "other-segment".

    `key`: the bar that changes. `starts_on`: its new start. `namespace`: the one to join, or None for
    a new one. `segment`: the one to use instead.
    """

    code: str
    key: int
    starts_on: dt.date | None = None
    namespace: int | None = None
    segment: int | None = None


@dataclass(frozen=True)
class Collision:
    """Two bars that get in each other's way.

    Args:
        first, second: their keys; the second starts later (or has the higher key).
        why: codes, of segments and of places.
        starts_on, ends_on: the days that they share, half-open.
        units: how many people are in both; None where no size is known.
        first_share, second_share: the share of each one's people who are also in the other; None
            where the overlap is not known.
        second_loss: the share of the second's people, over its whole run, that is lost if the shared
            ones are taken out of it.
        resolved_by: ways out.
    """

    first: int
    second: int
    why: tuple[str, ...]
    starts_on: dt.date
    ends_on: dt.date
    units: float | None
    first_share: float | None
    second_share: float | None
    second_loss: float | None
    resolved_by: tuple[Resolution, ...] = ()

    @property
    def days(self) -> int:
        return (self.ends_on - self.starts_on).days

    @property
    def weeks(self) -> float:
        return self.days / 7

    def other(self, key: int) -> int:
        """The partner of one of the two."""
        return self.second if key == self.first else self.first

    def share_of(self, key: int) -> float | None:
        """The share of this one's people who are also in its partner."""
        return self.first_share if key == self.first else self.second_share


@dataclass(frozen=True, kw_only=True)
class Room:
    """What resolutions may use: segments to change to, and the days in which a bar may be put."""

    segments: tuple[SegmentFacts, ...] = ()
    starts_on: dt.date | None = None
    ends_on: dt.date | None = None

    @cached_property
    def sizes(self) -> Mapping[int, int | None]:
        return {facts.key: facts.size for facts in self.segments}


def reasons(one: Bar, other: Bar, overlaps: Overlaps) -> tuple[str, ...]:
    """Why these two collide wherever they share days, as codes; empty where they don't.

    >>> a = Bar(key=1, segment=5, channel="email", starts_on=dt.date(2027, 1, 4), ends_on=dt.date(2027, 2, 1))
    >>> b = Bar(key=2, segment=5, channel="Email", starts_on=dt.date(2027, 1, 4), ends_on=dt.date(2027, 2, 1))
    >>> reasons(a, b, Overlaps())
    ('same-segment', 'same-channel')
    """
    if one.segment is None or other.segment is None or are_shared_out(one, other):
        return ()
    if not overlaps.is_overlap(one.segment, other.segment):
        return ()
    is_far = bool(one.country.strip() and other.country.strip())
    if is_far and not same_word(one.country, other.country):
        return ()
    places = _common_places(one, other)
    is_same = one.segment == other.segment
    return (SAME_SEGMENT if is_same else OVERLAPPING_SEGMENTS, *places) if places else ()


def collides(one: Bar, other: Bar, overlaps: Overlaps) -> bool:
    """Whether these two collide where they are now."""
    is_shared = days_shared(one.starts_on, one.ends_on, other.starts_on, other.ends_on) > 0
    return is_shared and bool(reasons(one, other, overlaps))


def are_shared_out(one: Bar, other: Bar) -> bool:
    """Whether a common namespace keeps their people apart."""
    return one.namespace is not None and one.namespace == other.namespace


def _common_places(one: Bar, other: Bar) -> tuple[str, ...]:
    if names_no_place(one) or names_no_place(other):
        return (NO_PLACE,)
    codes = []
    if same_word(one.channel, other.channel):
        codes.append(SAME_CHANNEL)
    if same_word(one.surface, other.surface):
        codes.append(SAME_SURFACE)
    return tuple(codes)


def names_no_place(bar: Bar) -> bool:
    """Whether it names neither channel nor surface."""
    return not word_of(bar.channel) and not word_of(bar.surface)


def places_of(bar: Bar) -> tuple[str, ...]:
    """Where it meets people, as words that two bars have in common where they meet; "" for anywhere."""
    words = (("channel", word_of(bar.channel)), ("surface", word_of(bar.surface)))
    return tuple(f"{kind}:{word}" for kind, word in words if word) or ("",)


def collisions(
    bars: Iterable[Bar], overlaps: Overlaps, room: Room | None = None
) -> tuple[Collision, ...]:
    """All pairs that collide, each once, by their starts and keys.

    Args:
        bars: in any order; those without run days are left out.
        overlaps: of their segments.
        room: None gives no resolutions by another week or segment.

    >>> monday = dt.date(2027, 1, 4)
    >>> a = Bar(key=1, segment=5, channel="email", share=0.5, starts_on=monday, ends_on=dt.date(2027, 2, 1))
    >>> (pair,) = collisions([a, Bar(key=2, segment=5, channel="email", share=0.4,
    ...     starts_on=dt.date(2027, 1, 18), ends_on=dt.date(2027, 2, 15))], Overlaps())
    >>> pair.days, pair.first_share, pair.second_share, pair.second_loss
    (14, 0.4, 0.5, 0.25)
    """
    pairs = colliding_pairs(bars, overlaps)
    return tuple(collision(first, second, overlaps, room) for first, second in pairs)


def colliding_pairs(bars: Iterable[Bar], overlaps: Overlaps) -> list[tuple[Bar, Bar]]:
    """The pairs alone. Only bars of one segment and place that run at once are compared."""
    running: dict[tuple[int, str], list[Bar]] = {}
    pairs, ordered = [], in_order(bars)
    for bar in ordered:
        if bar.segment is None:
            continue
        near = {one.key: one for one in _near(bar, bar.segment, running, overlaps)}
        pairs += [(one, bar) for one in near.values() if reasons(one, bar, overlaps)]
        for place in {"any", *places_of(bar)}:
            running.setdefault((bar.segment, place), []).append(bar)
    ordered.sort(key=lambda bar: (bar.starts_on, bar.key))
    rank = {bar.key: number for number, bar in enumerate(ordered)}
    return sorted(pairs, key=lambda pair: (rank[pair[0].key], rank[pair[1].key]))


def _near(
    bar: Bar, segment: int, running: dict[tuple[int, str], list[Bar]], overlaps: Overlaps
) -> Iterator[Bar]:
    """Bars of the segment and its neighbours that still run and may be in the same place."""
    places = ("any",) if names_no_place(bar) else (*places_of(bar), "")
    for other in (segment, *overlaps.neighbours(segment)):
        for place in places:
            if held := running.get((other, place)):
                held[:] = [one for one in held if one.ends_on > bar.starts_on]
                yield from held


def collision(first: Bar, second: Bar, overlaps: Overlaps, room: Room | None = None) -> Collision:
    """What it means that two bars collide, the second of which starts later, and the ways out.

    Args:
        first, second: a pair of `colliding_pairs`.
        overlaps, room: as for `collisions`.
    """
    room = room or Room()
    a, b = first.segment or 0, second.segment or 0
    shares = _shares(first, second, overlaps)
    units = None
    for segment, bar, share in ((a, first, shares[0]), (b, second, shares[1])):
        size = room.sizes.get(segment)
        if units is None and size is not None and share is not None:
            units = size * bar.share * share
    return Collision(
        first=first.key,
        second=second.key,
        why=reasons(first, second, overlaps),
        starts_on=second.starts_on,
        ends_on=min(first.ends_on, second.ends_on),
        units=units,
        first_share=shares[0],
        second_share=shares[1],
        second_loss=loss_of_second(first, second, overlaps),
        resolved_by=tuple(_resolutions(first, second, overlaps, room)),
    )


def loss_of_second(first: Bar, second: Bar, overlaps: Overlaps) -> float | None:
    """The share of the second's people, over its whole run, who are in the first too; None if unknown."""
    share = _shares(first, second, overlaps)[1]
    ends_on = min(first.ends_on, second.ends_on)
    return None if share is None else share * (ends_on - second.starts_on).days / second.days


def _shares(first: Bar, second: Bar, overlaps: Overlaps) -> tuple[float | None, float | None]:
    """Of each one's people, how many are in the other too: both draw at random, and independently."""
    a, b = first.segment or 0, second.segment or 0
    if a != b and (a, b) not in overlaps.shares and (b, a) not in overlaps.shares:
        return None, None
    in_second = 1.0 if a == b else overlaps.shares.get((a, b))
    in_first = 1.0 if a == b else overlaps.shares.get((b, a))
    return (
        None if in_second is None else in_second * second.share,
        None if in_first is None else in_first * first.share,
    )


def _resolutions(first: Bar, second: Bar, overlaps: Overlaps, room: Room) -> Iterator[Resolution]:
    mover, other = (second, first) if not second.is_fixed else (first, second)
    if mover.is_fixed:
        return
    is_joinable = not other.is_fixed or other.namespace is not None
    if is_joinable and first.share + second.share <= 1 + 1e-9:
        yield Resolution(NAMESPACE, mover.key, namespace=other.namespace)
    start, end = other.ends_on, other.ends_on + dt.timedelta(days=mover.days)
    if room.ends_on is not None and end <= room.ends_on and start >= (room.starts_on or start):
        yield Resolution(OTHER_WEEK, mover.key, starts_on=start)
    if segment := _elsewhere(mover, other, overlaps, room.segments):
        yield Resolution(OTHER_SEGMENT, mover.key, segment=segment.key)


def _elsewhere(
    mover: Bar, other: Bar, overlaps: Overlaps, segments: Sequence[SegmentFacts]
) -> SegmentFacts | None:
    """The largest segment that has nobody in common with the other bar's, and is large enough."""
    free = [
        facts for facts in segments
        if facts.key != mover.segment
        and not overlaps.is_overlap(facts.key, other.segment or 0)
        and facts.size is not None
        and facts.size >= (mover.units or 1)
    ]  # fmt: skip
    return min(free, key=lambda facts: (-(facts.size or 0), facts.key), default=None)
