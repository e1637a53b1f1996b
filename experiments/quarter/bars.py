"""What the rules of the calendar need to know: bars, blackouts, segments and what they share. Pure.

Days are dates without a time, and ranges are half-open, so no time zone and no clock change matters.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import Final, Self

WEEKEND: Final = frozenset({5, 6})
Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a bar is put, or would be: its run days, half-open. `ends_on` may lie before `starts_on`;
    the rules then say so."""

    starts_on: dt.date
    ends_on: dt.date

    @property
    def days(self) -> int:
        """Run days; 0 where the end is not after the start."""
        return max(0, (self.ends_on - self.starts_on).days)


@dataclass(frozen=True, kw_only=True, slots=True)
class Bar:
    """One experiment on the calendar, placed or not.

    Args:
        key, name, pod: whose it is; keys tell bars apart.
        segment: the key of its segment; None where nobody named one.
        channel, surface: where it meets people; empty where nobody named one.
        country: limits it to one country; empty for all.
        namespace: experiments of one namespace share its people out, so nobody is in two of them.
        starts_on, ends_on: run days, half-open.
        build_days: working days of set-up before the start.
        readout_days: working days of read-out after the end.
        share: of its segment, 0 to 1, that takes part.
        people_days: forecast of all set-up work.
        units: that it needs in all arms together; None where its size is not known.
        units_per_week: that its audience brings.
        messages_per_week: that it sends each person who takes part.
        objective: the key of the objective that it serves.
        value: what it is worth to run it: its ICE, or the calibrated value.
        after: keys of bars that must have ended before it starts.
        is_fixed: its start can no longer move: it was launched, or somebody fixed it.

    Raises:
        ValueError: a share outside 0 to 1, or a negative number of days, units or messages.

    >>> bar = Bar(key=1, starts_on=dt.date(2026, 11, 9), ends_on=dt.date(2026, 12, 7), build_days=3)
    >>> bar.days, bar.build_starts_on.isoformat()
    (28, '2026-11-04')
    """

    key: int
    name: str = ""
    pod: int = 0
    segment: int | None = None
    channel: str = ""
    surface: str = ""
    country: str = ""
    namespace: int | None = None
    starts_on: dt.date
    ends_on: dt.date
    build_days: int = 0
    readout_days: int = 0
    share: float = 1.0
    people_days: float = 0.0
    units: int | None = None
    units_per_week: int | None = None
    messages_per_week: float | None = None
    objective: int | None = None
    value: float = 0.0
    after: frozenset[int] = frozenset()
    is_fixed: bool = False

    def __post_init__(self) -> None:
        numbers = (self.build_days, self.readout_days, self.people_days, self.units or 0,
                   self.units_per_week or 0, self.messages_per_week or 0)  # fmt: skip
        if not 0 <= self.share <= 1 or not all(number >= 0 for number in numbers):
            raise ValueError("a share lies between 0 and 1, and days, units and messages from 0 up")

    @property
    def days(self) -> int:
        """Run days; 0 where the end is not after the start."""
        return max(0, (self.ends_on - self.starts_on).days)

    @property
    def placement(self) -> Placement:
        return Placement(self.starts_on, self.ends_on)

    @property
    def weeks_needed(self) -> float | None:
        """Weeks until its audience has brought all units; None where one of the two is not known."""
        if self.units is None or not self.units_per_week:
            return None
        return self.units / self.units_per_week

    @property
    def build_starts_on(self) -> dt.date:
        """The first day of set-up: so many working days before the start."""
        return working_days_before(self.starts_on, self.build_days)

    @property
    def readout_ends_on(self) -> dt.date:
        """The day after the read-out: so many working days after the end."""
        return working_days_after(self.ends_on, self.readout_days)

    def at(self, starts_on: dt.date, ends_on: dt.date | None = None) -> Self:
        """The same bar somewhere else; without an end it keeps its length."""
        end = ends_on or starts_on + dt.timedelta(days=self.days)
        return replace(self, starts_on=starts_on, ends_on=end)


@dataclass(frozen=True)
class Blackout:
    """Days on which no experiment runs: everywhere, or in one pod, or on one channel, or both.

    A blackout of a channel binds only bars that name this channel.
    """

    name: str
    starts_on: dt.date
    ends_on: dt.date
    pod: int | None = None
    channel: str = ""
    is_hard: bool = False

    def binds(self, bar: Bar) -> bool:
        """Whether it is about this bar, wherever the bar is."""
        is_place = not self.channel or same_word(self.channel, bar.channel)
        return is_place and self.pod in (None, bar.pod)

    def days_in(self, at: Placement) -> int:
        """How many of these run days it covers."""
        return days_shared(self.starts_on, self.ends_on, at.starts_on, at.ends_on)


@dataclass(frozen=True)
class SegmentFacts:
    """A segment, and how many people are in it; None where nobody said."""

    key: int
    name: str = ""
    size: int | None = None


