"""A few planned looks: group-sequential bounds by spending the error as information comes in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, get_args

import numpy as np
import scipy
from numpy.polynomial.legendre import leggauss

from .bisection import solved
from .tails import ALPHA, Alternative, Array, array

_NODES: Final = leggauss(96)
_FAR: Final = 9.0  # standard deviations beyond which no path needs to be followed
_HIGHEST: Final = 60.0
_CLOSEST: Final = 1e-6
"""Looks nearer to each other than this share of the information are one look."""


def spending_bounds(
    fractions: Sequence[float],
    *,
    alpha: float = ALPHA,
    spending: str = "obrien-fleming",
    alternative: Alternative = "two-sided",
) -> Array:
    """The |z| at which to stop at each look, so that all looks together err with alpha.

    Args:
        fractions: of the planned information at each look, rising, over 0 and at most 1.
        alpha: of both sides and all looks; of one side where `alternative` is "greater" (or
            "less", whose bounds are these with the other sign).
        alternative: see `alpha`.
        spending: "obrien-fleming", for each side 2 − 2Φ(z_{a/2}/√t) with a the alpha of that side,
            hardly any early; or "power:2" for αt², "power:1" for αt …

    Returns:
        An array, one bound a look.

    Raises:
        ValueError: fractions that do not rise within 0 to 1, or another spending or alternative.

    Source: Lan & DeMets 1983 Biometrika 70:659; recursive integration Armitage, McPherson & Rowe
    1969 JRSS-A 132:235; Jennison & Turnbull 2000 ch. 19.

    >>> spending_bounds([0.2, 0.4, 0.6, 0.8, 1.0]).round(4).tolist()
    [4.8769, 3.357, 2.6803, 2.2898, 2.031]
    """
    times, sides = _checked(fractions, alpha), _sides(alternative)
    log_spent = _log_spending(times, alpha, spending, sides)
    first = np.concatenate([[-np.inf], log_spent[:-1]])
    with np.errstate(divide="ignore", invalid="ignore"):  # nothing to spend: no bound is reached
        spent = np.where(log_spent == -np.inf, 0.0, np.minimum(first - log_spent, 0))
        log_steps = log_spent + np.log(-np.expm1(spent))
    path, bounds = _Path(sides=sides), []
    for time, log_step in zip(times, log_steps, strict=True):
        bound = path.bound_for(time, log_step)
        path.move(time, bound)
        bounds.append(bound)
    return array(bounds)


def crossing_rate(
    bounds: Sequence[float] | Array,
    fractions: Sequence[float] | Array,
    drift: float = 0.0,
    *,
    alternative: Alternative = "two-sided",
) -> float:
    """The chance that |z|, or z where `alternative` is "greater", reaches a bound at any look.

    Args:
        bounds: of z at each look.
        fractions: of the planned information at each look, rising, over 0 and at most 1.
        drift: the expected z at full information: 0 gives the error rate, else the power.
        alternative: "two-sided" for |z|, "greater" for z.

    Returns:
        A probability.

    Raises:
        ValueError: fractions that do not rise within 0 to 1, or another alternative.

    Source: Armitage, McPherson & Rowe 1969 JRSS-A 132:235.

    >>> looks = range(1, 6)
    >>> round(crossing_rate([1.959964] * 5, [k / 5 for k in looks]), 5)
    0.14169
    """
    path, chance = _Path(drift, _sides(alternative)), 0.0
    for time, bound in zip(_checked(fractions), bounds, strict=True):
        chance += float(np.exp(path.log_crossing(time, bound)))
        path.move(time, bound)
    return chance


class _Path:
    """The density of the score z√t over paths that have not crossed a bound, on moving nodes."""

    def __init__(self, drift: float = 0.0, sides: int = 2) -> None:
        self.drift, self.sides, self.time = drift, sides, 0.0
        self.nodes, self.log_mass = np.zeros(1), np.zeros(1)

    def log_crossing(self, time: float, bound: float) -> float:
        """ln of the chance to be beyond the bound at `time` without having crossed before."""
        step = time - self.time
        middle, edge = self.nodes + self.drift * step, bound * np.sqrt(time)
        tails = scipy.special.log_ndtr((middle - edge) / np.sqrt(step))
        if self.sides == 2:
            below = scipy.special.log_ndtr((-middle - edge) / np.sqrt(step))
            tails = np.logaddexp(tails, below)
        return float(scipy.special.logsumexp(self.log_mass + tails))

    def bound_for(self, time: float, log_chance: float) -> float:
        """The bound that is crossed at `time` with a given chance, by bisection."""
        low, high = 0.0 if self.sides == 2 else -_HIGHEST, _HIGHEST
        return solved(lambda bound: self.log_crossing(time, bound) <= log_chance, low, high)

    def move(self, time: float, bound: float) -> None:
        """On to `time`, keeping what has not crossed."""
        step = time - self.time
        centre, width = self.drift * time, _FAR * np.sqrt(time)
        edge = bound * np.sqrt(time)
        lowest = -edge if self.sides == 2 else -np.inf
        low, high = max(lowest, centre - width), min(edge, centre + width)
        places, weights = _NODES
        nodes = (low + high) / 2 + (high - low) / 2 * places
        gap = nodes[:, None] - self.nodes[None, :] - self.drift * step
        log_density = -(gap**2) / (2 * step) - 0.5 * np.log(2 * np.pi * step)
        mass = scipy.special.logsumexp(log_density + self.log_mass[None, :], axis=1)
        self.nodes, self.time = nodes, time
        with np.errstate(divide="ignore"):  # nothing is left within the bounds
            self.log_mass = mass + np.log(weights * max(high - low, 0.0) / 2)


def _checked(fractions: Sequence[float] | Array, alpha: float = ALPHA) -> Array:
    times = array(fractions)
    times = np.clip(np.nan_to_num(times, nan=2.0), -1.0, 2.0)
    steps = np.diff(times, prepend=0.0)
    if (
        not times.size
        or times.ndim != 1
        or not (steps[1:] >= _CLOSEST).all()
        or not 0 < times[0] <= times[-1] <= 1
    ):
        raise ValueError(
            "information fractions must rise, from above 0 to at most 1, by a millionth or more"
        )
    if not 0 < alpha < 1:
        raise ValueError("alpha lies between 0 and 1")
    return times


def _sides(alternative: Alternative) -> int:
    if alternative not in get_args(Alternative):
        raise ValueError(f"alternative must be one of {get_args(Alternative)}")
    return 2 if alternative == "two-sided" else 1


def _log_spending(times: Array, alpha: float, spending: str, sides: int) -> Array:
    """ln of the error spent up to each time."""
    if spending == "obrien-fleming":
        z = -scipy.special.ndtri(alpha / (2 * sides))
        return array(np.log(2 * sides) + scipy.special.log_ndtr(-z / np.sqrt(times)))
    power = re.fullmatch(r"power:(\d+(?:\.\d+)?)", spending)
    if not power or not float(power[1]) > 0:
        raise ValueError('spending must be "obrien-fleming" or "power:" and a number above 0')
    return array(np.log(alpha) + float(power[1]) * np.log(times))
