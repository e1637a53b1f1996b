"""Two arms of any kind as two estimates with their variances: what every method starts from."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .covariates import adjusted
from .lift import Pair, is_clearly_positive
from .question import Why, fields, trouble
from .samples import CovariateMean, Mean, Proportion, Ratio, Sample
from .tails import Array, Mask


class Estimate(NamedTuple):
    """`pair` carries the difference, `relative` the lift (the same but for CUPED, where the two
    arms share the covariate's mean); `why` says where there is none."""

    pair: Pair
    relative: Pair
    n_c: Array
    n_t: Array
    why: Why
    is_positive: Mask
    method: str = "welch-t"


def estimate(control: Sample, treatment: Sample) -> Estimate:
    """The estimate of two samples of one kind.

    Raises:
        TypeError: samples of different kinds.
    """
    match control, treatment:
        case Proportion(), Proportion():
            return _of_shares(fields(control), fields(treatment))
        case Mean(), Mean():
            return _of_means(fields(control)[:3], fields(treatment)[:3])
        case Ratio(), Ratio():
            return _of_means(_linearised(control), _linearised(treatment))
        case CovariateMean(), CovariateMean():
            return _of_adjusted(control, treatment)
    raise TypeError(
        f"Both arms must be samples of one kind, not {type(control).__name__} and "
        f"{type(treatment).__name__}."
    )


def _of_shares(control: list[Array], treatment: list[Array]) -> Estimate:
    (n_c, x_c), (n_t, x_t) = control, treatment
    p_c, p_t = x_c / n_c, x_t / n_t
    v_c, v_t = p_c * (1 - p_c) / n_c, p_t * (1 - p_t) / n_t
    known = np.full(np.shape(p_c - p_t), np.inf)
    pair = Pair(p_c, p_t, v_c, v_t, known, known)
    relative = pair._replace(v_t=np.where(x_t > 0, v_t, np.nan))
    why = trouble(n_c, n_t, x_c, x_t, n_c - x_c, n_t - x_t)
    why["no-conversions"] = x_c + x_t == 0
    why["everyone-converted"] = x_c + x_t == n_c + n_t
    return Estimate(pair, relative, n_c, n_t, why, (x_c > 0) & (x_t > 0))


def _of_means(control: list[Array], treatment: list[Array]) -> Estimate:
    (n_c, m_c, s_c, *d_c), (n_t, m_t, s_t, *d_t) = control, treatment
    # An arm without units has no mean, whatever its sample holds.
    m_c, m_t = np.where(n_c < 1, np.nan, m_c), np.where(n_t < 1, np.nan, m_t)
    pair = Pair(m_c, m_t, s_c / n_c, s_t / n_t, n_c - 1, n_t - 1)
    has_none: Mask = (d_c[0] == 0) | (d_t[0] == 0) if d_c and d_t else np.asarray(False)
    spreads = (np.where((n < 2) | has_none, 0, s) for n, s in ((n_c, s_c), (n_t, s_t)))
    why = trouble(n_c, n_t, *spreads)
    if d_c and d_t:
        why["zero-denominator"] = has_none
    return Estimate(pair, pair, n_c, n_t, why, is_clearly_positive(pair))


def _linearised(sample: Ratio) -> list[Array]:
    """R = M/D with Var R = (s²_M − 2R·cov + R²s²_D)/(nD²): Deng, Knoblich & Lu 2018 KDD eq. 4."""
    n, m, d, mm, dd, md = fields(sample)
    ratio = m / d
    return [n, ratio, np.maximum(mm - 2 * ratio * md + ratio**2 * dd, 0) / d**2, d]


def _of_adjusted(control: CovariateMean, treatment: CovariateMean) -> Estimate:
    pair, relative = adjusted(control, treatment)
    n_c, n_t = fields(control)[0], fields(treatment)[0]
    spreads = (fields(arm)[place] for arm in (control, treatment) for place in (2, 4))
    why = trouble(n_c, n_t, *spreads)
    return Estimate(
        pair, relative, n_c, n_t, why, is_clearly_positive(relative), method="cuped-welch-t"
    )
