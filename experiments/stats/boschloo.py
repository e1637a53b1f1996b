"""Boschloo's exact test of two proportions: Fisher's p as the statistic, judged unconditionally."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import scipy

from .tails import SMALLEST, Alternative, Array, array

MOST_UNITS: Final = 1_000
"""In the two arms together, a third of a second; beyond it `why_not` is "too-many-for-boschloo"."""

_SAME: Final = 1e-10  # statistics within this share of the observed one count as equal
_GRID: Final = 400
_ZOOM: Final = np.linspace(-1.0, 1.0, 21)


def boschloo(
    x_c: Array, n_c: Array, x_t: Array, n_t: Array, alternative: Alternative
) -> tuple[Array, Array]:
    """p and log10 p of each table; counts are whole numbers, nan above `MOST_UNITS`.

    The chance of all tables whose one-sided Fisher p is at most the observed one, at the common
    share that makes it largest; two-sided, twice the smaller of both sides, as in
    `scipy.stats.boschloo_exact`. Never above Fisher's one-sided p.

    Source: Boschloo 1970 Stat Neerlandica 24:1.

    >>> p, _ = boschloo(array([1]), array([20]), array([7]), array([20]), "two-sided")
    >>> p.round(6).tolist()
    [0.021502]
    """
    tables = np.stack(np.broadcast_arrays(*map(array, (x_c, n_c, x_t, n_t))))
    tables = np.minimum(tables, MOST_UNITS + 1.0)  # beyond, there is no p anyway
    rows, places = np.unique(tables.reshape(4, -1).astype(int), axis=1, return_inverse=True)
    p_values = array([_p_value(a, b, c, d, alternative) for a, b, c, d in rows.T.tolist()])
    p = p_values[places].reshape(tables.shape[1:])
    p = np.where(np.isnan(p), p, np.clip(p, SMALLEST, 1.0))
    return p, np.log10(p)


def _p_value(x_c: int, n_c: int, x_t: int, n_t: int, alternative: Alternative) -> float:
    if n_c + n_t > MOST_UNITS:
        return float("nan")
    sides = {
        "greater": (x_c, n_c, x_t, n_t),
        "less": (n_c - x_c, n_c, n_t - x_t, n_t),  # fewer successes are more failures
    }
    if alternative != "two-sided":
        return _greater(*sides[alternative])
    return 2 * min(_greater(*side) for side in sides.values())


def _greater(x_c: int, n_c: int, x_t: int, n_t: int) -> float:
    """Successes in the treatment are more than chance: the largest chance over common shares."""
    first = _first_extreme(x_c, n_c, x_t, n_t)
    k = np.arange(n_c + 1.0)
    ways = _log_ways(n_c, k)
    has_any = first <= n_t

    def chance(share: Array) -> Array:
        """Σ P(X_c = k) P(X_t ≥ first(k)), for each share."""
        at = share[:, None]
        log_pmf = ways + scipy.special.xlogy(k, at) + scipy.special.xlog1py(n_c - k, -at)
        tail = scipy.special.betainc(np.maximum(first, 1), np.maximum(n_t - first + 1, 1), at)
        tail = np.where(first == 0, 1.0, tail)
        return array((np.exp(log_pmf) * tail * has_any).sum(axis=1))

    return _largest(chance)


def _first_extreme(x_c: int, n_c: int, x_t: int, n_t: int) -> Array:
    """For each count of the control the least of the treatment that is as extreme as observed."""
    tails = _fisher_tails(n_c, n_t)
    is_extreme = tails <= tails[x_c, x_t] * (1 + _SAME)
    return array(np.where(is_extreme.any(axis=1), is_extreme.argmax(axis=1), n_t + 1))


def _fisher_tails(n_c: int, n_t: int) -> Array:
    """Fisher's one-sided p of every table: rows are the control's count, columns the treatment's.

    P(i, j) = C(n_c, i) C(n_t, j) / C(n_c + n_t, i + j), added up along equal i + j.
    """
    i, j = np.arange(n_c + 1.0), np.arange(n_t + 1.0)
    log_all = _log_ways(n_c + n_t, i[:, None] + j)
    tails = np.exp(_log_ways(n_c, i)[:, None] + _log_ways(n_t, j) - log_all)
    for row in range(1, n_c + 1):
        tails[row, :-1] += tails[row - 1, 1:]
    return array(tails)


def _log_ways(n: int, k: Array) -> Array:
    ways = scipy.special.gammaln(n + 1.0) - scipy.special.gammaln(k + 1)
    return array(ways - scipy.special.gammaln(n - k + 1))


def _largest(chance: Callable[[Array], Array]) -> float:
    """The highest point over all shares: on a grid, then ever closer around the best places."""
    angles = (np.arange(_GRID) + 0.5) / _GRID * np.pi / 2
    values = chance(np.sin(angles) ** 2)
    best = float(values.max())
    step = np.pi / 2 / _GRID
    for place in angles[np.argsort(values)[-4:]]:
        middle, width = place, step
        for _ in range(7):
            near = np.clip(middle + width * _ZOOM, 0.0, np.pi / 2)
            chances = chance(np.sin(near) ** 2)
            middle, width = near[np.argmax(chances)], width / 8
            best = max(best, float(chances.max()))
    return best
