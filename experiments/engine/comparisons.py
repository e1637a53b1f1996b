"""Which arms are compared on which metrics, and what is asked for that: a reading's first half. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from experiments.engine.batching import Request
from experiments.engine.days import Samples
from experiments.engine.methods import Stage, planned_pair, requests_for, stage_of
from experiments.engine.sensitivity import Evidence, Other, evidence_in, other_readings
from experiments.plan.document import Plan, PlannedMetric


class Pair(NamedTuple):
    """One arm that is to be compared with the control on one metric, and what is asked for that."""

    metric: PlannedMetric
    variant: str
    requests: list[Request]


@dataclass(frozen=True)
class Begun:
    """A reading up to the comparisons that it needs."""

    inputs: dict[str, Any]
    plan: Plan
    evidence: Evidence
    stage: Stage
    pairs: list[Pair]
    others: dict[str, list[Other]]

    @property
    def requests(self) -> Iterator[Request]:
        for pair in self.pairs:
            yield from pair.requests
        for others in self.others.values():
            yield from (other.request for other in others)


def begin(inputs: dict[str, Any]) -> Begun:
    """The half that needs no arithmetic on the samples; `inputs` as `read_evidence` takes them."""
    plan = Plan.from_json(inputs["plan"])
    control, treatments = plan.control, plan.treatments
    evidence, stage = evidence_in(inputs["observations"]), stage_of(plan, inputs)
    pairs = [
        Pair(metric, variant, _requests(evidence, metric, control, variant, plan, stage))
        for metric in plan.metrics
        for variant in treatments
        if _has_both(evidence.samples, metric.name, control, variant)
    ]
    others = {
        metric.name: other_readings(
            evidence, metric.name, control, treatments, plan.statistics.confidence_of(metric.role)
        )
        for metric in plan.metrics
    }
    return Begun(inputs, plan, evidence, stage, pairs, others)


def _requests(
    evidence: Evidence,
    metric: PlannedMetric,
    control: str,
    variant: str,
    plan: Plan,
    stage: Stage,
) -> list[Request]:
    samples = evidence.samples[metric.name]
    strata = evidence.pairs(metric.name, control, variant)
    planned_n = planned_pair(plan, control, variant)
    return requests_for(samples[control], samples[variant], metric, stage, planned_n, strata)


def _has_both(samples: Samples, name: str, control: str, variant: str) -> bool:
    return {control, variant} <= samples.get(name, {}).keys()
