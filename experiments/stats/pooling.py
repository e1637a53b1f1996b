"""Many effects together: what they have in common, and how far each should be believed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from .bisection import solved
from .codes import WhyNot
from .tails import CONFIDENCE, Array, array, t_quantile

ENOUGH_FOR_A_PRIOR: Final = 10
ENOUGH_TO_SHRINK: Final = 4


@dataclass(frozen=True)
class Pooled:
    """A random-effects `mean` of `k` effects, with its `standard_error` and its interval from `low` to
    `high`, the variance `tau2` between them, the share `i2` of their spread that is not chance, and
    where the next one may lie, from `prediction_low` to `prediction_high`. None where so few effects
    can't tell, with a name in `why_not`."""

    k: int
    mean: float | None
    low: float | None
    high: float | None
    standard_error: float | None
    tau2: float | None
    i2: float | None
    prediction_low: float | None
    prediction_high: float | None
    why_not: str | None = None


def pool_random_effects(
    effects: Sequence[float], variances: Sequence[float], *, confidence: float = CONFIDENCE
) -> Pooled:
    """τ² by REML, the interval by Hartung and Knapp, the prediction interval on k − 1 degrees.

    Args:
        effects: one for each experiment, for example lifts.
        variances: of the effects (standard errors squared), above zero.
        confidence: of both intervals, 0 to 1.

    Returns:
        The pooled effect with its intervals, in the unit of `effects`.

    Raises:
        ValueError: not one positive variance for each effect.

    Source: Viechtbauer 2005 J Educ Behav Stat 30:261 (REML); Hartung & Knapp 2001 Stat Med
    20:3875; prediction IntHout, Ioannidis, Rovers & Goeman 2016 BMJ Open 6:e010247.

    >>> pooled = pool_random_effects([0.1, 0.3, 0.35, 0.65], [0.03, 0.03, 0.05, 0.01])
    >>> round(pooled.mean, 4), round(pooled.low, 4), round(pooled.high, 4), round(pooled.tau2, 4)
    (0.3772, -0.0111, 0.7655, 0.0429)
    """
    y, v = _checked(effects, variances)
    if y.size < 2:
        mean = float(y[0]) if y.size else None
        return Pooled(y.size, mean, None, None, None, None, None, None, None, "too-few-effects")
    with np.errstate(all="ignore"):
        return _pooled(y, v, confidence)


def _pooled(y: Array, v: Array, confidence: float) -> Pooled:
    tau2 = reml_tau2(y, v)
    weight = (v.min() + tau2) / (v + tau2)
    mean = float((weight * y).sum() / weight.sum())
    off = float(np.abs(y - mean).max()) or 1.0
    error = (
        off * float((weight * ((y - mean) / off) ** 2).sum() / ((y.size - 1) * weight.sum())) ** 0.5
    )
    reach = float(t_quantile(array(y.size - 1.0), confidence))
    spread = float(np.hypot(tau2**0.5, error))
    share = v.min() / v  # of the largest weight, so that no square overflows
    typical = v.min() * (y.size - 1) * share.sum() / (share.sum() ** 2 - (share**2).sum())
    numbers = (mean, error, spread, tau2, typical)
    if not np.isfinite([*numbers, mean + reach * spread, mean - reach * spread]).all():
        return Pooled(y.size, None, None, None, None, None, None, None, None, WhyNot.OUT_OF_RANGE)
    return Pooled(
        k=y.size,
        mean=mean,
        low=mean - reach * error,
        high=mean + reach * error,
        standard_error=error,
        tau2=tau2,
        i2=float(tau2 / (tau2 + typical)),
        prediction_low=mean - reach * spread,
        prediction_high=mean + reach * spread,
    )


