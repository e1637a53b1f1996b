"""How many units, for how long, to see what: the same formulas both ways."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from .designs import Design, inflation
from .estimates import estimate
from .power import Test, effect_on_means, effect_on_shares, size_for_means, size_for_shares
from .samples import Sample
from .tails import ALPHA, Alternative


@dataclass(frozen=True)
class Plan:
    """Checked once: the test of one comparison, and what its units are multiplied by.

    With several comparisons (treatments × primary metrics) each is planned at α over their number,
    the first and strictest step of the Holm adjustment that the analysis will make.
    """

    test: Test
    factor: float
    left: float
    """The share of the variance that a covariate leaves, 1 − ρ²."""


def sample_size(
    baseline: float,
    *,
    relative_effect: float,
    variance: float | None = None,
    power: float = 0.8,
    alpha: float = ALPHA,
    alternative: Alternative = "two-sided",
    arms: int = 2,
    weights: Sequence[float] | None = None,
    margin: float = 0.0,
    correlation: float = 0.0,
    metrics: int = 1,
    design: Design | None = None,
    exact: bool = False,
) -> float:
    """Units for each arm, so that an effect of this size is seen with this power.

    Args:
        baseline: the control's share (0 to 1) or, with `variance`, its mean or ratio.
        relative_effect: smallest lift that matters, as a share of |baseline|: 0.1 is 10 %.
        variance: of one unit (`unit_variance` gives that of a ratio); None means a proportion.
        arms: all of them, the control included.
        weights: of all arms, the control first, where they are not equal. The answer is then the
            control's units; an arm of weight w gets w / (the control's weight) times as many.
        margin: with a one-sided alternative, the loss that may be tolerated, as for `compare`;
            `relative_effect` is then what is expected, and may be 0.
        correlation: of the metric with the covariate that adjusts it (CUPED).
        metrics: primary metrics that are tested together.
        design: `AnyTime()` or `PlannedLooks(...)`; None is a fixed horizon.
        exact: the number before rounding up to whole units.

    Raises:
        ValueError: with a sentence, where no number of units would do.

    Source: proportions Fleiss, Levin & Paik 2003 eq. 4.14, against a margin Farrington & Manning
    1990 Stat Med 9:1447; means by the noncentral t (Cohen 1988 ch. 2), solved exactly; designs by
    `inflation`; CUPED Deng et al. 2013 WSDM eq. 5.

    >>> sample_size(0.10, relative_effect=0.10)
    14751
    >>> sample_size(100, relative_effect=0.015, variance=30**2)
    6281
    >>> sample_size(0.10, relative_effect=0.0, alternative="greater", margin=0.01)
    11142
    """
    plan = _plan(power, alpha, alternative, arms, weights, margin, correlation, metrics, design)
    test = plan.test
    gap = relative_effect * abs(baseline) - test.null
    if gap == 0:
        raise ValueError("the smallest effect that matters, and the baseline, must not be zero")
    if test.sides == 1 and gap * test.sign < 0:
        raise ValueError(
            f'no number of units shows this effect against alternative="{alternative}"'
        )
    if variance is None:
        _check_share(baseline)
        units = size_for_shares(baseline, gap, test) * plan.left
    else:
        units = size_for_means(abs(gap) / _sd(variance, plan), test)
    units *= plan.factor
    return units if exact else math.ceil(units - 1e-9)


def detectable_effect(
    baseline: float,
    *,
    units_per_arm: float,
    variance: float | None = None,
    power: float = 0.8,
    alpha: float = ALPHA,
    alternative: Alternative = "two-sided",
    arms: int = 2,
    weights: Sequence[float] | None = None,
    margin: float = 0.0,
    correlation: float = 0.0,
    metrics: int = 1,
    design: Design | None = None,
) -> float | None:
    """The smallest relative effect (0.1 is 10 %) that so many units in each arm would show.

    The inverse of `sample_size`, with the same arguments (`units_per_arm` are the control's). The
    rise is meant, unless `alternative` is "less". With a margin it is the effect nearest to the
    margin, and may be a loss. None where these units could not show any effect that is possible.

    Raises:
        ValueError: see `sample_size`.

    >>> round(detectable_effect(0.10, units_per_arm=14751), 6)
    0.099999
    >>> detectable_effect(0.9, units_per_arm=20) is None
    True
    """
    plan = _plan(power, alpha, alternative, arms, weights, margin, correlation, metrics, design)
    test, units = plan.test, units_per_arm / plan.factor
    if variance is None:
        _check_share(baseline)
        effect = effect_on_shares(baseline, units / plan.left, test)
    else:
        sd, d = _sd(variance, plan), effect_on_means(units, test)
        effect = None if d is None else test.null + test.sign * d * sd
    return None if effect is None or baseline == 0 else effect / abs(baseline)


def runtime(
    units_per_arm: float,
    *,
    arms: int = 2,
    weights: Sequence[float] | None = None,
    units_per_week: float,
    share: float = 1.0,
) -> float:
    """Weeks until every arm has its units; not rounded (days are 7 times as many).

    Args:
        units_per_arm: from `sample_size`.
        arms, weights: as for `sample_size`.
        units_per_week: new units that the audience brings in a week.
        share: of the audience that takes part, over 0 to 1.

    Raises:
        ValueError: no traffic, or a share outside 0 to 1.

    >>> runtime(14751, arms=2, units_per_week=6000)
    4.917
    """
    return units_per_arm * _whole(arms, weights) / _traffic(units_per_week, share)


def units_after(
    weeks: float,
    *,
    arms: int = 2,
    weights: Sequence[float] | None = None,
    units_per_week: float,
    share: float = 1.0,
) -> float:
    """Units in each arm (with weights: in the control) after so many weeks; undoes `runtime`.

    >>> units_after(4.917, units_per_week=6000)
    14751.0
    """
    return weeks * _traffic(units_per_week, share) / _whole(arms, weights)


def unit_variance(sample: Sample) -> float | None:
    """The variance of one unit, for `sample_size`, from a sample of what is known already.

    Of a ratio that of its linear form, (s²_M − 2R·cov + R²s²_D)/D²: Deng, Knoblich & Lu 2018 KDD
    eq. 4. Of a mean with a covariate what the covariate leaves. None where it can't be told.

    >>> from .samples import Ratio
    >>> round(unit_variance(Ratio(400, 9.918, 3.97, 27.19, 3.177, 8.198)), 6)
    0.384316
    """
    with np.errstate(all="ignore"):
        found = estimate(sample, sample)
        value = float(found.pair.v_c * found.n_c)
    is_known = not any(bool(lost) for lost in found.why.values())
    return value if is_known and math.isfinite(value) else None


def _plan(
    power: float,
    alpha: float,
    alternative: Alternative,
    arms: int,
    weights: Sequence[float] | None,
    margin: float,
    correlation: float,
    metrics: int,
    design: Design | None,
) -> Plan:
    if not 0 < alpha < 1 or not 0 < power < 1:
        raise ValueError("alpha and power lie between 0 and 1")
    if alpha >= power:
        raise ValueError("power must be above alpha: less is had by tossing a coin")
    if margin and alternative == "two-sided":
        raise ValueError('a margin needs a direction: alternative="greater" or "less"')
    if not -1 < correlation < 1:
        raise ValueError("the correlation with a covariate lies between −1 and 1")
    if metrics < 1:
        raise ValueError("at least one primary metric is planned for")
    shares = _weights(arms, weights)
    comparisons = (len(shares) - 1) * metrics
    null = -margin if alternative == "greater" else margin
    test = Test(power, alpha / comparisons, alternative, min(shares[1:]) / shares[0], null)
    factor = 1.0
    if design is not None:
        factor = inflation(
            design, power=power, alpha=alpha, alternative=alternative, comparisons=comparisons
        )
    return Plan(test, factor, 1 - correlation**2)


def _weights(arms: int, weights: Sequence[float] | None) -> Sequence[float]:
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


def _whole(arms: int, weights: Sequence[float] | None) -> float:
    """Units of all arms for each of the control."""
    shares = _weights(arms, weights)
    return sum(shares) / shares[0]


def _traffic(units_per_week: float, share: float) -> float:
    if units_per_week <= 0 or not 0 < share <= 1:
        raise ValueError("the audience brings no units: give its size a week and the share used")
    return units_per_week * share


def _check_share(baseline: float) -> None:
    if not 0 < baseline < 1:
        raise ValueError("the baseline of a proportion lies between 0 and 1, both left out")


def _sd(variance: float, plan: Plan) -> float:
    """Of one unit, as far as the covariate leaves it."""
    if not variance > 0:
        raise ValueError("the variance of a unit must be above zero")
    return math.sqrt(variance * plan.left)
