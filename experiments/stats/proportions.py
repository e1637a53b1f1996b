"""Two proportions: pooled z, an exact test, the score test against a margin, Newcombe's interval."""

from __future__ import annotations

from typing import Final, TypeAlias

import numpy as np

from .boschloo import MOST_UNITS, boschloo
from .effect import Effects
from .estimates import Estimate
from .exact import fisher
from .question import NO_TEST, Question, Test, finish
from .tails import Array, Mask, array, normal_quantile, t_test

Table: TypeAlias = tuple[Array, Array, Array, Array]
"""Successes and units of the control, then of the treatment."""

SMALL_CELL: Final = 10.0
"""With fewer than this many expected in a cell the exact test is used."""


def compare_proportions(estimate: Estimate, table: Table, question: Question) -> Effects:
    """The pooled z test, an exact one where a cell is small, the score test against a margin; the
    interval by Newcombe."""
    why = {
        name: holds
        for name, holds in estimate.why.items()
        if name not in NO_TEST or not question.null  # against a margin there is something to test
    }
    is_exact = _is_exact(table) & (question.null == 0) & ~np.any([*why.values()], axis=0)
    if question.exact == "boschloo":
        why["too-many-for-boschloo"] = is_exact & (table[1] + table[3] > MOST_UNITS)
    standard_error = np.sqrt(estimate.pair.v_c + estimate.pair.v_t)
    return finish(
        estimate.relative,
        question,
        test=_test(table, question, is_exact, standard_error),
        bounds=newcombe(*table, normal_quantile(question.confidence, question.alternative)),
        why=why,
        method=np.where(is_exact, question.exact, "score-z" if question.null else "pooled-z"),
        is_positive=estimate.is_positive,
    )


def _is_exact(table: Table) -> Mask:
    is_whole: Mask = np.all(
        [np.mod(count, 1) == 0 for count in np.broadcast_arrays(*table)], axis=0
    )
    return is_whole & (smallest_expected(*table) < SMALL_CELL)


def _test(table: Table, question: Question, is_exact: Mask, standard_error: Array) -> Test:
    z = score_z(*table, question.null) if question.null else pooled_z(*table)
    p_value, log10_p = t_test(z, array(np.inf), question.alternative)
    if is_exact.any():
        p_value, log10_p, z = (np.array(values) for values in (p_value, log10_p, z))
        x_c, n_c, x_t, n_t = (count[is_exact] for count in np.broadcast_arrays(*table))
        exact = boschloo if question.exact == "boschloo" else fisher
        p_value[is_exact], log10_p[is_exact] = exact(x_c, n_c, x_t, n_t, question.alternative)
        z[is_exact] = np.nan
    return Test(p_value, log10_p, z, array(np.nan), standard_error)


def pooled_z(x_c: Array, n_c: Array, x_t: Array, n_t: Array) -> Array:
    """d / √(p(1 − p)(1/n_c + 1/n_t)), p pooled: Fleiss, Levin & Paik 2003 ch. 3.

    >>> round(float(pooled_z(1000, 10000, 1100, 10000)), 6)
    2.306635
    """
    p = (x_c + x_t) / (n_c + n_t)
    z: Array = (x_t / n_t - x_c / n_c) / np.sqrt(p * (1 - p) * (1 / n_c + 1 / n_t))
    return z


def score_z(x_c: Array, n_c: Array, x_t: Array, n_t: Array, null: float | Array) -> Array:
    """The score statistic for p_t − p_c = `null`; the pooled z where `null` is 0.

    Source: Farrington & Manning 1990 Stat Med 9:1447.

    >>> round(float(score_z(1000, 10000, 1100, 10000, 0.0)), 6)
    2.306635
    """
    p_c, p_t = x_c / n_c, x_t / n_t
    q_c, q_t = likeliest_shares(p_c, p_t, n_c / n_t, null)
    z: Array = (p_t - p_c - null) / np.sqrt(q_t * (1 - q_t) / n_t + q_c * (1 - q_c) / n_c)
    return z


def likeliest_shares(
    p_c: Array, p_t: Array, theta: Array, null: float | Array
) -> tuple[Array, Array]:
    """The proportions likeliest among those with p_t − p_c = `null`, θ = n_c/n_t: the root of a
    cubic in closed form. Beyond ±1 there is no such pair, and those at the end are given. Source: Farrington & Manning 1990 App. I.

    >>> [round(float(q), 6) for q in likeliest_shares(array(0.1), array(0.11), array(1.0), 0.0)]
    [0.105, 0.105]
    """
    null = np.clip(null, -1.0, 1.0)
    a = 1 + theta
    b = -(1 + theta + p_t + theta * p_c + null * (theta + 2))
    c = null**2 + null * (2 * p_t + theta + 1) + p_t + theta * p_c
    d = -p_t * null * (1 + null)
    v = (b / (3 * a)) ** 3 - b * c / (6 * a**2) + d / (2 * a)
    u = np.where(v < 0, -1.0, 1.0) * np.sqrt(np.maximum((b / (3 * a)) ** 2 - c / (3 * a), 0))
    cosine = np.where(u == 0, 0.0, v / np.where(u == 0, 1.0, u) ** 3)
    w = (np.pi + np.arccos(np.clip(cosine, -1, 1))) / 3
    q_t = np.clip(2 * u * np.cos(w) - b / (3 * a), np.maximum(0, null), np.minimum(1, 1 + null))
    return np.clip(q_t - null, 0, 1), q_t


def wilson(x: Array, n: Array, z: float) -> tuple[Array, Array]:
    """The score interval of one proportion: Wilson 1927 JASA 22:209.

    >>> low, high = wilson(0, 10, 1.959964)
    >>> round(float(low), 6), round(float(high), 6)
    (0.0, 0.277533)
    """
    p = x / n
    middle = p + z**2 / (2 * n)
    reach = z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    share = 1 + z**2 / n
    low = np.where(x <= 0, 0.0, (middle - reach) / share)
    return np.maximum(low, 0.0), np.where(x >= n, 1.0, np.minimum((middle + reach) / share, 1.0))


def newcombe(x_c: Array, n_c: Array, x_t: Array, n_t: Array, z: float) -> tuple[Array, Array]:
    """d − √((p_t−l_t)² + (u_c−p_c)²) to d + √((u_t−p_t)² + (p_c−l_c)²), l and u Wilson's.

    Source: Newcombe 1998 Stat Med 17:873, method 10.

    >>> [round(float(end), 6) for end in newcombe(1000, 10000, 1100, 10000, 1.959964)]
    [0.001502, 0.018502]
    """
    p_c, p_t = x_c / n_c, x_t / n_t
    (l_c, u_c), (l_t, u_t) = wilson(x_c, n_c, z), wilson(x_t, n_t, z)
    d = p_t - p_c
    return d - np.hypot(p_t - l_t, u_c - p_c), d + np.hypot(u_t - p_t, p_c - l_c)


def smallest_expected(x_c: Array, n_c: Array, x_t: Array, n_t: Array) -> Array:
    """The smallest of the four cells' expected counts, were the arms alike."""
    successes = x_c + x_t
    return np.minimum(n_c, n_t) / (n_c + n_t) * np.minimum(successes, n_c + n_t - successes)