def reml_tau2(y: Array, v: Array) -> float:
    """The variance between effects by restricted maximum likelihood, at least 0.

    The root of the restricted score, by bisection: Σw²((y−μ)² − v) / Σw² + 1/Σw = τ².
    Source: Viechtbauer 2005 eq. 10.

    >>> round(reml_tau2(array([0.1, 0.3, 0.35, 0.65]), array([0.03, 0.03, 0.05, 0.01])), 5)
    0.04294
    """

    def score(tau2: float) -> float:
        w = 1 / (v + tau2)
        mean = (w * y).sum() / w.sum()
        return float((w**2 * (y - mean) ** 2).sum() - w.sum() + (w**2).sum() / w.sum())

    scale = 2.0 ** np.round(np.log2(max(float(np.ptp(y)), float(v.max()) ** 0.5, 1e-290)))
    if not np.isfinite(scale):
        return float(scale)
    # Without what the effects share, and by a power of two, which costs no digit.
    y, v = (y - y.min()) / scale, np.maximum(v / scale / scale, 1e-140)
    high = float(np.ptp(y) ** 2 + v.max())
    while score(high) > 0:
        high *= 2
    return float(solved(lambda tau2: score(tau2) <= 0, 0.0, high) * scale * scale)


def shrink(effects: Sequence[float], variances: Sequence[float]) -> Array:
    """Effects drawn towards their common mean, each as far as its own spread is chance.

    mean + τ²/(τ² + v)·(y − mean), with τ² by REML (at least 0) and the mean of `pool_random_effects`.
    With equal variances τ² is Σ(y − mean)²/(k − 3) − v, which gives the positive-part rule of James
    and Stein. Fewer than four come back as they are.

    Args:
        effects: one for each experiment.
        variances: of the effects, above zero.

    Returns:
        An array of the same length.

    Raises:
        ValueError: see `pool_random_effects`.

    Source: James & Stein 1961; Efron & Morris 1973 JASA 68:117 (towards the mean, by empirical
    Bayes); for winners Lee & Shen 2018 KDD, Azevedo et al. 2020 JPE 128:4614.

    >>> shrink([0.1, 0.2, 0.3, 0.4, 0.9], [0.04] * 5).round(4).tolist()
    [0.1577, 0.2371, 0.3165, 0.3959, 0.7928]
    >>> shrink([0.1, 0.2, 0.3, 0.4, 0.9], [0.01, 0.01, 0.01, 0.01, 0.2]).round(4).tolist()
    [0.1946, 0.2367, 0.2787, 0.3207, 0.2855]
    """
    y, v = _checked(effects, variances)
    if y.size < ENOUGH_TO_SHRINK:
        return y
    with np.errstate(all="ignore"):
        if v.min() == v.max():
            tau2 = max(float(((y - y.mean()) ** 2).sum()) / (y.size - 3) - float(v[0]), 0.0)
        else:
            tau2 = reml_tau2(y, v)
        weight = (v.min() + tau2) / (v + tau2)
        mean = (weight * y).sum() / weight.sum()
        shrunk = mean + tau2 / (tau2 + v) * (y - mean)
    return np.where(np.isfinite(shrunk), shrunk, y)


def prior_from(lifts: Sequence[float], variances: Sequence[float]) -> tuple[float, float] | None:
    """Mean and sd of a normal prior on a lift, learnt from our own past ones.

    Args:
        lifts: of decided tests; 0.1 is 10 %.
        variances: of the lifts, above zero.

    Returns:
        (mean, sd) for `posterior`; None under ten lifts.

    Raises:
        ValueError: see `pool_random_effects`.

    Source: `pool_random_effects`; Deng 2015 WWW (priors learnt from past tests).

    >>> prior_from([0.1, 0.2], [0.01, 0.01]) is None
    True
    """
    if len(lifts) < ENOUGH_FOR_A_PRIOR:
        return None
    pooled = pool_random_effects(lifts, variances)
    if pooled.mean is None or pooled.tau2 is None or pooled.standard_error is None:
        return None
    return pooled.mean, float((pooled.tau2 + pooled.standard_error**2) ** 0.5)


def _checked(effects: Sequence[float], variances: Sequence[float]) -> tuple[Array, Array]:
    y, v = array(effects), array(variances)
    if y.ndim != 1 or y.shape != v.shape or not (np.isfinite(y) & np.isfinite(v) & (v > 0)).all():
        raise ValueError("give one variance above zero for each effect")
    return y, v
