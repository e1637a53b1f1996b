"""What each comparison of a reading amounts to, and which of those that were planned are missing. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final, Literal, NamedTuple

from experiments.engine import before
from experiments.engine.comparisons import Begun, Pair
from experiments.engine.methods import effects_of_pair, watched
from experiments.plan.document import Plan, PlannedMetric, Statistics
from experiments.stats import (
    Effect,
    Finding,
    Method,
    Sample,
    State,
    Unmeasured,
    WhyNot,
    Words,
    adjust_pvalues,
)
from experiments.stats.judging import guardrail_state
from experiments.stats.samples import value_of

ADJUSTMENTS: Final[dict[str, Literal["holm", "benjamini-hochberg"]]] = {
    "primary": "holm",
    "secondary": "benjamini-hochberg",
}
DECIDING = ("primary", "guardrail")


class Comparison(NamedTuple):
    """One arm against the control on one metric, beside the part that the metric plays.

    `effect` is shown, drawn by the method `drawn_by`; `watch` is None but for a guardrail; `pair` are
    the samples of control and arm. Where its interval was adjusted it holds at `level`, and `alone` has the ends that it would have by itself.
    """

    metric: PlannedMetric
    variant: str
    effect: Effect
    drawn_by: Method
    finding: Finding
    watch: str | None
    pair: tuple[Sample, Sample]
    level: float | None = None
    alone: dict[str, float | None] | None = None

    @property
    def place(self) -> tuple[str, str]:
        return self.metric.name, self.variant

    @property
    def is_measured(self) -> bool:
        """Both arms have units with a value."""
        return self.effect.why_not != WhyNot.NO_UNITS


def compare_pair(pair: Pair, answers: Sequence[Effect], begun: Begun) -> Comparison:
    """The comparison that the answers to its requests come to."""
    metric, variant, arms = pair.metric, pair.variant, begun.evidence.samples[pair.metric.name]
    effect, judged = effects_of_pair(answers, metric, begun.stage)
    finding = Finding(
        variant=variant,
        words=Words(metric.name, kind=metric.kind, units=metric.unit or "units", did=metric.did),
        effect=judged,
        is_increase_good=metric.is_increase_good,
        control_value=value_in(arms[begun.plan.control]),
        treatment_value=value_in(arms[variant]),
        smallest_effect=metric.smallest_difference,
        margin=metric.margin,
    )
    watch = watched(answers, metric) if metric.role == "guardrail" else None
    samples = arms[begun.plan.control], arms[variant]
    return Comparison(metric, variant, effect, answers[0].method, finding, watch, samples)


def state_of(
    comparison: Comparison, adjusted: float | None, statistics: Statistics, engine: str
) -> State:
    """What a member reads beside the numbers, by the same error as the verdict."""
    is_worded = engine in before.WITH_SENTENCES
    alpha = before.ALPHA if is_worded else statistics.alpha_of(comparison.metric.role)
    knows_gaps = engine not in before.ENGINES
    if knows_gaps and not comparison.is_measured:
        return State.NOT_MEASURED
    if comparison.metric.role == "guardrail":
        return guardrail_state(comparison.finding, alpha)
    if comparison.effect.difference is not None and adjusted is not None and adjusted <= alpha:
        return State.BETTER if comparison.finding.gain > 0 else State.WORSE
    if knows_gaps and comparison.finding.is_too_small_to_matter:
        return State.TOO_SMALL
    return State.CANNOT_TELL


def unmeasured_in(plan: Plan, compared: Sequence[Comparison]) -> list[Unmeasured]:
    """The metrics that decide, in each treatment of which there is nothing to compare."""
    measured = {one.place for one in compared if one.is_measured}
    return [
        Unmeasured(metric.name, metric.role, variant)
        for metric in plan.metrics
        if metric.role in DECIDING
        for variant in plan.treatments
        if (metric.name, variant) not in measured
    ]


def adjusted_p(compared: Sequence[Comparison]) -> list[float | None]:
    """The p of each comparison, adjusted among all that share its role."""
    by_place: list[float | None] = [None] * len(compared)
    for role, method in ADJUSTMENTS.items():
        places = [place for place, c in enumerate(compared) if c.metric.role == role]
        p_values = [compared[place].effect.p_value for place in places]
        if p_values:
            adjusted = adjust_pvalues(p_values, method=method)
            for place, p in zip(places, adjusted, strict=True):
                by_place[place] = number_in(p)
    return by_place


def value_in(sample: Sample) -> float | None:
    """The one number of a sample, where it has one."""
    return number_in(value_of(sample))


def number_in(value: Any) -> float | None:
    """A finite number, or None."""
    return float(value) if value is not None and math.isfinite(value) else None
