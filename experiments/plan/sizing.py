"""How large and how long: the calculator beside the plan. Pure arithmetic over the engine."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from experiments.stats import (
    AnyTime,
    Design,
    Monitoring,
    PlannedLooks,
    runtime,
    units_after,
)

LONGEST_WEEKS = 12


@dataclass(frozen=True)
class Point:
    """After so many weeks, the smallest lift (a fraction) that would be found with the planned power."""

    weeks: int
    lift: float


@dataclass(frozen=True)
class Sizing:
    """What the primary metric asks for. `weeks` is None where the traffic is not known.

    With unequal arms `units_per_arm` are the control's; `units` counts all arms.
    """

    units_per_arm: int
    arms: int
    weeks: int | None
    curve: tuple[Point, ...]
    weights: tuple[float, ...] = ()

    @property
    def units(self) -> int:
        if not self.weights:
            return self.units_per_arm * self.arms
        return math.ceil(self.units_per_arm * sum(self.weights) / self.weights[0])


def decimals_of(change: float) -> int:
    """How many decimals show a change to 2 % of itself, at least one and at most six.

    >>> decimals_of(0.5), decimals_of(0.75), decimals_of(1.2875), decimals_of(0.02), decimals_of(0)
    (1, 2, 1, 2, 1)
    """
    return next((n for n in range(1, 6) if abs(round(change, n) - change) <= 0.02 * abs(change)), 6)


def unequal(weights: Sequence[float]) -> tuple[float, ...] | None:
    """The weights where they matter: None for equal ones, and for fewer than two.

    >>> unequal([50, 50]), unequal([80, 10, 10])
    (None, (80, 10, 10))
    """
    return tuple(weights) if len(weights) > 1 and len(set(weights)) > 1 else None


def monitoring_of(reading: str, looks: int | None) -> Monitoring | None:
    """When a plan is read, as its size depends on it; `looks` are spread evenly, 3 if None is given.

    >>> monitoring_of("planned-looks", 2), monitoring_of("any-time", 3)
    (PlannedLooks(fractions=(0.5, 1.0), spending='obrien-fleming'), AnyTime(looks=1))
    """
    if reading == "planned-looks":
        number = looks or 3
        return PlannedLooks(tuple(look / number for look in range(1, number + 1)))
    return AnyTime() if reading == "any-time" else None


def size_of(
    *,
    kind: str,
    baseline: float,
    smallest_effect: float,
    baseline_sd: float | None = None,
    units_per_week: int | None = None,
    design: Design = Design(),  # noqa: B008 (it is frozen)
) -> Sizing | None:
    """Units per arm, weeks at the given traffic, and detectable lift by week.

    Args:
        kind: "proportion", "mean" or "ratio".
        baseline, baseline_sd: in the metric's own unit.
        smallest_effect: a lift; 0.1 is 10 %.
        units_per_week: over all arms; None leaves weeks and the curve out.
        design: without the variance, which comes from `baseline_sd`.

    Returns:
        None where no size exists: a baseline of 0, a proportion that would leave 0 to 1, no spread.

    Raises:
        ValueError: see `Design`.

    >>> size_of(kind="proportion", baseline=0.10, smallest_effect=0.10).units_per_arm
    14751
    >>> free = Design(monitoring=AnyTime())
    >>> size_of(kind="proportion", baseline=0.10, smallest_effect=0.10, design=free).units_per_arm
    28247
    """
    variance = baseline_sd**2 if kind != "proportion" and baseline_sd else None
    if baseline == 0 or smallest_effect == 0 or (kind != "proportion" and variance is None):
        return None
    if kind == "proportion" and not (0 < baseline < 1 and 0 < baseline * (1 + smallest_effect) < 1):
        return None
    design = replace(design, variance=variance)
    per_arm, arms = design.size(baseline, smallest_effect), len(design.shares)
    weights = tuple(design.weights or ())
    if not units_per_week:
        return Sizing(per_arm, arms, None, (), weights)
    weeks = math.ceil(
        runtime(per_arm, arms=arms, weights=design.weights, units_per_week=units_per_week)
    )
    curve = []
    for week in range(1, min(max(8, weeks + 2), LONGEST_WEEKS) + 1):
        units = units_after(week, arms=arms, weights=design.weights, units_per_week=units_per_week)
        lift = design.detectable(baseline, units)
        if lift is not None and math.isfinite(lift):
            curve.append(Point(week, abs(float(lift))))
    return Sizing(per_arm, arms, weeks, tuple(curve), weights)
