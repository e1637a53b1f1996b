"""What a look says of the end: the power that is left, and the effect that each look would show."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Unpack

import scipy

from .designs import Design, Parts


def conditional_power(
    statistic: float, fraction: float, *, bound: float, drift: float | None = None
) -> float:
    """The chance that |z| reaches the last bound, given the z of this look.

    B(t) = z√t; the rest is normal with mean θ(1 − t) and variance 1 − t. Under some 20 % with the planned
    effect, going on is futile. It advises and binds nobody: the error stays what the bounds promise.

    Args:
        statistic: z at this look, of the sign of the difference.
        fraction: of the planned information (of the units, if arms fill evenly), over 0 and under 1.
        bound: of |z| at the planned end: the last of `spending_bounds`, 1.96 for a fixed plan, or that of
            a confidence sequence there.
        drift: the expected z at the planned end. The planned effect gives z_α + z_β; None takes the
            trend so far, z/√t.

    Returns:
        A probability.

    Raises:
        ValueError: a fraction outside 0 to 1, or numbers that are not finite.

    Source: Lan, Simon & Halperin 1982 Comm Stat C 1:207; Jennison & Turnbull 2000 ch. 10.

    >>> round(conditional_power(1.0, 0.5, bound=1.96, drift=2.8), 4), round(conditional_power(0.2, 0.5, bound=1.96), 4)
    (0.5824, 0.0096)
    """
    if not 0 < fraction < 1:
        raise ValueError("the fraction of the information lies between 0 and 1")
    theta = statistic / math.sqrt(fraction) if drift is None else drift
    middle = statistic * math.sqrt(fraction) + theta * (1 - fraction)
    left = math.sqrt(1 - fraction)
    ends = (middle - bound) / left, (-middle - bound) / left
    if not all(map(math.isfinite, ends)):
        raise ValueError("z, the bound and the drift must be numbers that a computer holds")
    return min(1.0, float(sum(scipy.special.ndtr(end) for end in ends)))


def detectable_at_looks(
    baseline: float, *, units_per_arm: float, **design: Unpack[Parts]
) -> list[tuple[float, float | None]]:
    """The smallest relative effect that each look by itself would show with the design's power.

    Args:
        baseline: the control's share (0 to 1) or, with `variance`, its mean or ratio.
        units_per_arm: at the planned end; with `weights` the control's.
        design: the parts of a `Design` by name; `monitoring` names the looks.

    Returns:
        For each look its fraction of the information and the effect as a share of |baseline|; None
        where no possible effect would be seen there.

    Raises:
        ValueError: no looks; see `Design` and `spending_bounds`.

    Source: Jennison & Turnbull 2000 ch. 7; the formulas of `detectable_effect` at the level of the bound.

    >>> from .monitoring import PlannedLooks
    >>> looks = detectable_at_looks(0.1, units_per_arm=15_000, monitoring=PlannedLooks((0.5, 1.0)))
    >>> [(fraction, round(effect, 3)) for fraction, effect in looks]
    [(0.5, 0.194), (1.0, 0.099)]
    """
    plan = Design(**design)
    test = plan.test
    monitoring = plan.monitoring
    if monitoring is None:
        raise ValueError("name the looks: monitoring=PlannedLooks(...) or AnyTime(...)")
    bounds = monitoring.bounds(plan.alpha, test.alpha, plan.alternative)
    levels = test.sides * scipy.special.ndtr(-bounds)
    shown = []
    for fraction, level in zip(monitoring.fractions, levels.tolist(), strict=True):
        at = replace(plan, alpha=level * plan.alpha / test.alpha, monitoring=None)
        shown.append((float(fraction), at.detectable(baseline, units_per_arm * fraction)))
    return shown
