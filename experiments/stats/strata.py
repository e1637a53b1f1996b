"""Post-stratification: compare within strata, then weigh the strata by their size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np

from .codes import Caution, Method
from .comparing import compare
from .effect import Effect, Effects, single
from .estimates import Estimate, estimate
from .lift import Pair, is_clearly_positive
from .question import NO_TEST, Question, Test, Why, fields, finish
from .samples import Proportion, Sample
from .share_sequences import larger_root
from .tails import CONFIDENCE, Alternative, Array, array, normal_quantile, t_quantile, t_test

_ENOUGH: Final = 2
"""Units of each arm that a stratum needs to be compared by itself."""


def poststratify(
    strata: Sequence[tuple[Sample, Sample]],
    *,
    confidence: float = CONFIDENCE,
    alternative: Alternative = "two-sided",
    margin: float = 0.0,
) -> Effect:
    """d = Σ w_k d_k with Var = Σ w_k²(v_tk + v_ck), w_k the stratum's share of all units.

    Means, ratios and CUPED: each arm's own spread, against Student's t with Satterthwaite's degrees of
    freedom over all strata. Proportions: the variance within each stratum under the null, and the
    interval of all differences that it does not exclude.

    Strata with fewer than two units in an arm are put together, then with the smallest of the others
    until both arms have two (`caution` is "strata-merged"). Where only one stratum is left, the arms
    are compared as a whole ("strata-left-out").

    Args:
        strata: (control, treatment) for each, at least one; samples of any one kind. A stratum
            without a unit in either arm has no weight.
        confidence, alternative, margin: as for `compare`.

    Returns:
        One effect over all strata.

    Raises:
        ValueError: no stratum, or an option that does not exist.
        TypeError: samples of different kinds.

    Source: Miratrix, Sekhon & Yu 2013 JRSS-B 75:369; Xie & Aurisset 2016 KDD §3; the variance under
    the null as Mantel & Haenszel 1959 JNCI 22:719, the interval as Wallenstein 1997 Stat Med 16:1329.

    >>> from .samples import Mean
    >>> small = Mean(300, 10, 16), Mean(280, 11, 17.64)
    >>> large = Mean(120, 20, 36), Mean(150, 20.5, 42.25)
    >>> effect = poststratify([small, large])
    >>> round(effect.difference, 6), round(effect.standard_error, 6)
    (0.841176, 0.33594)
    >>> rare = Proportion(1, 0), Proportion(1, 1)
    >>> country = Proportion(10_000, 1000), Proportion(10_000, 1300)
    >>> effect = poststratify([country, country, rare])
    >>> effect.method, effect.caution, effect.p_value < 1e-10
    ('post-stratified-z', 'strata-merged', True)
    """
    question = Question(confidence, alternative, "auto", margin)
    if not strata:
        raise ValueError("give at least one stratum")
    with np.errstate(all="ignore"):
        kept, caution = usable_strata(strata)
    if caution == Caution.STRATA_LEFT_OUT:
        control, treatment = kept[0]
        whole = compare(
            control, treatment, confidence=confidence, alternative=alternative, margin=margin
        )
        return replace(whole, caution=caution)
    with np.errstate(all="ignore"):
        estimates = [estimate(control, treatment) for control, treatment in kept]
        if isinstance(kept[0][0], Proportion):
            return single(_of_shares(kept, estimates, question, caution))
        return single(weighed(estimates, question, caution))


def usable_strata(
    strata: Sequence[tuple[Sample, Sample]],
) -> tuple[list[tuple[Sample, Sample]], Caution | None]:
    """The strata with the small ones put together, and what is to be told of that.

    >>> large, small = (Proportion(50, 5), Proportion(60, 9)), (Proportion(1, 0), Proportion(9, 1))
    >>> [(c.n, t.n) for c, t in usable_strata([large, large, small])[0]]
    [(51, 69), (50, 60)]
    """
    for control, treatment in strata:
        estimate(control, treatment)  # refuses samples of different kinds
    filled = [pair for pair in strata if pair[0].n + pair[1].n != 0] or list(strata)
    if all(_fewest(pair) >= _ENOUGH for pair in filled) or not all(map(_is_countable, filled)):
        return filled, None
    in_order: list[tuple[Any, Any]] = sorted(filled, key=_fewest)
    control, treatment = in_order.pop(0)
    while in_order and (_fewest((control, treatment)) < _ENOUGH or _fewest(in_order[0]) < _ENOUGH):
        more = in_order.pop(0)
        control, treatment = control + more[0], treatment + more[1]
    if not in_order:
        return [(control, treatment)], Caution.STRATA_LEFT_OUT
    return [(control, treatment), *in_order], Caution.STRATA_MERGED


def _fewest(pair: tuple[Sample, Sample]) -> float:
    return float(min(pair[0].n, pair[1].n))


def _is_countable(pair: tuple[Sample, Sample]) -> bool:
    return all(0 <= float(arm.n) < np.inf for arm in pair)


def _of_shares(
    strata: Sequence[tuple[Sample, Sample]],
    estimates: Sequence[Estimate],
    question: Question,
    caution: Caution | None,
) -> Effects:
    """Within stratum k: p_ck = p_k − δ·n_tk/n_k and p_tk = p_k + δ·n_ck/n_k, so the variance of the
    weighed difference is a parabola in δ."""
    counts = np.array([[*fields(control), *fields(treatment)] for control, treatment in strata])
    n_c, x_c, n_t, x_t = counts.T
    n = n_c + n_t
    p, share_c, share_t, weight = (x_c + x_t) / n, n_c / n, n_t / n, n / n.sum()
    constant = (weight**2 * p * (1 - p) * (1 / n_c + 1 / n_t)).sum()
    linear = (weight**2 * (1 - 2 * p) * (share_c / n_t - share_t / n_c)).sum()
    square = (weight**2 * (share_t**2 / n_c + share_c**2 / n_t)).sum()
    difference = array((weight * (x_t / n_t - x_c / n_c)).sum())
    null = max(-1.0, min(1.0, question.null))
    standard_error = np.sqrt(np.maximum(constant + linear * null - square * null**2, 0))
    z = (difference - null) / standard_error
    p_value, log10_p = t_test(z, array(np.inf), question.alternative)
    reach = normal_quantile(question.confidence, question.alternative)
    k, a, b, c = map(array, (reach**2, constant, linear, square))
    bounds = (
        -np.minimum(larger_root(-difference, k, a, -b, c), 1.0),
        np.minimum(larger_root(difference, k, a, b, c), 1.0),
    )
    _, relative = _totals(estimates)
    return finish(
        relative,
        question,
        test=Test(p_value, log10_p, z, array(np.nan), array(standard_error)),
        bounds=bounds,
        why=_why(estimates) | {"zero-variance": array(standard_error) == 0},
        method=Method.POST_STRATIFIED_Z,
        is_positive=is_clearly_positive(relative),
        reach=array(reach),
        caution=caution,
    )


def weighed(
    estimates: Sequence[Estimate], question: Question, caution: Caution | None = None
) -> Effects:
    """The strata's differences by their size, each arm with its own spread."""
    weights = _weights(estimates)
    test, relative = _totals(estimates)
    standard_error = np.sqrt(test.v_c + test.v_t)
    df = _degrees_of_freedom([one.pair for one in estimates], weights)
    difference = test.treatment - test.control
    statistic = (difference - question.null) / standard_error
    p_value, log10_p = t_test(statistic, df, question.alternative)
    reach = t_quantile(df, question.confidence, question.alternative)
    return finish(
        relative,
        question,
        test=Test(p_value, log10_p, statistic, df, standard_error),
        bounds=(difference - reach * standard_error, difference + reach * standard_error),
        why=_why(estimates) | {"zero-variance": standard_error == 0},
        method=Method.POST_STRATIFIED_T,
        is_positive=is_clearly_positive(relative),
        reach=reach,
        caution=caution,
    )


