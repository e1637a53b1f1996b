"""Means, ratios and adjusted means: Welch's t test."""

from __future__ import annotations

import numpy as np

from .effect import Effects
from .estimates import Estimate
from .lift import satterthwaite
from .question import Question, Test, finish
from .tails import t_quantile, t_test


def welch(estimate: Estimate, question: Question) -> Effects:
    """d/√(v_c + v_t) against Student's t with Satterthwaite's degrees of freedom.

    Source: Welch 1947 Biometrika 34:28; Satterthwaite 1946 Biometrics Bull 2:110.
    """
    pair = estimate.pair
    difference = pair.treatment - pair.control
    standard_error = np.sqrt(pair.v_c + pair.v_t)
    df = satterthwaite(pair.v_c, pair.v_t, pair.df_c, pair.df_t)
    statistic = (difference - question.null) / standard_error
    p_value, log10_p = t_test(statistic, df, question.alternative)
    reach = t_quantile(df, question.confidence, question.alternative) * standard_error
    return finish(
        estimate.relative,
        question,
        test=Test(p_value, log10_p, statistic, df, standard_error),
        bounds=(difference - reach, difference + reach),
        why=estimate.why | {"zero-variance": (pair.v_c == 0) & (pair.v_t == 0)},
        method=estimate.method,
        is_positive=estimate.is_positive,
    )
