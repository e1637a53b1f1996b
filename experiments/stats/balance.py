"""Whether the arms hold the shares of units that were designed: the sample ratio."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import scipy

from .codes import SampleRatio
from .multinomial import FEW, exact_multinomial
from .sentences import sample_ratio_of
from .tails import SMALLEST, Array, array, chi_square_test

MISMATCH_P: Final = 0.001
"""A smaller p is a mismatch."""

_SHARP: Final = 1e5
_PRICE: Final = 4.0
"""Strength of the second prior of the sequential test, and what its p is multiplied by."""

_COUNTABLE: Final = 2.0**53  # beyond, a double no longer holds each count


@dataclass(frozen=True)
class Balance:
    """Units seen in each arm against those that the weights lead to expect.

    `observed` and `expected` are units of each arm, `statistic` is χ² or ln BF, `p_value` and
    `log10_p` belong to it. `max_deviation` is the largest |observed − expected| / expected.
    `is_mismatch`: p < 0.001, and a deviation that could matter, where the caller says from when on.
    Where there is no p, `why_not` names the reason; units that can't be are not repeated.
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


def sample_ratio(
    observed: Sequence[float], weights: Sequence[float], *, tolerance: float = 0.0
) -> Balance:
    """χ² = Σ(O − E)²/E against the designed weights, and exact where an arm expects under 10 units.

    For one reading; where data come more than once, `sample_ratio_sequential` decides.

    Args:
        observed: units in each arm. Data never raise: counts that can't be have a name.
        weights: the designed shares in the same order; any scale.
        tolerance: the deviation, as a share of an arm's units, that could not matter to the decision:
            up to it a small p is named too small to matter, not a mismatch. 0.01 is 1 %.

    Returns:
        p, the largest deviation and what they amount to; `statistic` is χ².

    Raises:
        ValueError: not one weight for each arm, weights that are negative or all zero, or a negative
            tolerance.

    Source: Pearson 1900; exact binomial and multinomial, see `multinomial`; Fabijan et al. 2019 KDD;
    Kohavi, Tang & Xu 2020 ch. 3 and 21.

    >>> balance = sample_ratio([44700, 45489], [1, 1])
    >>> round(balance.p_value, 7), balance.is_mismatch
    (0.008608, False)
    >>> sample_ratio([821_588, 815_482], [1, 1]).is_mismatch
    True
    >>> sample_ratio([821_588, 815_482], [1, 1], tolerance=0.005).code
    'too-small-to-matter'
    >>> sample_ratio([0, 0], [1, 1]).explanation
    'No arm has units yet.'
    """
    seen, expected = expected_units(observed, weights)
    _check(tolerance)
    if (why_not := _obstacle(seen, expected)) is not None:
        return _unknown(seen, expected, why_not)
    is_planned = expected > 0
    o, e = seen[is_planned], expected[is_planned]
    with np.errstate(all="ignore"):
        statistic = float(((o - e) / np.sqrt(e) * ((o - e) / np.sqrt(e))).sum())
    if not np.isfinite(statistic):
        return _unknown(seen, expected, SampleRatio.IMPOSSIBLE_NUMBERS)
    is_exact = e.min() < FEW and bool((o % 1 == 0).all()) and o.sum() < _COUNTABLE
    if is_exact:
        p_value, log10_p = exact_multinomial(o, e / e.sum())
    else:
        p_value, log10_p = chi_square_test(statistic, o.size - 1)
    return _judged(seen, expected, p_value, log10_p, statistic, tolerance)


def sample_ratio_sequential(
    observed: Sequence[float], weights: Sequence[float], *, tolerance: float = 0.0
) -> Balance:
    """The sample ratio at one of many looks: p = min(1, 1/BF), which may be read at any of them.

    The Bayes factor sets a Dirichlet prior with a0 = 100·θ against the designed shares θ. A second one
    with a0 = 100,000·θ, which sees small deviations among millions of units, counts where four times
    its p is smaller. Over all looks and however few units an arm expects, p ≤ α comes with at most
    1.25·α by chance. Over several looks the smallest p so far counts.

    Args:
        observed, weights, tolerance: as for `sample_ratio`.

    Returns:
        As `sample_ratio`; `statistic` is ln BF, the first.

    Raises:
        ValueError: as `sample_ratio`.

    Source: Lindon & Malek 2022 NeurIPS, arXiv:2011.03567.

    >>> look = sample_ratio_sequential([5000, 5100], [1, 1])
    >>> round(math.exp(look.statistic), 8), look.p_value
    (0.16126443, 1.0)
    """
    seen, expected = expected_units(observed, weights)
    _check(tolerance)
    if (why_not := _obstacle(seen, expected)) is not None:
        return _unknown(seen, expected, why_not)
    is_planned = expected > 0
    o, share = seen[is_planned], (expected / expected.sum())[is_planned]
    with np.errstate(all="ignore"):
        log_bf = log_bayes_factor(o, share)
        sharp = log_bayes_factor(o, share, _SHARP) - math.log(_PRICE)
    if not (math.isfinite(log_bf) and math.isfinite(sharp)):
        return _unknown(seen, expected, SampleRatio.IMPOSSIBLE_NUMBERS)
    log10_p = min(0.0, -max(log_bf, sharp) / math.log(10))
    p_value = max(10**log10_p, SMALLEST)
    return _judged(seen, expected, p_value, log10_p, log_bf, tolerance)


def _check(tolerance: float) -> None:
    if not tolerance >= 0:
        raise ValueError("the tolerance is a share of an arm's units, 0 or above")


def _obstacle(seen: Array, expected: Array) -> SampleRatio | None:
    """Why there is no ratio to test."""
    if not np.isfinite(expected).all() or (seen < 0).any():
        return SampleRatio.IMPOSSIBLE_NUMBERS
    if seen.sum() <= 0:
        return SampleRatio.NO_UNITS
    if seen[expected == 0].sum() > 0:
        return SampleRatio.UNPLANNED_ARM
    return SampleRatio.ONE_ARM if (expected > 0).sum() < 2 else None


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
    if not (np.isfinite(share).all() and (share >= 0).all() and share.any()):
        raise ValueError("weights must not be negative, and at least one must be above zero")
    with np.errstate(all="ignore"):
        total = share.sum()
        if not np.isfinite(total):
            share, total = share / share.max(), (share / share.max()).sum()
        return seen, seen.sum() * (share / total)


def _judged(
    seen: Array,
    expected: Array,
    p_value: float,
    log10_p: float,
    statistic: float,
    tolerance: float,
) -> Balance:
    is_planned = expected > 0
    deviation = float(np.abs(seen[is_planned] / expected[is_planned] - 1).max())
    if not math.isfinite(deviation):
        return _unknown(seen, expected, SampleRatio.IMPOSSIBLE_NUMBERS)
    return Balance(
        p_value=p_value,
        log10_p=log10_p,
        max_deviation=deviation,
        is_mismatch=bool(p_value < MISMATCH_P and deviation > tolerance),
        expected=tuple(expected.tolist()),
        observed=tuple(seen.tolist()),
        statistic=statistic,
        why_not=None,
    )


def _unknown(seen: Array, expected: Array, why_not: SampleRatio) -> Balance:
    is_known = why_not is not SampleRatio.IMPOSSIBLE_NUMBERS
    return Balance(
        p_value=None,
        log10_p=None,
        max_deviation=None,
        is_mismatch=why_not is SampleRatio.UNPLANNED_ARM,
        expected=tuple(expected.tolist()) if is_known else (),
        observed=tuple(seen.tolist()) if is_known else (),
        statistic=None,
        why_not=why_not,
    )