@dataclass(frozen=True)
class Overlaps:
    """How much segments have in common.

    Args:
        shares: (a, b) → the share of a's people who are also in b, 0 to 1.
        unknown: pairs that have people in common, nobody knows how many. They collide, and the
            ledger leaves them out.
        tolerated: segments of which at most this share is common do not count as overlapping.

    >>> both = overlaps_of({1: 1000, 2: 200}, {(1, 2): 100})
    >>> both.share(1, 2), both.share(2, 1), both.share(1, 1), both.share(1, 3)
    (0.1, 0.5, 1.0, 0.0)
    >>> both.of(1)
    ((1, 1.0), (2, 0.1))
    """

    shares: Mapping[Pair, float] = field(default_factory=dict)
    unknown: frozenset[Pair] = frozenset()
    tolerated: float = 0.0

    def share(self, one: int, other: int) -> float:
        """The share of one's people who are also in the other."""
        return 1.0 if one == other else self.shares.get((one, other), 0.0)

    def is_overlap(self, one: int, other: int) -> bool:
        """Whether they count as overlapping; a segment always overlaps with itself."""
        return one == other or other in self._neighbours.get(one, ())

    def neighbours(self, segment: int) -> tuple[int, ...]:
        """Other segments that count as overlapping, in order."""
        return self._neighbours.get(segment, ())

    def of(self, segment: int) -> tuple[tuple[int, float], ...]:
        """The segment and all that share people with it, with the share of its people in each."""
        return ((segment, 1.0), *self._beside.get(segment, ()))

    @cached_property
    def _beside(self) -> Mapping[int, tuple[tuple[int, float], ...]]:
        beside: dict[int, list[tuple[int, float]]] = {}
        for (one, other), share in sorted(self.shares.items()):
            if one != other and share > 0:
                beside.setdefault(one, []).append((other, share))
        return {one: tuple(others) for one, others in beside.items()}

    @cached_property
    def _neighbours(self) -> Mapping[int, tuple[int, ...]]:
        pairs = set(self.unknown)
        pairs |= {pair for pair, share in self.shares.items() if share > self.tolerated}
        beside: dict[int, set[int]] = {}
        for one, other in pairs:
            if one != other:
                beside.setdefault(one, set()).add(other)
                beside.setdefault(other, set()).add(one)
        return {one: tuple(sorted(others)) for one, others in beside.items()}


def overlaps_of(
    sizes: Mapping[int, int | None], both: Mapping[Pair, int], *, tolerated: float = 0.0
) -> Overlaps:
    """What segments have in common, from counts.

    Args:
        sizes: people in each segment; None where not known.
        both: (a, b) → people who are in both, declared or estimated; the order does not matter.
        tolerated: as for `Overlaps`.

    >>> overlaps_of({1: None, 2: 200}, {(1, 2): 100}).unknown
    frozenset({(1, 2)})
    """
    shares: dict[Pair, float] = {}
    unknown: set[Pair] = set()
    for (one, other), count in sorted(both.items()):
        for pair in ((one, other), (other, one)):
            if size := sizes.get(pair[0]):
                shares[pair] = min(1.0, max(0, count) / size)
            elif count > 0:
                unknown.add((min(pair), max(pair)))
    return Overlaps(shares, frozenset(unknown), tolerated)


def days_shared(starts_on: dt.date, ends_on: dt.date, starts: dt.date, ends: dt.date) -> int:
    """Days that are in both half-open ranges.

    >>> day = dt.date
    >>> days_shared(day(2026, 11, 2), day(2026, 11, 9), day(2026, 11, 7), day(2026, 12, 1))
    2
    """
    return max(0, (min(ends_on, ends) - max(starts_on, starts)).days)


def same_word(one: str, other: str) -> bool:
    """Whether two names of a channel, a surface or a country are the same; empty ones never are.

    >>> same_word("Email", " email"), same_word("", "")
    (True, False)
    """
    word = word_of(one)
    return bool(word) and word == word_of(other)


@lru_cache(maxsize=4096)  # a few names of thousands of bars, compared in pairs
def word_of(name: str) -> str:
    """A name as it is compared: without case, and without blanks around it."""
    return name.strip().casefold()


def working_days_before(day: dt.date, count: int) -> dt.date:
    """The day on which work begins that takes `count` working days and is done before `day`.

    >>> working_days_before(dt.date(2026, 11, 9), 3).isoformat()  # a Monday
    '2026-11-04'
    """
    return _stepped(day, count, -1)


def working_days_after(day: dt.date, count: int) -> dt.date:
    """The day after work that begins on `day` and takes `count` working days.

    >>> working_days_after(dt.date(2026, 11, 6), 2).isoformat()  # a Friday
    '2026-11-10'
    """
    return _stepped(day, count, 1)


def _stepped(day: dt.date, count: int, step: int) -> dt.date:
    if count <= 0:
        return day
    weeks = (count - 1) // 5
    left, edge = count - 5 * weeks, day + dt.timedelta(days=7 * weeks * step)
    while left:
        # Backwards the day before the edge is worked, forwards the edge itself.
        work = edge + dt.timedelta(days=min(step, 0))
        edge += dt.timedelta(days=step)
        left -= work.weekday() not in WEEKEND
    return edge


def in_order(bars: Iterable[Bar]) -> list[Bar]:
    """The bars that have run days, by start, end and key."""
    return sorted(
        (bar for bar in bars if bar.starts_on < bar.ends_on),
        key=lambda bar: (bar.starts_on, bar.ends_on, bar.key),
    )
