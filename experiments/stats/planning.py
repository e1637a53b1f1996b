"""How many units, for how long, to see what: the same formulas both ways."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Unpack

import numpy as np

from .designs import Design, Parts, weights_of
from .estimates import estimate
from .samples import Sample


def sample_size(
    baseline: float, *, relative_effect: float, exact: bool = False, **design: Unpack[Parts]
) -> float:
    """Units for each arm, so that an effect of this size is seen with the design's power.

    Args:
        baseline: the control's share (0 to 1) or, with `variance`, its mean or ratio.
        relative_effect: smallest lift that matters, as a share of |baseline|: 0.1 is 10 %. With a
            margin it is what is expected, and may be 0.
        exact: the number before rounding up to whole units.
        design: the parts of a `Design` by name: variance, power, alpha, alternative, arms, weights …

    Returns:
        Units of one arm; with `weights` those of the control, and an arm of weight w gets w / (the
        control's weight) times as many.

    Raises:
        ValueError: with a sentence, where no number of units would do.

    Source: see `Design`.

    >>> sample_size(0.10, relative_effect=0.10)
    14751
    >>> sample_size(100, relative_effect=0.015, variance=30**2)
    6281
    >>> sample_size(0.10, relative_effect=0.0, alternative="greater", margin=0.01)
    11142
    """
    plan = Design(**design)
    if exact:
        return plan.exact_size(baseline, relative_effect)
    return plan.size(baseline, relative_effect)


def detectable_effect(
    baseline: float, *, units_per_arm: float, **design: Unpack[Parts]
) -> float | None:
    """The smallest relative effect (0.1 is 10 %) that so many units in each arm would show.

    The inverse of `sample_size`. The rise is meant, unless `alternative` is "less". With a margin it
    is the effect nearest to the margin, and may be a loss.

    Args:
        baseline: the control's share (0 to 1) or, with `variance`, its mean or ratio.
        units_per_arm: of each arm; with `weights` the control's.
        design: the parts of a `Design` by name.

    Returns:
        A share of |baseline|; None where these units could not show any effect that is possible.

    Raises:
        ValueError: see `Design`.

    Source: see `Design`.

    >>> round(detectable_effect(0.10, units_per_arm=14751), 6)
    0.099999
    >>> detectable_effect(0.9, units_per_arm=20) is None
    True
    """
    return Design(**design).detectable(baseline, units_per_arm)


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

    Returns:
        Weeks, with a fraction.

    Raises:
        ValueError: no traffic, or a share outside 0 to 1.

    Source: units over traffic.

    >>> runtime(14751, arms=2, units_per_week=6000)
    4.917
    """
    weeks = units_per_arm * _whole(arms, weights) / _traffic(units_per_week, share)
    return _checked(weeks)


def units_after(
    weeks: float,
    *,
    arms: int = 2,
    weights: Sequence[float] | None = None,
    units_per_week: float,
    share: float = 1.0,
) -> float:
    """Units in each arm (with weights: in the control) after so many weeks; undoes `runtime`.

    Args:
        weeks: since the start.
        arms, weights, units_per_week, share: as for `runtime`.

    Returns:
        Units of one arm, with a fraction.

    Raises:
        ValueError: as `runtime`.

    Source: traffic times weeks.

    >>> units_after(4.917, units_per_week=6000)
    14751.0
    """
    return _checked(weeks * _traffic(units_per_week, share) / _whole(arms, weights))


def unit_variance(sample: Sample) -> float | None:
    """The variance of one unit, for `sample_size`, from a sample of what is known already.

    Of a ratio that of its linear form, (s²_M − 2R·cov + R²s²_D)/D²; of a mean with a covariate what
    the covariate leaves.

    Args:
        sample: of one arm, or of all units before the test.

    Returns:
        In the metric's unit squared; None where it can't be told.

    Raises:
        Nothing.

    Source: Deng, Knoblich & Lu 2018 KDD eq. 4.

    >>> from .samples import Ratio
    >>> round(unit_variance(Ratio(400, 9.918, 3.97, 27.19, 3.177, 8.198)), 6)
    0.384316
    """
    with np.errstate(all="ignore"):
        alike = estimate(sample, sample)
        value = float(alike.pair.v_c * alike.n_c)
    is_known = not any(bool(lost) for lost in alike.why.values())
    return value if is_known and math.isfinite(value) else None


def _checked(value: float) -> float:
    if not math.isfinite(value):
        raise ValueError("the number of units or weeks is out of range")
    return value


def _whole(arms: int, weights: Sequence[float] | None) -> float:
    """Units of all arms for each of the control."""
    shares = weights_of(arms, weights)
    return sum(shares) / shares[0]


def _traffic(units_per_week: float, share: float) -> float:
    if not units_per_week > 0 or not 0 < share <= 1 or not units_per_week * share > 0:
        raise ValueError("the audience brings no units: give its size a week and the share used")
    return units_per_week * share
