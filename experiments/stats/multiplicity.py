"""Many questions at once: p-values adjusted for their number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from .tails import Array

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
    p = np.array([np.nan if value is None else value for value in p_values], dtype=np.float64)
    tested = p[np.isfinite(p)]
    if ((tested < 0) | (tested > 1)).any():
        raise ValueError("p-values lie between 0 and 1")
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
    result[np.isfinite(p)] = adjusted
    return result
