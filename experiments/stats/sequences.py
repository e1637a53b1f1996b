"""Intervals and p-values that may be read at any time, as often as one likes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import overload

import numpy as np
from numpy.typing import ArrayLike

from .codes import Caution, Method
from .effect import Effect, Effects, single
from .estimates import Estimate, estimate
from .lift import Pair
from .proportions import Table
from .question import NO_TEST, Question, Test, fields, finish
from .samples import Proportion, Sample
from .share_sequences import has_few_events, log_e_value, score_sequence
from .tails import CONFIDENCE, SMALLEST, Alternative, Array, Mask, array


@overload
def confidence_sequence(
    control: Sample,
    treatment: Sample,
    *,
    planned_n: float,
    confidence: float = ...,
    alternative: Alternative = ...,
    margin: float = ...,
) -> Effect: ...


@overload
def confidence_sequence(
    control: Sample,
    treatment: Sample,
    *,
    planned_n: Array,
    confidence: float = ...,
    alternative: Alternative = ...,
    margin: float = ...,
) -> Effects: ...


def confidence_sequence(
    control: Sample,
    treatment: Sample,
    *,
    planned_n: float | Array,
    confidence: float = CONFIDENCE,
    alternative: Alternative = "two-sided",
    margin: float = 0.0,
) -> Effect | Effects:
    """The effect at this look, with an interval that holds over all looks together.

    Samples may hold arrays, as for `compare_many`. The p of several looks is the smallest so far:
    see `running`.

    Args:
        control, treatment: two samples of the same kind.
        planned_n: units of both arms together at which the interval is to be tightest; one for
            all, or one for each pair.
        confidence: of the interval over all looks together, 0 to 1.
        alternative, margin: as for `compare`.

    Returns:
        One effect; `Effects` where samples or `planned_n` are arrays.

    Raises:
        ValueError: an option that does not exist, or `planned_n` not above zero.

    Proportions take the variance under the null, which the arms share, and while an arm has fewer than
    30 conversions (or units without one) p is that of an e-process: see `share_sequences`. The smaller
    arm of other samples has at least the spread of both arms together.

    Source: Waudby-Smith, Arbour, Sinha, Kennedy & Ramdas arXiv:2103.06476v7 eq. 9 (interval), 155
    (p), 161 (ρ); one-sided Prop. B.1. The same as Howard et al. 2021 Ann Stat 49:1055 eq. 14.

    >>> from .samples import Mean
    >>> look = confidence_sequence(Mean(2500, 100, 900), Mean(2500, 102, 961), planned_n=5000)
    >>> round(look.low, 4), round(look.high, 4), round(look.p_value, 4)
    (-0.6187, 4.6187, 0.275)
    """
    question = Question(confidence, alternative, "auto", margin)
    if not np.all(array(planned_n) > 0):
        raise ValueError("planned_n, the units of both arms together, must be above zero")
    with np.errstate(all="ignore"):
        estimated = estimate(control, treatment)
        if isinstance(control, Proportion) and isinstance(treatment, Proportion):
            (n_c, x_c), (n_t, x_t) = fields(control), fields(treatment)
            table = (x_c, n_c, x_t, n_t)
            batch = _sequence_of_shares(estimated, table, question, array(planned_n))
        else:
            pair = _borrowed(estimated)
            batch = sequence_of(estimated, pair, question, array(planned_n))
    return batch if batch.difference.ndim else single(batch)


def _sequence_of_shares(
    estimated: Estimate, table: Table, question: Question, planned_n: Array
) -> Effects:
    """The variance under the null; p by the e-process where an arm has few events and the null is 0."""
    information, reach = _tuned(estimated, question, planned_n)
    score = score_sequence(table, question.null, reach)
    log_p = _log_p(information, score.z, question.alternative)
    few = has_few_events(table) & np.isfinite(reach)
    low, high = score.low, score.high
    by_e = few & (question.null == 0)
    if by_e.any():
        log_p = np.where(by_e, -log_e_value(table, question.alternative), log_p)
        is_clear = log_p <= np.log(1 - question.confidence)
        low, high = _agreeing(low, high, score.z, is_clear, by_e)
    log10_p = np.minimum(log_p, 0.0) / np.log(10)
    z = np.where(by_e, np.nan, score.z)
    why = {
        name: holds
        for name, holds in estimated.why.items()
        if name not in NO_TEST or not question.null  # against a margin there is something to test
    }
    return finish(
        estimated.relative,
        question,
        test=Test(
            np.maximum(10**log10_p, SMALLEST), log10_p, z, array(np.nan), score.standard_error
        ),
        bounds=(low, high),
        why=why,
        method=np.where(by_e, str(Method.E_PROCESS), str(Method.CONFIDENCE_SEQUENCE)),
        is_positive=estimated.is_positive,
        reach=reach,
        caution=np.where(few, str(Caution.FEW_EVENTS), np.array(None)),
    )


def _agreeing(
    low: Array, high: Array, z: Array, is_clear: Mask, where: Mask
) -> tuple[Array, Array]:
    """The ends at 0 where the score says another thing than the e-process."""
    above, below = is_clear & (z > 0), is_clear & (z < 0)
    agreed_low = np.where(above, np.maximum(low, 0), np.minimum(low, 0))
    agreed_high = np.where(below, np.minimum(high, 0), np.maximum(high, 0))
    return np.where(where, agreed_low, low), np.where(where, agreed_high, high)


def _borrowed(estimated: Estimate) -> Pair:
    """The pair with the spread of the smaller arm at least that of both arms together.

    A small arm that has missed the few large values so far has a mean and a spread that are both too
    small; the larger arm knows of them.
    """
    pair, n_c, n_t = estimated.pair, estimated.n_c, estimated.n_t
    both = ((n_c - 1) * n_c * pair.v_c + (n_t - 1) * n_t * pair.v_t) / (n_c + n_t - 2)
    return pair._replace(
        v_c=np.where(n_c < n_t, np.maximum(pair.v_c, both / n_c), pair.v_c),
        v_t=np.where(n_t < n_c, np.maximum(pair.v_t, both / n_t), pair.v_t),
    )


def _tuned(estimated: Estimate, question: Question, planned_n: Array) -> tuple[Array, Array]:
    """Nρ² of this look, and the standard errors that its interval takes in."""
    alpha = 1 - question.confidence
    rho2 = best_rho2(alpha, planned_n, question.alternative)
    information = (estimated.n_c + estimated.n_t) * rho2
    return information, reach_of(information, alpha, question.alternative)


def sequence_of(estimated: Estimate, pair: Pair, question: Question, planned_n: Array) -> Effects:
    """The sequence whose spread is that of `pair`."""
    difference, standard_error = pair.treatment - pair.control, np.sqrt(pair.v_c + pair.v_t)
    z = (difference - question.null) / standard_error
    information, reach = _tuned(estimated, question, planned_n)
    log_p = _log_p(information, z, question.alternative)
    log10_p = np.minimum(log_p, 0.0) / np.log(10)
    test = Test(np.maximum(10**log10_p, SMALLEST), log10_p, z, array(np.nan), standard_error)
    return finish(
        estimated.relative,
        question,
        test=test,
        bounds=(difference - reach * standard_error, difference + reach * standard_error),
        why=estimated.why | {"zero-variance": standard_error == 0},
        method="confidence-sequence",
        is_positive=estimated.is_positive,
        reach=reach,
    )


def best_rho2(alpha: float, planned_n: ArrayLike, alternative: Alternative = "two-sided") -> Array:
    """ρ² = (−2 ln α + ln(−2 ln α + 1))/N*, with 2α for one side: eq. 161.

    >>> round(float(best_rho2(0.05, 5000)) ** 0.5, 8)
    0.03984007
    """
    level = -2 * np.log(alpha if alternative == "two-sided" else min(2 * alpha, 0.999))
    return array((level + np.log(level + 1)) / array(planned_n))


def reach_of(information: Array, alpha: float, alternative: Alternative = "two-sided") -> Array:
    """Standard errors that the interval takes in, at Nρ² = `information`.

    √(2(Nρ²+1)/(Nρ²)·ln(√(Nρ²+1)/α)): eq. 9 over √V; ln(1 + √(Nρ²+1)/(2α)) for one side.

    >>> round(float(reach_of(array(7.9362), 0.05)), 4)
    3.0352
    """
    grown = information + 1
    if alternative == "two-sided":
        log_ratio = 0.5 * np.log(grown) - np.log(alpha)
    else:
        log_ratio = np.log1p(np.sqrt(grown) / (2 * alpha))
    return array(np.sqrt(2 * grown / information * log_ratio))


def _log_p(information: Array, z: Array, alternative: Alternative) -> Array:
    """ln p = ½ ln(Nρ²+1) − Z²Nρ²/(2(Nρ²+1)): eq. 155; the α whose interval ends at the null."""
    grown = information + 1
    exponent = z**2 * information / (2 * grown)
    if alternative == "two-sided":
        return array(0.5 * np.log(grown) - exponent)
    outward = z if alternative == "greater" else -z
    log_growth = np.where(exponent > 30, exponent, np.log(np.expm1(exponent)))
    return np.where(outward > 0, 0.5 * np.log(grown) - np.log(2) - log_growth, 0.0)


def running(looks: Sequence[Effect]) -> list[Effect]:
    """Looks in their order, each with the smallest p so far and the values that no look has excluded:
    what may be reported at that look. Both hold over all looks together, so they still agree.

    Args:
        looks: of `confidence_sequence`, in the order in which they were taken.

    Returns:
        As many effects; only p, its logarithm and the interval of the difference differ. Where two
        looks leave nothing in common, the interval is the end that was reached first.

    Raises:
        Nothing.

    Source: Johari, Pekelis & Walsh arXiv:1512.04922 (always valid p-values).

    >>> from .samples import Mean
    >>> arms = [(Mean(n, 0.0, 1.0), Mean(n, d, 1.0)) for n, d in ((500, 0.3), (900, 0.2))]
    >>> looks = [confidence_sequence(*pair, planned_n=2000) for pair in arms]
    >>> [round(look.p_value, 5) for look in looks], [round(x.p_value, 5) for x in running(looks)]
    ([0.00028, 0.00106], [0.00028, 0.00028])
    """
    best: tuple[float | None, float] | None = None
    low: float | None = None
    high: float | None = None
    reported = []
    for look in looks:
        if look.log10_p is not None and (best is None or look.log10_p < best[1]):
            best = look.p_value, look.log10_p
        low, high = _within(low, high, look)
        p_value, log10_p = best or (None, None)
        reported.append(replace(look, p_value=p_value, log10_p=log10_p, low=low, high=high))
    return reported


def _within(
    low: float | None, high: float | None, look: Effect
) -> tuple[float | None, float | None]:
    """What is left of `low` to `high` after one more look."""
    if look.low is not None:
        end = look.low if high is None else min(look.low, high)
        low = end if low is None else max(low, end)
    if look.high is not None:
        end = look.high if low is None else max(look.high, low)
        high = end if high is None else min(high, end)
    return low, high
