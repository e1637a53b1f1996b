"""Who is booked when: audience of segments, messages per person, shares of a namespace. Pure.

Shares add up, as if no two experiments drew the same person: the ledger says how much of a segment is
promised, and that may be more than all of it. An experiment also books the people that its segment has
in common with another one. Nothing is rounded or cut, and the order of the bars changes no figure.
"""

import datetime as dt
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from experiments.quarter.bars import Bar, Overlaps, days_shared, in_order, word_of
from experiments.quarter.timeline import WEEK

EVERYBODY: Final = 1.0


@dataclass(frozen=True)
class Part:
    """What one bar adds: a share of the segment, or messages per person."""

    key: int
    amount: float


@dataclass(frozen=True)
class Booking:
    """One segment in one week.

    `booked`: the sum of the parts, as a share of the segment over the seven days; over 1 is more than
    everybody. `holdout`: the share kept out of all experiments. `parts`: by key.
    """

    segment: int
    week: dt.date
    booked: float
    holdout: float
    parts: tuple[Part, ...]

    @property
    def total(self) -> float:
        """Booked and held out."""
        return self.booked + self.holdout

    @property
    def left(self) -> float:
        """The share that nobody has booked, never below 0."""
        return max(0.0, 1 - self.total)


@dataclass(frozen=True)
class Pressure:
    """Messages per person of a segment on one channel in one week; `cap` is None where none is set."""

    channel: str
    segment: int
    week: dt.date
    messages: float
    cap: float | None
    parts: tuple[Part, ...]

    @property
    def is_over(self) -> bool:
        return self.cap is not None and self.messages > self.cap + 1e-9


@dataclass(frozen=True)
class Sharing:
    """One namespace in one week.

    `share`: the most that its experiments take together on a day of the week; over 1 is more than there
    is, because each of them has people of its own. `parts`: on the first such day, by key.
    """

    namespace: int
    week: dt.date
    share: float
    parts: tuple[Part, ...]

    @property
    def is_over(self) -> bool:
        return self.share > EVERYBODY + 1e-9


def ledger(
    bars: Iterable[Bar],
    weeks: Sequence[dt.date],
    overlaps: Overlaps,
    *,
    segments: Iterable[int] | None = None,
    holdout: float = 0.0,
) -> tuple[Booking, ...]:
    """Every segment in every week, by segment and week; an empty one has 0 booked.

    Args:
        bars: in any order; those without segment or run days book nobody.
        weeks: first days of weeks.
        overlaps: what the segments have in common.
        segments: which ones to list; None lists those that have somebody booked by a bar.
        holdout: share of everybody, 0 to 1.

    >>> monday = dt.date(2027, 1, 4)
    >>> bar = Bar(key=1, segment=5, share=0.5, starts_on=dt.date(2027, 1, 7), ends_on=dt.date(2027, 1, 14))
    >>> [round(booking.booked, 3) for booking in ledger([bar], [monday, monday + WEEK], Overlaps())]
    [0.286, 0.214]
    """
    parts: dict[tuple[int, dt.date], list[Part]] = {}
    for bar, week, days in _weeks_of_bars(bars, weeks):
        for segment, share in _reached(bar, overlaps):
            part = Part(bar.key, bar.share * share * days / 7)
            parts.setdefault((segment, week), []).append(part)
    listed = sorted({segment for segment, _ in parts} if segments is None else set(segments))
    return tuple(
        Booking(segment, week, _sum(row), holdout, row)
        for segment in listed
        for week in weeks
        for row in (_by_key(parts.get((segment, week), [])),)
    )


