"""How large and how long: the calculator beside the plan. Pure arithmetic over the engine."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from experiments.stats import (
    AnyTime,
    PlannedLooks,
    detectable_effect,
    runtime,
    sample_size,
    units_after,
)
from experiments.stats.tails import ALPHA

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


def unequal(weights: Sequence[float]) -> tuple[float, ...] | None:
    """The weights where they matter: None for equal ones, and for fewer than two.

    >>> unequal([50, 50]), unequal([80, 10, 10])
    (None, (80, 10, 10))
    """
    return tuple(weights) if len(weights) > 1 and len(set(weights)) > 1 else None


def design_of(reading: str, looks: int | None) -> dict[str, Any]:
    """What `size_of` is told of how a plan is read.

    >>> design_of("planned-looks", 3), design_of("any-time", 3), design_of("fixed-horizon", 3)
    ({'looks': 3}, {'is_sequential': True}, {})
    """
    if reading == "planned-looks":
        return {"looks": looks or 3}
    return {"is_sequential": True} if reading == "any-time" else {}


def size_of(
    *,
    kind: str,
    baseline: float,
    smallest_effect: float,
    baseline_sd: float | None = None,
    arms: int = 2,
    units_per_week: int | None = None,
    power: float = 0.8,
    alpha: float = ALPHA,
    weights: Sequence[float] | None = None,
    is_sequential: bool = False,
    looks: int = 0,
    correlation: float = 0.0,
) -> Sizing | None:
    """Units per arm, weeks at the given traffic, and detectable lift by week.

    `correlation` is that of the metric with a figure from before the test (CUPED).

    `baseline` and `baseline_sd` in the metric's unit, `smallest_effect` as a lift (fraction).
    `weights` of all arms, the control first, where they are not equal. A plan that may be read at
    any time (`is_sequential`) takes more units, one with planned `looks` a few more. None where no size exists: a baseline of 0, a
    proportion that would leave 0 to 1, no spread.

    >>> size_of(kind="proportion", baseline=0.10, smallest_effect=0.10).units_per_arm
    14751
    >>> size_of(
    ...     kind="proportion", baseline=0.10, smallest_effect=0.10, is_sequential=True
    ... ).units_per_arm
    28247
    >>> size_of(kind="proportion", baseline=0.10, smallest_effect=0.10, looks=3).units_per_arm
    14940
    """
    variance = baseline_sd**2 if kind != "proportion" and baseline_sd else None
    if baseline == 0 or smallest_effect == 0 or (kind != "proportion" and variance is None):
        return None
    if kind == "proportion" and not (0 < baseline < 1 and 0 < baseline * (1 + smallest_effect) < 1):
        return None
    split: dict[str, Any] = {"arms": arms, "weights": weights}
    design: Any = AnyTime() if is_sequential else None
    if looks:
        design = PlannedLooks(tuple((look + 1) / looks for look in range(looks)))
    asked = {"variance": variance, "power": power, "alpha": alpha, "design": design,
             "correlation": correlation, **split}  # fmt: skip
    per_arm = math.ceil(sample_size(baseline, relative_effect=smallest_effect, **asked))
    known = tuple(weights or ())
    if not units_per_week:
        return Sizing(per_arm, arms, None, (), known)
    weeks = math.ceil(runtime(per_arm, units_per_week=units_per_week, **split))
    curve = []
    for week in range(1, min(max(8, weeks + 2), LONGEST_WEEKS) + 1):
        units = units_after(week, units_per_week=units_per_week, **split)
        lift = detectable_effect(baseline, units_per_arm=units, **asked)
        if lift is not None and math.isfinite(lift):
            curve.append(Point(week, abs(float(lift))))
    return Sizing(per_arm, arms, weeks, tuple(curve), known)
