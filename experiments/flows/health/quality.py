"""The minimum-quality score of decided experiments, from what is stored about them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Subquery
from django.utils import timezone

from experiments.engine.masking import SPOKEN
from experiments.engine.results import balance_in
from experiments.learning.quality import (
    QualityFacts,
    QualityItem,
    quality_items,
    quality_score,
)
from experiments.models import Alarm, Amendment, Decision, Experiment, Look
from experiments.plan.document import Plan

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Quality:
    """What one experiment has of the items: how many are `met` of those that `apply`, and its share."""

    items: tuple[QualityItem, ...]
    met: int
    apply: int
    score: float | None


def quality_of(experiment: Experiment, amendments: Sequence[Amendment]) -> Quality | None:
    """The score of a decided experiment, in one query; None before the decision, and of an imported
    one, of whose quality Floe knows nothing."""
    decision: Decision | None = getattr(experiment, "decision", None)
    if decision is None or experiment.is_imported:
        return None
    row = _rows([experiment.pk])[experiment.pk]
    items = quality_items(_facts(experiment, decision, row, amendments))
    marks = [item.is_met for item in items if item.is_met is not None]
    return Quality(items, sum(marks), len(marks), quality_score(items))


def quality_facts(experiments: Iterable[Experiment]) -> dict[int, QualityFacts]:
    """The facts of decided experiments by their ids, in two queries however many they are; of imported
    ones there are none."""
    decided = [one for one in experiments if hasattr(one, "decision") and not one.is_imported]
    keys = [one.pk for one in decided]
    amendments: dict[int, list[Amendment]] = {}
    for amendment in Amendment.objects.filter(experiment__in=keys):
        amendments.setdefault(amendment.experiment_id, []).append(amendment)
    rows = _rows(keys)
    return {
        one.pk: _facts(one, one.decision, rows[one.pk], amendments.get(one.pk, ()))
        for one in decided
    }


def _rows(keys: Iterable[int]) -> dict[int, Row]:
    """What other tables hold of each; of a reading only its counts, because it is long."""
    mine = {"experiment": OuterRef("experiment")}
    # Until the rule has decided, outcomes are open only at planned looks; afterwards to everybody.
    early = Look.objects.filter(is_early=True, **mine).exclude(analysis__outcome__in=SPOKEN)
    days = early.order_by().values("experiment").annotate(n=Count("day", distinct=True)).values("n")
    rows = (
        Decision.objects.filter(experiment__in=list(keys))
        .annotate(
            had_mismatch=Exists(Alarm.objects.filter(kind=Alarm.Kind.SAMPLE_RATIO, **mine)),
            early_days=Subquery(days),
            opened=F("experiment__unveiling"),
            written_at=F("experiment__post_mortem__published_at"),
            written_due=F("experiment__post_mortem__due_on"),
        )
        .values(
            "experiment", "had_mismatch", "early_days", "opened", "written_at", "written_due",
            "analysis__result__units", "analysis__result__sample_ratio",
            "analysis__result__sample_ratio_sequential", "analysis__result__is_read_again",
        )
    )  # fmt: skip
    return {row["experiment"]: row for row in rows}


def _facts(
    experiment: Experiment, decision: Decision, row: Row, amendments: Sequence[Amendment]
) -> QualityFacts:
    sealed = experiment.plan_at_launch
    in_order = sorted(amendments, key=lambda one: one.number)
    before = [one for one in in_order if not one.is_after_first_look]
    fixed = Plan.from_json(before[-1].plan) if before else sealed
    in_force = Plan.from_json(in_order[-1].plan) if in_order else sealed
    decided_on = timezone.localdate(decision.decided_at)
    written_at, units = row["written_at"], row["analysis__result__units"]
    reading = sealed.statistics.method
    primary = sealed.primary
    return QualityFacts(
        decided_on=decided_on,
        written_on=timezone.localdate(written_at) if written_at else None,
        written_due=row["written_due"],
        today=timezone.localdate(),
        has_plan=bool(experiment.sealed_plan),
        has_hypothesis=bool(sealed.hypothesis.strip()),
        primary=primary.name if primary else "",
        units=sealed.units,
        days_late=sealed.began_before,
        is_redefined=_decides_by(fixed) != _decides_by(in_force),
        planned_end=fixed.ends_on,
        end_in_force=in_force.ends_on,
        counted=None if units is None else sum(units.values()),
        recommended=decision.recommended,
        is_mismatch=_is_mismatch(row),
        had_mismatch=row["had_mismatch"],
        guardrails=sum(
            one.role == "guardrail" and one.margin is not None for one in sealed.metrics
        ),
        departs=decision.departs,
        is_read_any_day=reading == Experiment.Reading.ANY_TIME,
        is_opened_early=row["opened"] is not None,
        early_days=0 if reading == Experiment.Reading.PLANNED_LOOKS else row["early_days"] or 0,
    )


def _decides_by(plan: Plan) -> tuple[str, int]:
    return plan.primary.name if plan.primary else "", plan.units


def _is_mismatch(row: Row) -> bool | None:
    start = "analysis__result__"
    if row[f"{start}sample_ratio"] is None:
        return None
    result = {name.removeprefix(start): value for name, value in row.items()}
    return bool(balance_in(result).get("is_mismatch"))
