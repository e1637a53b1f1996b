"""Means, variances and covariances by routes that do not lose digits at large means."""

from __future__ import annotations

from fractions import Fraction
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from .tails import Array, array

Numbers: TypeAlias = float | Array
"""A number, or an array of numbers with one place for each comparison."""
Sums: TypeAlias = Numbers | Fraction
"""Sums may be exact where they are large."""

_IMPOSSIBLE: Final = Fraction(1, 10**6)
"""Σx² may fall short of (Σx)²/n by rounding, never by this share of it."""


def moments_of(*columns: ArrayLike) -> tuple[int, list[float], list[list[float]]]:
    """n, the means and the covariance matrix (n − 1) of columns of equal length.

    By two passes with the correction of the second (Chan, Golub & LeVeque 1983 Am Stat 37:242,
    eq. 1.7). Fewer than two rows have no variance: it is given as 0, and `compare` says why
    nothing follows from it.

    >>> moments_of([1.0, 2.0, 6.0])
    (3, [3.0], [[7.0]])
    """
    values = np.array([array(column).ravel() for column in columns])
    n = values.shape[1]
    if n == 0:
        return 0, [0.0] * len(columns), [[0.0] * len(columns) for _ in columns]
    with np.errstate(all="ignore"):  # what overflows is inf or nan, which `compare` names
        means = values.mean(axis=1)
        centred = values - means[:, None]
        left = centred.mean(axis=1)
        products = centred @ centred.T - n * np.outer(left, left)
        return n, (means + left).tolist(), (products / max(n - 1, 1)).tolist()


def covariance_from_sums(
    n: Numbers, x: Sums, y: Sums, xy: Sums
) -> tuple[Numbers, Numbers, Numbers]:
    """n, the mean of x and the covariance (n − 1) from n, Σx, Σy and Σxy, without cancellation.

    Where `x` and `y` are one object it is the variance, which is never below 0. Sums that are missing,
    or that no units can have (Σx² far below (Σx)²/n), give nan.

    >>> covariance_from_sums(2, 3, 7, 11.5)
    (2, 1.5, 1.0)
    """
    if any(isinstance(value, np.ndarray | list | tuple) for value in (n, x, y, xy)):
        return _covariances_from_sums(array(n), _doubles(x), _doubles(y), _doubles(xy), x is y)
    if n < 1:
        return n, 0.0, 0.0
    if not all(np.isfinite(_doubles(value)).all() for value in (n, x, y, xy)):
        return n, np.nan, np.nan
    count, sum_x, sum_y, sum_xy = map(_exact, (n, x, y, xy))
    spread = count * sum_xy - sum_x * sum_y
    if x is y and spread < -_IMPOSSIBLE * sum_x * sum_y:
        return n, float(sum_x / count), np.nan
    covariance = _double(spread / (count * (count - 1))) if n > 1 else 0.0
    return n, float(sum_x / count), max(covariance, 0.0) if x is y else covariance


def _doubles(value: Sums) -> Array:
    return array(float(value) if isinstance(value, Fraction) else value)


def _double(value: Fraction) -> float:
    """As a double; infinite where it is too large for one."""
    try:
        return float(value)
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")


def _exact(value: Sums) -> Fraction:
    return Fraction(value.item() if isinstance(value, np.generic | np.ndarray) else value)


def _covariances_from_sums(
    n: Array, x: Array, y: Array, xy: Array, is_variance: bool
) -> tuple[Array, Array, Array]:
    with np.errstate(all="ignore"):
        high, low = _product(n, xy)
        high_2, low_2 = _product(x, y)
        covariance = ((high - high_2) + (low - low_2)) / (n * (n - 1))
        covariance = np.where(n > 1, covariance, 0.0)
        if is_variance:
            is_impossible = high - high_2 < -float(_IMPOSSIBLE) * high_2
            covariance = np.where(is_impossible, np.nan, np.maximum(covariance, 0.0))
        return n, np.where(n > 0, x / n, 0.0), covariance