def pressure(
    bars: Iterable[Bar],
    weeks: Sequence[dt.date],
    overlaps: Overlaps,
    *,
    caps: Mapping[str, float],
) -> tuple[Pressure, ...]:
    """Messages per person and week, by channel, segment and week; only where a bar sends some.

    Args:
        bars: in any order; those without channel, segment or messages send nothing.
        weeks: first days of weeks.
        overlaps: what the segments have in common.
        caps: channel → most messages per person and week.

    >>> monday = dt.date(2027, 1, 4)
    >>> bar = Bar(key=1, segment=5, channel="Email", share=0.5, messages_per_week=3,
    ...     starts_on=monday, ends_on=monday + WEEK)
    >>> [(one.messages, one.is_over) for one in pressure([bar], [monday], Overlaps(), caps={"email": 1})]
    [(1.5, True)]
    """
    limits = {word_of(channel): cap for channel, cap in caps.items()}
    parts: dict[tuple[str, int, dt.date], list[Part]] = {}
    for bar, week, days in _weeks_of_bars(bars, weeks):
        channel = word_of(bar.channel)
        if not channel or not bar.messages_per_week:
            continue
        for segment, share in _reached(bar, overlaps):
            part = Part(bar.key, bar.messages_per_week * bar.share * share * days / 7)
            parts.setdefault((channel, segment, week), []).append(part)
    return tuple(
        Pressure(channel, segment, week, _sum(row), limits.get(channel), row)
        for (channel, segment, week), listed in sorted(parts.items())
        if (row := _by_key(listed))
    )


def sharings(bars: Iterable[Bar], weeks: Sequence[dt.date]) -> tuple[Sharing, ...]:
    """What the experiments of each namespace take together, by namespace and week; only where one runs.

    A namespace gives each experiment people of its own, whatever their segments are. So the shares add
    up day by day: an experiment that ends on Tuesday leaves its people to one that starts on Wednesday.

    Args:
        bars: in any order; those without a namespace are left out.
        weeks: first days of weeks.

    >>> monday = dt.date(2027, 1, 4)
    >>> bars = [Bar(key=n, namespace=7, share=0.6, starts_on=monday + (n - 1) * dt.timedelta(days=4),
    ...     ends_on=monday + 2 * WEEK) for n in (1, 2)]
    >>> [(one.share, one.is_over) for one in sharings(bars, [monday])]
    [(1.2, True)]
    """
    spaces: dict[int, list[Bar]] = {}
    for bar in in_order(bars):
        if bar.namespace is not None:
            spaces.setdefault(bar.namespace, []).append(bar)
    return tuple(
        Sharing(space, week, _sum(parts), parts)
        for space, listed in sorted(spaces.items())
        for week in weeks
        if (parts := _most_on_a_day(listed, week))
    )


def _most_on_a_day(bars: Sequence[Bar], week: dt.date) -> tuple[Part, ...]:
    """The bars of the day on which they take most; it is the first of the week or the start of a bar."""
    here = [bar for bar in bars if bar.starts_on < week + WEEK and bar.ends_on > week]
    days = sorted({max(bar.starts_on, week) for bar in here})
    running = (
        _by_key([Part(bar.key, bar.share) for bar in here if bar.starts_on <= day < bar.ends_on])
        for day in days
    )
    return max(running, key=_sum, default=())


def fullest(bookings: Iterable[Booking], week: dt.date) -> Booking | None:
    """The segment of which most is booked or held out in this week; the first of equals.

    >>> monday = dt.date(2027, 1, 4)
    >>> bars = [Bar(key=n, segment=n, share=n / 10, starts_on=monday, ends_on=monday + WEEK) for n in (1, 2)]
    >>> fullest(ledger(bars, [monday], Overlaps()), monday).segment
    2
    """
    listed = [booking for booking in bookings if booking.week == week]
    return max(listed, key=lambda one: (one.total, -one.segment), default=None)


def _reached(bar: Bar, overlaps: Overlaps) -> list[tuple[int, float]]:
    """The segments in which the bar has people, with the share of each that is in the bar's own."""
    if bar.segment is None:
        return []
    others = {bar.segment: 1.0}
    others |= {one: overlaps.share(one, bar.segment) for one, _ in overlaps.of(bar.segment)}
    return [(one, share) for one, share in others.items() if share > 0]


def _weeks_of_bars(
    bars: Iterable[Bar], weeks: Sequence[dt.date]
) -> Iterable[tuple[Bar, dt.date, int]]:
    for bar in in_order(bars):
        for week in weeks:
            if days := days_shared(bar.starts_on, bar.ends_on, week, week + WEEK):
                yield bar, week, days


def _by_key(parts: list[Part]) -> tuple[Part, ...]:
    return tuple(sorted(parts, key=lambda part: (part.key, part.amount)))


def _sum(parts: Iterable[Part]) -> float:
    """Exact but for the last rounding, so that the order does not matter."""
    return math.fsum(part.amount for part in parts)
