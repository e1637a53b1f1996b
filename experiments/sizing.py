"""How large and how long: the calculator beside the plan. Pure arithmetic over the engine."""

import math
from dataclasses import dataclass
from typing import Any

from experiments.stats import detectable_effect, sample_size

LONGEST_WEEKS = 12


@dataclass(frozen=True)
class Point:
    """After so many weeks, the smallest lift (a fraction) that would be found 4 times in 5."""

    weeks: int
    lift: float


@dataclass(frozen=True)
class Sizing:
    """What the primary metric asks for. `weeks` is None where the traffic is not known."""

    units_per_arm: int
    arms: int
    weeks: int | None
    curve: tuple[Point, ...]

    @property
    def units(self) -> int:
        return self.units_per_arm * self.arms


def size_of(
    *,
    kind: str,
    baseline: float,
    smallest_effect: float,
    baseline_sd: float | None = None,
    arms: int = 2,
    units_per_week: int | None = None,
    power: float = 0.8,
    alpha: float = 0.05,
) -> Sizing | None:
    """Units per arm, weeks at the given traffic, and detectable lift by week.

    `baseline` and `baseline_sd` in the metric's unit, `smallest_effect` as a lift (fraction).
    None where no size exists: a baseline of 0, a proportion that would leave 0 to 1, no spread.

    >>> size_of(kind="proportion", baseline=0.10, smallest_effect=0.10).units_per_arm
    14751
    """
    variance = baseline_sd**2 if kind != "proportion" and baseline_sd else None
    if baseline == 0 or smallest_effect == 0 or (kind != "proportion" and variance is None):
        return None
    if kind == "proportion" and not (0 < baseline < 1 and 0 < baseline * (1 + smallest_effect) < 1):
        return None
    asked: dict[str, Any] = {"variance": variance, "power": power, "alpha": alpha, "arms": arms}
    per_arm = math.ceil(sample_size(baseline, relative_effect=smallest_effect, **asked))
    if not units_per_week:
        return Sizing(per_arm, arms, None, ())
    weeks = math.ceil(per_arm * arms / units_per_week)
    shown = range(1, min(max(8, weeks + 2), LONGEST_WEEKS) + 1)
    curve = []
    for week in shown:
        lift = detectable_effect(baseline, units_per_arm=week * units_per_week / arms, **asked)
        if lift is not None and math.isfinite(lift):
            curve.append(Point(week, abs(float(lift))))
    return Sizing(per_arm, arms, weeks, tuple(curve))
