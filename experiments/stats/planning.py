"""How many units, for how long, to see what: the same formulas both ways.

With more than two arms each treatment is held against the control at α/(arms − 1), which is the
first and strictest step of the Holm adjustment that the analysis will make.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import scipy

from .proportions import likeliest_shares
from .tails import Alternative, array

_LARGE: Final = 1e7
"""With this many units in an arm, t and the normal agree to seven digits."""


@dataclass(frozen=True)
class Plan:
    """What is asked of a test: `alpha` of one comparison, `allocation` treatment units for each
    unit of the control."""

    power: float
    alpha: float
    alternative: Alternative
    allocation: float = 1.0

    @property
    def z(self) -> float:
        sides = 2 if self.alternative == "two-sided" else 1
        return -float(scipy.special.ndtri(self.alpha / sides))

    @property
    def z_beta(self) -> float:
        return float(scipy.special.ndtri(self.power))

    @property
    def reach(self) -> float:
        return self.z + self.z_beta


def sample_size(
    baseline: float,
    *,
    relative_effect: float,
    variance: float | None = None,
    power: float = 0.8,
    alpha: float = 0.05,
    alternative: Alternative = "two-sided",
    arms: int = 2,
    allocation: float = 1.0,
    margin: float = 0.0,
    exact: bool = False,
) -> float:
    """Units for each arm, so that an effect of this size is seen with this power.

    With unequal arms the control's units are given, and a treatment gets `allocation` times as
    many. A covariate that correlates by ρ (CUPED) leaves `variance` × (1 − ρ²). Of a ratio metric
    `variance` is that of its linear form, (s²_M − 2R·cov + R²s²_D)/D².

    Args:
        baseline: the control's share (0 to 1) or, with `variance`, its mean.
        relative_effect: smallest lift that matters, as a share of |baseline|: 0.1 is 10 %.
        variance: of one unit; None means that the metric is a proportion.
        arms: all of them, the control included.
        allocation: units of a treatment for each unit of the control.
        margin: with a one-sided alternative, the loss that may be tolerated, as for `compare`;
            `relative_effect` is then what is expected, and may be 0.
        exact: the number before rounding up to whole units.

    Raises:
        ValueError: with a sentence, where no number of units would do.

    Source: proportions Fleiss, Levin & Paik 2003 eq. 4.14, against a margin Farrington & Manning
    1990 Stat Med 9:1447; means by the noncentral t (Cohen 1988 ch. 2), solved exactly.

    >>> sample_size(0.10, relative_effect=0.10)
    14751
    >>> sample_size(100, relative_effect=0.015, variance=30**2)
    6281
    >>> sample_size(0.10, relative_effect=0.0, alternative="greater", margin=0.01)
    11142
    """
    plan = Plan(power, _level(power, alpha, arms), alternative, _checked_allocation(allocation))
    if margin and alternative == "two-sided":
        raise ValueError('a margin needs a direction: alternative="greater" or "less"')
    null = -margin if alternative == "greater" else margin
    effect = relative_effect * (baseline if variance is None else abs(baseline))
    if effect == null:
        raise ValueError("the smallest effect that matters, and the baseline, must not be zero")
    if variance is None:
        units = _size_for_shares(baseline, effect, plan, null)
    else:
        units = _size_for_means(abs(effect - null), variance, plan)
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
    allocation: float = 1.0,
) -> float | None:
    """The smallest relative effect (0.1 is 10 %) that so many units in each arm would show.

    The inverse of `sample_size` (`units_per_arm` are the control's); the rise is meant, unless `alternative` is "less". None where
    these units could not show any effect that is possible.

    Raises:
        ValueError: see `sample_size`.

    >>> round(detectable_effect(0.10, units_per_arm=14751), 6)
    0.099999
    >>> detectable_effect(0.9, units_per_arm=20) is None
    True
    """
    plan = Plan(power, _level(power, alpha, arms), alternative, _checked_allocation(allocation))
    sign = -1.0 if alternative == "less" else 1.0
    if variance is not None:
        _check_spread(variance)
        d = _detectable_shift(units_per_arm, plan)
        return (
            None if d is None or baseline == 0 else sign * d * math.sqrt(variance) / abs(baseline)
        )
    _check_share(baseline)
    far = (0.0 if sign < 0 else 1.0) - baseline

    def is_enough(log_effect: float) -> bool:
        effect = sign * math.exp(log_effect)
        return _size_for_shares(baseline, effect, plan) <= units_per_arm

    largest = math.log(abs(far)) - 1e-12
    if not is_enough(largest):
        return None
    return sign * math.exp(_solved(is_enough, largest - 60, largest)) / baseline


def _detectable_shift(n: float, plan: Plan) -> float | None:
    """The shift in standard deviations that `n` units in the control would show."""
    if n < 2:
        return None
    by_normal = plan.reach * math.sqrt((1 + 1 / plan.allocation) / n)
    if n > _LARGE:
        return by_normal

    def is_enough(d: float) -> bool:
        return power_of_t(n, d, plan.alpha, plan.alternative, plan.allocation) >= plan.power

    high = by_normal
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


def _size_for_shares(p_1: float, effect: float, plan: Plan, null: float = 0.0) -> float:
    """(z√V₀ + z_β√V₁)² / (p₂ − p₁ − null)², V₀ with the likeliest shares under the null.

    Without a margin V₀ = p̄(1−p̄)(1 + 1/k): Fleiss et al. 2003 eq. 4.14 and 4.19.
    """
    _check_share(p_1)
    p_2, k = p_1 + effect, plan.allocation
    if not -1e-15 <= p_2 <= 1 + 1e-15:
        raise ValueError(f"an effect of that size would make the share {p_2:.4g}, which can't be")
    middle = p_1 + effect * k / (1 + k)
    under_null = middle * (1 - middle) * (1 + 1 / k)
    if null:
        q_c, q_t = likeliest_shares(array(p_1), array(p_2), array(1 / k), null)
        under_null = float(q_c * (1 - q_c) + q_t * (1 - q_t) / k)
    other = p_1 * (1 - p_1) + max(p_2 * (1 - p_2), 0.0) / k
    sides = plan.z * math.sqrt(under_null) + plan.z_beta * math.sqrt(other)
    return max((sides / (effect - null)) ** 2, 1.0)


def _size_for_means(effect: float, variance: float, plan: Plan) -> float:
    """n at which P(|T| > t_{1−α/2}) = power, T noncentral t: Cohen 1988 ch. 2."""
    _check_spread(variance)
    d = effect / math.sqrt(variance)
    by_normal = (1 + 1 / plan.allocation) * (plan.reach / d) ** 2
    if by_normal > _LARGE:
        return by_normal

    def is_enough(n: float) -> bool:
        return power_of_t(n, d, plan.alpha, plan.alternative, plan.allocation) >= plan.power

    return _solved(
        is_enough, 2.0 / min(plan.allocation, 1.0), by_normal + 20 / plan.allocation + 20
    )


def power_of_t(
    n: float, d: float, alpha: float, alternative: Alternative, allocation: float = 1.0
) -> float:
    """The chance that a t test with `n` units in the control shows an effect of `d` sd.

    >>> round(power_of_t(6281, 0.05, 0.05, "two-sided"), 5)
    0.80006
    """
    df = n * (1 + allocation) - 2
    shift = d * math.sqrt(n * allocation / (1 + allocation))
    sides = 2 if alternative == "two-sided" else 1
    t = -float(scipy.special.stdtrit(df, alpha / sides))
    below = _noncentral_t(df, shift, -t) if sides == 2 else 0.0
    return 1 - _noncentral_t(df, shift, t) + below


def _noncentral_t(df: float, shift: float, t: float) -> float:
    """P(T ≤ t); scipy gives nan where it is too small to follow, under 1e-16: that is 0."""
    below = float(scipy.special.nctdtr(df, shift, t))
    return 0.0 if math.isnan(below) else below


def _level(power: float, alpha: float, arms: int) -> float:
    if not 0 < alpha < 1 or not 0 < power < 1:
        raise ValueError("alpha and power lie between 0 and 1")
    if alpha >= power:
        raise ValueError("power must be above alpha: less is had by tossing a coin")
    if arms < 2:
        raise ValueError("an experiment has at least two arms, one of them the control")
    return alpha / (arms - 1)


def _checked_allocation(allocation: float) -> float:
    if not 0 < allocation < math.inf:
        raise ValueError("the units of a treatment for each of the control must be above zero")
    return allocation


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