def _product(a: Array, b: Array) -> tuple[Array, Array]:
    """a·b as a rounded product and its rounding error (Dekker 1971; Veltkamp's split)."""
    product = a * b
    a_high, b_high = _high_half(a), _high_half(b)
    a_low, b_low = a - a_high, b - b_high
    return product, ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low


def _high_half(a: Array) -> Array:
    scaled = a * 134217729.0  # 2**27 + 1
    return scaled - (scaled - a)


def merged_moment(
    n_a: Numbers, a: Numbers, n_b: Numbers, b: Numbers, shift: Numbers, other_shift: Numbers
) -> Numbers:
    """The (co)variance of two disjoint samples together, from each one's own.

    With δ the distance of the means: (n_a−1)s_a + (n_b−1)s_b + δ_x δ_y n_a n_b / n, over n − 1.
    Source: Chan, Golub & LeVeque 1983 Am Stat 37:242, eq. 2.1.

    >>> merged_moment(3, 1.0, 2, 0.5, 2.5, 2.5)
    2.5
    """
    at_least = np.maximum if isinstance(n_a + n_b, np.ndarray) else max
    n = at_least(n_a + n_b, 1)
    within = at_least(n_a - 1, 0) * a + at_least(n_b - 1, 0) * b
    between = shift * other_shift * (n_a / n * n_b)
    return (within + between) / at_least(n - 1, 1)


def skewness_of(values: ArrayLike) -> float:
    """g1 = m3/m2^1.5, the central moments with n; 0 where all values are equal.

    >>> round(skewness_of([0.0, 0.0, 0.0, 9.0]), 6)
    1.154701
    """
    units = array(values).ravel()
    if units.size == 0:
        return 0.0
    with np.errstate(all="ignore"):
        centred = units - units.mean()
        centred = centred - centred.mean()
        scale = np.abs(centred).max()
        if not scale > 0:
            return 0.0 if scale == 0 else float("nan")
        centred = centred / scale  # so that no cube overflows
        return float((centred**3).mean() / (centred**2).mean() ** 1.5)


def merged_skewness(
    a: tuple[Numbers, Numbers, Numbers],
    b: tuple[Numbers, Numbers, Numbers],
    shift: Numbers,
    variance: Numbers,
) -> Numbers:
    """g1 of two disjoint samples together: from n, variance and g1 of each, the distance of their means,
    and the variance of both.

    M3 = M3_a + M3_b + δ³ n_a n_b (n_a − n_b)/n² + 3δ(n_a M2_b − n_b M2_a)/n, with sums of powers.
    Source: Pébay 2008 Sandia Report SAND2008-6212, eq. 2.2.

    >>> round(merged_skewness((2, 0.0, 0.0), (2, 40.5, 0.0), 4.5, 20.25), 6)
    1.154701
    """
    (n_a, v_a, g_a), (n_b, v_b, g_b) = (tuple(map(array, part)) for part in (a, b))
    n, delta = n_a + n_b, array(shift)
    with np.errstate(all="ignore"):
        spread = np.sqrt(np.maximum(n - 1, 0) * array(variance) / n)
        m_a, m_b = np.maximum(n_a - 1, 0) * v_a, np.maximum(n_b - 1, 0) * v_b
        third = g_a * np.sqrt(m_a / np.maximum(n_a, 1)) * (m_a / spread**2)
        third = third + g_b * np.sqrt(m_b / np.maximum(n_b, 1)) * (m_b / spread**2)
        apart = delta / spread
        third = third / spread + apart**3 * n_a * n_b * (n_a - n_b) / n**2
        third = third + 3 * apart * (n_a * m_b - n_b * m_a) / spread**2 / n
        skewness = np.where(spread > 0, third / n, 0.0)
    return float(skewness) if skewness.ndim == 0 else skewness
