"""Write a process experiment while it is a draft, and choose its units."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from backlog import caps
from backlog.flows.holding import held
from backlog.models import Event, Idea, Pod, User
from backlog.permissions import require
from backlog.refusals import Refused
from experiments.flows.process.persons import of_single_people
from experiments.models import ProcessExperiment, ProcessExperimentUnit

MOST_UNITS = 100
LONGEST_NOTE = 1_000
Unit, Clusters = ProcessExperiment.Unit, ProcessExperiment.Clusters


def require_draft(experiment: ProcessExperiment) -> None:
    if not experiment.is_draft:
        raise Refused(
            f"It is {experiment.get_state_display().lower()}, and what was sealed at its start doesn’t "
            "change. Add a note that says what is different."
        )


@transaction.atomic
def save_process_experiment(
    experiment: ProcessExperiment, *, by: User, **fields: Any
) -> ProcessExperiment:
    """Write a draft. Another pod or kind of unit takes the chosen units away.

    Raises PermissionDenied, ValidationError, Refused.
    """
    is_new = experiment.pk is None
    if not is_new:
        require(by, "experiments.change_process_experiment", experiment)
        experiment = held(experiment)
        require_draft(experiment)
    before = (experiment.pod_id, experiment.unit)
    for name, value in fields.items():
        setattr(experiment, name, value)
    require(by, "experiments.change_process_experiment", experiment)
    if is_new:
        experiment.by = by
    experiment.version += not is_new
    if not is_new and before != (experiment.pod_id, experiment.unit):
        experiment.units.all().delete()
    experiment.full_clean()
    experiment.save()
    rows = _put_in_clusters(experiment)
    _refuse_single_people(experiment, rows)
    verb = "proposed" if is_new else "changed"
    Event.record(experiment, verb, f"{by} {verb} “{experiment}”.", by=by)
    return experiment


def _put_in_clusters(experiment: ProcessExperiment) -> list[ProcessExperimentUnit]:
    rows = list(experiment.units.select_related("pod"))
    for row in rows:
        row.cluster = cluster_of(row, experiment.clusters)
    ProcessExperimentUnit.objects.bulk_update(rows, ["cluster"])
    return rows


def cluster_of(unit: ProcessExperimentUnit, clusters: str) -> str:
    """The name of the cluster: the unit’s own, its pod’s, or its week."""
    if clusters == Clusters.POD and unit.pod:
        return unit.pod.name
    if clusters == Clusters.WEEK and unit.starts_on:
        return unit.starts_on.isoformat()
    return unit.name


@transaction.atomic
def choose_units(
    experiment: ProcessExperiment,
    *,
    by: User,
    pods: Sequence[Pod] = (),
    weeks: Iterable[dt.date] = (),
    ideas: Iterable[Idea] = (),
) -> ProcessExperiment:
    """Take these units in the place of those that were chosen; of the kind that the draft names.

    Weeks are taken for each of `pods`, or for the experiment’s own pod, and must not have begun.
    Raises PermissionDenied, ValidationError, Refused.
    """
    require(by, "experiments.change_process_experiment", experiment)
    experiment = held(experiment)
    require_draft(experiment)
    if experiment.unit == Unit.IDEAS:
        rows = [_of_idea(idea) for idea in ideas]
    elif experiment.unit == Unit.PODS:
        rows = [ProcessExperimentUnit(name=pod.name, pod=pod) for pod in pods]
    else:
        rows = _of_weeks([experiment.pod] if experiment.pod else pods, sorted(set(weeks)))
    caps.hold("__all__", rows, MOST_UNITS, "A process experiment", "units")
    _refuse_single_people(experiment, rows)
    experiment.units.all().delete()
    for row in rows:
        row.experiment, row.cluster = experiment, cluster_of(row, experiment.clusters)
        row.full_clean(validate_unique=False)
    ProcessExperimentUnit.objects.bulk_create(rows)
    experiment.version += 1
    experiment.save(update_fields=["version"])
    noun = experiment.get_unit_display().lower()
    Event.record(experiment, "units", f"{by} chose {len(rows)} {noun}.", by=by)
    return experiment


def _of_idea(idea: Idea) -> ProcessExperimentUnit:
    return ProcessExperimentUnit(name=f"{idea.key} {idea.title}"[:160], pod=idea.pod, idea=idea)


def _of_weeks(pods: Iterable[Pod], weeks: list[dt.date]) -> list[ProcessExperimentUnit]:
    pods = list(pods)
    if weeks and weeks[0] < timezone.localdate():
        raise Refused(
            f"The week of {weeks[0]:%-d %b %Y} has begun. Choose weeks that are still to come, so that "
            "units are assigned before anything is measured."
        )
    if weeks and not pods:
        raise Refused("Choose the pods whose weeks these are.")
    return [
        ProcessExperimentUnit(
            name=f"{pod}, week of {week:%-d %b %Y}" if len(pods) > 1 else f"Week of {week:%-d %b %Y}",
            pod=pod, starts_on=week,
        )
        for week in weeks for pod in pods
    ]  # fmt: skip


def _refuse_single_people(
    experiment: ProcessExperiment, rows: Iterable[ProcessExperimentUnit]
) -> None:
    if why_not := of_single_people(experiment, rows):
        raise Refused(why_not)


@transaction.atomic
def note_on_process(experiment: ProcessExperiment, *, by: User, text: str) -> None:
    """What is different from what was sealed, as a line of history. Raises PermissionDenied, Refused."""
    require(by, "experiments.change_process_experiment", experiment)
    words = " ".join(text.split())
    if not words:
        raise Refused("Write what is different, then add the note.")
    if len(words) > LONGEST_NOTE:
        raise Refused(f"A note has at most {LONGEST_NOTE} characters. Yours has {len(words)}.")
    if experiment.is_draft:
        raise Refused("It is a draft. Change it instead of adding a note.")
    when = "after the result was shown" if experiment.reading else "before the result was shown"
    Event.record(experiment, "note", f"{by} noted, {when}: {words}", by=by)
