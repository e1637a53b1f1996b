"""Two proportions that may be read at any time: by the variance under the null, and by an e-process
while an arm has few events."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import scipy

from .proportions import Table
from .tails import Alternative, Array, Mask, array

FEW_EVENTS: Final = 30.0
"""With fewer conversions (or fewer units without one) in an arm, p comes from the e-process."""

_SPREAD: Final = 0.6
"""Of the log of the ratio of both shares, under the prior of the e-process: ± 60 %."""


class Score(NamedTuple):
    """z against the null, its standard error, and the interval of all differences that are not
    further than `reach` standard errors away."""

    z: Array
    standard_error: Array
    low: Array
    high: Array


def has_few_events(table: Table) -> Mask:
    """Whether an arm has fewer than `FEW_EVENTS` conversions, or units without one."""
    x_c, n_c, x_t, n_t = table
    return array(np.min(np.broadcast_arrays(x_c, n_c - x_c, x_t, n_t - x_t), axis=0)) < FEW_EVENTS


def score_sequence(table: Table, null: float, reach: Array) -> Score:
    """(d − δ)/√V(δ) with the variance that the shares have where their difference is δ.

    The shares keep their total, p_c = p − δ·n_t/N and p_t = p + δ·n_c/N, as far as both are shares;
    beyond, one of them stays at 0 or 1. So V is a parabola in δ, V(0) the pooled variance, and each end
    of the interval solves a quadratic equation.

    Source: Wallenstein 1997 Stat Med 16:1329, with the ends of Mee 1984 Biometrics 40:1175.

    >>> table = tuple(map(array, (500, 5000, 600, 5000)))
    >>> score = score_sequence(table, 0.0, array(3.0))
    >>> [round(float(value), 5) for value in (score.z, score.low, score.high)]
    [3.19601, 0.00123, 0.03874]
    """
    x_c, n_c, x_t, n_t = np.broadcast_arrays(*table)
    null = max(-1.0, min(1.0, null))
    difference = x_t / n_t - x_c / n_c
    standard_error = np.sqrt(np.maximum(_variance((x_c, n_c, x_t, n_t), null), 0))
    return Score(
        (difference - null) / standard_error,
        standard_error,
        np.clip(-_upper_end((x_t, n_t, x_c, n_c), reach), -1.0, difference),  # but for rounding
        np.clip(_upper_end((x_c, n_c, x_t, n_t), reach), difference, 1.0),
    )


def _variance(table: Table, null: float) -> Array:
    x_c, n_c, x_t, n_t = table
    total, p = n_c + n_t, (x_c + x_t) / (n_c + n_t)
    p_c, p_t = p - null * n_t / total, p + null * n_c / total
    edge = np.where(null > 0, p_c <= 0, p_t <= 0), np.where(null > 0, p_t >= 1, p_c >= 1)
    at_0 = abs(null) * (1 - abs(null)) / (n_t if null > 0 else n_c)
    at_1 = abs(null) * (1 - abs(null)) / (n_c if null > 0 else n_t)
    within = p_c * (1 - p_c) / n_c + p_t * (1 - p_t) / n_t
    return array(np.where(edge[0], at_0, np.where(edge[1], at_1, within)))


def _upper_end(table: Table, reach: Array) -> Array:
    """The largest difference whose score is not beyond −`reach`."""
    x_c, n_c, x_t, n_t = table
    d, total = x_t / n_t - x_c / n_c, n_c + n_t
    p, share_c, share_t = (x_c + x_t) / total, n_c / total, n_t / total
    constant = p * (1 - p) * (1 / n_c + 1 / n_t)
    linear = (1 - 2 * p) * (share_c / n_t - share_t / n_c)
    square = share_t**2 / n_c + share_c**2 / n_t
    end = larger_root(d, reach**2, constant, linear, square)
    has_no_control = p - end * share_t < 0
    has_full_treatment = p + end * share_c > 1
    none = np.zeros_like(end)
    at_0 = larger_root(d, reach**2, none, 1 / n_t, 1 / n_t)
    at_1 = larger_root(d, reach**2, none, 1 / n_c, 1 / n_c)
    end = np.where(has_no_control | (x_c + x_t == 0), at_0, end)
    return array(np.where(has_full_treatment | (x_c + x_t == total), at_1, end))


def larger_root(d: Array, k: Array, constant: Array, linear: Array, square: Array) -> Array:
    """Of (d − δ)² = k(constant + linear·δ − square·δ²)."""
    middle, lead = d + k * linear / 2, 1 + k * square
    return array((middle + np.sqrt(np.maximum(middle**2 - lead * (d**2 - k * constant), 0))) / lead)


def log_e_value(table: Table, alternative: Alternative) -> Array:
    """ln of the e-process for equal shares, from those who converted (or did not, where that is rarer).

    If both shares are equal, each conversion falls to the treatment with the chance n_t/N, whatever
    the share. Against that stands a beta prior about n_t/N, as wide as a ratio of ± 60 % (cut at n_t/N
    for one side). It errs with at most α over all looks together, at any allocation and any rate.

    Source: Turner, Ly & Grünwald 2024 J Stat Plan Inference 230:106116, with the conversions as the
    stream (Lindon & Malek 2022 arXiv:2011.03567 §5 for its beta mixture).

    >>> table = tuple(map(array, (0, 140, 11, 1260)))
    >>> round(float(np.exp(-log_e_value(table, "two-sided"))), 2)
    0.85
    """
    x_c, n_c, x_t, n_t = np.broadcast_arrays(*table)
    is_failure = 2 * (x_c + x_t) > n_c + n_t
    c, t = np.where(is_failure, n_c - x_c, x_c), np.where(is_failure, n_t - x_t, x_t)
    share = n_t / (n_c + n_t)
    a, b = 1 / (_SPREAD**2 * (1 - share)), 1 / (_SPREAD**2 * share)
    log_e = scipy.special.betaln(t + a, c + b) - scipy.special.betaln(a, b)
    log_e = log_e - scipy.special.xlogy(t, share) - scipy.special.xlog1py(c, -share)
    if alternative == "two-sided":
        return array(log_e)
    is_upper = (alternative == "greater") != is_failure
    after, before = _log_tail(t + a, c + b, share, is_upper), _log_tail(a, b, share, is_upper)
    return array(log_e + after - before)


def _log_tail(a: Array, b: Array, share: Array, is_upper: Mask) -> Array:
    """ln of the mass of a beta above `share`, or below it."""
    mass = np.where(
        is_upper, scipy.special.betaincc(a, b, share), scipy.special.betainc(a, b, share)
    )
    return array(np.log(mass))
