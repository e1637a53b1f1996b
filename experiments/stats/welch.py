"""Means, ratios and adjusted means: Welch's t test, and its correction for skewed means."""

from __future__ import annotations

from typing import TypeVar

import numpy as np

from .codes import Caution, Method
from .effect import Effects
from .estimates import Estimate
from .lift import Pair, is_clearly_positive, satterthwaite
from .question import Question, Test, fields, finish
from .samples import Mean, Sample
from .skewness import Arms, Corrected, corrected, has_heavy_small_arm, needs_correction
from .tails import Array, Mask, array, t_quantile, t_test


def welch(estimate: Estimate, question: Question) -> Effects:
    """d/√(v_c + v_t) against Student's t with Satterthwaite's degrees of freedom.

    Source: Welch 1947 Biometrika 34:28; Satterthwaite 1946 Biometrics Bull 2:110.
    """
    return _finished(estimate, question, *_tested(estimate.pair, question))


def compare_means(
    estimate: Estimate, control: Sample, treatment: Sample, question: Question
) -> Effects:
    """`welch`, with the correction where an arm has too few units for its skewness, and a caution where
    that is not known or not enough."""
    arms = _arms(control, treatment)
    test, bounds = _tested(estimate.pair, question)
    is_doubtful = has_heavy_small_arm(arms) & ~np.isfinite(arms.g_c + arms.g_t)
    where = needs_correction(arms)
    if where.any():
        change = corrected(_rows(estimate.pair, where), Arms(*_rows(arms, where)), question)
        test = Test(*(_mixed(o, n, where) for o, n in zip(test, change.test, strict=True)))
        low, high = bounds
        bounds = _mixed(low, change.low, where), _mixed(high, change.high, where)
        is_doubtful = is_doubtful | (_mixed(array(0.0), change.is_doubtful, where) > 0)
        estimate = _with_spread(estimate, change, where)
    return _finished(estimate, question, test, bounds, where, is_doubtful)


def _arms(control: Sample, treatment: Sample) -> Arms:
    parts = []
    for sample in (control, treatment):
        n, mean, variance, *rest = fields(sample)
        unknown = np.full(np.shape(n), np.nan)
        parts += [n, mean, variance, rest[0] if isinstance(sample, Mean) else unknown]
    return Arms(*np.broadcast_arrays(*parts))


P = TypeVar("P", Pair, Arms)


def _rows(parts: P, where: Mask) -> P:
    """The comparisons that are corrected."""
    return type(parts)(*(np.broadcast_to(array(part), where.shape)[where] for part in parts))


def _mixed(old: Array, new: Array | Mask, where: Mask) -> Array:
    """`old` with `new` in those places."""
    values = np.array(np.broadcast_to(old, where.shape), dtype=np.float64)
    values[where] = new
    return values


def _with_spread(estimate: Estimate, change: Corrected, where: Mask) -> Estimate:
    """The lift with the spread of both arms, where the correction is made."""
    relative = estimate.relative._replace(
        v_c=_mixed(array(estimate.relative.v_c), change.pair.v_c, where),
        v_t=_mixed(array(estimate.relative.v_t), change.pair.v_t, where),
    )
    return estimate._replace(relative=relative, is_positive=is_clearly_positive(relative))


def _tested(pair: Pair, question: Question) -> tuple[Test, tuple[Array, Array]]:
    difference = pair.treatment - pair.control
    standard_error = np.sqrt(pair.v_c + pair.v_t)
    df = satterthwaite(pair.v_c, pair.v_t, pair.df_c, pair.df_t)
    statistic = (difference - question.null) / standard_error
    p_value, log10_p = t_test(statistic, df, question.alternative)
    reach = t_quantile(df, question.confidence, question.alternative) * standard_error
    test = Test(p_value, log10_p, statistic, df, standard_error)
    return test, (difference - reach, difference + reach)


def _finished(
    estimate: Estimate,
    question: Question,
    test: Test,
    bounds: tuple[Array, Array],
    where: Mask | None = None,
    is_doubtful: Mask | None = None,
) -> Effects:
    pair = estimate.pair
    where, is_doubtful = (array(0) > 0 if m is None else m for m in (where, is_doubtful))
    return finish(
        estimate.relative,
        question,
        test=test,
        bounds=bounds,
        why=estimate.why | {"zero-variance": (pair.v_c == 0) & (pair.v_t == 0)},
        method=np.where(where, str(Method.SKEW_CORRECTED_T), str(estimate.method)),
        is_positive=estimate.is_positive,
        caution=np.where(is_doubtful, str(Caution.HEAVY_TAIL_SMALL_ARM), np.array(None)),
    )
