"""What one arm says about one metric: frozen sufficient statistics, and how to add two of them.

Every field is a number, or an array when many comparisons are made in one call (a list becomes
one).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import add
from typing import TypeAlias, TypeVar

import numpy as np
from numpy.typing import ArrayLike

from .moments import (
    Numbers,
    Sums,
    covariance_from_sums,
    merged_moment,
    merged_skewness,
    moments_of,
    skewness_of,
)
from .tails import array


class _Fields:
    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if isinstance(value, list | tuple):
                object.__setattr__(self, name, np.asarray(value))


@dataclass(frozen=True)
class Proportion(_Fields):
    """A share: `successes` of `n` units.

    >>> Proportion(n=1000, successes=100) + Proportion(n=500, successes=60)
    Proportion(n=1500, successes=160)
    """

    n: Numbers
    successes: Numbers

    @classmethod
    def from_units(cls, values: ArrayLike) -> Proportion:
        """One 0 or 1 (or False or True) a unit. Another value makes the successes nan, a missing number.

        >>> Proportion.from_units([True, False, True])
        Proportion(n=3, successes=2)
        """
        units = array(values)
        is_share = np.isin(units, (0.0, 1.0)).all()
        return cls(n=units.size, successes=int(units.sum()) if is_share else np.nan)

    @classmethod
    def from_sums(cls, n: Numbers, total: Numbers) -> Proportion:
        """The number of units and the sum of their zeros and ones."""
        return cls(n=n, successes=total)

    def __add__(self, other: Proportion) -> Proportion:
        return Proportion(self.n + other.n, self.successes + other.successes)


@dataclass(frozen=True)
class Mean(_Fields):
    """A `mean` over `n` units; `variance` is that of a unit, with n − 1. The `skewness` of a unit, g1 (the
    third central moment over the 1.5th power of the second, both with n), is None where it is not known.

    >>> Mean.from_units([1.0, 2.0, 3.0]) + Mean.from_units([4.0, 5.0])
    Mean(n=5, mean=3.0, variance=2.5)
    >>> round((Mean.from_units([0.0, 0.0]) + Mean.from_units([0.0, 9.0])).skewness, 6)
    1.154701
    """

    n: Numbers
    mean: Numbers
    variance: Numbers
    skewness: Numbers | None = field(default=None, repr=False, compare=False)

    @classmethod
    def from_units(cls, values: ArrayLike) -> Mean:
        """One value a unit. By two passes, so a mean of 10⁹ costs the variance no digit.

        >>> Mean.from_units([1e9, 1e9 + 1, 1e9 + 2])
        Mean(n=3, mean=1000000001.0, variance=1.0)
        """
        n, (mean,), ((variance,),) = moments_of(values)
        return cls(n, mean, variance, skewness=skewness_of(values))

    @classmethod
    def from_sums(cls, n: Numbers, total: Sums, total_of_squares: Sums) -> Mean:
        """n, Σx and Σx².

        The subtraction n·Σx² − (Σx)² is done without rounding (Dekker 1971 Numer. Math. 18:224),
        so nothing is lost here; what the sums had lost before can't be brought back. Give exact
        sums (int, Fraction) where the mean is large and the spread small.

        >>> Mean.from_sums(3, 3 * 10**9, 3 * 10**18 + 2)
        Mean(n=3, mean=1000000000.0, variance=1.0)
        """
        return cls(n, *covariance_from_sums(n, total, total, total_of_squares)[1:])

    def __add__(self, other: Mean) -> Mean:
        n, mean, shift = _merged_mean(self, other, "mean")
        variance = merged_moment(self.n, self.variance, other.n, other.variance, shift, shift)
        if self.skewness is None or other.skewness is None:
            return Mean(n, mean, variance)
        first, second = (
            (self.n, self.variance, self.skewness),
            (
                other.n,
                other.variance,
                other.skewness,
            ),
        )
        return Mean(n, mean, variance, skewness=merged_skewness(first, second, shift, variance))


@dataclass(frozen=True)
class Ratio(_Fields):
    """A ratio of two sums over units: Σ numerator / Σ denominator, as means a unit.

    `numerator` and `denominator` are means over the `n` units; `numerator_variance`,
    `denominator_variance` and their `covariance` are those of a unit, with n − 1.

    >>> Ratio.from_units([1.0, 2.0, 3.0], [2.0, 2.0, 5.0]).covariance
    1.5
    """

    n: Numbers
    numerator: Numbers
    denominator: Numbers
    numerator_variance: Numbers
    denominator_variance: Numbers
    covariance: Numbers

    @classmethod
    def from_units(cls, numerators: ArrayLike, denominators: ArrayLike) -> Ratio:
        """One numerator and one denominator a unit, in the same order."""
        n, (m, d), ((mm, md), (_, dd)) = moments_of(numerators, denominators)
        return cls(n, m, d, mm, dd, md)

    @classmethod
    def from_clusters(cls, values: ArrayLike, clusters: ArrayLike) -> Ratio:
        """A mean per unit where households, shops or days were put into an arm, not single units.

        The cluster is the unit, its sum the numerator and its size the denominator: the cluster-robust
        variance of a mean (Deng, Knoblich & Lu 2018 KDD §4.1). `clusters` names that of each value.

        >>> Ratio.from_clusters([1, 0, 1, 1], ["a", "a", "b", "c"]).n
        3
        """
        _, place = np.unique(np.asarray(clusters).ravel(), return_inverse=True)
        return cls.from_units(np.bincount(place, array(values).ravel()), np.bincount(place))

    @classmethod
    def from_sums(
        cls,
        n: Numbers,
        numerator: Sums,
        denominator: Sums,
        numerator_squares: Sums,
        denominator_squares: Sums,
        products: Sums,
    ) -> Ratio:
        """n, Σm, Σd, Σm², Σd² and Σmd; exact where the sums are (see `Mean.from_sums`).

        >>> Ratio.from_sums(3, 6, 9, 14, 33, 21) == Ratio.from_units([1, 2, 3], [2, 2, 5])
        True
        """
        _, m, mm = covariance_from_sums(n, numerator, numerator, numerator_squares)
        _, d, dd = covariance_from_sums(n, denominator, denominator, denominator_squares)
        md = covariance_from_sums(n, numerator, denominator, products)[2]
        return cls(n, m, d, mm, dd, md)

    def __add__(self, other: Ratio) -> Ratio:
        n, m, shift_m = _merged_mean(self, other, "numerator")
        _, d, shift_d = _merged_mean(self, other, "denominator")
        moment = _moment_merger(self, other)
        return Ratio(
            n,
            m,
            d,
            moment("numerator_variance", shift_m, shift_m),
            moment("denominator_variance", shift_d, shift_d),
            moment("covariance", shift_m, shift_d),
        )


@dataclass(frozen=True)
class CovariateMean(_Fields):
    """A mean with a covariate measured before the experiment (CUPED).

    `mean` and `covariate_mean` are over the `n` units; `variance`, `covariate_variance` and the
    `covariance` of metric and covariate are those of a unit, with n − 1.
    """

    n: Numbers
    mean: Numbers
    variance: Numbers
    covariate_mean: Numbers
    covariate_variance: Numbers
    covariance: Numbers

    @classmethod
    def from_units(cls, values: ArrayLike, covariates: ArrayLike) -> CovariateMean:
        """One value and one covariate a unit, in the same order.

        >>> CovariateMean.from_units([1, 2, 3], [2, 2, 5]).covariance
        1.5
        """
        n, (y, x), ((yy, yx), (_, xx)) = moments_of(values, covariates)
        return cls(n, y, yy, x, xx, yx)

    @classmethod
    def from_sums(
        cls,
        n: Numbers,
        total: Sums,
        covariate: Sums,
        squares: Sums,
        covariate_squares: Sums,
        products: Sums,
    ) -> CovariateMean:
        """n, Σy, Σx, Σy², Σx² and Σyx; exact where the sums are (see `Mean.from_sums`)."""
        r = Ratio.from_sums(n, total, covariate, squares, covariate_squares, products)
        return cls(
            n,
            r.numerator,
            r.numerator_variance,
            r.denominator,
            r.denominator_variance,
            r.covariance,
        )

    @property
    def plain(self) -> Mean:
        """The same units without the covariate."""
        return Mean(self.n, self.mean, self.variance)

    def __add__(self, other: CovariateMean) -> CovariateMean:
        n, y, shift_y = _merged_mean(self, other, "mean")
        _, x, shift_x = _merged_mean(self, other, "covariate_mean")
        moment = _moment_merger(self, other)
        return CovariateMean(
            n,
            y,
            moment("variance", shift_y, shift_y),
            x,
            moment("covariate_variance", shift_x, shift_x),
            moment("covariance", shift_y, shift_x),
        )


Sample: TypeAlias = Proportion | Mean | Ratio | CovariateMean
S = TypeVar("S", Proportion, Mean, Ratio, CovariateMean)


def _merged_mean(a: S, b: S, field: str) -> tuple[Numbers, Numbers, Numbers]:
    """The number of units, the mean of two disjoint samples, and how far apart their means are."""
    n: Numbers = a.n + b.n
    mean_a: Numbers = getattr(a, field)
    mean_b: Numbers = getattr(b, field)
    share: Numbers = b.n / np.maximum(n, 1) if isinstance(n, np.ndarray) else b.n / max(n, 1)
    return n, mean_a + (mean_b - mean_a) * share, mean_b - mean_a


def _moment_merger(a: S, b: S) -> Callable[[str, Numbers, Numbers], Numbers]:
    def merge(field: str, shift: Numbers, other_shift: Numbers) -> Numbers:
        return merged_moment(a.n, getattr(a, field), b.n, getattr(b, field), shift, other_shift)

    return merge


def merged(samples: Sequence[S]) -> S:
    """All of `samples` added up; at least one.

    >>> merged([Proportion(10, 1), Proportion(20, 3), Proportion(5, 0)])
    Proportion(n=35, successes=4)
    """
    return reduce(add, samples)


def value_of(sample: Sample) -> float | None:
    """The share, mean or ratio of one sample of numbers; None where it has no units or no total.

    >>> value_of(Proportion(200, 30)), value_of(Proportion(0, 0))
    (0.15, None)
    """
    if sample.n < 1:
        return None
    if isinstance(sample, Proportion):
        return float(sample.successes / sample.n)
    if isinstance(sample, Ratio):
        return float(sample.numerator / sample.denominator) if sample.denominator else None
    return float(sample.mean)
