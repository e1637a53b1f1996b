"""CUPED: a mean made sharper by what was known of each unit before the experiment."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from .lift import Pair
from .moments import merged_moment
from .question import fields
from .samples import CovariateMean
from .tails import Array, array


def adjusted(control: CovariateMean, treatment: CovariateMean) -> tuple[Pair, Pair]:
    """Y′ = Y − θ(X − X̄) with θ = cov(Y, X)/var(X) over both arms: the pair to test, and the pair
    for the lift, which is relative to the control's own mean Y_c and carries cov(Y′_t, Y_c) along.

    Source: Deng, Xu, Kohavi & Walker 2013 WSDM eq. 5 to 7.
    """
    n_c, m_c, s_c, x_c, xx_c, yx_c = fields(control)
    n_t, m_t, s_t, x_t, xx_t, yx_t = fields(treatment)
    theta = theta_of(control, treatment)
    a_c = np.maximum(s_c - 2 * theta * yx_c + theta**2 * xx_c, 0) / n_c
    a_t = np.maximum(s_t - 2 * theta * yx_t + theta**2 * xx_t, 0) / n_t
    # An arm without units has no mean, whatever its sample holds.
    m_c, m_t = np.where(n_c < 1, np.nan, m_c), np.where(n_t < 1, np.nan, m_t)
    shifted, v_t = m_t - theta * (x_t - x_c), a_t + theta**2 * xx_c / n_c
    test = Pair(m_c, shifted, a_c, a_t, n_c - 1, n_t - 1)
    return test, Pair(m_c, shifted, s_c / n_c, v_t, n_c - 1, n_t - 1, theta * yx_c / n_c)


def theta_of(control: CovariateMean, treatment: CovariateMean) -> Array:
    """θ = cov(Y, X)/var(X) over both arms together, their distance included; 0 where X is constant.

    >>> a = CovariateMean.from_units([1.0, 2.0, 3.0], [1.0, 2.0, 3.0])
    >>> float(theta_of(a, a))
    1.0
    """
    n_c, m_c, _, x_c, xx_c, yx_c = fields(control)
    n_t, m_t, _, x_t, xx_t, yx_t = fields(treatment)
    covariance = merged_moment(n_c, yx_c, n_t, yx_t, m_t - m_c, x_t - x_c)
    variance = merged_moment(n_c, xx_c, n_t, xx_t, x_t - x_c, x_t - x_c)
    return np.where(variance > 0, covariance / np.where(variance > 0, variance, 1.0), 0.0)


def fitted_scores(arms: Sequence[tuple[ArrayLike, ArrayLike]]) -> list[Array]:
    """Several covariates of each unit made into one, for `CovariateMean.from_units`.

    The score is Xβ, with β by least squares over the units of all arms, each arm about its own means, so
    that no effect leaks into it. Covariates that say the same twice do no harm.

    Args:
        arms: (values, covariates) of each; values with one entry for each of n units, covariates n × q, all
            measured before anybody was treated.

    Returns:
        One score for each unit, an array for each arm; nan for all where a number is missing, which
        `compare` names.

    Raises:
        ValueError: shapes that do not fit together.

    Source: Deng, Xu, Kohavi & Walker 2013 WSDM §4.2; Lin 2013 Ann Appl Stat 7:295.

    >>> y, x = [1.0, 2.0, 4.0, 8.0], [[1, 0], [2, 1], [4, 0], [8, 1]]
    >>> [score.round(6).tolist() for score in fitted_scores([(y, x), (y, x)])]
    [[1.0, 2.0, 4.0, 8.0], [1.0, 2.0, 4.0, 8.0]]
    """
    with np.errstate(all="ignore"):
        return _scores([(array(values).ravel(), array(covariates)) for values, covariates in arms])


def _scores(units: list[tuple[Array, Array]]) -> list[Array]:
    shapes = {x.shape[1:] for _, x in units}
    if len(shapes) != 1 or any(x.ndim != 2 or len(x) != y.size for y, x in units):
        raise ValueError("give each unit one value and a row of covariates, as many in every arm")
    if not all(np.isfinite(y).all() and np.isfinite(x).all() for y, x in units):
        return [np.full(y.size, np.nan) for y, _ in units]
    filled = [(y - y.mean(), x - x.mean(axis=0)) for y, x in units if y.size]
    if not filled:
        return [array([]) for _ in units]
    y, x = (np.concatenate(parts) for parts in zip(*filled, strict=True))
    scale = np.where(np.abs(x).max(axis=0) > 0, np.abs(x).max(axis=0), 1.0)
    if not np.isfinite(y).all() or not np.isfinite(scale).all():
        return [np.full(y.size, np.nan) for y, _ in units]
    beta = np.linalg.lstsq(x / scale, y, rcond=None)[0]
    return [array((covariates / scale) @ beta) for _, covariates in units]
