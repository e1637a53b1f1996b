"""The report of a quarter: planned, started, decided; claimed against measured; learned, slipped, next."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from django.db.models import Q, QuerySet

from backlog.models import Objective, Pod, Quarter, User
from experiments.flows.health.decided import Decided, decided_experiments
from experiments.flows.health.quality import quality_facts
from experiments.flows.signing_off import SlipReport, slips_of
from experiments.learning.calibration import Calibration, calibrate, calibrate_pod
from experiments.learning.quality import QualityFacts, QualityMean, mean_quality
from experiments.learning.records import shrunk_lifts
from experiments.models import (
    BaselineRow,
    Experiment,
    HoldoutReading,
    Learning,
    ProcessExperiment,
    Slip,
)

MOST_LEARNINGS = 5
MOST_PROCESSES = 20


@dataclass(frozen=True)
class DecidedRow:
    """A decided experiment: lifts as fractions, in the direction that its metric wants, or None."""

    experiment: Experiment
    outcome: str
    metric: str
    lift: float | None
    low: float | None
    high: float | None
    shrunk: float | None
    claim: float | None


@dataclass(frozen=True)
class Winners:
    """The means over what won and has a claim: as claimed, as measured, and after shrinkage."""

    n: int
    claimed: float
    measured: float
    shrunk: float


@dataclass(frozen=True)
class Served:
    """An objective with how many experiments were planned for it, decided, and won."""

    objective: Objective
    planned: int
    decided: int
    won: int


@dataclass(frozen=True)
class QuarterReport:
    """Everything that the report says; `pod` None is all pods. The reader sees all that it names."""

    quarter: Quarter
    pod: Pod | None
    pods: int
    planned: int
    started: int
    rows: list[DecidedRow]
    outcomes: Counter[str]
    winners: Winners | None
    calibration: Calibration
    holdout: list[HoldoutReading]
    quality: QualityMean | None
    quality_before: QualityMean | None
    objectives: list[Served]
    learnings: list[Learning]
    learning_count: int
    expired: list[Learning]
    slips: SlipReport
    causes: dict[int, Slip]
    quarters: list[Quarter]
    next_quarter: Quarter | None
    next_planned: int
    next_unserved: list[Objective]
    processes: list[ProcessExperiment]

    @property
    def imported(self) -> int:
        """How many of the decided experiments came from a spreadsheet."""
        return sum(row.experiment.is_imported for row in self.rows)


def quarter_report(quarter: Quarter, pod: Pod | None, *, reader: User) -> QuarterReport:
    """The report as this person may read it: only experiments that they see are counted and named.

    Planned is what stood in the quarter when it was signed off last, else what stands there now;
    started is what of that was launched; decided is what was decided in the quarter’s days, planned
    for it or not.
    """
    seen = Experiment.objects.visible_to(reader)
    if pod is not None:
        seen = seen.filter(pod=pod)
    slips = _slips(quarter, pod, reader)
    planned = (
        [one.experiment for one in slips.slips] if slips.baseline else _standing(quarter, seen)
    )
    every = decided_experiments()
    visible = set(seen.values_list("pk", flat=True))
    rows = _decided(quarter, every, visible)
    quarters = list(Quarter.objects.order_by("starts_on"))
    earlier, following = _neighbours(quarter, quarters)
    quality, quality_before = _qualities(quarter, earlier, every, visible)
    keys = [row.experiment.pk for row in rows]
    learnings = Learning.objects.visible_to(reader).select_related("post_mortem__experiment")
    kept = learnings.filter(post_mortem__experiment__in=keys)
    return QuarterReport(
        quarter=quarter,
        pod=pod,
        pods=Pod.objects.visible_to(reader).count(),
        planned=len(planned),
        started=sum(one.sealed_at is not None for one in planned),
        rows=rows,
        outcomes=Counter(row.outcome for row in rows),
        winners=_winners(rows),
        calibration=_calibration(every, pod),
        holdout=_holdout(quarter) if pod is None else [],
        quality=quality,
        quality_before=quality_before,
        objectives=_objectives(quarter, planned, rows, pod, reader),
        learnings=list(kept.order_by("-grade", "-created_at")[:MOST_LEARNINGS]),
        learning_count=kept.count(),
        expired=list(
            learnings.filter(
                post_mortem__experiment__in=seen,
                expires_on__gte=quarter.starts_on,
                expires_on__lt=quarter.ends_on,
            ).order_by("expires_on")[:MOST_LEARNINGS]
        ),
        slips=slips,
        causes={row.experiment_id: row for row in Slip.objects.filter(quarter=quarter)},
        quarters=quarters,
        next_quarter=following,
        next_planned=_planned_count(following, seen),
        next_unserved=_unserved(following, pod, reader),
        processes=_processes(quarter, pod, reader),
    )


def _slips(quarter: Quarter, pod: Pod | None, reader: User) -> SlipReport:
    """The quarter against the baseline that was signed off last; of one pod, only its own rows."""
    every = slips_of(quarter, seen_by=reader)
    if pod is None:
        return every
    own = tuple(one for one in every.slips if one.experiment.pod_id == pod.pk)
    return replace(every, slips=own)


def _planned(quarter: Quarter, seen: QuerySet[Experiment]) -> list[Experiment]:
    newest = quarter.baselines.order_by("-number").first()
    if newest is not None:
        keys = BaselineRow.objects.filter(baseline=newest).values("experiment")
        return list(seen.filter(pk__in=keys))
    return _standing(quarter, seen)


def _standing(quarter: Quarter, seen: QuerySet[Experiment]) -> list[Experiment]:
    """What starts in a quarter that was never signed off."""
    here = seen.filter(
        is_imported=False, starts_on__gte=quarter.starts_on, starts_on__lt=quarter.ends_on
    )
    return list(here.exclude(state=Experiment.State.CANCELLED))


def _decided(quarter: Quarter, every: list[Decided], visible: set[int]) -> list[DecidedRow]:
    """The best first; those without a lift last."""
    shrunk = shrunk_lifts([one.row for one in every])
    here = _within(quarter, every, visible)
    rows = [_row(one, shrunk.get(one.row.key)) for one in here]
    order = {"won": 0, "lost": 1, "flat": 2}
    return sorted(rows, key=lambda row: (order.get(row.outcome, 3), -(row.lift or 0.0)))


def _within(quarter: Quarter, every: list[Decided], visible: set[int]) -> list[Decided]:
    """What was decided in the days of a quarter, of that which may be seen."""
    return [
        one for one in every
        if one.experiment.pk in visible and quarter.starts_on <= one.decided_on < quarter.ends_on
    ]  # fmt: skip


def _neighbours(quarter: Quarter, every: list[Quarter]) -> tuple[Quarter | None, Quarter | None]:
    """The quarters before and after it."""
    earlier = [one for one in every if one.ends_on <= quarter.starts_on]
    later = [one for one in every if one.starts_on >= quarter.ends_on]
    return earlier[-1] if earlier else None, later[0] if later else None


def _qualities(
    quarter: Quarter, earlier: Quarter | None, every: list[Decided], visible: set[int]
) -> tuple[QualityMean | None, QualityMean | None]:
    """The mean minimum-quality score of this quarter and of the one before it."""
    here = _within(quarter, every, visible)
    before = _within(earlier, every, visible) if earlier else []
    facts = quality_facts(one.experiment for one in [*here, *before])
    means = [_mean_quality(facts, rows) for rows in (here, before)]
    return means[0], means[1]


def _mean_quality(facts: Mapping[int, QualityFacts], rows: list[Decided]) -> QualityMean | None:
    return mean_quality(facts[key] for one in rows if (key := one.experiment.pk) in facts)


def _row(one: Decided, shrunk: float | None) -> DecidedRow:
    lift, ends = one.row.lift, one.interval
    return DecidedRow(
        one.experiment, one.outcome, one.metric, lift, ends[0] if ends else None,
        ends[1] if ends else None, shrunk, one.row.claim,
    )  # fmt: skip


def _winners(rows: list[DecidedRow]) -> Winners | None:
    """None where nothing won that claims and lifts are known of."""
    figures = [
        (row.claim, row.lift, row.shrunk)
        for row in rows
        if row.outcome == "won" and None not in (row.claim, row.lift, row.shrunk)
    ]
    if not figures:
        return None
    claimed, measured, shrunk = np.array(figures, dtype=float).mean(axis=0).tolist()
    return Winners(len(figures), claimed, measured, shrunk)


def _calibration(every: list[Decided], pod: Pod | None) -> Calibration:
    """Of everything that was decided until now: a quarter alone has too few."""
    rows = [one.row for one in every]
    return calibrate(rows) if pod is None else calibrate_pod(rows, str(pod.pk))


def _holdout(quarter: Quarter) -> list[HoldoutReading]:
    """The newest reading of each metric; the holdout is of the programme and of no pod."""
    rows = HoldoutReading.objects.filter(holdout__quarter=quarter).select_related("metric")
    newest = {row.metric_id: row for row in rows.order_by("at", "pk")}
    return sorted(newest.values(), key=lambda row: row.metric.name)


def _objectives(
    quarter: Quarter,
    planned: list[Experiment],
    rows: list[DecidedRow],
    pod: Pod | None,
    reader: User,
) -> list[Served]:
    objectives = quarter.objectives.visible_to(reader).select_related("quarter", "pod")
    if pod is not None:
        objectives = objectives.filter(Q(pod=pod) | Q(pod=None))
    return [
        Served(
            objective,
            sum(test.objective_id == objective.pk for test in planned),
            sum(row.experiment.objective_id == objective.pk for row in rows),
            sum(row.experiment.objective_id == objective.pk and row.outcome == "won" for row in rows),
        )
        for objective in objectives
    ]  # fmt: skip


def _planned_count(quarter: Quarter | None, seen: QuerySet[Experiment]) -> int:
    return len(_planned(quarter, seen)) if quarter else 0


def _unserved(quarter: Quarter | None, pod: Pod | None, reader: User) -> list[Objective]:
    """Objectives of the next quarter that no experiment serves yet."""
    if quarter is None:
        return []
    objectives = quarter.objectives.visible_to(reader).filter(experiments=None)
    if pod is not None:
        objectives = objectives.filter(Q(pod=pod) | Q(pod=None))
    return list(objectives.select_related("quarter", "pod"))


def _processes(quarter: Quarter, pod: Pod | None, reader: User) -> list[ProcessExperiment]:
    """Process experiments that were decided in the quarter’s days; of a pod also those of every pod."""
    rows = ProcessExperiment.objects.visible_to(reader).filter(
        state=ProcessExperiment.State.DECIDED,
        decided_at__date__gte=quarter.starts_on,
        decided_at__date__lt=quarter.ends_on,
    )
    return list((rows.open_to(pod) if pod else rows).order_by("decided_at")[:MOST_PROCESSES])
