"""Intervals and p-values that may be read at any time, as often as one likes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import overload

import numpy as np
from numpy.typing import ArrayLike

from .effect import Effect, Effects, single
from .estimates import Estimate, estimate
from .question import Question, Test, finish
from .samples import Sample
from .tails import CONFIDENCE, SMALLEST, Alternative, Array, array


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
        batch = _sequence(estimate(control, treatment), question, array(planned_n))
    return batch if batch.difference.ndim else single(batch)


def _sequence(estimated: Estimate, question: Question, planned_n: Array) -> Effects:
    pair = estimated.pair
    difference, standard_error = pair.treatment - pair.control, np.sqrt(pair.v_c + pair.v_t)
    z = (difference - question.null) / standard_error
    n = estimated.n_c + estimated.n_t
    rho2 = best_rho2(1 - question.confidence, planned_n, question.alternative)
    reach = reach_of(n * rho2, 1 - question.confidence, question.alternative)
    log_p = _log_p(n * rho2, z, question.alternative)
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
    """Looks in their order, each with the smallest p so far: what may be reported at that look.

    Args:
        looks: of `confidence_sequence`, in the order in which they were taken.

    Returns:
        As many effects; only p and its logarithm differ.

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
    reported = []
    for look in looks:
        if look.log10_p is not None and (best is None or look.log10_p < best[1]):
            best = look.p_value, look.log10_p
        p_value, log10_p = best or (None, None)
        reported.append(replace(look, p_value=p_value, log10_p=log10_p))
    return reported
