"""How many units, for how long, to see what: the same formulas both ways.

With more than two arms each treatment is held against the control at α/(arms − 1), which is the
first and strictest step of the Holm adjustment that the analysis will make.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

import scipy

from .tails import Alternative

_LARGE: Final = 1e7
"""With this many units in an arm, t and the normal agree to seven digits."""


def sample_size(
    baseline: float,
    *,
    relative_effect: float,
    variance: float | None = None,
    power: float = 0.8,
    alpha: float = 0.05,
    alternative: Alternative = "two-sided",
    arms: int = 2,
    exact: bool = False,
) -> float:
    """Units for each arm, so that an effect of this size is seen with this power.

    Args:
        baseline: the control's share (0 to 1) or, with `variance`, its mean.
        relative_effect: smallest lift that matters, as a share of |baseline|: 0.1 is 10 %.
        variance: of one unit; None means that the metric is a proportion.
        arms: all of them, the control included.
        exact: the number before rounding up to whole units.

    Raises:
        ValueError: with a sentence, where no number of units would do.

    Source: proportions Fleiss, Levin & Paik 2003 eq. 4.14; means by the noncentral t
    (Cohen 1988 ch. 2), solved exactly.

    >>> sample_size(0.10, relative_effect=0.10)
    14751
    >>> sample_size(100, relative_effect=0.015, variance=30**2)
    6281
    """
    level = _level(power, alpha, arms)
    if not relative_effect * baseline:
        raise ValueError("the smallest effect that matters, and the baseline, must not be zero")
    if variance is None:
        units = _size_for_shares(baseline, relative_effect * baseline, power, level, alternative)
    else:
        units = _size_for_means(
            abs(relative_effect * baseline), variance, power, level, alternative
        )
    return units if exact else math.ceil(units - 1e-9)


def detectable_effect(
    baseline: float,
    *,
    units_per_arm: float,
    variance: float | None = None,
    power: float = 0.8,
    alpha: float = 0.05,
    alternative: Alternative = "two-sided",
    arms: int = 2,
) -> float | None:
    """The smallest relative effect (0.1 is 10 %) that so many units in each arm would show.

    The inverse of `sample_size`; the rise is meant, unless `alternative` is "less". None where
    these units could not show any effect that is possible.

    Raises:
        ValueError: see `sample_size`.

    >>> round(detectable_effect(0.10, units_per_arm=14751), 6)
    0.099999
    >>> detectable_effect(0.9, units_per_arm=20) is None
    True
    """
    level = _level(power, alpha, arms)
    sign = -1.0 if alternative == "less" else 1.0
    if variance is not None:
        _check_spread(variance)
        d = _detectable_shift(units_per_arm, power, level, alternative)
        return (
            None if d is None or baseline == 0 else sign * d * math.sqrt(variance) / abs(baseline)
        )
    _check_share(baseline)
    far = (0.0 if sign < 0 else 1.0) - baseline

    def is_enough(log_effect: float) -> bool:
        effect = sign * math.exp(log_effect)
        return _size_for_shares(baseline, effect, power, level, alternative) <= units_per_arm

    largest = math.log(abs(far)) - 1e-12
    if not is_enough(largest):
        return None
    return sign * math.exp(_solved(is_enough, largest - 60, largest)) / baseline


def _detectable_shift(
    n: float, power: float, alpha: float, alternative: Alternative
) -> float | None:
    """The shift in standard deviations that `n` units in each arm would show."""
    if n < 2:
        return None
    z = _quantile(alpha, alternative) + float(scipy.special.ndtri(power))
    if n > _LARGE:
        return z * math.sqrt(2 / n)

    def is_enough(d: float) -> bool:
        return power_of_t(n, d, alpha, alternative) >= power

    high = z * math.sqrt(2 / n)
    while not is_enough(high):
        high *= 1.5
    return _solved(is_enough, 0.0, high)


def runtime(
    units_per_arm: float, *, arms: int = 2, units_per_week: float, share: float = 1.0
) -> float:
    """Weeks until every arm has its units; not rounded (days are 7 times as many).

    Args:
        units_per_arm: from `sample_size`.
        arms: all of them, the control included, of equal size.
        units_per_week: new units that the audience brings in a week.
        share: of the audience that takes part, over 0 to 1.

    Raises:
        ValueError: no traffic, or a share outside 0 to 1.

    >>> runtime(14751, arms=2, units_per_week=6000)
    4.917
    """
    if units_per_week <= 0 or not 0 < share <= 1:
        raise ValueError("the audience brings no units: give its size a week and the share used")
    return units_per_arm * arms / (units_per_week * share)


def _size_for_shares(
    p_1: float, effect: float, power: float, alpha: float, alternative: Alternative
) -> float:
    """(z√(2p̄(1−p̄)) + z_β√(p₁(1−p₁) + p₂(1−p₂)))² / (p₂ − p₁)²: Fleiss et al. 2003 eq. 4.14."""
    _check_share(p_1)
    p_2 = p_1 + effect
    if not -1e-15 <= p_2 <= 1 + 1e-15:
        raise ValueError(f"an effect of that size would make the share {p_2:.4g}, which can't be")
    middle = p_1 + effect / 2
    z, z_beta = _quantile(alpha, alternative), float(scipy.special.ndtri(power))
    null = z * math.sqrt(2 * middle * (1 - middle))
    other = z_beta * math.sqrt(p_1 * (1 - p_1) + max(p_2 * (1 - p_2), 0.0))
    return max(((null + other) / effect) ** 2, 1.0)


def _size_for_means(
    effect: float, variance: float, power: float, alpha: float, alternative: Alternative
) -> float:
    """n at which P(|T| > t_{1−α/2}) = power, T noncentral t (2n − 2, d√(n/2)): Cohen 1988 ch. 2."""
    _check_spread(variance)
    d = effect / math.sqrt(variance)
    by_normal = 2 * ((_quantile(alpha, alternative) + float(scipy.special.ndtri(power))) / d) ** 2
    if by_normal > _LARGE:
        return by_normal
    return _solved(lambda n: power_of_t(n, d, alpha, alternative) >= power, 2.0, by_normal + 20)


def power_of_t(n: float, d: float, alpha: float, alternative: Alternative) -> float:
    """The chance that a t test with `n` units in each arm shows an effect of `d` sd.

    >>> round(power_of_t(6281, 0.05, 0.05, "two-sided"), 5)
    0.80006
    """
    df, shift = 2 * n - 2, d * math.sqrt(n / 2)
    sides = 2 if alternative == "two-sided" else 1
    t = -float(scipy.special.stdtrit(df, alpha / sides))
    below = _noncentral_t(df, shift, -t) if sides == 2 else 0.0
    return 1 - _noncentral_t(df, shift, t) + below


def _noncentral_t(df: float, shift: float, t: float) -> float:
    """P(T ≤ t); scipy gives nan where it is too small to follow, under 1e-16: that is 0."""
    below = float(scipy.special.nctdtr(df, shift, t))
    return 0.0 if math.isnan(below) else below


def _quantile(alpha: float, alternative: Alternative) -> float:
    return -float(scipy.special.ndtri(alpha / 2 if alternative == "two-sided" else alpha))


def _level(power: float, alpha: float, arms: int) -> float:
    if not 0 < alpha < 1 or not 0 < power < 1:
        raise ValueError("alpha and power lie between 0 and 1")
    if alpha >= power:
        raise ValueError("power must be above alpha: less is had by tossing a coin")
    if arms < 2:
        raise ValueError("an experiment has at least two arms, one of them the control")
    return alpha / (arms - 1)


def _check_share(baseline: float) -> None:
    if not 0 < baseline < 1:
        raise ValueError("the baseline of a proportion lies between 0 and 1, both left out")


def _check_spread(variance: float) -> None:
    if not variance > 0:
        raise ValueError("the variance of a unit must be above zero")


def _solved(is_reached: Callable[[float], bool], low: float, high: float) -> float:
    """Where a monotone condition begins to hold, to the last digit of a double."""
    if is_reached(low):
        return low
    for _ in range(200):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (low, middle) if is_reached(middle) else (middle, high)
    return high
