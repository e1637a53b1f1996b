"""The plan as it is sealed, and the chain of seals: each link takes the one before into its hash."""

import datetime as dt
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from backlog.models import Quarter, User
from backlog.refusals import SomebodyWasQuicker
from experiments.models import Experiment, ExperimentMetric, Holdout, Seal
from experiments.plan.canonical import chain_of
from experiments.plan.document import Arm, Assignment, Plan, PlannedMetric, Rule, Statistics
from experiments.plan.document import Holdout as HoldoutOfPlan
from experiments.plan.sizing import Sizing, monitoring_of, size_of, unequal
from experiments.stats import Design
from experiments.units.assignment import METHOD

# What a sealed plan keeps of a metric: how the catalogue describes it, and its part in the plan.
DESCRIBED = ("name", "kind", "direction", "unit", "did", "definition", "numerator", "denominator",
             "window_days", "cap_percentile", "is_lifetime_value", "discount_rate")  # fmt: skip
PLANNED = ("role", "baseline", "baseline_sd", "smallest_effect", "margin")
DECISION_RULE = (
    "Ship the arm whose primary metric moved in the desired direction, if no guardrail is worse "
    "than its margin; roll back where the primary metric moved the other way."
)


def sizing_of(experiment: Experiment) -> Sizing | None:
    """Sample size and weeks from the primary metric; None while something it needs is missing."""
    return sizing_by(experiment, experiment.primary)


def sizing_by(experiment: Experiment, primary: ExperimentMetric | None) -> Sizing | None:
    """The same for a caller who has read the primary metric's row already."""
    if primary is None or primary.baseline is None or not primary.smallest_effect:
        return None
    return size_of(
        kind=primary.metric.kind,
        baseline=primary.baseline,
        baseline_sd=primary.baseline_sd,
        smallest_effect=primary.smallest_effect,
        units_per_week=experiment.units_per_week,
        design=Design(
            arms=max(2, len(experiment.arms)),
            weights=unequal([arm.weight for arm in experiment.arms]),
            power=experiment.power,
            alpha=round(1 - experiment.confidence, 12),
            monitoring=monitoring_of(experiment.reading, experiment.looks),
        ),
    )


def plan_of(experiment: Experiment) -> Plan:
    """The plan as its rows say it now; what a launch seals is the fingerprint of its JSON."""
    sizing, objective = sizing_of(experiment), experiment.objective
    plan = Plan(
        experiment=experiment.key,
        title=experiment.title,
        hypothesis=experiment.hypothesis,
        objective=str(objective) if objective else None,
        arms=arms_of(experiment),
        metrics=metrics_of(experiment),
        audience=experiment.audience,
        **audience_of(experiment),
        units_per_week=experiment.units_per_week,
        value_per_unit=experiment.value_per_unit,
        currency=experiment.currency if experiment.value_per_unit else "",
        people=people_of(experiment),
        answers=experiment.answers,
        risks=experiment.risks,
        starts_on=experiment.starts_on,
        ends_on=experiment.ends_on,
        planned_units_per_arm=sizing.units_per_arm if sizing else None,
        planned_units=sizing.units if sizing else None,
        assignment=assignment_of(experiment),
        statistics=statistics_of(experiment),
        decision_rule=DECISION_RULE,
        decision_table=tuple(
            line.strip() for line in experiment.decision_table.splitlines() if line.strip()
        ),
    )
    return Plan.from_json(
        plan.to_json()
    )  # a row that was just made still has 50 where 50.0 is kept


def arms_of(experiment: Experiment) -> tuple[Arm, ...]:
    return tuple(
        Arm(
            name=arm.name,
            description=arm.description,
            differs=tuple(arm.differs),
            weight=arm.weight,
            is_control=arm.is_control,
        )
        for arm in experiment.arms
    )


def metrics_of(experiment: Experiment) -> tuple[PlannedMetric, ...]:
    return tuple(
        PlannedMetric(
            **{name: getattr(row.metric, name) for name in DESCRIBED},
            **{name: getattr(row, name) for name in PLANNED},
        )
        for row in experiment.measured
    )


def rules_of(experiment: Experiment) -> tuple[Rule, ...]:
    return tuple(
        Rule(text=rule.text, kind=rule.kind, reason=rule.reason, cost=rule.cost)
        for rule in experiment.rules.all()
    )


def audience_of(experiment: Experiment) -> dict[str, Any]:
    """Who gets it and who must not."""
    rules = rules_of(experiment)
    return {
        "segment": str(experiment.segment) if experiment.segment else None,
        "audience_size": experiment.audience_size,
        "channel": experiment.channel,
        "frequency_cap": experiment.frequency_cap,
        "default_variant": experiment.default_variant,
        "excluded": tuple(rule.text for rule in rules if rule.kind == "exclude"),
        "rules": rules,
    }


def people_of(experiment: Experiment) -> dict[str, str | None]:
    parts = ("author", *Experiment.PARTS)
    people = {part: getattr(experiment, part) for part in parts}
    return {part: str(person) if person else None for part, person in people.items()}


def assignment_of(experiment: Experiment) -> Assignment:
    """How units get their arms, with the holdout of the quarter that the test starts in."""
    quarters = Quarter.objects.around(experiment.starts_on) if experiment.starts_on else []
    kept = Holdout.objects.filter(quarter__in=quarters).first()
    return Assignment(
        method=METHOD,
        salt=experiment.salt,
        namespace=experiment.namespace.name if experiment.namespace else None,
        ranges=tuple(tuple(pair) for pair in experiment.buckets),
        holdout=HoldoutOfPlan(salt=kept.salt, share=kept.share) if kept else None,
    )


def statistics_of(experiment: Experiment) -> Statistics:
    """How it will be read."""
    has_looks = experiment.reading == Experiment.Reading.PLANNED_LOOKS
    return Statistics(
        method=experiment.reading,
        confidence=experiment.confidence,
        power=experiment.power,
        looks=experiment.looks if has_looks else None,
        spending="obrien-fleming" if has_looks else None,
    )


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
            "Another plan was sealed at the same moment. Nothing was changed. Try again."
        ) from taken
