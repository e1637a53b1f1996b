"""Tail probabilities that stay exact where a double underflows, and the quantiles to go with them.

`scipy.special` is reached through `scipy`, which loads it at the first call: so importing the
engine stays cheap.
"""

from __future__ import annotations

from typing import Final, Literal, TypeAlias

import numpy as np
import scipy
from numpy.typing import ArrayLike, NDArray

Array: TypeAlias = NDArray[np.float64]
Mask: TypeAlias = NDArray[np.bool_]
Alternative: TypeAlias = Literal["two-sided", "greater", "less"]

CONFIDENCE: Final = 0.95
"""Of intervals where nobody says another one; a plan always says its own."""
ALPHA: Final = round(1 - CONFIDENCE, 12)
"""The error that goes with it."""
SMALLEST: Final = float(np.finfo(np.float64).tiny)
"""No p-value is reported below this one; `log10_p` goes on where it stops."""

_LN10: Final = float(np.log(10.0))


def array(values: ArrayLike) -> Array:
    """`values` as an array of doubles."""
    return np.asarray(values, dtype=np.float64)


def t_test(statistic: Array, df: Array, alternative: Alternative) -> tuple[Array, Array]:
    """p and log10 p of Student's t; an infinite `df` is the normal distribution.

    >>> p, log10_p = t_test(array([2.0, 60.0]), array([10.0, np.inf]), "two-sided")
    >>> p.round(6).tolist(), log10_p.round(3).tolist()
    ([0.073388, 0.0], [-1.134, -783.606])
    """
    directions = {"two-sided": np.abs(statistic), "greater": statistic, "less": -statistic}
    outward = directions[alternative]
    sides = 2.0 if alternative == "two-sided" else 1.0
    p = sides * np.where(
        np.isinf(df), scipy.special.ndtr(-outward), scipy.special.stdtr(df, -outward)
    )
    log10_p = np.log10(np.maximum(p, SMALLEST))
    if (p < 1e-290).any():
        far = (_log_t_tail(outward, df) + np.log(sides)) / _LN10
        log10_p = np.where(p < 1e-290, far, log10_p)
    return np.maximum(p, SMALLEST), log10_p


def _log_t_tail(t: Array, df: Array) -> Array:
    """ln P(T > t), far out.

    x^a (1 − x)^−½ / (2a B(a, ½)) · ₂F₁(½, 1; a + 1; −df/t²) with a = df/2, x = df/(df + t²).
    Source: Abramowitz & Stegun 1964, 26.7.1, 26.5.23 and 15.3.4.
    """
    t = np.clip(t, 1.0, 1e150)
    nu = np.minimum(df, 1e15)
    a, odds = nu / 2, t**2 / nu
    series, term = np.ones_like(t), np.ones_like(t)
    for k in range(25):
        term = -term * (k + 0.5) / (a + 1 + k) / odds
        series = series + term
    log_beta = scipy.special.betaln(a, 0.5) + np.log(2 * a)
    tail = -a * np.log1p(odds) - 0.5 * np.log(odds / (1 + odds)) - log_beta
    return np.where(df > nu, scipy.special.log_ndtr(-t), tail + np.log(np.maximum(series, 0.5)))


def t_quantile(df: Array, confidence: float, alternative: Alternative = "two-sided") -> Array:
    """How many standard errors an interval reaches; an infinite `df` gives the normal's.

    >>> t_quantile(array([5.0, np.inf]), 0.95).round(4).tolist()
    [2.5706, 1.96]
    """
    q = _level(confidence, alternative)
    nu = np.where(np.isfinite(df), df, 1.0)
    reach = array(scipy.special.stdtrit(nu, q))
    return np.where(np.isinf(df), array(scipy.special.ndtri(q)), reach)


def normal_quantile(confidence: float, alternative: Alternative = "two-sided") -> float:
    """How many standard errors an interval reaches when the spread is known.

    >>> round(normal_quantile(0.95), 6), round(normal_quantile(0.95, "less"), 6)
    (1.959964, 1.644854)
    """
    return float(scipy.special.ndtri(_level(confidence, alternative)))


def _level(confidence: float, alternative: Alternative) -> float:
    return (1 + confidence) / 2 if alternative == "two-sided" else confidence


def chi_square_test(statistic: float, df: int) -> tuple[float, float]:
    """p and log10 p of a chi-square statistic.

    Far out, Γ(a, x)/Γ(a) by Legendre's continued fraction (Abramowitz & Stegun 1964, 6.5.31).

    >>> p, log10_p = chi_square_test(0.9900990099009901, 1)
    >>> round(p, 12), round(log10_p, 6)
    (0.319718176813, -0.495233)
    >>> round(chi_square_test(1e6, 2)[1], 6)  # ln p = -x/2
    -217147.240952
    """
    p = float(scipy.special.chdtrc(df, statistic))
    if p > 1e-290:
        return p, float(np.log10(p))
    a, x = df / 2, statistic / 2
    fraction = x + 1.0
    for k in range(200, 0, -1):
        fraction = x + 2 * k - 1 - a - k * (k - a) / (fraction if k < 200 else x + 2 * k + 1 - a)
    log_p = a * np.log(x) - x - scipy.special.gammaln(a) - np.log(fraction)
    return max(p, SMALLEST), float(log_p / _LN10)
