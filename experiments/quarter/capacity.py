"""Work of a pod: people-days and experiments at once per week, and how far its forecasts hold. Pure."""

import datetime as dt
import math
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Final

from scipy.special import stdtrit

from experiments.quarter.bars import Bar, in_order
from experiments.quarter.ledger import Part
from experiments.quarter.timeline import WEEK

FEWEST: Final = 3
DAY: Final = dt.timedelta(days=1)
MONDAY: Final = 0
SUNDAY: Final = 6


@dataclass(frozen=True)
class PodCapacity:
    """What a pod can do.

    Args:
        pod: its key.
        days: people-days in an ordinary week; None where nobody set a limit. 0 is a limit.
        exceptions: first day of a week → people-days in it.
        at_once: most experiments that run at once; None for no limit.
        factor: what its forecasts are multiplied by, such as `Correction.factor`.
    """

    pod: int
    days: float | None = None
    exceptions: Mapping[dt.date, float] = field(default_factory=dict)
    at_once: int | None = None
    factor: float = 1.0

    def days_in(self, week: dt.date) -> float | None:
        """People-days in this week; None for no limit.

        >>> week = dt.date(2027, 1, 4)
        >>> PodCapacity(1, 8.0, {week: 0.0}).days_in(week), PodCapacity(1).days_in(week)
        (0.0, None)
        """
        return self.exceptions.get(week, self.days)


@dataclass(frozen=True)
class Load:
    """One pod in one week; `pod` None is the whole workspace.

    `days`: people-days of set-up that the forecasts ask for. `capacity`: people-days there are, or
    None. `at_once`: the most experiments that run on one day. `limit`: of these, or None. `parts`:
    people-days by bar.
    """

    pod: int | None
    week: dt.date
    days: float
    capacity: float | None
    at_once: int
    limit: int | None
    parts: tuple[Part, ...] = ()

    @property
    def is_over_days(self) -> bool:
        return self.capacity is not None and self.days > self.capacity + 1e-9

    @property
    def is_over_limit(self) -> bool:
        return self.limit is not None and self.at_once > self.limit


@dataclass(frozen=True)
class Correction:
    """Days taken over days forecast. `past`: how many experiments it is from. `factor`, `low` and
    `high` are None under three of them."""

    past: int
    factor: float | None = None
    low: float | None = None
    high: float | None = None


def spread(bar: Bar, weeks: Sequence[dt.date], *, factor: float = 1.0) -> dict[dt.date, float]:
    """People-days of the bar's set-up in each of these weeks; weeks without any are left out.

    They are spread evenly over its working days of set-up, or over the five working days before the
    start where it names none. What falls before the first week, or after the last, is not listed.

    Args:
        bar: with `people_days`, `build_days` and a start.
        weeks: first days of weeks.
        factor: what the forecast is multiplied by.

    >>> bar = Bar(key=1, starts_on=dt.date(2027, 1, 13), ends_on=dt.date(2027, 2, 1), people_days=4, build_days=4)
    >>> [round(days, 2) for days in spread(bar, [dt.date(2027, 1, 4), dt.date(2027, 1, 11)]).values()]
    [2.0, 2.0]
    """
    if not bar.people_days:
        return {}
    count = bar.build_days or 5
    each = bar.people_days * factor / count
    day, days = bar.starts_on, Counter[dt.date]()
    for _ in range(count):
        day -= DAY * (3 if day.weekday() == MONDAY else 2 if day.weekday() == SUNDAY else 1)
        place = bisect_right(weeks, day) - 1
        if place >= 0 and day < weeks[place] + WEEK:
            days[weeks[place]] += 1
    return {week: each * number for week, number in sorted(days.items())}


def loads(
    bars: Iterable[Bar],
    weeks: Sequence[dt.date],
    capacities: Iterable[PodCapacity],
    *,
    limit: int | None = None,
) -> tuple[Load, ...]:
    """Every pod in every week, then the whole workspace in every week (`pod` None).

    Args:
        bars: in any order.
        weeks: first days of weeks.
        capacities: one per pod; pods that only bars name have no limits.
        limit: most experiments at once in the whole workspace.

    >>> monday = dt.date(2027, 1, 4)
    >>> bar = Bar(key=1, pod=7, starts_on=monday + WEEK, ends_on=monday + 3 * WEEK, people_days=5)
    >>> [(load.pod, load.days, load.at_once) for load in loads([bar], [monday, monday + WEEK], [])]
    [(7, 5.0, 0), (7, 0.0, 1), (None, 5.0, 0), (None, 0.0, 1)]
    """
    ordered = in_order(bars)
    by_pod = {capacity.pod: capacity for capacity in capacities}
    for bar in ordered:
        by_pod.setdefault(bar.pod, PodCapacity(bar.pod))
    bars_of: dict[int, list[Bar]] = {pod: [] for pod in by_pod}
    for bar in ordered:
        bars_of[bar.pod].append(bar)
    rows = [load for pod in sorted(by_pod) for load in _loads(bars_of[pod], weeks, by_pod[pod])]
    return (*rows, *_totals(ordered, weeks, rows, limit))


