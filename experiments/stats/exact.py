"""Fisher's exact test of two proportions, in logs, for any table that has a small cell."""

from __future__ import annotations

import numpy as np
import scipy

from .tails import SMALLEST, Alternative, Array, array

_SAME = 1e-7  # tables within this share of the observed one's chance count as equally likely
_WIDEST = 1e6  # counts beyond this are so far out that one side says it all
_BEYOND = 100  # how far past the observed count chances are added up


def fisher(
    x_c: Array, n_c: Array, x_t: Array, n_t: Array, alternative: Alternative
) -> tuple[Array, Array]:
    """p and log10 p; counts are whole numbers. "greater" means more successes in the treatment.

    Two-sided, all tables at most as likely as the observed one are added up.
    Source: Fisher 1935 JRSS 98:39.

    >>> p, _ = fisher(array([0]), array([1000]), array([5]), array([1000]), "two-sided")
    >>> p.round(10).tolist()
    [0.0621875785]
    """
    tables = np.broadcast_arrays(*map(array, (x_c, n_c, x_t, n_t)))
    log_p = np.empty(tables[0].size)
    count, row, column, total, is_turned = _rarest_cell(*(table.ravel() for table in tables))
    side = np.where(is_turned, -1, 1) * {"two-sided": 0, "greater": 1, "less": -1}[alternative]
    width = np.maximum(count, row * column / total) + _BEYOND
    few = width <= 4 * _BEYOND
    far = ~(width <= _WIDEST)
    log_p[far] = _log_far_tail(*(values[far] for values in (count, row, column, total, side)))
    for rows in [np.flatnonzero(few), *(np.array([k]) for k in np.flatnonzero(~few & ~far))]:
        if rows.size:
            pick = (values[rows] for values in (count, row, column, total, side))
            log_p[rows] = _log_p(*pick, width=int(width[rows].max()) + 1)
    log10_p = np.minimum(log_p.reshape(tables[0].shape), 0.0) / np.log(10)
    return np.maximum(10**log10_p, SMALLEST), log10_p


def _rarest_cell(
    x_c: Array, n_c: Array, x_t: Array, n_t: Array
) -> tuple[Array, Array, Array, Array, Array]:
    """The cell with the smallest expected count: its count, its row's and column's totals, the
    grand total, and whether more in it means fewer successes in the treatment."""
    is_control = n_c < n_t
    is_failure = 2 * (x_c + x_t) > n_c + n_t
    row = np.where(is_control, n_c, n_t)
    successes = np.where(is_control, x_c, x_t)
    total = n_c + n_t
    column = np.where(is_failure, total - x_c - x_t, x_c + x_t)
    count = np.where(is_failure, row - successes, successes)
    return count, row, column, total, is_control != is_failure


def _log_p(
    count: Array, row: Array, column: Array, total: Array, side: Array, *, width: int
) -> Array:
    """ln of the summed chances of the tables on `side` (0: both) of the observed one.

    P(k+1)/P(k) = (row−k)(column−k) / ((k+1)(total−row−column+k+1)); the support starts at 0,
    because row and column are each at most half of the total.
    """
    k = np.arange(width, dtype=np.float64)[None, :]
    row, column, total, count = (v[:, None] for v in (row, column, total, count))
    step = np.maximum(row - k, 0) * np.maximum(column - k, 0)
    step = step / ((k + 1) * (total - row - column + k + 1))
    with np.errstate(divide="ignore"):
        growth = np.cumsum(np.log(step[:, :-1]), axis=1)
    log_chance = np.concatenate([np.zeros((row.size, 1)), growth], axis=1)
    log_chance = log_chance - _log_sum(log_chance)[:, None]
    observed = np.take_along_axis(log_chance, count.astype(np.intp), axis=1)
    side = side[:, None]
    counted = np.where(side > 0, k >= count, k <= count)
    counted = np.where(side == 0, log_chance <= observed + _SAME, counted)
    return _log_sum(np.where(counted, log_chance, -np.inf))


def _log_far_tail(count: Array, row: Array, column: Array, total: Array, side: Array) -> Array:
    """The same for counts far above their expected value: the first chance, and those beyond it as a
    geometric series. The other side is left out: nothing there is as unlikely."""
    gammaln = scipy.special.gammaln

    def log_ways(n: Array, k: Array) -> Array:
        return array(gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1))

    log_chance = (
        log_ways(column, count) + log_ways(total - column, row - count) - log_ways(total, row)
    )
    ratio = (row - count) * (column - count) / ((count + 1) * (total - row - column + count + 1))
    log_tail = log_chance - np.log1p(-np.minimum(ratio, 0.999))
    return np.where(side < 0, 0.0, np.minimum(log_tail, 0.0))


def _log_sum(values: Array) -> Array:
    top = values.max(axis=1, keepdims=True)
    total: Array = np.log(np.exp(values - top).sum(axis=1)) + top[:, 0]
    return total
