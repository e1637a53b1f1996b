"""What calibration reads and writes: decided experiments with their claims, and estimates. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from experiments.stats import shrink
from experiments.stats.proportions import wilson
from experiments.stats.tails import Array, array, normal_quantile, t_quantile

NEEDED: Final = 20
"""Decided experiments under which a calibration would be a drawing of chance."""

FEWEST_SCORERS: Final = 4
"""People under whom a pod’s calibration would be about persons."""


class Gap(StrEnum):
    """Why there is no estimate.

    `NOT_ENOUGH_DATA`: fewer experiments than needed; `Estimate.n` of `NEEDED`. `TOO_FEW_SCORERS`: fewer
    than `FEWEST_SCORERS` people scored in this pod. `ALL_ALIKE`: every forecast, or every outcome, is
    the same, so that nothing can be compared. `OUT_OF_RANGE`: beyond what a computer holds.
    """

    NOT_ENOUGH_DATA = "not-enough-data"
    TOO_FEW_SCORERS = "too-few-scorers"
    ALL_ALIKE = "all-alike"
    OUT_OF_RANGE = "out-of-range"


@dataclass(frozen=True)
class Estimate:
    """A `value` from `n` experiments with its interval from `low` to `high`; all three are None where
    there is none, with the reason in `why_not`."""

    value: float | None
    low: float | None
    high: float | None
    n: int
    why_not: Gap | None = None

    def excludes(self, value: float) -> bool:
        """Whether the interval is clear of this value."""
        return self.low is not None and self.high is not None and not self.low <= value <= self.high


def no_estimate(n: int, why_not: Gap = Gap.NOT_ENOUGH_DATA) -> Estimate:
    """An estimate that can’t be had.

    Args:
        n: how many experiments there are.
        why_not: the reason.

    Returns:
        An estimate without numbers.

    Raises:
        Nothing.

    Source: none.

    >>> no_estimate(7)
    Estimate(value=None, low=None, high=None, n=7, why_not=<Gap.NOT_ENOUGH_DATA: 'not-enough-data'>)
    """
    return Estimate(None, None, None, n, why_not)


@dataclass(frozen=True)
class DecidedExperiment:
    """One decided experiment with what was claimed before and what was measured after.

    Lifts count in the direction that the metric wants: of a metric of which less is better they change
    their sign. None stands for what nobody said or measured; each estimate uses the rows that have
    what it needs.

    Args:
        key: of the experiment, unique.
        pod: its key.
        scorers: the people whose scores are in the claims.
        ice, impact, confidence, ease: scores before the experiment, of any scale, more is better.
        claim_low, claim_high: the band of Impact, as lifts in fractions (0.05 is +5 %).
        chance: of winning, what Confidence means, 0 to 1.
        won: whether it won; False for lost, inconclusive and harmed ones.
        lift, variance: of the primary metric as measured, and its standard error squared.
        days_forecast, days_taken: working days, above zero.
    """

    key: str
    pod: str = ""
    scorers: frozenset[str] = frozenset()
    ice: float | None = None
    impact: float | None = None
    confidence: float | None = None
    ease: float | None = None
    claim_low: float | None = None
    claim_high: float | None = None
    chance: float | None = None
    won: bool | None = None
    lift: float | None = None
    variance: float | None = None
    days_forecast: float | None = None
    days_taken: float | None = None

    @property
    def claim(self) -> float | None:
        """The middle of the band."""
        if self.claim_low is None or self.claim_high is None:
            return None
        return (self.claim_low + self.claim_high) / 2

    @property
    def measured(self) -> tuple[float, float] | None:
        """Lift and variance, if both are known."""
        if self.lift is None or not self.variance or self.variance <= 0:
            return None
        return self.lift, self.variance


def shrunk_lifts(rows: Sequence[DecidedExperiment]) -> Mapping[str, float]:
    """The lift to expect of each experiment again, drawn towards the mean of all of them.

    Args:
        rows: of the whole workspace, so that a pod with few experiments is drawn towards all.

    Returns:
        Key → lift, for rows with a lift and a variance.

    Raises:
        ValueError: a lift that is not finite.

    Source: `shrink` (James & Stein 1961; Lee & Shen 2018 KDD).

    >>> rows = [DecidedExperiment(str(n), lift=n / 10, variance=0.04) for n in (1, 2, 3, 4, 9)]
    >>> {key: round(lift, 3) for key, lift in shrunk_lifts(rows).items()}
    {'1': 0.158, '2': 0.237, '3': 0.316, '4': 0.396, '9': 0.793}
    """
    measured = {row.key: row.measured for row in rows if row.measured}
    lifts, variances = zip(*measured.values(), strict=True) if measured else ((), ())
    return dict(zip(measured, shrink(lifts, variances).tolist(), strict=True))


def mean_of(values: Array, confidence: float) -> Estimate:
    """A mean with Student’s interval.

    Args:
        values: two or more.
        confidence: of the interval, 0 to 1.

    Returns:
        The mean in the unit of `values`.

    Raises:
        Nothing.

    Source: Student 1908 Biometrika 6:1.

    >>> mean_of(array([1.0, 2.0, 3.0]), 0.95).high
    4.4841...
    """
    reach = t_quantile(array(values.size - 1.0), confidence) * values.std(ddof=1)
    middle, half = float(values.mean()), float(reach) / values.size**0.5
    return Estimate(middle, middle - half, middle + half, values.size)


def share_of(count: int, n: int, confidence: float) -> Estimate:
    """A share with Wilson’s interval.

    Args:
        count: how many have it.
        n: out of how many, above zero.
        confidence: of the interval, 0 to 1.

    Returns:
        The share, 0 to 1.

    Raises:
        ZeroDivisionError: out of none.

    Source: Wilson 1927 JASA 22:209.

    >>> estimate = share_of(4, 14, 0.95)
    >>> round(estimate.value, 3), round(estimate.low, 3), round(estimate.high, 3)
    (0.286, 0.117, 0.546)
    """
    low, high = wilson(array(count), array(n), normal_quantile(confidence))
    return Estimate(count / n, float(low), float(high), n)