def at_once(bars: Iterable[Bar], weeks: Sequence[dt.date]) -> list[int]:
    """The most bars that run on one day of each week.

    Args:
        bars: in any order.
        weeks: first days of weeks, the earliest first.

    >>> day = dt.date(2027, 1, 4)
    >>> bars = [Bar(key=n, starts_on=day + n * DAY, ends_on=day + (n + 2) * DAY) for n in range(4)]
    >>> at_once(bars, [day, day + WEEK])
    [2, 0]
    """
    steps = Counter[dt.date]()
    for bar in bars:
        if bar.starts_on < bar.ends_on:
            steps[bar.starts_on] += 1
            steps[bar.ends_on] -= 1
    days = sorted(steps)
    running = dict(zip(days, accumulate(steps[day] for day in days), strict=True))
    most = []
    for week in weeks:
        first, after = bisect_right(days, week), bisect_left(days, week + WEEK)
        before = running[days[first - 1]] if first else 0
        most.append(max(before, *(running[day] for day in days[first:after]), 0))
    return most


def correction(past: Iterable[tuple[float, float]], *, confidence: float = 0.8) -> Correction:
    """By how much a pod's set-up takes longer than it forecasts, with a range.

    The factor is the ratio of sums, so that long experiments count for more. Its range is a t interval
    on the logarithm, so that it never goes below 0.

    Args:
        past: (people-days forecast, people-days taken) of each experiment; those with a forecast of 0,
            or without days taken, are left out.
        confidence: of the range, 0 to 1.

    Source: the ratio of sums is a regression through 0 with weights 1/forecast (Cochran 1977, Sampling
    Techniques, 6.7). Its variance is HC3, MacKinnon & White 1985 J Econometrics 29:305, by the delta
    method on the logarithm: each experiment's surprise is held against a factor made without it.

    >>> correction([(2, 3), (4, 5), (3, 3), (5, 9)])
    Correction(past=4, factor=1.4285714285714286, low=1.0750..., high=1.8982...)
    >>> correction([(2, 3), (4, 5)])
    Correction(past=2, factor=None, low=None, high=None)
    """
    pairs = [(forecast, days) for forecast, days in past if forecast > 0 and days > 0]
    count = len(pairs)
    if count < FEWEST:
        return Correction(count)
    forecasts = math.fsum(forecast for forecast, _ in pairs)
    factor = math.fsum(days for _, days in pairs) / forecasts
    squares = math.fsum(
        ((days / forecast / factor - 1) * forecast / (forecasts - forecast)) ** 2
        for forecast, days in pairs
    )
    reach = math.exp(float(stdtrit(count - 1, (1 + confidence) / 2)) * math.sqrt(squares))
    return Correction(count, factor, factor / reach, factor * reach)


def _loads(bars: list[Bar], weeks: Sequence[dt.date], capacity: PodCapacity) -> Iterable[Load]:
    parts: dict[dt.date, list[Part]] = {week: [] for week in weeks}
    for bar in sorted(bars, key=lambda bar: bar.key):
        for week, days in spread(bar, weeks, factor=capacity.factor).items():
            parts[week].append(Part(bar.key, days))
    for week, most in zip(weeks, at_once(bars, weeks), strict=True):
        yield Load(
            capacity.pod,
            week,
            math.fsum(part.amount for part in parts[week]),
            capacity.days_in(week),
            most,
            capacity.at_once,
            tuple(parts[week]),
        )


def _totals(
    bars: list[Bar], weeks: Sequence[dt.date], rows: list[Load], limit: int | None
) -> Iterable[Load]:
    loads_of: dict[dt.date, list[Load]] = {week: [] for week in weeks}
    for load in rows:
        loads_of[load.week].append(load)
    for week, most in zip(weeks, at_once(bars, weeks), strict=True):
        here = loads_of[week]
        known = [load.capacity for load in here if load.capacity is not None]
        yield Load(
            None,
            week,
            math.fsum(load.days for load in here),
            math.fsum(known) if here and len(known) == len(here) else None,
            most,
            limit,
        )
