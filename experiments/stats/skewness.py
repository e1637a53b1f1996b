"""Means whose few large values weigh on one arm: the check, and a test that holds where it fails."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import scipy

from .lift import CLEARLY_POSITIVE, Pair
from .question import Question, Test
from .share_sequences import larger_root
from .tails import SMALLEST, Alternative, Array, Mask, array

UNITS_PER_SKEWNESS: Final = 355.0
"""A mean is nearly normal from 355·skewness² units on: Kohavi et al. 2014 KDD, rule 7."""

_NOISE: Final = 3.0  # standard errors of a skewness, √(6/n), that are put down to chance
_MOST: Final = 1.5  # skewness of a difference up to which the correction has been seen to hold
_STEEPEST: Final = 0.9  # of an end that runs away, where the spread grows with the mean
_STRAIGHT: Final = 1e-3  # a smaller skewness counts as 0


class Arms(NamedTuple):
    """Units, means, variances and skewnesses (nan where unknown) of both arms."""

    n_c: Array
    m_c: Array
    s_c: Array
    g_c: Array
    n_t: Array
    m_t: Array
    s_t: Array
    g_t: Array


class Corrected(NamedTuple):
    """What the correction makes of a comparison, and where not even that is enough."""

    test: Test
    low: Array
    high: Array
    pair: Pair
    is_doubtful: Mask


def enough_units(n: Array, skewness: Array) -> Mask:
    """Whether an arm has 355·skewness² units.

    >>> enough_units(array([400, 500]), array([1.0, 20.0])).tolist()
    [True, False]
    """
    return np.asarray(n >= UNITS_PER_SKEWNESS * skewness**2)


def least_skewness(mean: Array, variance: Array) -> Array:
    """What values that are never negative have at least: s/m − m/s; 0 where they may be.

    >>> float(least_skewness(array(1.0), array(4.0)))
    1.5
    """
    ratio = np.where(mean > 0, np.sqrt(variance) / np.where(mean > 0, mean, 1.0), 0.0)
    return array(np.where(ratio > 1, ratio - 1 / np.where(ratio > 0, ratio, 1.0), 0.0))


def has_heavy_small_arm(arms: Arms) -> Mask:
    """Whether an arm of fewer units can't be normal, whatever its skewness: for amounts such as revenue,
    by the least that their spread allows."""
    return np.asarray(
        ((arms.n_c < arms.n_t) & ~enough_units(arms.n_c, least_skewness(arms.m_c, arms.s_c)))
        | ((arms.n_t < arms.n_c) & ~enough_units(arms.n_t, least_skewness(arms.m_t, arms.s_t)))
    )


class _Together(NamedTuple):
    """Both arms as one: their shares, mean, variance and skewness, and the skewness of the difference."""

    share_c: Array
    share_t: Array
    mean: Array
    variance: Array
    skewness: Array
    of_difference: Array


def _together(arms: Arms) -> _Together:
    n_c, m_c, s_c, g_c, n_t, m_t, s_t, g_t = arms
    n = n_c + n_t
    share_c, share_t, mean = n_c / n, n_t / n, (n_c * m_c + n_t * m_t) / n
    variance = ((n_c - 1) * s_c + (n_t - 1) * s_t) / (n - 2)
    third = share_c * g_c * _biased(s_c, n_c) ** 1.5 + share_t * g_t * _biased(s_t, n_t) ** 1.5
    spread = variance * (1 / n_c + 1 / n_t)
    skewness = third * (1 / n_t**2 - 1 / n_c**2) / spread**1.5
    return _Together(share_c, share_t, mean, variance, third / variance**1.5, skewness)


def needs_correction(arms: Arms) -> Mask:
    """Where an arm has too few units for its skewness, that is more than chance, and the difference is
    skewed: never with equal arms, whose skewness cancels."""
    both = _together(arms)
    n = arms.n_c + arms.n_t
    is_small = ~(enough_units(arms.n_c, arms.g_c) & enough_units(arms.n_t, arms.g_t))
    is_skewed = UNITS_PER_SKEWNESS * both.of_difference**2 > 1
    is_more_than_chance = np.abs(both.skewness) > _NOISE * np.sqrt(6 / n)
    known = np.isfinite(both.of_difference)
    return np.asarray(is_small & is_skewed & is_more_than_chance & known)


def corrected(pair: Pair, arms: Arms, question: Question) -> Corrected:
    """The difference over the spread of both arms together, against a gamma of the skewness that they
    have together (Pearson's type III).

    A small arm that has missed the few large values has a mean, a spread and a skewness that are all too
    small; the larger arm knows of them. Under a difference δ the spread grows with an arm's mean, halfway
    between its square root (more or fewer buyers) and in proportion (larger or smaller orders), where
    the mean is clearly above zero. It assumes that the arms differ in nothing else.

    Source: Johnson 1978 JASA 73:536 and Hall 1992 JRSS-B 54:221 (skewness in a t test); Pearson 1895
    (type III); the spread under the null as Wallenstein 1997.
    """
    n_c, n_t, n = arms.n_c, arms.n_t, arms.n_c + arms.n_t
    share_c, share_t, mean, variance, _, skewness = _together(arms)
    constant = variance * (1 / n_c + 1 / n_t)
    linear = 1.5 * variance / mean * (share_c / n_t - share_t / n_c)
    square = 0.5 * variance / mean**2 * (share_t**2 / n_c + share_c**2 / n_t)
    quantiles = _quantiles(skewness, n - 2, question)
    furthest = np.maximum(quantiles[0] ** 2, quantiles[1] ** 2)
    grows = np.abs(mean) > CLEARLY_POSITIVE * np.sqrt(variance / n)
    linear = np.where(grows, linear, 0.0)
    square = np.where(grows & (furthest * square < _STEEPEST), square, 0.0)
    d, null = arms.m_t - arms.m_c, array(question.null)
    standard_error = np.sqrt(np.maximum(constant + linear * null + square * null**2, 0))
    statistic = (d - null) / standard_error
    p_value, log10_p = _test(statistic, skewness, n - 2, question.alternative)
    both = variance / n_c, variance / n_t
    return Corrected(
        Test(p_value, log10_p, statistic, n - 2, standard_error),
        -larger_root(-d, quantiles[1] ** 2, constant, -linear, -square),
        larger_root(d, quantiles[0] ** 2, constant, linear, -square),
        pair._replace(v_c=np.maximum(pair.v_c, both[0]), v_t=np.maximum(pair.v_t, both[1])),
        np.asarray(np.abs(skewness) > _MOST),
    )


def _biased(variance: Array, n: Array) -> Array:
    """With n in place of n − 1, as a skewness has it."""
    return array(variance * (n - 1) / n)


def _quantiles(skewness: Array, df: Array, question: Question) -> tuple[Array, Array]:
    """Of the statistic at the two ends of the interval."""
    beyond = 1 - question.confidence
    beyond = beyond / 2 if question.alternative == "two-sided" else beyond
    low, high = (_gamma_quantile(level, skewness) for level in (beyond, 1 - beyond))
    return array(low * _stretch(df)), array(high * _stretch(df))


def _stretch(df: Array) -> Array:
    """With few units as much wider as t is at the usual level: one factor for the test and for intervals
    of every level, so that they agree."""
    return array(scipy.special.stdtrit(df, 0.025) / float(scipy.special.ndtri(0.025)))


def _gamma_quantile(level: float, skewness: Array) -> Array:
    """Of a gamma with mean 0, variance 1 and this skewness."""
    size = np.maximum(np.abs(skewness), _STRAIGHT)
    shape = 4 / size**2
    side = np.where(skewness < 0, 1 - level, level)
    value = (scipy.special.gammaincinv(shape, side) - shape) / np.sqrt(shape)
    turned = np.where(skewness < 0, -value, value)
    return array(np.where(np.abs(skewness) < _STRAIGHT, scipy.special.ndtri(level), turned))


def _test(
    statistic: Array, skewness: Array, df: Array, alternative: Alternative
) -> tuple[Array, Array]:
    size = np.maximum(np.abs(skewness), _STRAIGHT)
    shape = 4 / size**2
    outward = np.where(skewness < 0, -statistic, statistic) / _stretch(df)
    place = np.maximum(shape + outward * np.sqrt(shape), 0.0)
    above = scipy.special.gammaincc(shape, place)
    below = scipy.special.gammainc(shape, place)
    above, below = np.where(skewness < 0, below, above), np.where(skewness < 0, above, below)
    sides = {"greater": above, "less": below, "two-sided": 2 * np.minimum(above, below)}
    p_value = np.clip(sides[alternative], SMALLEST, 1.0)
    return array(p_value), array(np.log10(p_value))
