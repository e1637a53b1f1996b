"""Exact tests of counts against designed shares, for arms that expect few units."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
import scipy
from numpy.typing import NDArray

from .tails import SMALLEST, Array, array

MOST_OUTCOMES: Final = 200_000
"""Up to so many ways in which the units could have fallen, all of them are added up."""

FEW: Final = 10.0
"""An arm that expects fewer units than this is counted exactly."""

_FOLLOWED: Final = 3
_SAME: Final = (
    1e-7  # outcomes within this share of the observed one's chance count as equally likely
)
_BEYOND: Final = 150  # how far past the expected count a small arm is followed


def exact_multinomial(seen: Array, share: Array) -> tuple[float, float]:
    """p and log10 p of whole counts `seen` against `share`, which adds up to 1 without a zero.

    Two arms: all counts at most as likely as the observed one, by the binomial distribution. More
    arms: the same, where there are at most `MOST_OUTCOMES`. Beyond, up to three arms that expect fewer
    than `FEW` are followed exactly and the others by χ², which is independent of them given their sum;
    more such arms by χ² against a gamma with its exact mean and variance.

    >>> [round(p, 6) for p in exact_multinomial(array([199, 1]), array([0.9999, 0.0001]))]
    [0.019802, -1.703284]
    >>> round(exact_multinomial(array([9, 2, 1]), array([1, 1, 1]) / 3)[0], 6)
    0.017155
    """
    share = np.maximum(share, 1e-100)
    if seen.size == 2:
        log_p = _log_binomial(seen, share)
    elif (seen.sum() + 1) ** (seen.size - 1) <= MOST_OUTCOMES:
        log_p = _log_enumerated(seen, share)
    else:
        log_p = _log_of_many(seen, share)
    log10_p = min(log_p, 0.0) / math.log(10)
    return max(10**log10_p, SMALLEST), log10_p


def _log_pmf(counts: Array, n: float, share: Array) -> Array:
    """ln of n!/∏x! ∏θ^x, over the last axis."""
    ways = scipy.special.gammaln(n + 1) - scipy.special.gammaln(counts + 1).sum(axis=-1)
    return array(ways + scipy.special.xlogy(counts, share).sum(axis=-1))


def _log_binomial(seen: Array, share: Array) -> float:
    """Of the arm that expects less: one tail whole, of the other what is at most as likely."""
    small = int(np.argmin(share))
    x, n, theta = float(seen[small]), float(seen.sum()), float(share[small])
    mode = math.floor((n + 1) * theta)
    near = np.arange(0.0, min(n, max(mode, 0) + _BEYOND) + 1)
    log_chance = _log_binomial_pmf(near, n, theta)
    limit = float(_log_binomial_pmf(array([x]), n, theta)[0]) + _SAME
    if x > mode:
        rest = log_chance[(near <= mode) & (log_chance <= limit)]
        return float(np.logaddexp(_log_upper(x, n, theta), scipy.special.logsumexp(rest)))
    below = scipy.special.logsumexp(log_chance[near <= x])
    above = near[(near > mode) & (log_chance <= limit)]
    if x == mode or not above.size:
        return 0.0 if x == mode else float(below)
    return float(np.logaddexp(below, _log_upper(float(above[0]), n, theta)))


def _log_binomial_pmf(x: Array, n: float, theta: float) -> Array:
    return _log_pmf(np.stack([x, n - x], axis=-1), n, array([theta, 1 - theta]))


def _log_upper(x: float, n: float, theta: float) -> float:
    """ln P(X ≥ x) above the mode: the first chance times a sum of falling ratios."""
    j = x + np.arange(min(n - x, 3_000.0))
    growth = np.cumsum(np.log((n - j) / (j + 1) * theta / (1 - theta))) if j.size else array([])
    more = scipy.special.logsumexp(np.concatenate([[0.0], growth]))
    return float(_log_binomial_pmf(array([x]), n, theta)[0] + more)


def _log_enumerated(seen: Array, share: Array) -> float:
    n = float(seen.sum())
    first = np.indices((int(n) + 1,) * (seen.size - 1)).reshape(seen.size - 1, -1).T.astype(float)
    first = first[first.sum(axis=1) <= n]
    outcomes = np.column_stack([first, n - first.sum(axis=1)])
    log_chance = _log_pmf(outcomes, n, share)
    limit = float(_log_pmf(seen, n, share)) + _SAME
    return float(scipy.special.logsumexp(log_chance[log_chance <= limit]))


def _log_of_many(seen: Array, share: Array) -> float:
    """For outcomes that are too many to add up."""
    n = float(seen.sum())
    seen, share = _tiny_together(seen, share, n)
    small = np.flatnonzero(share * n < FEW)
    return _log_mixed(seen, share, small) if small.size <= _FOLLOWED else _log_gamma(seen, share)


def _tiny_together(seen: Array, share: Array, n: float) -> tuple[Array, Array]:
    """More small arms than can be followed: those that expect less than one unit count as one arm."""
    tiny = share * n < 1
    if (share * n < FEW).sum() <= _FOLLOWED or tiny.sum() < 2:
        return seen, share
    return (
        np.append(seen[~tiny], seen[tiny].sum()),
        np.append(share[~tiny], share[tiny].sum()),
    )


def _log_mixed(seen: Array, share: Array, small: NDArray[np.intp]) -> float:
    """P(χ² ≥ observed): Σ over the counts of the `small` arms of their chance × that of the rest."""
    n, large = float(seen.sum()), np.setdiff1d(np.arange(seen.size), small)
    observed = _chi2(seen, share)
    tops = [int(min(n, n * share[k] + 10 * math.sqrt(n * share[k]) + 20)) for k in small]
    counts = np.indices([top + 1 for top in tops]).reshape(small.size, -1).T.astype(float)
    counts = counts[counts.sum(axis=1) <= n]
    left, share_left = n - counts.sum(axis=1), float(share[large].sum())
    log_chance = _log_pmf(np.column_stack([counts, left]), n, np.append(share[small], share_left))
    fixed = ((counts - n * share[small]) ** 2 / (n * share[small])).sum(axis=1)
    fixed = fixed + (left - n * share_left) ** 2 / (n * share_left)
    over = np.maximum((observed * (1 - _SAME) - fixed) * n * share_left / np.maximum(left, 1), 0)
    with np.errstate(divide="ignore"):
        log_rest = np.log(scipy.special.chdtrc(large.size - 1, over)) if large.size > 1 else (
            np.where(over > 0, -np.inf, 0.0)
        )  # fmt: skip
    total = float(scipy.special.logsumexp(log_chance + log_rest))
    return total if np.isfinite(total) else _log_gamma(seen, share)


def _log_gamma(seen: Array, share: Array) -> float:
    """χ² against a gamma of its exact mean k − 1 and variance 2(k − 1) + (Σ1/θ − k² − 2k + 2)/n.

    Source: Haldane 1937 Biometrika 29:133.
    """
    k, n = seen.size, float(seen.sum())
    variance = 2 * (k - 1) + min((1 / share).sum() / n, 1e100) - (k**2 + 2 * k - 2) / n
    shape, x = (k - 1) ** 2 / variance, _chi2(seen, share) * (k - 1) / variance
    p = float(scipy.special.gammaincc(shape, x))
    far = (shape - 1) * math.log(max(x, 1.0)) - x - float(scipy.special.gammaln(shape))
    return math.log(p) if p > 1e-290 else far


def _chi2(seen: Array, share: Array) -> float:
    expected = float(seen.sum()) * share
    return float(((seen - expected) ** 2 / expected).sum())
