"""The plan as it is sealed, and the chain of seals: each link takes the one before into its hash."""

import datetime as dt
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from backlog.models import Quarter, User
from backlog.refusals import SomebodyWasQuicker
from experiments.models import Experiment, Holdout, Seal
from experiments.plan.canonical import chain_of
from experiments.plan.sizing import Sizing, design_of, size_of, unequal
from experiments.units.assignment import METHOD

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


def audience_of(experiment: Experiment) -> dict[str, Any]:
    """Who gets it and who must not, as the seal holds it."""
    rules = list(experiment.rules.all())
    return {
        "segment": str(experiment.segment) if experiment.segment else None,
        "audience_size": experiment.audience_size,
        "channel": experiment.channel,
        "frequency_cap": experiment.frequency_cap,
        "default_variant": experiment.default_variant,
        "excluded": [rule.text for rule in rules if rule.kind == "exclude"],
        "rules": [
            {"text": rule.text, "kind": rule.kind, "reason": rule.reason, "cost": rule.cost}
            for rule in rules
        ],
    }


def assignment_of(experiment: Experiment) -> dict[str, Any]:
    """How units get their arms (docs/assignment.md), with the holdout of the quarter it starts in."""
    starts_on = experiment.starts_on
    held = Holdout.objects.filter(quarter__in=Quarter.objects.around(starts_on)).first() if starts_on else None  # fmt: skip
    return {
        "method": METHOD,
        "salt": experiment.salt,
        "namespace": experiment.namespace.name if experiment.namespace else None,
        "ranges": experiment.buckets,
        "holdout": {"salt": held.salt, "share": held.share} if held else None,
    }


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
                "differs": arm.differs,
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
        **audience_of(experiment),
        "units_per_week": experiment.units_per_week,
        "people": {
            role: str(person) if person else None
            for role, person in (
                ("author", experiment.author),
                ("owner", experiment.owner),
                ("launcher", experiment.launcher),
                ("analyst", experiment.analyst),
            )
        },
        "answers": experiment.answers,
        "risks": experiment.risks,
        "starts_on": experiment.starts_on.isoformat() if experiment.starts_on else None,
        "ends_on": experiment.ends_on.isoformat() if experiment.ends_on else None,
        "planned_units_per_arm": sizing.units_per_arm if sizing else None,
        "planned_units": sizing.units if sizing else None,
        "assignment": assignment_of(experiment),
        "statistics": statistics_of(experiment),
        "decision_rule": DECISION_RULE,
        "decision_table": [line.strip() for line in experiment.decision_table.splitlines()
                           if line.strip()],
    }  # fmt: skip


def add_seal(
    experiment: Experiment,
    *,
    by: User | None,
    fingerprint: str,
    at: dt.datetime | None = None,
    kind: str = Seal.Kind.PLAN,
) -> Seal:
    """Put the next link on the chain of the workspace; two at once: one is told to try again."""
    last = Seal.objects.order_by("number").last()
    link: dict[str, Any] = {
        "number": last.number + 1 if last else 1,
        "kind": str(kind),
        "key": experiment.key,
        "fingerprint": fingerprint,
        "previous": last.chain if last else "",
        "by_name": str(by or "")[:80],
        "at": at or timezone.now(),
    }
    try:
        with transaction.atomic():
            return Seal.objects.create(experiment=experiment, chain=chain_of(**link), **link)
    except IntegrityError as taken:
        raise SomebodyWasQuicker(
            "Another plan was sealed in the same moment. Nothing was changed; try again."
        ) from taken
