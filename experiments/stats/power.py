"""The formulas of planning: units for an effect, and the effect for units, of a fixed test."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import scipy

from .bisection import solved
from .proportions import likeliest_shares
from .tails import Alternative, array

_LARGE: Final = 1e7
"""With this many units in an arm, t and the normal agree to seven digits."""


@dataclass(frozen=True)
class Test:
    """What is asked of one comparison: its `alpha`, and `allocation` treatment units for each unit
    of the control. `null` is the difference that the test holds against the data."""

    power: float
    alpha: float
    alternative: Alternative
    allocation: float = 1.0
    null: float = 0.0

    @property
    def sides(self) -> int:
        return 2 if self.alternative == "two-sided" else 1

    @property
    def sign(self) -> float:
        """Which way the effect lies."""
        return -1.0 if self.alternative == "less" else 1.0

    @property
    def z(self) -> float:
        return -float(scipy.special.ndtri(self.alpha / self.sides))

    @property
    def z_beta(self) -> float:
        return float(scipy.special.ndtri(self.power))


def size_for_shares(p_1: float, gap: float, test: Test) -> float:
    """(z√V₀ + z_β√V₁)² / `gap`², p₂ = p₁ + null + gap, V₀ with the likeliest shares under the null.

    Without a margin V₀ = p̄(1−p̄)(1 + 1/k): Fleiss, Levin & Paik 2003 eq. 4.14 and 4.19. With one
    Farrington & Manning 1990 Stat Med 9:1447.

    >>> round(size_for_shares(0.1, 0.01, Test(0.8, 0.05, "two-sided")), 4)
    14750.7905
    """
    effect, k = test.null + gap, test.allocation
    p_2 = p_1 + effect
    if not -1e-15 <= p_2 <= 1 + 1e-15:
        raise ValueError(f"an effect of that size would make the share {p_2:.4g}, which can't be")
    middle = p_1 + effect * k / (1 + k)
    under_null = middle * (1 - middle) * (1 + 1 / k)
    if test.null:
        q_c, q_t = likeliest_shares(array(p_1), array(p_2), array(1 / k), test.null)
        under_null = float(q_c * (1 - q_c) + q_t * (1 - q_t) / k)
    other = p_1 * (1 - p_1) + max(p_2 * (1 - p_2), 0.0) / k
    reach = test.z * math.sqrt(max(under_null, 0.0)) + test.z_beta * math.sqrt(other)
    return max((reach / gap) ** 2, 1.0)


def effect_on_shares(p_1: float, units: float, test: Test) -> float | None:
    """The difference nearest to the null that so many units show; None where none is possible."""
    furthest = test.sign * ((0.0 if test.sign < 0 else 1.0) - p_1 - test.null)
    if furthest <= 0:
        return None

    def is_enough(log_gap: float) -> bool:
        return size_for_shares(p_1, test.sign * math.exp(log_gap), test) <= units

    largest = math.log(furthest) - 1e-12
    if not is_enough(largest):
        return None
    return test.null + test.sign * math.exp(solved(is_enough, largest - 60, largest))


def size_for_means(d: float, test: Test) -> float:
    """n at which P(|T| > t_{1−α/2}) = power, T noncentral t, for `d` standard deviations.

    Source: Cohen 1988 ch. 2.

    >>> round(size_for_means(0.05, Test(0.8, 0.05, "two-sided")), 4)
    6280.0489
    """
    by_normal = (1 + 1 / test.allocation) * ((test.z + test.z_beta) / d) ** 2
    if by_normal > _LARGE:
        return by_normal

    def is_enough(n: float) -> bool:
        return power_of_t(n, d, test) >= test.power

    least = 2.0 / min(test.allocation, 1.0)
    return solved(is_enough, least, by_normal + 20 / test.allocation + 20)


def effect_on_means(n: float, test: Test) -> float | None:
    """The shift in standard deviations that `n` units in the control would show."""
    if n < 2:
        return None
    by_normal = (test.z + test.z_beta) * math.sqrt((1 + 1 / test.allocation) / n)
    if n > _LARGE:
        return by_normal

    def is_enough(d: float) -> bool:
        return power_of_t(n, d, test) >= test.power

    high = by_normal
    while not is_enough(high):
        high *= 1.5
    return solved(is_enough, 0.0, high)


def power_of_t(n: float, d: float, test: Test) -> float:
    """The chance that a t test with `n` units in the control shows an effect of `d` sd.

    >>> round(power_of_t(6281, 0.05, Test(0.8, 0.05, "two-sided")), 5)
    0.80006
    """
    k = test.allocation
    df = n * (1 + k) - 2
    shift = d * math.sqrt(n * k / (1 + k))
    t = -float(scipy.special.stdtrit(df, test.alpha / test.sides))
    below = _noncentral_t(df, shift, -t) if test.sides == 2 else 0.0
    return 1 - _noncentral_t(df, shift, t) + below


def _noncentral_t(df: float, shift: float, t: float) -> float:
    """P(T ≤ t); scipy gives nan where it is too small to follow, under 1e-16: that is 0."""
    below = float(scipy.special.nctdtr(df, shift, t))
    return 0.0 if math.isnan(below) else below
