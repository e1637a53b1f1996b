"""What an experiment could detect, and what fewer people or a shorter run do to it. Pure.

Where two experiments share people, Floe assumes that the shared ones are taken out of the later one.
"""

import functools
import math
from dataclasses import dataclass

from experiments.plan.sizing import monitoring_of
from experiments.stats import Design, units_after


@dataclass(frozen=True, kw_only=True)
class EffectFacts:
    """What the detectable effect depends on besides people and time.

    Args:
        baseline: of the primary metric, in its own unit (a share for a proportion).
        kind: "proportion", "mean" or "ratio".
        sd: the standard deviation of one unit, for means and ratios.
        arms, weights: as for `Design`; weights None for equal arms.
        alpha, power: 0 to 1.
        reading, looks: when it is read, as for `monitoring_of`.
        units_per_week: that its audience brings.
        matters: the smallest lift that matters, as a fraction of the baseline; None if nobody said.
    """

    baseline: float
    units_per_week: float
    kind: str = "proportion"
    sd: float | None = None
    arms: int = 2
    weights: tuple[float, ...] | None = None
    alpha: float = 0.05
    power: float = 0.8
    reading: str = "fixed-horizon"
    looks: int | None = None
    matters: float | None = None


@dataclass(frozen=True)
class EffectChange:
    """Detectable lifts as fractions of the baseline, before and after; None where nothing possible
    would be seen. `before_points` and `after_points`: the same in the metric's own unit, for
    proportions as fractions (0.006 is 0.6 points). `matters`: the smallest lift that matters."""

    before: float | None
    after: float | None
    before_points: float | None
    after_points: float | None
    matters: float | None = None

    @property
    def is_worse(self) -> bool:
        """Whether less would be seen, by more than a hundredth of the effect."""
        if self.before is None:
            return False
        return self.after is None or self.after > self.before * 1.01

    @property
    def could_miss(self) -> bool:
        """Whether an effect that just matters would be too small to be seen afterwards."""
        if self.matters is None:
            return False
        return self.after is None or self.after > abs(self.matters) * (1 + 1e-9)


@functools.lru_cache(maxsize=4096)
def detectable_lift(facts: EffectFacts, days: float, loss: float = 0.0) -> float | None:
    """The smallest lift that is seen with the planned power, as a fraction of the baseline, over 0.

    Args:
        facts: of the experiment.
        days: of the run.
        loss: the share of its people that it does not get, 0 to 1.

    Returns:
        None where these people could not show any effect, or the facts allow none (a baseline of 0,
        no spread).

    >>> facts = EffectFacts(baseline=0.10, units_per_week=6000)
    >>> round(detectable_lift(facts, 35), 4), round(detectable_lift(facts, 35, 0.31), 4)
    (0.0991, 0.1199)
    """
    variance = facts.sd**2 if facts.kind != "proportion" and facts.sd else None
    weeks = days / 7 * (1 - loss)
    if weeks <= 0 or facts.units_per_week <= 0 or (facts.kind != "proportion" and not variance):
        return None
    if facts.baseline == 0 or (facts.kind == "proportion" and not 0 < facts.baseline < 1):
        return None
    design = Design(
        variance=variance,
        alpha=facts.alpha,
        power=facts.power,
        arms=facts.arms,
        weights=facts.weights,
        monitoring=monitoring_of(facts.reading, facts.looks),
    )
    units = units_after(
        weeks, arms=facts.arms, weights=facts.weights, units_per_week=facts.units_per_week
    )
    lift = design.detectable(facts.baseline, units)
    return abs(float(lift)) if lift is not None and math.isfinite(lift) else None


def effect_change(
    facts: EffectFacts, *, days_before: float, days_after: float, loss: float = 0.0
) -> EffectChange:
    """What a shorter run and a loss of people do to the detectable effect.

    Args:
        facts: of the experiment.
        days_before: of the run as it is planned, with all its people.
        days_after: of the run as it would be.
        loss: the share of its people that it would not get then, 0 to 1.

    >>> change = effect_change(EffectFacts(baseline=0.10, units_per_week=6000, matters=0.11),
    ...     days_before=28, days_after=21, loss=0.31)
    >>> round(change.before_points, 4), round(change.after_points, 4), change.could_miss
    (0.0111, 0.0156, True)
    """
    before = detectable_lift(facts, days_before)
    after = detectable_lift(facts, days_after, min(1.0, loss))
    scale = abs(facts.baseline)
    return EffectChange(
        before,
        after,
        None if before is None else before * scale,
        None if after is None else after * scale,
        facts.matters,
    )


def loss_of(losses: list[float]) -> float:
    """What is lost to several others at once, each of which draws at random.

    >>> round(loss_of([0.5, 0.2]), 3), loss_of([])
    (0.6, 0.0)
    """
    return 1.0 - math.prod(1 - min(1.0, max(0.0, loss)) for loss in losses)
