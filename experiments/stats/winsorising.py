"""Units far out are cut down to a limit that all arms share, so that one of them moves no mean."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from .tails import Array, array


def winsorise(arms: Sequence[ArrayLike], *, percentile: float) -> list[Array]:
    """The units of each arm, those above the percentile over **all** arms cut down to it.

    One limit for all keeps the comparison fair; the percentile is fixed in the plan, and both
    results are shown. Hand the arms on to `Mean.from_units`.

    Args:
        arms: the values of each arm, one a unit; arms without units are let be. A value that is
            missing or infinite stays as it is, so that what is made of the arm names the reason.
        percentile: over 50 to 100; between two values by linear interpolation.

    Returns:
        An array for each arm, in the same order.

    Raises:
        ValueError: a percentile outside 50 to 100.

    Source: Dixon 1960 Ann Math Stat 31:385, on the upper side only.

    >>> [arm.tolist() for arm in winsorise([[1, 2, 3, 4], [5, 100]], percentile=80)]
    [[1.0, 2.0, 3.0, 4.0], [5.0, 5.0]]
    """
    if not 50 < percentile <= 100:
        raise ValueError("the percentile to winsorise at lies over 50, up to 100, such as 99.9")
    values = [array(arm) for arm in arms]
    everybody = np.concatenate(values) if values else array([])
    everybody = everybody[np.isfinite(everybody)]
    if everybody.size == 0:
        return values
    scale = (
        2.0 if np.abs(everybody).max() > 1e307 else 1.0
    )  # so that nothing overflows between two values
    limit = np.percentile(everybody / scale, percentile) * scale
    return [np.where(np.isfinite(arm), np.minimum(arm, limit), arm) for arm in values]
