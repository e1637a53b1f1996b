"""When a test is read, and what reading it early costs: units against those of a fixed test."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

import numpy as np
import scipy

from .looks import crossing_rate, spending_bounds
from .sequences import best_rho2, reach_of
from .tails import ALPHA, Alternative, Array, array


@dataclass(frozen=True)
class AnyTime:
    """Read by a confidence sequence that is tuned to the planned end.

    Power is the chance to see the effect at one of `looks` evenly spaced looks. 1, a look at the
    end alone, is what holds however often one looks before; more looks need fewer units.
    """

    looks: int = 1

    @property
    def fractions(self) -> Array:
        return array(np.arange(1, self.looks + 1) / self.looks)

    def bounds(self, alpha: float, level: float, alternative: Alternative) -> Array:
        """The z at which the interval leaves the null: the sequence is tuned to `alpha`, and its
        p held against `level`, which several comparisons make smaller."""
        information = self.fractions * best_rho2(alpha, 1.0, alternative)
        return reach_of(information, level, alternative)


@dataclass(frozen=True)
class PlannedLooks:
    """Read at these `fractions` of the information, the last of them 1, by `spending_bounds` with this
    `spending`."""

    fractions: tuple[float, ...]
    spending: str = "obrien-fleming"

    def bounds(self, alpha: float, level: float, alternative: Alternative) -> Array:
        """The z at which to stop, at `level`."""
        sides: Alternative = "two-sided" if alternative == "two-sided" else "greater"
        return spending_bounds(
            self.fractions, alpha=level, spending=self.spending, alternative=sides
        )


Monitoring: TypeAlias = AnyTime | PlannedLooks


def inflation(
    monitoring: Monitoring,
    *,
    power: float = 0.8,
    alpha: float = ALPHA,
    alternative: Alternative = "two-sided",
    comparisons: int = 1,
) -> float:
    """How many times the units of a fixed test it takes to the planned end when read like this.

    (θ/(z_α + z_β))², θ the expected z at the end with which one of the looks crosses its bound
    with the planned power: by the recursive integration of `crossing_rate`, without simulation.

    Args:
        monitoring: when it is read.
        power: the chance to see the planned effect, 0 to 1.
        alpha: the error of all comparisons together, 0 to 1.
        alternative: "two-sided", "greater" or "less".
        comparisons: among which alpha is divided.

    Returns:
        A factor, 1 or a little less at least.

    Raises:
        ValueError: looks that do not end at 1, or see `spending_bounds`.

    Source: Jennison & Turnbull 2000 ch. 2.3 and 7.2 (the factor R).

    >>> round(inflation(PlannedLooks((0.2, 0.4, 0.6, 0.8, 1.0))), 4)
    1.0247
    >>> round(inflation(AnyTime()), 4), round(inflation(AnyTime(looks=20)), 4)
    (1.9149, 1.7404)
    """
    if isinstance(monitoring, PlannedLooks):
        if not monitoring.fractions or monitoring.fractions[-1] != 1:
            raise ValueError("the last planned look is at the planned end: its fraction is 1")
    elif monitoring.looks < 1:
        raise ValueError("a plan has at least one look")
    return _inflation(monitoring, power, alpha, alternative, comparisons)


@lru_cache(maxsize=256)
def _inflation(
    monitoring: Monitoring, power: float, alpha: float, alternative: Alternative, comparisons: int
) -> float:
    level = alpha / comparisons
    bounds = monitoring.bounds(alpha, level, alternative)
    sides: Alternative = "two-sided" if alternative == "two-sided" else "greater"

    def reached(drift: float) -> float:
        return crossing_rate(bounds, monitoring.fractions, drift, alternative=sides)

    z = -float(scipy.special.ndtri(level / (2 if sides == "two-sided" else 1)))
    fixed = z + float(scipy.special.ndtri(power))
    return (_drift_for(reached, power, 0.0, 2 * fixed + 8) / fixed) ** 2


def _drift_for(reached: Callable[[float], float], power: float, low: float, high: float) -> float:
    """Where a rising chance is `power`: secants on the probit scale, kept within a bracket."""
    target = float(scipy.special.ndtri(power))

    def gap(drift: float) -> float:
        return float(scipy.special.ndtri(min(reached(drift), 1 - 1e-15))) - target

    last, place = high, (low + high) / 2
    gap_last = gap(last)
    for _ in range(100):
        miss = gap(place)
        low, high = (place, high) if miss < 0 else (low, place)
        if abs(miss) < 1e-12 or high - low < 1e-12:
            break
        slope = (miss - gap_last) / (place - last)
        last, gap_last = place, miss
        step = place - miss / slope if slope > 0 else low
        place = step if low < step < high else (low + high) / 2
    return place
