"""The interval of a relative difference, (treatment − control) / |control|."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from .tails import Alternative, Array, Mask, array, normal_quantile, t_quantile

Quantile: TypeAlias = Callable[[Array, Array], Array]
"""How many standard errors to take, given the two variances that make them up."""

CLOSE: Final = 1e-6
"""Where the whole interval of a lift lies within this of 0, ratio − 1 would lose its digits."""

CLEARLY_POSITIVE: Final = 4.0
"""A mean this many standard errors above zero may go on a log scale."""


class Pair(NamedTuple):
    """Two estimates with the variances of the estimates, their degrees of freedom (infinite for
    the normal) and, where they share data, their covariance."""

    control: Array
    treatment: Array
    v_c: Array
    v_t: Array
    df_c: Array
    df_t: Array
    covariance: Array | float = 0.0


class Lift(NamedTuple):
    value: Array
    low: Array
    high: Array
    method: NDArray[np.object_]


def lift_of(
    pair: Pair,
    *,
    confidence: float,
    alternative: Alternative,
    interval: str,
    is_positive: Mask,
    reach: Array | None = None,
) -> Lift:
    """The lift with its interval; nan where the control is zero or may be.

    `interval` is "log", "fieller", "delta" or "auto": the log scale where `is_positive` (both
    means are clearly positive), Fieller elsewhere. `reach` replaces the quantile of all three.
    """

    def quantile(v_c: Array, v_t: Array) -> Array:
        if reach is not None:
            return reach
        df = satterthwaite(v_c, v_t, pair.df_c, pair.df_t)
        return t_quantile(df, confidence, alternative)

    z = array(normal_quantile(confidence, alternative)) if reach is None else reach
    sign = np.where(pair.control < 0, -1.0, 1.0)
    value = (pair.treatment - pair.control) / np.abs(pair.control)
    bounds = {
        "log": _log_bounds(pair, quantile),
        "fieller": _fieller_bounds(pair, z),
        "delta": _delta_bounds(pair, quantile),
    }
    use_log = is_positive if interval == "auto" else np.full_like(is_positive, interval == "log")
    chosen = "delta" if interval == "delta" else "fieller"
    low = np.where(use_log, bounds["log"][0], bounds[chosen][0])
    high = np.where(use_log, bounds["log"][1], bounds[chosen][1])
    ends = np.stack([sign * (low - 1), sign * (high - 1)])
    is_close = np.abs(ends).max(axis=0) < CLOSE
    if is_close.any():
        near = sign * np.stack(_near_bounds(pair, quantile, z, use_log, chosen))
        ends = np.where(is_close, near, ends)
    ends = np.sort(ends, axis=0)
    is_bounded = np.isfinite(ends).all(axis=0)
    return Lift(
        value,
        np.where(is_bounded & (alternative != "less"), ends[0], np.nan),
        np.where(is_bounded & (alternative != "greater"), ends[1], np.nan),
        np.where(is_bounded, np.where(use_log, "log", chosen), "none").astype(object),
    )


def _near_bounds(
    pair: Pair, quantile: Quantile, z: Array, use_log: Mask, chosen: str
) -> tuple[Array, Array]:
    """The same intervals of r − 1, made from the difference d = t − c: Var d = v_t + v_c − 2k, and
    cov(d, c) = k − v_c take the places of v_t and k."""
    c, t, v_c, v_t, _, _, k = pair
    apart = pair._replace(treatment=t - c, v_t=v_t + v_c - 2 * k, covariance=k - v_c)
    if chosen == "delta":
        low, high = _delta_bounds(apart, quantile)
    else:
        low, high = _fieller_bounds(apart, z)
    r_c, r_t = v_c / c**2, v_t / t**2
    reach = quantile(r_c, r_t) * np.sqrt(np.maximum(r_c + r_t - 2 * k / (c * t), 0))
    middle = np.log1p((t - c) / c)
    return (
        np.where(use_log, np.expm1(middle - reach), low),
        np.where(use_log, np.expm1(middle + reach), high),
    )


def is_clearly_positive(pair: Pair) -> Mask:
    """Whether both estimates stand `CLEARLY_POSITIVE` standard errors above zero."""
    control = pair.control > CLEARLY_POSITIVE * np.sqrt(pair.v_c)
    return control & (pair.treatment > CLEARLY_POSITIVE * np.sqrt(pair.v_t))


def satterthwaite(v_c: Array, v_t: Array, df_c: Array, df_t: Array) -> Array:
    """(v_c + v_t)² / (v_c²/df_c + v_t²/df_t), by shares, so that nothing under- or overflows."""
    share = v_c / (v_c + v_t)
    return 1 / (share**2 / df_c + (1 - share) ** 2 / df_t)


def _log_bounds(pair: Pair, quantile: Quantile) -> tuple[Array, Array]:
    """(m_t/m_c) exp(± q√(v_c/m_c² + v_t/m_t² − 2k/(m_c m_t))): Katz et al. 1978, Biometrics 34:469."""
    c, t, v_c, v_t, _, _, k = pair
    r_c, r_t = v_c / c**2, v_t / t**2
    reach = quantile(r_c, r_t) * np.sqrt(np.maximum(r_c + r_t - 2 * k / (c * t), 0))
    ratio = np.where((c > 0) & (t > 0), t / c, np.nan)
    return ratio * np.exp(-reach), ratio * np.exp(reach)


def _fieller_bounds(pair: Pair, z: Array) -> tuple[Array, Array]:
    """All ratios r for which |m_t − r m_c| ≤ z √(v_t − 2rk + r²v_c): Fieller 1954 JRSS-B 16:175.

    With g = z²v_c/m_c² they are an interval where g < 1; otherwise the control may be zero.
    """
    c, t, v_c, v_t, _, _, k = pair
    ratio, g = t / c, z**2 * v_c / c**2
    middle = ratio - g * np.where(v_c > 0, k / v_c, 0.0)
    spread = v_t - 2 * ratio * k + ratio**2 * v_c - g * (v_t - np.where(v_c > 0, k**2 / v_c, 0.0))
    reach = z / np.abs(c) * np.sqrt(np.maximum(spread, 0))
    is_interval = g < 1
    return (
        np.where(is_interval, (middle - reach) / (1 - g), np.nan),
        np.where(is_interval, (middle + reach) / (1 - g), np.nan),
    )


def _delta_bounds(pair: Pair, quantile: Quantile) -> tuple[Array, Array]:
    """m_t/m_c ± q √(v_t/m_c² + v_c m_t²/m_c⁴ − 2k m_t/m_c³): Deng, Knoblich & Lu 2018 KDD §3."""
    c, t, v_c, v_t, _, _, k = pair
    ratio = t / c
    reach = (
        quantile(v_c, v_t)
        * np.sqrt(np.maximum(v_t + ratio**2 * v_c - 2 * ratio * k, 0))
        / np.abs(c)
    )
    return ratio - reach, ratio + reach
