"""Whether the arms hold the shares of units that were designed: the sample ratio."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import scipy

from .codes import SampleRatio
from .sentences import sample_ratio_of
from .tails import SMALLEST, Array, array, chi_square_test

MISMATCH_P: Final = 0.001
MISMATCH_DEVIATION: Final = 0.01


@dataclass(frozen=True)
class Balance:
    """Units seen in each arm against those that the weights lead to expect.

    `observed` and `expected` are units of each arm, `statistic` is χ² or ln BF, `p_value` and
    `log10_p` belong to it. `max_deviation` is the largest |observed − expected| / expected.
    `is_mismatch`: p < 0.001 **and** a deviation over 1 %, for at a billion units a harmless 0.02 % is
    "significant". Where there is no p, `why_not` names the reason.
    """

    p_value: float | None
    log10_p: float | None
    max_deviation: float | None
    is_mismatch: bool
    expected: tuple[float, ...]
    observed: tuple[float, ...]
    statistic: float | None
    why_not: SampleRatio | None

    @property
    def code(self) -> SampleRatio:
        """What it amounts to."""
        if self.why_not is not None:
            return self.why_not
        if self.is_mismatch:
            return SampleRatio.MISMATCH
        is_by_chance = self.p_value is None or self.p_value >= MISMATCH_P
        return SampleRatio.BY_CHANCE if is_by_chance else SampleRatio.TOO_SMALL_TO_MATTER

    @property
    def explanation(self) -> str:
        return sample_ratio_of(self.code, self.max_deviation)


def sample_ratio(observed: Sequence[float], weights: Sequence[float]) -> Balance:
    """χ² = Σ(O − E)²/E against the designed weights; never an exception over data.

    Args:
        observed: units in each arm.
        weights: the designed shares in the same order; any scale.

    Returns:
        p, the largest deviation and what they amount to.

    Raises:
        ValueError: not one weight for each arm, or weights that are negative or all zero.

    Source: Pearson 1900; Fabijan et al. 2019 KDD; Kohavi, Tang & Xu 2020 ch. 21.

    >>> balance = sample_ratio([44700, 45489], [1, 1])
    >>> round(balance.p_value, 7), balance.is_mismatch
    (0.008608, False)
    >>> sample_ratio([0, 0], [1, 1]).explanation
    'No arm has units yet.'
    """
    seen, expected = expected_units(observed, weights)
    is_planned = expected > 0
    if seen.sum() <= 0:
        return _unknown(seen, expected, SampleRatio.NO_UNITS)
    if seen[~is_planned].sum() > 0:
        return _unknown(seen, expected, SampleRatio.UNPLANNED_ARM)
    if is_planned.sum() < 2:
        return _unknown(seen, expected, SampleRatio.ONE_ARM)
    gap = seen[is_planned] - expected[is_planned]
    statistic = float((gap**2 / expected[is_planned]).sum())
    p_value, log10_p = chi_square_test(statistic, int(is_planned.sum()) - 1)
    return _judged(seen, expected, p_value, log10_p, statistic)


def sample_ratio_sequential(observed: Sequence[float], weights: Sequence[float]) -> Balance:
    """The sample ratio at one of many looks: p = min(1, 1/BF), which may be read at any of them.

    The Bayes factor sets a Dirichlet prior with a0 = 100·θ against the designed shares θ. Over
    several looks the smallest p so far counts.

    Args:
        observed, weights: as for `sample_ratio`.

    Returns:
        As `sample_ratio`; `statistic` is ln BF.

    Raises:
        ValueError: as `sample_ratio`.

    Source: Lindon & Malek 2022 NeurIPS, arXiv:2011.03567.

    >>> look = sample_ratio_sequential([5000, 5100], [1, 1])
    >>> round(math.exp(look.statistic), 8), look.p_value
    (0.16126443, 1.0)
    """
    fixed = sample_ratio(observed, weights)
    if fixed.why_not is not None:
        return fixed
    seen, expected = array(fixed.observed), array(fixed.expected)
    is_planned = expected > 0
    log_bf = log_bayes_factor(seen[is_planned], (expected / expected.sum())[is_planned])
    log10_p = min(0.0, -log_bf / math.log(10))
    return _judged(seen, expected, max(10**log10_p, SMALLEST), log10_p, log_bf)


def log_bayes_factor(seen: Array, share: Array, strength: float = 100.0) -> float:
    """ln of ∏ Γ(a+o)/Γ(a) · Γ(A)/Γ(A+N) / ∏ θ^o with a = `strength`·θ.

    In Stirling's form, with z = a + o: the large parts make up a deviance that is summed without
    cancelling, so that a trillion units lose no digits.

    >>> round(log_bayes_factor(array([5e11, 5e11]), array([0.5, 0.5])), 6)
    -11.515425
    """
    a, z = strength * share, strength * share + seen
    total = z.sum()
    expected = total * share
    u = z / expected - 1
    deviance = (expected * ((1 + u) * np.log1p(u) - u)).sum()
    halves = 0.5 * np.log(total) - 0.5 * np.log(z).sum()
    rest = _stirling_rest(z).sum() - _stirling_rest(array(total))
    prior = scipy.special.gammaln(strength) - scipy.special.gammaln(a).sum()
    prior += scipy.special.xlogy(a, share).sum() + (seen.size - 1) / 2 * np.log(2 * np.pi)
    return float(deviance + halves + rest + prior)


def _stirling_rest(z: Array) -> Array:
    """ln Γ(z) − ((z − ½) ln z − z + ½ ln 2π): Abramowitz & Stegun 1964, 6.1.41."""
    series = (1 / 12 - (1 / 360 - (1 / 1260 - 1 / (1680 * z**2)) / z**2) / z**2) / z
    small = np.minimum(z, 15.0)
    direct = scipy.special.gammaln(small) - (small - 0.5) * np.log(small) + small
    return np.where(z < 15, direct - 0.5 * np.log(2 * np.pi), series)


def expected_units(observed: Sequence[float], weights: Sequence[float]) -> tuple[Array, Array]:
    """Units seen and expected, as arrays.

    Raises:
        ValueError: see `sample_ratio`.

    >>> expected_units([30, 70], [1, 3])[1].tolist()
    [25.0, 75.0]
    """
    seen, share = array(observed), array(weights)
    if seen.ndim != 1 or seen.shape != share.shape:
        raise ValueError("give one weight for each arm")
    if not (np.isfinite(share).all() and (share >= 0).all() and share.sum() > 0):
        raise ValueError("weights must not be negative, and at least one must be above zero")
    if not (np.isfinite(seen).all() and (seen >= 0).all()):
        raise ValueError("units must be finite counts that are not negative")
    return seen, seen.sum() * (share / share.sum())


def _judged(
    seen: Array, expected: Array, p_value: float, log10_p: float, statistic: float | None
) -> Balance:
    is_planned = expected > 0
    deviation = np.abs(seen[is_planned] / expected[is_planned] - 1).max()
    is_mismatch = bool(p_value < MISMATCH_P and deviation > MISMATCH_DEVIATION)
    return Balance(
        p_value=p_value,
        log10_p=log10_p,
        max_deviation=float(deviation),
        is_mismatch=is_mismatch,
        expected=tuple(expected.tolist()),
        observed=tuple(seen.tolist()),
        statistic=statistic,
        why_not=None,
    )


def _unknown(seen: Array, expected: Array, why_not: SampleRatio) -> Balance:
    return Balance(
        p_value=None,
        log10_p=None,
        max_deviation=None,
        is_mismatch=why_not is SampleRatio.UNPLANNED_ARM,
        expected=tuple(expected.tolist()),
        observed=tuple(seen.tolist()),
        statistic=None,
        why_not=why_not,
    )
