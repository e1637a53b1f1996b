"""The plan as it is sealed: everything that the decision rule will need, and nothing that may move."""

from typing import Any

from experiments.models import Experiment
from experiments.sizing import Sizing, design_of, size_of, unequal

DECISION_RULE = (
    "Ship the arm whose primary metric moved in the desired direction, if no guardrail is worse "
    "than its margin; roll back where the primary metric moved the other way."
)


def sizing_of(experiment: Experiment) -> Sizing | None:
    """Sample size and weeks from the primary metric; None while something it needs is missing."""
    primary = experiment.primary
    if primary is None or primary.baseline is None or not primary.smallest_effect:
        return None
    return size_of(
        kind=primary.metric.kind,
        baseline=primary.baseline,
        baseline_sd=primary.baseline_sd,
        smallest_effect=primary.smallest_effect,
        arms=max(2, len(experiment.arms)),
        weights=unequal([arm.weight for arm in experiment.arms]),
        units_per_week=experiment.units_per_week,
        power=experiment.power,
        alpha=1 - experiment.confidence,
        **design_of(experiment.reading, experiment.looks),
    )


def statistics_of(experiment: Experiment) -> dict[str, Any]:
    """How it will be read, as the seal holds it."""
    said: dict[str, Any] = {
        "method": experiment.reading,
        "confidence": experiment.confidence,
        "power": experiment.power,
        "alternative": "two-sided",
        "primary": "holm",
        "secondary": "benjamini-hochberg",
        "guardrails": "watched",
    }
    if experiment.reading == Experiment.Reading.PLANNED_LOOKS:
        said |= {"looks": experiment.looks, "spending": "obrien-fleming"}
    return said


def plan_of(experiment: Experiment) -> dict[str, Any]:
    """The plan as plain JSON values; its fingerprint is that of this value's canonical form."""
    sizing = sizing_of(experiment)
    objective = experiment.objective
    return {
        "experiment": experiment.key,
        "title": experiment.title,
        "hypothesis": experiment.hypothesis,
        "objective": str(objective) if objective else None,
        "variants": [
            {
                "name": arm.name,
                "description": arm.description,
                "weight": arm.weight,
                "is_control": arm.is_control,
            }
            for arm in experiment.arms
        ],
        "metrics": [
            {
                "name": row.metric.name,
                "kind": row.metric.kind,
                "direction": row.metric.direction,
                "unit": row.metric.unit,
                "did": row.metric.did,
                "definition": row.metric.definition,
                "numerator": row.metric.numerator,
                "denominator": row.metric.denominator,
                "window_days": row.metric.window_days,
                "cap_percentile": row.metric.cap_percentile,
                "role": row.role,
                "baseline": row.baseline,
                "baseline_sd": row.baseline_sd,
                "smallest_effect": row.smallest_effect,
                "margin": row.margin,
            }
            for row in experiment.measured
        ],
        "audience": experiment.audience,
        "excluded": [line.strip() for line in experiment.excluded.splitlines() if line.strip()],
        "units_per_week": experiment.units_per_week,
        "starts_on": experiment.starts_on.isoformat() if experiment.starts_on else None,
        "ends_on": experiment.ends_on.isoformat() if experiment.ends_on else None,
        "planned_units_per_arm": sizing.units_per_arm if sizing else None,
        "planned_units": sizing.units if sizing else None,
        "statistics": statistics_of(experiment),
        "decision_rule": DECISION_RULE,
    }