def _weights(estimates: Sequence[Estimate]) -> Array:
    sizes = np.array([one.n_c + one.n_t for one in estimates])
    return array(sizes / sizes.sum(axis=0))


def _totals(estimates: Sequence[Estimate]) -> tuple[Pair, Pair]:
    """The pair to test and that of the lift, over all strata."""
    weights = _weights(estimates)
    return (
        _sum([one.pair for one in estimates], weights),
        _sum([one.relative for one in estimates], weights),
    )


def _why(estimates: Sequence[Estimate]) -> Why:
    names = {name for one in estimates for name in one.why}
    return {
        name: (np.all if name in NO_TEST else np.any)(
            [one.why.get(name, np.asarray(False)) for one in estimates], axis=0
        )
        for name in names
    }


def _sum(pairs: Sequence[Pair], weights: Array) -> Pair:
    def total(name: str, power: int) -> Array:
        parts = [np.asarray(getattr(pair, name), dtype=np.float64) for pair in pairs]
        return np.asarray(sum(w**power * part for w, part in zip(weights, parts, strict=True)))

    infinite = np.asarray(np.inf)
    return Pair(
        total("control", 1),
        total("treatment", 1),
        total("v_c", 2),
        total("v_t", 2),
        infinite,
        infinite,
        total("covariance", 2),
    )


def _degrees_of_freedom(pairs: Sequence[Pair], weights: Array) -> Array:
    """(Σ w²v)² / Σ (w²v)²/df: Satterthwaite 1946 Biometrics Bull 2:110."""
    parts = [
        (w**2 * v, df)
        for w, pair in zip(weights, pairs, strict=True)
        for v, df in ((pair.v_c, pair.df_c), (pair.v_t, pair.df_t))
    ]
    total = sum(v for v, _ in parts)
    return np.asarray(1 / sum((v / total) ** 2 / df for v, df in parts))
