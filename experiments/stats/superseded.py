"""Arithmetic of the engines 1 to 4 that has been replaced, for readings that are computed again.

Nothing new is decided by it. Each function says what is wrong with it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from . import balance
from .balance import MISMATCH_P, Balance, log_bayes_factor
from .tails import SMALLEST, array, chi_square_test

MISMATCH_DEVIATION: Final = 0.01


def sample_ratio(observed: Sequence[float], weights: Sequence[float]) -> Balance:
    """χ² for any number of units, and a mismatch only where an arm is more than 1 % off.

    Superseded: 1 % of the units can decide a test (821,588 against 815,482), and χ² is far too small
    where an arm expects few.

    >>> sample_ratio([821_588, 815_482], [1, 1]).code
    'too-small-to-matter'
    """
    today = balance.sample_ratio(observed, weights)
    if today.why_not is not None:
        return today
    seen, expected = array(today.observed), array(today.expected)
    is_planned = expected > 0
    gap = seen[is_planned] - expected[is_planned]
    statistic = float((gap**2 / expected[is_planned]).sum())
    p_value, log10_p = chi_square_test(statistic, int(is_planned.sum()) - 1)
    return _judged(replace(today, p_value=p_value, log10_p=log10_p, statistic=statistic))


def sample_ratio_sequential(observed: Sequence[float], weights: Sequence[float]) -> Balance:
    """One Bayes factor, and the same 1 %.

    Superseded: it doesn't see half a per cent of a million units.

    >>> sample_ratio_sequential([5000, 5600], [1, 1]).code
    'mismatch'
    """
    today = balance.sample_ratio_sequential(observed, weights)
    if today.why_not is not None:
        return today
    seen, expected = array(today.observed), array(today.expected)
    is_planned = expected > 0
    log_bf = log_bayes_factor(seen[is_planned], (expected / expected.sum())[is_planned])
    log10_p = min(0.0, -log_bf / math.log(10))
    p_value = max(10**log10_p, SMALLEST)
    return _judged(replace(today, p_value=p_value, log10_p=log10_p, statistic=log_bf))


def _judged(today: Balance) -> Balance:
    is_surprising = today.p_value is not None and today.p_value < MISMATCH_P
    is_far = today.max_deviation is not None and today.max_deviation > MISMATCH_DEVIATION
    return replace(today, is_mismatch=is_surprising and is_far)
