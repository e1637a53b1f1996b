"""Find where a condition begins to hold, by halving."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

_AT_MOST: Final = 200


def solved(is_reached: Callable[[float], bool], low: float, high: float) -> float:
    """Where a monotone condition begins to hold, to the last digit of a double.

    It ends whatever the condition answers, and where a bound is NaN.

    >>> solved(lambda x: x * x >= 2, 0, 2)
    1.4142135623730951
    """
    if is_reached(low):
        return low
    for _ in range(_AT_MOST):
        middle = (low + high) / 2
        if not low < middle < high:
            break
        low, high = (low, middle) if is_reached(middle) else (middle, high)
    return high
