"""Read the observations: every arm against the control, health first, a verdict by the sealed rule."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from celery import shared_task
from django.db import transaction
from django.db.models import F, Max, Prefetch, Q, QuerySet
from django.utils import timezone

from backlog.flows.queueing import queue_on_commit
from backlog.models import Event
from backlog.ways_in import coming_by
from experiments.flows.alarming import check_alarms
from experiments.models import Analysis, Experiment, Intake, Observation
from experiments.plans import fingerprint_of
from experiments.reading import ENGINE_VERSION, read_evidence

FAILED = "The analysis failed several times. Send the data again; if it fails again, tell an admin."
LEASE = dt.timedelta(minutes=10)


def looks_before(intake: Intake) -> dict[str, list[int]]:
    """The units of the planned looks that were had on other data, where looks are planned."""
    plan = intake.experiment.sealed_plan or {}
    if plan.get("statistics", {}).get("method") != Experiment.Reading.PLANNED_LOOKS:
        return {}
    others = Analysis.objects.filter(experiment=intake.experiment_id, intake__lt=intake.pk)
    results = others.order_by("number").values_list("result", flat=True)
    seen = {sum(result["units"].values()) for result in results
            if (result.get("reading") or {}).get("look")}  # fmt: skip
    return {"looks": sorted(seen)}


def observations_of(rows: "QuerySet[Observation]") -> "QuerySet[Observation]":
    """Observations with what a reading asks of them, in the order of their metrics and arms."""
    order = ("metric__position", "metric_id", "variant__position", "variant_id", "day",
             "stratum", "is_capped")  # fmt: skip
    return rows.select_related("variant", "metric__metric").order_by(*order)


def inputs_of(intake: Intake, rows: Iterable[Observation] | None = None) -> dict[str, Any]:
    """Everything that the reading depends on, as plain JSON values.

    `rows` are its observations in the order of `observations_of`, where they are at hand.
    """
    experiment = intake.experiment
    understood = intake.understood
    observations = (
        observations_of(Observation.objects.filter(intake=intake)) if rows is None else rows
    )
    return {
        "plan": experiment.plan_in_force,
        "units": understood.get("units", {}),
        "units_in_two_variants": understood.get("units_in_two_variants", 0),
        "repeated_units": understood.get("repeated_units", 0),
        "rejected": understood.get("rejected_count", 0),
        "ends_on": experiment.ends_on.isoformat() if experiment.ends_on else None,
        "is_over": experiment.is_over,
        **looks_before(intake),
        "accumulation": intake.accumulation,
        "observations": [plain(row) for row in observations],
    }


def plain(row: Observation) -> dict[str, Any]:
    """An observation as it stands in the inputs of an analysis; what it has not is left out."""
    said = {"metric": row.metric.metric.name, "variant": row.variant.name}
    if row.day:
        said["day"] = row.day.isoformat()
    if row.stratum:
        said["stratum"] = row.stratum
    return said | ({"is_capped": True} if row.is_capped else {}) | row.values


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
            intakes.update(leased_until=None)
            if self.request.retries >= self.max_retries:
                intakes.update(state=Intake.State.FAILED, problem=FAILED)
                raise
            raise self.retry(exc=error, countdown=2**self.request.retries) from error
    return analysis.pk if analysis else None


def analyse_now(intake_id: int) -> Analysis | None:
    """The work of the task. The same inputs give the same bytes and no second row."""
    now = timezone.now()
    free = Intake.objects.filter(Q(leased_until=None) | Q(leased_until__lt=now), pk=intake_id)
    if not free.filter(state=Intake.State.COUNTED).update(
        leased_until=now + LEASE, tries=F("tries") + 1
    ):
        return None
    intake = Intake.objects.select_related("experiment").get(pk=intake_id)
    inputs = inputs_of(intake)
    analysis = _keep(intake, inputs, read_evidence(inputs))
    check_alarms(analysis.experiment)
    return analysis


def read_many(intakes: "QuerySet[Intake]") -> int:
    """Read analysed data again where its inputs or the engine are others by now; how many were.

    What a reading depends on besides the data is the date: at its planned end a test is read anew.
    """
    rows = Prefetch("observations", observations_of(Observation.objects.all()))
    chosen = list(intakes.select_related("experiment").prefetch_related(rows))
    known = set(
        Analysis.objects.filter(
            intake__in=[intake.pk for intake in chosen], engine_version=ENGINE_VERSION
        ).values_list("intake", "inputs_fingerprint")
    )
    made = 0
    for intake in chosen:
        inputs = inputs_of(intake, intake.observations.all())
        if (intake.pk, fingerprint_of(inputs)) not in known:
            _keep(intake, inputs, read_evidence(inputs))
            made += 1
    return made


@transaction.atomic
def _keep(intake: Intake, inputs: dict[str, Any], reading: dict[str, Any]) -> Analysis:
    experiment = Experiment.objects.select_for_update().get(pk=intake.experiment_id)
    fingerprint = fingerprint_of(inputs)
    known = intake.analyses.filter(inputs_fingerprint=fingerprint, engine_version=ENGINE_VERSION)
    analysis = known.first()
    if analysis is None:
        last = experiment.analyses.aggregate(last=Max("number"))["last"] or 0
        analysis = Analysis.objects.create(
            experiment=experiment,
            intake=intake,
            number=last + 1,
            engine_version=ENGINE_VERSION,
            inputs=inputs,
            inputs_fingerprint=fingerprint,
            result=reading,
            outcome=reading["verdict"]["outcome"],
            head=reading["verdict"]["head"],
            sentence=reading["verdict"]["sentence"],
        )
        Event.record(
            experiment, "analyse", f"Analysis {analysis.number}: {analysis.head}", by=None,
            analysis=analysis.pk, fingerprint=fingerprint,
        )  # fmt: skip
    Intake.objects.filter(pk=intake.pk, state=Intake.State.COUNTED).update(
        state=Intake.State.ANALYSED, leased_until=None
    )
    return analysis


@shared_task  # type: ignore[untyped-decorator]
def analyse_left_behind() -> int:
    """Queue again what was counted over a minute ago and never analysed; run by the clock.

    Data under which every worker died is left, and says so.
    """
    before = timezone.now() - dt.timedelta(minutes=1)
    waiting = Intake.objects.left_behind(before)
    waiting.filter(tries__gte=Intake.MOST_TRIES).update(
        state=Intake.State.FAILED, problem=FAILED, leased_until=None
    )
    left = list(waiting.values_list("pk", flat=True))
    for intake_id in left:
        queue_on_commit(analyse, intake_id)
    return len(left)
