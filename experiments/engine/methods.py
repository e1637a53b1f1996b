"""Two arms compared in the way that the sealed plan names: once, at any time, or at planned looks. Pure."""

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from experiments.engine.batching import Request
from experiments.engine.looks import Look, due_look, nominal_confidence, p_at
from experiments.plan.document import Plan, PlannedMetric, Statistics
from experiments.stats import Effect, Sample, Watch
from experiments.stats.tails import Alternative

FIXED, ANY_TIME, PLANNED_LOOKS = "fixed-horizon", "any-time", "planned-looks"
UNPLANNED_PAIR = 5_000  # what a sequence is tuned to where no number of units was planned


class Stage(NamedTuple):
    """How these data are read: as the plan says, and where looks are planned at which of them."""

    statistics: Statistics
    look: Look | None

    @property
    def name(self) -> str:
        return self.statistics.method

    @property
    def may_decide_now(self) -> bool:
        """Before its planned end too: at any time by a sequence, else at a look that is due."""
        return self.name == ANY_TIME or self.look is not None


def stage_of(plan: Plan, inputs: dict[str, Any]) -> Stage:
    """The method that the plan was sealed with; a plan that names none has a fixed horizon."""
    statistics, look = plan.statistics, None
    if statistics.method == PLANNED_LOOKS:
        units = sum(inputs["units"].values())
        look = due_look(plan, inputs.get("looks", ()), units, is_over=inputs["is_over"])
    return Stage(statistics, look)


def planned_pair(plan: Plan, control: str, variant: str) -> float:
    """The units of these two arms at the planned end.

    >>> arms = [{"name": "A", "weight": 2}, {"name": "B", "weight": 1}, {"name": "C", "weight": 1}]
    >>> planned_pair(Plan.from_json({"planned_units": 4000, "variants": arms}), "A", "B")
    3000.0
    """
    weights = {arm.name: arm.weight for arm in plan.arms}
    share = (weights[control] + weights[variant]) / sum(weights.values())
    return plan.units * share or UNPLANNED_PAIR


def requests_for(
    control: Sample,
    treatment: Sample,
    metric: PlannedMetric,
    stage: Stage,
    planned_n: float,
    strata: Sequence[tuple[Sample, Sample]] = (),
) -> list[Request]:
    """The comparison that is shown, then that with the margin where a guardrail has one, then the
    sequence that a guardrail is watched by. `effects_of_pair` reads the answers.

    Strata are compared within where there is a fixed horizon; sequences and looks go by the whole.
    """
    pair, confidence = (control, treatment), stage.statistics.confidence_of(metric.role)
    watched = Request(*pair, confidence, planned_n=planned_n)
    if stage.name == ANY_TIME:
        shown = watched
    elif stage.look:
        shown = Request(*pair, nominal_confidence(stage.look, confidence))
    else:
        shown = Request(*pair, confidence, strata=tuple(strata))
    requests = [shown]
    if has_margin(metric):
        side: Alternative = "greater" if metric.is_increase_good else "less"
        requests.append(shown._replace(alternative=side, margin=metric.margin or 0.0))
    return [*requests, watched] if metric.role == "guardrail" else requests


def effects_of_pair(
    answers: Sequence[Effect], metric: PlannedMetric, stage: Stage
) -> tuple[Effect, Effect]:
    """What is shown, and what the verdict judges: they differ for a guardrail with a margin.

    The interval is drawn two-sided; the p shown of such a guardrail is that of its margin.
    """
    effect, tested = answers[0], answers[1 if has_margin(metric) else 0]
    if stage.look:
        effect, whole = _at(stage.look, effect, sides=2), tested
        tested = _at(stage.look, whole, sides=1) if has_margin(metric) else effect
    if not has_margin(metric):
        return effect, effect
    is_read_once = stage.name != ANY_TIME and not stage.look
    return _with_test_of(effect, tested), tested if is_read_once else effect


def has_margin(metric: PlannedMetric) -> bool:
    return metric.role == "guardrail" and bool(metric.margin)


def watched(answers: Sequence[Effect], metric: PlannedMetric) -> Watch:
    """How a guardrail stands that may be watched every day.

    >>> from experiments.stats import Proportion
    >>> metric = PlannedMetric(name="Left", role="guardrail", direction="decrease", margin=0.005)
    >>> once = Stage(Statistics(), None)
    >>> requests = requests_for(Proportion(5000, 50), Proportion(5000, 250), metric, once, 10_000)
    >>> watched(effects_of(requests), metric)
    'beyond'
    """
    sequence = answers[-1]
    if sequence.low is None or sequence.high is None:
        return Watch.NOT_KNOWN
    best = sequence.high if metric.is_increase_good else -sequence.low
    return Watch.BEYOND if best < -(metric.margin or 0.0) else Watch.NOT_BEYOND


def _with_test_of(effect: Effect, tested: Effect) -> Effect:
    return replace(
        effect,
        p_value=tested.p_value,
        log10_p=tested.log10_p,
        statistic=tested.statistic,
        degrees_of_freedom=tested.degrees_of_freedom,
        method=tested.method,
    )


def _at(look: Look, effect: Effect, *, sides: int) -> Effect:
    """The effect with the p that all looks together allow it."""
    if effect.p_value is None:
        return effect
    if sides == 2:
        p = p_at(look, effect.p_value)
    elif effect.p_value < 0.5:
        p = p_at(look, 2 * effect.p_value) / 2
    else:
        p = 1 - p_at(look, 2 * (1 - effect.p_value)) / 2
    return replace(effect, p_value=p, log10_p=math.log10(p) if p > 0 else effect.log10_p)
