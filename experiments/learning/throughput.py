"""How work flows through its stages: cycle time, work in progress, throughput. Pure.

Days are calendar days. Ranges of dates are half-open. What has not left a stage yet has no cycle time;
it counts as work in progress, with its age.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from experiments.learning.evidence import TrialOutcome
from experiments.learning.records import Estimate, no_estimate, share_of
from experiments.stats.tails import CONFIDENCE


@dataclass(frozen=True)
class Stay:
    """One piece of work in one stage: its `key`, the `stage`, the day it `entered`, and the day it
    `left`, or None."""

    key: str
    stage: str
    entered: dt.date
    left: dt.date | None = None


@dataclass(frozen=True)
class Percentiles:
    """Of `n` durations in days: the `median`, the middle half from `low` to `high`, and `p85` and `p95`,
    under which 85 and 95 of a hundred lie. None without any."""

    n: int
    median: float | None = None
    low: float | None = None
    high: float | None = None
    p85: float | None = None
    p95: float | None = None


def percentiles(days: Iterable[float]) -> Percentiles:
    """Percentiles of durations, linear between two of them.

    Args:
        days: durations in days, any order.

    Returns:
        Five percentiles in days.

    Raises:
        Nothing.

    Source: Hyndman & Fan 1996 Am Stat 50:361, definition 7.

    >>> percentiles([2, 4, 6, 10, 18])
    Percentiles(n=5, median=6.0, low=4.0, high=10.0, p85=13.2, p95=16.4)
    """
    values = np.fromiter(days, dtype=np.float64)
    if not values.size:
        return Percentiles(0)
    low, median, high, p85, p95 = np.percentile(values, [25, 50, 75, 85, 95]).tolist()
    return Percentiles(values.size, median, low, high, p85, p95)


def cycle_times(
    stays: Iterable[Stay], starts_on: dt.date, ends_on: dt.date
) -> dict[str, Percentiles]:
    """Days in each stage, of what left it within a range. Work that came back counts each time.

    Args:
        stays: in any order.
        starts_on: first day of the range.
        ends_on: the day after its last one.

    Returns:
        Stage → percentiles; stages that nothing left are missing.

    Raises:
        Nothing.

    Source: counting.

    >>> day = dt.date(2026, 10, 1)
    >>> stays = [Stay("A", "review", day, day + dt.timedelta(days=3)), Stay("B", "review", day)]
    >>> cycle_times(stays, day, day + dt.timedelta(days=90))["review"].median
    3.0
    """
    days: dict[str, list[float]] = {}
    for stay in stays:
        if stay.left is not None and starts_on <= stay.left < ends_on:
            days.setdefault(stay.stage, []).append((stay.left - stay.entered).days)
    return {stage: percentiles(values) for stage, values in days.items()}


def lead_times(
    stays: Iterable[Stay], last_stage: str, starts_on: dt.date, ends_on: dt.date
) -> Percentiles:
    """Days from the first stage that a piece of work entered until it entered the last one.

    Args:
        stays: in any order.
        last_stage: where work is done, such as “published”.
        starts_on, ends_on: half-open range in which it was entered for the first time.

    Returns:
        Percentiles in days.

    Raises:
        Nothing.

    Source: counting.

    >>> day = dt.date(2026, 10, 1)
    >>> stays = [Stay("A", "idea", day, day), Stay("A", "done", day + dt.timedelta(days=60))]
    >>> lead_times(stays, "done", day, day + dt.timedelta(days=90)).median
    60.0
    """
    first: dict[str, dt.date] = {}
    done: dict[str, dt.date] = {}
    for stay in stays:
        first[stay.key] = min(stay.entered, first.get(stay.key, stay.entered))
        if stay.stage == last_stage:
            done[stay.key] = min(stay.entered, done.get(stay.key, stay.entered))
    return percentiles(
        (day - first[key]).days for key, day in sorted(done.items()) if starts_on <= day < ends_on
    )


def work_in_progress(stays: Iterable[Stay], on: dt.date) -> dict[str, tuple[int, float]]:
    """What is in each stage at the end of a day.

    Args:
        stays: in any order.
        on: the day; what left on it is out.

    Returns:
        Stage → (pieces of work, their median age there in days); empty stages are missing.

    Raises:
        Nothing.

    Source: counting.

    >>> day = dt.date(2026, 10, 1)
    >>> work_in_progress([Stay("A", "review", day)], day + dt.timedelta(days=5))
    {'review': (1, 5.0)}
    """
    ages: dict[str, dict[str, int]] = {}
    for stay in stays:
        if stay.entered <= on and (stay.left is None or stay.left > on):
            age = (on - stay.entered).days
            here = ages.setdefault(stay.stage, {})
            here[stay.key] = max(age, here.get(stay.key, 0))
    return {
        stage: (len(here), float(np.median(list(here.values())))) for stage, here in ages.items()
    }


def throughput(
    stays: Iterable[Stay], stage: str, ranges: Sequence[tuple[dt.date, dt.date]]
) -> tuple[int, ...]:
    """How many pieces of work entered a stage for the first time in each range.

    Args:
        stays: in any order.
        stage: such as “decided”.
        ranges: (first day, day after the last), such as months.

    Returns:
        A count for each range.

    Raises:
        Nothing.

    Source: counting.

    >>> day = dt.date(2026, 10, 1)
    >>> throughput([Stay("A", "decided", day)], "decided", [(day, dt.date(2026, 11, 1))])
    (1,)
    """
    first: dict[str, dt.date] = {}
    for stay in stays:
        if stay.stage == stage:
            first[stay.key] = min(stay.entered, first.get(stay.key, stay.entered))
    return tuple(
        sum(starts_on <= day < ends_on for day in first.values()) for starts_on, ends_on in ranges
    )


def share_inconclusive(
    outcomes: Iterable[TrialOutcome], *, confidence: float = CONFIDENCE
) -> Estimate:
    """The share of decided experiments without a clear difference.

    Args:
        outcomes: of decided experiments.
        confidence: of the interval, 0 to 1.

    Returns:
        The share with Wilson’s interval; `Gap.NOT_ENOUGH_DATA` without any.

    Raises:
        Nothing.

    Source: Wilson 1927 JASA 22:209.

    >>> round(share_inconclusive([TrialOutcome.WON, TrialOutcome.INCONCLUSIVE]).value, 2)
    0.5
    """
    every = list(outcomes)
    if not every:
        return no_estimate(0)
    return share_of(every.count(TrialOutcome.INCONCLUSIVE), len(every), confidence)


def learning_rate(
    learnings: Iterable[int], *, confidence: float = CONFIDENCE
) -> tuple[float | None, Estimate]:
    """Learnings per decided experiment, and the share of experiments that left at least one.

    Args:
        learnings: how many each decided experiment left, whether it won or not.
        confidence: of the interval of the share, 0 to 1.

    Returns:
        (mean, share with Wilson’s interval); None and `Gap.NOT_ENOUGH_DATA` without any experiment.

    Raises:
        Nothing.

    Source: Wilson 1927 JASA 22:209.

    >>> rate, share = learning_rate([0, 2, 1, 1])
    >>> rate, share.value
    (1.0, 0.75)
    """
    counts = list(learnings)
    if not counts:
        return None, no_estimate(0)
    return sum(counts) / len(counts), share_of(sum(map(bool, counts)), len(counts), confidence)
