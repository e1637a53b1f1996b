"""Means and ratios: Welch's t test."""

from __future__ import annotations

import numpy as np

from .effect import Effect
from .lift import Pair, is_clearly_positive, satterthwaite
from .question import Question, Test, Why, fields, finish, trouble
from .samples import Mean, Ratio
from .tails import Array, t_quantile, t_test


def compare_means(control: Mean, treatment: Mean, question: Question) -> Effect:
    """Two means with the variances of their units."""
    return _compare(fields(control), fields(treatment), question)


def compare_ratios(control: Ratio, treatment: Ratio, question: Question) -> Effect:
    """R = M/D with Var R = (s²_M − 2R·cov + R²s²_D)/(nD²): Deng, Knoblich & Lu 2018 KDD eq. 4."""
    return _compare(_linearised(control), _linearised(treatment), question)


def _linearised(sample: Ratio) -> list[Array]:
    n, m, d, mm, dd, md = fields(sample)
    ratio = m / d
    return [n, ratio, np.maximum(mm - 2 * ratio * md + ratio**2 * dd, 0) / d**2, d]


def _compare(control: list[Array], treatment: list[Array], question: Question) -> Effect:
    (n_c, m_c, s_c, *d_c), (n_t, m_t, s_t, *d_t) = control, treatment
    why = trouble(n_c, n_t, np.where(n_c < 2, 0, s_c), np.where(n_t < 2, 0, s_t))
    if d_c and d_t:
        has_none = (d_c[0] == 0) | (d_t[0] == 0)
        why = {"zero-denominator": has_none} | trouble(n_c, n_t)
    why["no-units"] = np.minimum(n_c, n_t) < 1
    return welch(Pair(m_c, m_t, s_c / n_c, s_t / n_t, n_c - 1, n_t - 1), question, why=why)


def welch(
    pair: Pair,
    question: Question,
    *,
    why: Why,
    method: str = "welch-t",
    lift_pair: Pair | None = None,
) -> Effect:
    """d/√(v_c + v_t) against Student's t with Satterthwaite's degrees of freedom.

    Source: Welch 1947 Biometrika 34:28; Satterthwaite 1946 Biometrics Bull 2:110.
    """
    difference = pair.treatment - pair.control
    standard_error = np.sqrt(pair.v_c + pair.v_t)
    df = satterthwaite(pair.v_c, pair.v_t, pair.df_c, pair.df_t)
    statistic = (difference - question.null) / standard_error
    p_value, log10_p = t_test(statistic, df, question.alternative)
    reach = t_quantile(df, question.confidence, question.alternative) * standard_error
    return finish(
        lift_pair or pair,
        question,
        test=Test(p_value, log10_p, statistic, df, standard_error),
        bounds=(difference - reach, difference + reach),
        why=why | {"zero-variance": (pair.v_c == 0) & (pair.v_t == 0)},
        method=method,
        is_positive=is_clearly_positive(lift_pair or pair),
    )
