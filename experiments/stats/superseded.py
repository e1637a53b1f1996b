"""Arithmetic of the engines 1 to 4 that has been replaced, for readings that are computed again.

Nothing new is decided by it. Each function says what is wrong with it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from . import balance
from .balance import MISMATCH_P, Balance, log_bayes_factor
from .effect import Effect, Effects, single
from .estimates import estimate
from .question import Question
from .samples import Sample
from .sequences import sequence_of
from .strata import weighed
from .tails import CONFIDENCE, SMALLEST, Alternative, Array, array, chi_square_test

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


def confidence_sequence(
    control: Sample,
    treatment: Sample,
    *,
    planned_n: float | Array,
    confidence: float,
    alternative: Alternative = "two-sided",
    margin: float = 0.0,
) -> Effect | Effects:
    """A confidence sequence by each arm's own spread.

    Superseded: an arm without a conversion seems to have no spread, so a small control lets up to
    43 of 100 tests of nothing win.

    >>> from .samples import Proportion
    >>> early = Proportion(140, 0), Proportion(1260, 11)
    >>> round(confidence_sequence(*early, planned_n=5600, confidence=0.95).p_value, 3)
    0.043
    """
    question = Question(confidence, alternative, "auto", margin)
    with np.errstate(all="ignore"):
        estimated = estimate(control, treatment)
        batch = sequence_of(estimated, estimated.pair, question, array(planned_n))
    return batch if batch.difference.ndim else single(batch)


def poststratify(
    strata: Sequence[tuple[Sample, Sample]],
    *,
    confidence: float = CONFIDENCE,
    alternative: Alternative = "two-sided",
    margin: float = 0.0,
) -> Effect:
    """Strata by each arm's own spread, and no answer where an arm has one unit in any of them.

    Superseded: one row of a rare stratum takes the answer from 20,000 rows, and small controls of
    proportions err twice as often as they should.

    >>> from .samples import Proportion
    >>> large, small = (Proportion(10_000, 1000), Proportion(10_000, 1300)), (Proportion(1, 0), Proportion(1, 1))
    >>> poststratify([large, small]).why_not
    'too-few-units'
    """
    question = Question(confidence, alternative, "auto", margin)
    with np.errstate(all="ignore"):
        estimates = [estimate(control, treatment) for control, treatment in strata]
        filled = [one for one in estimates if one.n_c + one.n_t != 0]
        return single(weighed(filled or estimates, question))
