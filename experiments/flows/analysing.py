"""Read the observations: every arm against the control, health first, a verdict by the sealed rule."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from celery import shared_task
from django.db import transaction
from django.db.models import F, Max, Q, QuerySet
from django.utils import timezone

from backlog.flows.gc_pause import no_collecting
from backlog.flows.leases import NO_LEASE, end_leases_of_the_gone, lease
from backlog.flows.queueing import queue_on_commit
from backlog.flows.transitions import move_rows
from backlog.models import Event
from backlog.ways_in import coming_by
from experiments.engine.reading import ENGINE_VERSION, read_all
from experiments.flows.alarming import check_alarms
from experiments.flows.intake_moves import INTAKE_MOVES
from experiments.models import Analysis, Experiment, Intake, Observation
from experiments.models.evidence import STATISTICS
from experiments.plan.canonical import fingerprint_of

FAILED = "The analysis failed several times. Send the data again. If that fails too, tell an admin."
LEASE = dt.timedelta(minutes=10)
AT_ONCE = 250
"""Data that are read and written together."""


def looks_before(intakes: Iterable[Intake]) -> dict[int, list[int]]:
    """For the id of each intake whose plan has planned looks: the sample sizes at which earlier looks were
    taken on other data."""
    planned = [each for each in intakes if _has_planned_looks(each.experiment)]
    others = Analysis.objects.filter(experiment__in={each.experiment_id for each in planned})
    had: dict[int, list[tuple[int, int]]] = {}
    for test, intake, result in others.values_list("experiment", "intake", "result"):
        if (result.get("reading") or {}).get("look"):
            had.setdefault(test, []).append((intake, sum(result["units"].values())))
    return {
        each.pk: sorted({units for intake, units in had.get(each.experiment_id, ())
                         if intake < each.pk})
        for each in planned
    }  # fmt: skip


def _has_planned_looks(experiment: Experiment) -> bool:
    return experiment.sealed_reading == Experiment.Reading.PLANNED_LOOKS


def observations_of(intakes: Iterable[Intake]) -> dict[int, list[dict[str, Any]]]:
    """For the id of each intake its observations as they stand in the inputs of an analysis.

    They are in the order of their metrics and arms; what one has not is left out.
    """
    by_intake: dict[int, list[dict[str, Any]]] = {intake.pk: [] for intake in intakes}
    rows = Observation.objects.filter(intake__in=list(by_intake)).order_by(
        "metric__position", "metric_id", "variant__position", "variant_id", "day", "stratum",
        "is_capped",
    )  # fmt: skip
    parts = ("intake_id", "metric__metric__name", "variant__name", "day", "stratum", "is_capped")
    for intake, metric, variant, day, stratum, is_capped, *numbers in rows.values_list(
        *parts, *STATISTICS
    ):
        row: dict[str, Any] = {"metric": metric, "variant": variant}
        if day:
            row["day"] = day.isoformat()
        if stratum:
            row["stratum"] = stratum
        if is_capped:
            row["is_capped"] = True
        known = zip(STATISTICS, numbers, strict=True)
        by_intake[intake].append(row | {name: value for name, value in known if value is not None})
    return by_intake


def readings_before(intakes: Iterable[Intake]) -> dict[int, int]:
    """For the id of each intake how many earlier data of its experiment have counted."""
    mine = {intake.pk: intake.experiment_id for intake in intakes}
    counted = Intake.objects.filter(experiment__in=set(mine.values())).exclude(counted_at=None)
    ids: dict[int, list[int]] = {}
    for experiment, pk in counted.values_list("experiment", "pk"):
        ids.setdefault(experiment, []).append(pk)
    return {pk: sum(other < pk for other in ids.get(mine[pk], ())) for pk in mine}


def inputs_of(
    intake: Intake, observations: list[dict[str, Any]], looks: list[int] | None, before: int = 0
) -> dict[str, Any]:
    """Everything that the reading depends on, as plain JSON values; `before` counts the data of the
    experiment that were read earlier."""
    experiment = intake.experiment
    understood = intake.understood
    return {
        "plan": experiment.json_in_force,
        "units": understood.get("units", {}),
        "units_in_two_variants": understood.get("units_in_two_variants", 0),
        "repeated_units": understood.get("repeated_units", 0),
        "rejected": understood.get("rejected_count", 0),
        "ends_on": experiment.ends_on.isoformat() if experiment.ends_on else None,
        "is_over": experiment.is_over,
        **({"looks": looks} if looks is not None else {}),
        **({"readings_before": before} if before else {}),
        **({"waiting": waiting} if (waiting := _waiting(experiment)) else {}),
        "accumulation": intake.accumulation,
        "observations": observations,
    }


def _waiting(experiment: Experiment) -> list[dict[str, Any]]:
    """The metrics that decide whose outcomes are not complete today."""
    plan = experiment.plan_in_force
    return [
        {"metric": metric.name, "window_days": metric.window_days, "opens_on": str(opens_on)}
        for metric, opens_on in (plan.waiting_on(timezone.localdate()) if plan else ())
    ]


@shared_task(bind=True, max_retries=3)  # type: ignore[untyped-decorator]
def analyse(self: Any, intake_id: int) -> int | None:
    """Analyse counted data. Safe to run twice, or at once in two workers: a lease lets one through.

    The id of the Analysis, or None where there is nothing to do. A failure is tried again with
    growing pauses; after the last one the intake says so.
    """
    with coming_by("task"):
        try:
            analysis = analyse_now(intake_id)
        except Exception as error:
            intakes = Intake.objects.filter(pk=intake_id, state=Intake.State.COUNTED)
            intakes.update(**NO_LEASE)
            if self.request.retries >= self.max_retries:
                move_rows(intakes, INTAKE_MOVES["fail"], problem=FAILED)
                raise
            raise self.retry(exc=error, countdown=2**self.request.retries) from error
    return analysis.pk if analysis else None


def analyse_now(intake_id: int) -> Analysis | None:
    """The work of the task. The same inputs give the same bytes and no second row."""
    end_leases_of_the_gone(Intake.objects.filter(pk=intake_id))
    now = timezone.now()
    free = Intake.objects.filter(Q(leased_until=None) | Q(leased_until__lt=now), pk=intake_id)
    if not free.filter(state=Intake.State.COUNTED).update(**lease(LEASE), tries=F("tries") + 1):
        return None
    intake = Intake.objects.select_related("experiment").get(pk=intake_id)
    questions = _questions([intake])
    (analysis,) = _keep(questions, read_all([each.inputs for each in questions]))
    check_alarms(analysis.experiment)
    return analysis


class Question(NamedTuple):
    """Data that are to be read, with everything that the reading depends on."""

    intake: Intake
    inputs: dict[str, Any]
    fingerprint: str

    @property
    def place(self) -> tuple[int, str]:
        """What there is one analysis for."""
        return self.intake.pk, self.fingerprint


def _questions(intakes: Sequence[Intake]) -> list[Question]:
    observations, looks = observations_of(intakes), looks_before(intakes)
    before = readings_before(intakes)
    questions = []
    for each in intakes:
        inputs = inputs_of(each, observations[each.pk], looks.get(each.pk), before[each.pk])
        questions.append(Question(each, inputs, fingerprint_of(inputs)))
    return questions


def read_many(intakes: "QuerySet[Intake]") -> int:
    """Read analysed data again if its inputs or the engine have changed; return how many were read.

    What a reading depends on besides the data is the date: at its planned end an experiment is read again.
    Some at a time are read and written together, so that memory stays flat and locks short.
    """
    ids = list(intakes.values_list("pk", flat=True))
    made = 0
    for first in range(0, len(ids), AT_ONCE):
        with no_collecting():
            made += _read_some(ids[first : first + AT_ONCE])
    return made


def _read_some(ids: list[int]) -> int:
    whole = Intake.objects.select_related("experiment__pod").prefetch_related(
        "experiment__amendments"
    )
    chosen = list(whole.filter(pk__in=ids))
    questions = _questions(chosen)
    known = _known(questions)
    new = [each for each in questions if each.place not in known]
    if new:
        _keep(new, read_all([each.inputs for each in new]))
    return len(new)


def _known(questions: Sequence[Question]) -> dict[tuple[int, str], int]:
    """The ids of what this engine has read of these data already, by data and fingerprint."""
    analyses = Analysis.objects.filter(
        intake__in=[each.intake.pk for each in questions], engine_version=ENGINE_VERSION
    )
    rows = analyses.values_list("intake", "inputs_fingerprint", "pk")
    return {(intake, fingerprint): pk for intake, fingerprint, pk in rows}


@transaction.atomic
def _keep(questions: Sequence[Question], readings: Sequence[dict[str, Any]]) -> list[Analysis]:
    """Write the readings that are new; the analysis of each question, in order."""
    tests = Experiment.objects.filter(pk__in={each.intake.experiment_id for each in questions})
    locked = tests.select_for_update().order_by("pk")
    numbers = dict.fromkeys(locked.values_list("pk", flat=True), 0)
    last = Analysis.objects.filter(experiment__in=numbers).order_by().values_list("experiment")
    numbers |= dict(last.annotate(Max("number")))
    present = _known(questions)
    same = Analysis.objects.in_bulk(
        [present[each.place] for each in questions if each.place in present]
    )
    known = {each.place: same[present[each.place]] for each in questions if each.place in present}
    new = []
    for each, reading in zip(questions, readings, strict=True):
        if each.place not in known:
            numbers[each.intake.experiment_id] += 1
            number = numbers[each.intake.experiment_id]
            known[each.place] = _analysis_of(each, reading, number)
            new.append(known[each.place])
    Analysis.objects.bulk_create(new)
    Event.objects.bulk_create(
        Event.of(
            made.experiment, "analyse", f"Analysis {made.number}: {made.head}", by=None,
            analysis=made.pk, fingerprint=made.inputs_fingerprint,
        )
        for made in new
    )  # fmt: skip
    theirs = Intake.objects.filter(pk__in=[each.intake.pk for each in questions])
    move_rows(theirs, INTAKE_MOVES["analyse"], **NO_LEASE)
    return [known[each.place] for each in questions]


def _analysis_of(question: Question, reading: dict[str, Any], number: int) -> Analysis:
    return Analysis(
        experiment=question.intake.experiment,
        intake=question.intake,
        number=number,
        engine_version=ENGINE_VERSION,
        inputs=question.inputs,
        inputs_fingerprint=question.fingerprint,
        result=reading,
        outcome=reading["verdict"]["outcome"],
    )


@shared_task  # type: ignore[untyped-decorator]
def analyse_left_behind() -> int:
    """Queue again what was counted over a minute ago and never analysed; run by the clock.

    Data under which every worker died is left, and says so.
    """
    end_leases_of_the_gone(Intake.objects.filter(state=Intake.State.COUNTED))
    before = timezone.now() - dt.timedelta(minutes=1)
    waiting = Intake.objects.left_behind(before)
    given_up = waiting.filter(tries__gte=Intake.MOST_TRIES)
    move_rows(given_up, INTAKE_MOVES["fail"], problem=FAILED, **NO_LEASE)
    left = list(waiting.values_list("pk", flat=True))
    for intake_id in left:
        queue_on_commit(analyse, intake_id)
    return len(left)
