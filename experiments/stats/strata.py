"""Post-stratification: compare within strata, then weigh the strata by their size."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .effect import Effect, Effects, single
from .estimates import Estimate, estimate
from .lift import Pair, is_clearly_positive
from .question import NO_TEST, Question, Test, Why, finish
from .samples import Sample
from .tails import CONFIDENCE, Alternative, Array, t_quantile, t_test


def poststratify(
    strata: Sequence[tuple[Sample, Sample]],
    *,
    confidence: float = CONFIDENCE,
    alternative: Alternative = "two-sided",
    margin: float = 0.0,
) -> Effect:
    """d = Σ w_k d_k with Var = Σ w_k²(v_tk + v_ck), w_k the stratum's share of all units.

    Against Student's t with Satterthwaite's degrees of freedom over all strata.

    Args:
        strata: (control, treatment) for each, at least one; samples of any one kind. A stratum
            without a unit in either arm has no weight.
        confidence, alternative, margin: as for `compare`.

    Returns:
        One effect over all strata.

    Raises:
        ValueError: no stratum, or an option that does not exist.
        TypeError: samples of different kinds.

    Source: Miratrix, Sekhon & Yu 2013 JRSS-B 75:369; Xie & Aurisset 2016 KDD §3.

    >>> from .samples import Mean
    >>> small = Mean(300, 10, 16), Mean(280, 11, 17.64)
    >>> large = Mean(120, 20, 36), Mean(150, 20.5, 42.25)
    >>> effect = poststratify([small, large])
    >>> round(effect.difference, 6), round(effect.standard_error, 6)
    (0.841176, 0.33594)
    """
    question = Question(confidence, alternative, "auto", margin)
    with np.errstate(all="ignore"):
        estimates = [estimate(control, treatment) for control, treatment in strata]
        if not estimates:
            raise ValueError("give at least one stratum")
        filled = [one for one in estimates if one.n_c + one.n_t != 0]
        return single(_weighed(filled or estimates, question))


def _weighed(estimates: Sequence[Estimate], question: Question) -> Effects:
    sizes = np.array([one.n_c + one.n_t for one in estimates])
    weights = sizes / sizes.sum(axis=0)
    test, relative = (
        _sum([getattr(one, name) for one in estimates], weights) for name in ("pair", "relative")
    )
    standard_error = np.sqrt(test.v_c + test.v_t)
    df = _degrees_of_freedom([one.pair for one in estimates], weights)
    difference = test.treatment - test.control
    statistic = (difference - question.null) / standard_error
    p_value, log10_p = t_test(statistic, df, question.alternative)
    reach = t_quantile(df, question.confidence, question.alternative)
    names = {name for one in estimates for name in one.why}
    why: Why = {
        name: (np.all if name in NO_TEST else np.any)(
            [one.why.get(name, np.asarray(False)) for one in estimates], axis=0
        )
        for name in names
    }
    return finish(
        relative,
        question,
        test=Test(p_value, log10_p, statistic, df, standard_error),
        bounds=(difference - reach * standard_error, difference + reach * standard_error),
        why=why | {"zero-variance": standard_error == 0},
        method="post-stratified-t",
        is_positive=is_clearly_positive(relative),
        reach=reach,
    )


def _sum(pairs: Sequence[Pair], weights: Array) -> Pair:
    def weighed(name: str, power: int) -> Array:
        parts = [np.asarray(getattr(pair, name), dtype=np.float64) for pair in pairs]
        return np.asarray(sum(w**power * part for w, part in zip(weights, parts, strict=True)))

    infinite = np.asarray(np.inf)
    return Pair(
        weighed("control", 1),
        weighed("treatment", 1),
        weighed("v_c", 2),
        weighed("v_t", 2),
        infinite,
        infinite,
        weighed("covariance", 2),
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
