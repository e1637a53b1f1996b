"""Many questions at once: p-values adjusted for their number, and intervals that agree with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from .tails import ALPHA, Array, Mask

Method: TypeAlias = Literal["holm", "benjamini-hochberg"]


def adjust_pvalues(
    p_values: Sequence[float | None] | NDArray[np.float64], *, method: Method = "holm"
) -> Array:
    """Adjusted p-values in the same order; never under the raw one, never over 1.

    Those that are None or nan (nothing was tested) stay nan and are not counted.

    Args:
        p_values: one dimension, each from 0 to 1, None or nan.
        method: "holm" keeps the chance of any false alarm (Holm 1979 Scand J Stat 6:65);
            "benjamini-hochberg" the share of false ones among the alarms (Benjamini & Hochberg
            1995 JRSS-B 57:289).

    Returns:
        An array of the same length.

    Raises:
        ValueError: another method, or a p-value outside 0 to 1.

    Source: Holm 1979; Benjamini & Hochberg 1995.

    >>> adjust_pvalues([0.01, 0.04, 0.03]).round(3).tolist()
    [0.03, 0.06, 0.06]
    >>> adjust_pvalues([0.01, None, 0.03], method="benjamini-hochberg").round(3).tolist()
    [0.02, nan, 0.03]
    """
    p = _checked(p_values)
    tested = p[~np.isnan(p)]
    order = np.argsort(tested, kind="stable")
    ranked, count = tested[order], tested.size
    if method == "holm":
        stepped = np.maximum.accumulate(ranked * (count - np.arange(count)))
    elif method == "benjamini-hochberg":
        stepped = np.minimum.accumulate((ranked * count / np.arange(1, count + 1))[::-1])[::-1]
    else:
        raise ValueError(f'method must be "holm" or "benjamini-hochberg", not {method!r}')
    adjusted = np.empty(count)
    adjusted[order] = np.minimum(stepped, 1.0)
    result = np.full(p.shape, np.nan)
    result[~np.isnan(p)] = adjusted
    return result


def _checked(p_values: Sequence[float | None] | NDArray[np.float64]) -> Array:
    """As doubles, nan where nothing was tested."""
    p = np.array([np.nan if value is None else value for value in p_values], dtype=np.float64)
    tested = p[~np.isnan(p)]
    if p.ndim != 1 or ((tested < 0) | (tested > 1)).any():
        raise ValueError("p-values lie between 0 and 1")
    return p


@dataclass(frozen=True)
class Levels:
    """For each comparison the `confidence` at which its interval agrees with its adjusted p, and
    whether it `is_rejected`. Nothing was tested where `confidence` is nan."""

    confidence: Array
    is_rejected: Mask


def adjusted_levels(
    p_values: Sequence[float | None] | NDArray[np.float64],
    *,
    alpha: float = ALPHA,
    method: Method = "holm",
) -> Levels:
    """The level of each interval, so that it leaves the null out where the adjusted p is at most α.

    Holm, with m comparisons of which k are not rejected: 1 − α/k for those, so that each of them
    contains the null; 1 − α/m for the others, whose near end is then cut at the null (`cut_at_null`).
    Benjamini-Hochberg, with r of m rejected: 1 − rα/m for all (α/m where r is 0). Of the intervals
    of what was rejected, a share of at most α misses on average.

    The decisions by Holm err with α together. Intervals that hold together at 1 − α and agree with
    them have to end at the null wherever something else was not rejected (Guilbaud 2008), which
    says nothing of the size. The finite ones here can miss more often: all together at most with
    α(1 + (m − k)/m), and with α where nothing or everything is rejected.

    Args:
        p_values: raw, two-sided; one dimension, each from 0 to 1, None or nan.
        alpha: of the family, 0 to 1.
        method: as for `adjust_pvalues`.

    Returns:
        Two arrays of the same length.

    Raises:
        ValueError: as `adjust_pvalues`; an alpha outside 0 to 1.

    Source: Guilbaud 2008 Biom J 50:678; Strassburger & Bretz 2008 Stat Med 27:4914; Benjamini &
    Yekutieli 2005 JASA 100:71.

    >>> levels = adjusted_levels([0.001, 0.02, 0.4, None])
    >>> levels.confidence.round(4).tolist(), levels.is_rejected.tolist()
    ([0.9833, 0.9833, 0.95, nan], [True, True, False, False])
    >>> adjusted_levels([0.001, 0.02, 0.4], method="benjamini-hochberg").confidence.round(4).tolist()
    [0.9667, 0.9667, 0.9667]
    """
    if not 0 < alpha < 1:
        raise ValueError("alpha lies between 0 and 1")
    p = _checked(p_values)
    is_rejected = np.nan_to_num(adjust_pvalues(p, method=method), nan=1.0) <= alpha
    m, r = int((~np.isnan(p)).sum()), int(is_rejected.sum())
    if method == "holm":
        error = np.where(is_rejected, alpha / max(m, 1), alpha / max(m - r, 1))
    else:
        error = np.full(p.shape, max(r, 1) * alpha / max(m, 1))
    return Levels(np.where(np.isnan(p), np.nan, 1 - error), is_rejected)


def cut_at_null(
    low: float | None,
    high: float | None,
    *,
    difference: float,
    is_rejected: bool,
    null: float = 0.0,
) -> tuple[float | None, float | None]:
    """The ends of an interval, moved to the null where they say another thing than the test.

    A rejected comparison has no value beyond the null, one that is not has the null within: p and
    interval come from different formulas for proportions, and differ by a hair near α.

    Args:
        low, high: of the interval, in the metric's unit; None is open.
        difference: that was measured; its side of the null is the one that stays.
        is_rejected: of `adjusted_levels`.
        null: the difference that was tested.

    Returns:
        Both ends.

    Raises:
        Nothing.

    Source: Strassburger & Bretz 2008 Stat Med 27:4914.

    >>> cut_at_null(-0.2, 3.0, difference=1.4, is_rejected=True)
    (0.0, 3.0)
    >>> cut_at_null(0.1, 3.0, difference=1.4, is_rejected=False)
    (0.0, 3.0)
    """
    if not is_rejected:
        low = None if low is None else min(low, null)
        return low, None if high is None else max(high, null)
    if difference > null:
        return None if low is None else max(low, null), high
    return low, None if high is None else min(high, null)
