"""Tiny samples of a process: is the difference more than a relabelling would make?"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain, combinations
from math import comb
from typing import Final, get_args

import numpy as np
from numpy.typing import ArrayLike

from .codes import WhyNot
from .tails import Alternative, Array, Mask, array

MOST_PERMUTATIONS: Final = 200_000
"""Up to so many relabellings all of them are gone through; beyond, `DRAWN` of them are drawn."""

DRAWN: Final = 50_000

_SAME: Final = 1e-10  # differences this close, for their size, count as equal
_BATCH: Final = 10_000


@dataclass(frozen=True)
class Permutation:
    """`difference` of means, treatment − control; None with a name in `why_not` where an arm is
    empty or a value missing. `p_value` is exact or drawn: `permutations` were counted: all there are where `is_exact`, else drawn by a seed."""

    difference: float | None
    p_value: float | None
    permutations: int
    is_exact: bool
    why_not: WhyNot | None = None


def permutation_test(
    control: ArrayLike,
    treatment: ArrayLike,
    *,
    alternative: Alternative = "two-sided",
    paired: bool = False,
    seed: int = 20261121,
) -> Permutation:
    """The difference of two means against all ways in which the labels could have fallen.

    p = b/m over all m relabellings, b of them as extreme as the observed one; where there are
    more than `MOST_PERMUTATIONS`, (b + 1)/(m + 1) over drawn ones, which never errs too often.
    Two-sided is twice the smaller side, at most 1, as in `scipy.stats.permutation_test`.

    Args:
        control, treatment: a value for each unit.
        alternative: what is to be shown of the treatment.
        paired: both are of the same units, in one order.
        seed: of the drawn relabellings, so that the same data give the same p.

    Returns:
        The difference in the metric's unit, p, and how many relabellings there were.

    Raises:
        ValueError: an alternative that does not exist, or pairs of unequal length.

    Source: Fisher 1935 Design of Experiments §21; drawn ones Phipson & Smyth 2010 Stat Appl Genet
    Mol Biol 9:39.

    >>> permutation_test([3, 4, 5, 4], [6, 7, 5, 8]).p_value
    0.05714285714285714
    >>> permutation_test([3, 4, 5, 4], [6, 7, 5, 8], paired=True, alternative="greater").p_value
    0.125
    """
    arms = array(control).ravel(), array(treatment).ravel()
    if alternative not in get_args(Alternative):
        raise ValueError(f"alternative must be one of {get_args(Alternative)}")
    if paired and arms[0].size != arms[1].size:
        raise ValueError("pairs need as many values in both arms")
    if not min(arm.size for arm in arms):
        return Permutation(None, None, 0, False, WhyNot.NO_UNITS)
    if (why_not := _unusable(*arms)) is not None:
        return Permutation(None, None, 0, False, why_not)
    find = _signs if paired else _labels
    difference, higher, lower, count, is_exact = find(*arms, np.random.default_rng(seed))
    more = 0 if is_exact else 1
    greater, less = ((b + more) / (count + more) for b in (higher, lower))
    chosen = {"greater": greater, "less": less, "two-sided": min(1.0, 2 * min(greater, less))}
    return Permutation(difference, chosen[alternative], count, is_exact)


def _unusable(control: Array, treatment: Array) -> WhyNot | None:
    """Why no difference of means follows from these values."""
    values = np.concatenate([control, treatment])
    if np.isnan(values).any():
        return WhyNot.MISSING_NUMBERS
    with np.errstate(over="ignore"):
        is_finite = np.isfinite(np.abs(values).sum() * 4)
    return None if is_finite else WhyNot.OUT_OF_RANGE


Counted = tuple[float, int, int, int, bool]
"""The difference, how many are at least and at most it, of how many, and whether these are all."""


def _labels(control: Array, treatment: Array, rng: np.random.Generator) -> Counted:
    """Every choice of the units that could have been the treatment's."""
    values, k = np.concatenate([control, treatment]), treatment.size
    n = values.size
    values = values - values.mean()
    is_exact = comb(n, k) <= MOST_PERMUTATIONS
    if is_exact:
        flat = chain.from_iterable(combinations(range(n), k))
        sums = values[np.fromiter(flat, dtype=np.intp).reshape(-1, k)].sum(axis=1)
    else:
        sums = np.concatenate([
            rng.permuted(np.tile(values, (size, 1)), axis=1)[:, :k].sum(axis=1)
            for size in _batches()
        ])  # fmt: skip
    difference = float(treatment.mean() - control.mean())
    return (difference, *_counted(sums, values[-k:].sum(), np.abs(values).sum()), is_exact)


def _signs(control: Array, treatment: Array, rng: np.random.Generator) -> Counted:
    """Every choice of the pairs whose two values could have been the other way round."""
    gaps = treatment - control
    n = gaps.size
    is_exact = 2**n <= MOST_PERMUTATIONS
    if is_exact:
        turned = (np.arange(2**n)[:, None] >> np.arange(n)) & 1
        sums = (1 - 2 * turned) @ gaps
    else:
        sums = np.concatenate([rng.choice([-1.0, 1.0], (size, n)) @ gaps for size in _batches()])
    return (float(gaps.mean()), *_counted(sums, gaps.sum(), np.abs(gaps).sum()), is_exact)


def _batches() -> list[int]:
    return [_BATCH] * (DRAWN // _BATCH)


def _counted(sums: Array, observed: float, scale: float) -> tuple[int, int, int]:
    slack = _SAME * scale
    higher: Mask = sums >= observed - slack
    lower: Mask = sums <= observed + slack
    return int(higher.sum()), int(lower.sum()), sums.size
