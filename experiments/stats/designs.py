"""How a test is laid out: the one description that sizes and detectable effects are made from."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict

from .monitoring import Monitoring, inflation
from .power import Test, effect_on_means, effect_on_shares, size_for_means, size_for_shares
from .tails import ALPHA, Alternative


@dataclass(frozen=True, kw_only=True)
class Design:
    """How a test is laid out: all that its size depends on but the baseline and the effect.

    With several comparisons (treatments × primary metrics) each is planned at α over their number,
    the first and strictest step of the Holm adjustment that the analysis will make.

    Args:
        variance: of one unit, in the metric's unit squared (`unit_variance` gives that of a ratio);
            None means a proportion.
        power: the chance to see the planned effect, 0 to 1.
        alpha: the error of all comparisons together, 0 to 1.
        alternative: "two-sided"; or what a one-sided test is to show, "greater" or "less".
        arms: all of them, the control included.
        weights: of all arms, the control first, where they are not equal; any scale.
        margin: with a one-sided alternative, the loss that may be tolerated, in the metric's unit.
        correlation: of the metric with the covariate that adjusts it (CUPED), −1 to 1.
        metrics: primary metrics that are tested together.
        monitoring: `AnyTime()` or `PlannedLooks(...)`; None is a fixed horizon.

    Raises:
        ValueError: with a sentence, where the parts do not fit.

    Source: proportions Fleiss, Levin & Paik 2003 eq. 4.14, against a margin Farrington & Manning
    1990 Stat Med 9:1447; means by the noncentral t (Cohen 1988 ch. 2), solved exactly; monitoring
    by `inflation`; CUPED Deng et al. 2013 WSDM eq. 5.

    >>> Design(arms=3).size(0.10, 0.10), Design().size(0.10, 0.10)
    (17864, 14751)
    """

    variance: float | None = None
    power: float = 0.8
    alpha: float = ALPHA
    alternative: Alternative = "two-sided"
    arms: int = 2
    weights: Sequence[float] | None = None
    margin: float = 0.0
    correlation: float = 0.0
    metrics: int = 1
    monitoring: Monitoring | None = None

    def __post_init__(self) -> None:
        if not 0 < self.alpha < 1 or not 0 < self.power < 1:
            raise ValueError("alpha and power lie between 0 and 1")
        if self.alpha >= self.power:
            raise ValueError("power must be above alpha: less is had by tossing a coin")
        if self.margin and self.alternative == "two-sided":
            raise ValueError('a margin needs a direction: alternative="greater" or "less"')
        if not -1 < self.correlation < 1:
            raise ValueError("the correlation with a covariate lies between −1 and 1")
        if self.metrics < 1:
            raise ValueError("at least one primary metric is planned for")
        _ = self.shares

    @property
    def shares(self) -> Sequence[float]:
        """Weights of the arms, the control first. The smallest treatment decides on the size."""
        return weights_of(self.arms, self.weights)

    @property
    def test(self) -> Test:
        """The test of one comparison."""
        null = -self.margin if self.alternative == "greater" else self.margin
        allocation = min(self.shares[1:]) / self.shares[0]
        alpha = self.alpha / self._comparisons
        return Test(self.power, alpha, self.alternative, allocation, null)

    def size(self, baseline: float, relative_effect: float) -> int:
        """Whole units for each arm (with weights: for the control), as `sample_size` gives them."""
        return math.ceil(self.exact_size(baseline, relative_effect) - 1e-9)

    def exact_size(self, baseline: float, relative_effect: float) -> float:
        """The same before it is rounded up."""
        try:
            units = self._units(baseline, relative_effect)
        except (OverflowError, ZeroDivisionError):
            units = math.inf
        if not math.isfinite(units):
            raise ValueError("an effect so small would take more units than there are")
        return units

    def _units(self, baseline: float, relative_effect: float) -> float:
        test = self.test
        gap = relative_effect * abs(baseline) - test.null
        if not math.isfinite(baseline) or not math.isfinite(gap):
            raise ValueError("the baseline and the effect must be numbers")
        if gap == 0:
            raise ValueError("the smallest effect that matters, and the baseline, must not be zero")
        if test.sides == 1 and gap * test.sign < 0:
            raise ValueError(
                f'no number of units shows this effect against alternative="{self.alternative}"'
            )
        if self.variance is None:
            _check_share(baseline)
            return size_for_shares(baseline, gap, test) * self._left * self._factor
        return size_for_means(abs(gap) / self._sd, test) * self._factor

    def detectable(self, baseline: float, units_per_arm: float) -> float | None:
        """The smallest lift that so many units show, as `detectable_effect` gives it."""
        test, units = self.test, units_per_arm / self._factor
        if self.variance is None:
            _check_share(baseline)
            effect = effect_on_shares(baseline, units / self._left, test)
        else:
            d = effect_on_means(units, test)
            effect = None if d is None else test.null + test.sign * d * self._sd
        if effect is None or baseline == 0:
            return None
        lift = effect / abs(baseline)
        return lift if math.isfinite(lift) else None

    @property
    def _comparisons(self) -> int:
        return (len(self.shares) - 1) * self.metrics

    @property
    def _left(self) -> float:
        """The share of the variance that a covariate leaves, 1 − ρ²."""
        return 1 - self.correlation**2

    @property
    def _sd(self) -> float:
        """Of one unit, as far as the covariate leaves it."""
        if self.variance is None or not self.variance > 0:
            raise ValueError("the variance of a unit must be above zero")
        return math.sqrt(self.variance * self._left)

    @property
    def _factor(self) -> float:
        """What the units of a fixed test are multiplied by."""
        if self.monitoring is None:
            return 1.0
        return inflation(
            self.monitoring, power=self.power, alpha=self.alpha, alternative=self.alternative,
            comparisons=self._comparisons,
        )  # fmt: skip


class Parts(TypedDict, total=False):
    """The parts of a `Design` as keywords."""

    variance: float | None
    power: float
    alpha: float
    alternative: Alternative
    arms: int
    weights: Sequence[float] | None
    margin: float
    correlation: float
    metrics: int
    monitoring: Monitoring | None


def weights_of(arms: int, weights: Sequence[float] | None) -> Sequence[float]:
    """Of each arm, the control first. The smallest treatment decides on the size."""
    if weights is None:
        weights = [1.0] * arms
    if len(weights) < 2:
        raise ValueError("an experiment has at least two arms, one of them the control")
    if not all(0 < weight < math.inf for weight in weights):
        raise ValueError("the weight of each arm must be above zero")
    if arms not in (2, len(weights)):
        raise ValueError("give one weight for each arm")
    return weights


def _check_share(baseline: float) -> None:
    if not 0 < baseline < 1:
        raise ValueError("the baseline of a proportion lies between 0 and 1, both left out")
