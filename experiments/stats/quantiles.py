"""Two arms compared at a quantile of their units: a median, or a 90th percentile."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import scipy
from numpy.typing import ArrayLike

from .effect import Effect, Effects, assemble, single
from .question import Question
from .tails import CONFIDENCE, Alternative, Array, array, normal_quantile, t_test

Limits: TypeAlias = tuple[float, float]

_FURTHEST: Final = 37.0
"""Standard errors; no chance further out is a double."""


@dataclass(frozen=True)
class _Arm:
    """The quantile `value`, and its confidence limits as functions of z: two rising curves."""

    n: int
    value: float
    below: tuple[Array, Array]
    above: tuple[Array, Array]

    @property
    def furthest(self) -> float:
        """The z at which the sample ends."""
        return float(min(self.below[0][-1], self.above[0][-1]))

    def limits(self, z: float) -> Limits:
        low, high = (float(np.interp(z, *curve)) for curve in (self.below, self.above))
        return min(-low, self.value), max(high, self.value)


def compare_quantiles(
    control: ArrayLike,
    treatment: ArrayLike,
    *,
    q: float = 0.5,
    confidence: float = CONFIDENCE,
    alternative: Alternative = "two-sided",
) -> Effect:
    """How the treatment's `q` quantile differs from the control's: d − √((t−l_t)² + (u_c−c)²) to
    d + √((u_t−t)² + (c−l_c)²), l and u each arm's own limits, and p the level at which 0 leaves.

    An arm's limits are order statistics, X_(k) at the z of P(Binomial(n, q) < k), interpolated
    between neighbours. So nothing is assumed of the density, and ties widen where they should. No
    p is told below that of the outermost unit.

    Args:
        control, treatment: a value for each unit, in the metric's unit.
        q: 0.5 is the median; between 0 and 1.
        confidence, alternative: as for `compare`.

    Returns:
        One effect; its difference is that of the two quantiles.

    Raises:
        ValueError: an option that does not exist.

    Source: order statistics Deng, Knoblich & Lu 2018 KDD §4.2, interpolated Nyblom 1992 Stat Probab
    Lett 14:129; two arms Zou & Donner 2008 Stat Med 27:1693 (for ratios, on the log scale).

    >>> effect = compare_quantiles(range(1, 102), range(21, 122))
    >>> effect.difference, round(effect.low, 2), round(effect.high, 2), round(effect.p_value, 4)
    (20.0, 6.1, 33.9, 0.0046)
    >>> compare_quantiles(range(50), range(50), q=0.99).why_not
    'too-few-for-quantile'
    """
    question = Question(confidence, alternative, "auto", 0.0)
    if not 0 < q < 1:
        raise ValueError(f"a quantile lies between 0 and 1, both left out, not at {q}")
    with np.errstate(all="ignore"):
        return single(_compared(_arm(control, q), _arm(treatment, q), question))


def _arm(values: ArrayLike, q: float) -> _Arm:
    units = np.sort(array(values).ravel())
    n = units.size
    ranks = np.arange(1, n + 1)
    below = -scipy.special.ndtri(scipy.special.bdtr(ranks - 1.0, n, q))  # fewer than k under it
    above = -scipy.special.ndtri(scipy.special.bdtrc(ranks - 1.0, n, q))  # k or more under it
    value = float(np.quantile(units / 2, q) * 2) if n else np.nan  # halved: no sum overflows
    return _Arm(n, value, _curve(below[::-1], -units[::-1], -value), _curve(above, units, value))


def _curve(z: Array, limits: Array, start: float) -> tuple[Array, Array]:
    """Where a limit lies as z rises from 0, where it is the quantile itself."""
    near = (z > 0) & (z < _FURTHEST)
    return np.concatenate([[0.0], z[near]]), np.concatenate([[start], limits[near]])


def _compared(control: _Arm, treatment: _Arm, question: Question) -> Effects:
    z = normal_quantile(question.confidence, question.alternative)
    difference = treatment.value - control.value
    bounds, is_told = _difference(control, treatment, z), _furthest(control, treatment) >= z
    statistic = _z_where_zero_leaves(control, treatment)
    p_value, log10_p = t_test(array(statistic), array(np.inf), question.alternative)
    lift, lift_bounds = _lift(control, treatment, z)
    widths = [arm.limits(z)[1] - arm.limits(z)[0] for arm in (control, treatment)]
    is_tied = is_told and max(widths) == 0
    is_judged = is_told and not is_tied
    values = np.array([control.value, treatment.value])
    why = {
        "missing-numbers": bool(min(control.n, treatment.n) and np.isnan(values).any()),
        "no-units": min(control.n, treatment.n) < 1,
        "too-few-for-quantile": not is_told,
        "tied-at-quantile": is_tied,
        "control-mean-may-be-zero": not abs(lift) < np.inf or _holds_zero(control, z),
        "lift-has-no-interval": not np.isfinite(lift_bounds).all(),
    }
    low, high = question.ends(*map(array, bounds))
    lift_low, lift_high = question.ends(*map(array, lift_bounds))
    judged = {
        "low": low, "high": high, "lift_low": lift_low, "lift_high": lift_high,
        "p_value": p_value, "log10_p": log10_p, "statistic": array(statistic),
        "standard_error": array(np.hypot(widths[0], widths[1]) / (2 * z)), "degrees_of_freedom": array(np.nan),
    }  # fmt: skip
    numbers = {name: value if is_judged else array(np.nan) for name, value in judged.items()}
    return assemble(
        numbers | {"difference": array(difference), "lift": array(lift)},
        method="quantile",
        lift_method="log" if np.isfinite(lift_bounds).all() else "none",
        why={name: np.asarray(is_so) for name, is_so in why.items()},
    )


def _furthest(control: _Arm, treatment: _Arm) -> float:
    return min(control.furthest, treatment.furthest)


def _recovered(control: Limits, treatment: Limits, c: float, t: float) -> Limits:
    """Limits of t − c from those of both arms: Zou & Donner 2008 eq. 6 and 7."""
    low = t - c - np.hypot(t - treatment[0], control[1] - c)
    return float(low), float(t - c + np.hypot(treatment[1] - t, c - control[0]))


def _difference(control: _Arm, treatment: _Arm, z: float) -> Limits:
    values = control.value, treatment.value
    return _recovered(control.limits(z), treatment.limits(z), *values)


def _z_where_zero_leaves(control: _Arm, treatment: _Arm) -> float:
    """The z at which the interval just reaches 0, with the sign of the difference."""
    sign = float(np.sign(treatment.value - control.value))
    low, high = 0.0, _furthest(control, treatment)

    def is_clear(z: float) -> bool:
        ends = _difference(control, treatment, z)
        return ends[0] > 0 if sign > 0 else ends[1] < 0

    if not sign or is_clear(high):
        return sign * high
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if is_clear(middle) else (low, middle)
    return sign * low


def _holds_zero(arm: _Arm, z: float) -> bool:
    low, high = arm.limits(z)
    return low <= 0 <= high


def _lift(control: _Arm, treatment: _Arm, z: float) -> tuple[float, Limits]:
    """The lift with its limits, on the log scale: where all that both arms may be has one sign."""
    lift = float(array(treatment.value - control.value) / array(abs(control.value)))
    arms = [(arm.value, *arm.limits(z)) for arm in (control, treatment)]
    if not (np.min(arms) > 0 or np.max(arms) < 0):
        return lift, (np.nan, np.nan)
    (c, *c_limits), (t, *t_limits) = (np.log(np.abs(array(arm))).tolist() for arm in arms)
    ends = _recovered((min(c_limits), max(c_limits)), (min(t_limits), max(t_limits)), c, t)
    low, high = sorted(float(np.sign(control.value) * np.expm1(end)) for end in ends)
    return lift, (low, high)
