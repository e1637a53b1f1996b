"""The life of a process experiment, as one table."""

import secrets
from typing import Any

from django.db import transaction
from django.utils import timezone

from backlog.flows.holding import held
from backlog.flows.transitions import Changes, Transition, make_move, table_of
from backlog.models import User
from backlog.refusals import Refused
from experiments.flows.process.persons import of_single_people
from experiments.flows.process.words import noun_of
from experiments.learning.process import Strength, assign_clusters, strength_of
from experiments.learning.process_words import before_the_start
from experiments.models import ProcessExperiment, ProcessExperimentUnit
from experiments.plan.canonical import fingerprint_of

State = ProcessExperiment.State
LONGEST_CONCLUSION = 1_000
CAN_SHOW = (Strength.WEAK, Strength.USABLE)
WORDS = ("title", "hypothesis", "as_now", "other_way", "measure", "measure_unit", "direction", "unit",
         "clusters")  # fmt: skip


def _enough_units(experiment: ProcessExperiment, changes: Changes) -> str | None:
    clusters = len({unit.cluster for unit in experiment.units.all()})
    if strength_of(clusters - clusters // 2, clusters // 2) in CAN_SHOW:
        return None
    return before_the_start(clusters, noun_of(experiment))


def _not_begun(experiment: ProcessExperiment, changes: Changes) -> str | None:
    begun = (
        experiment.units.filter(starts_on__lt=timezone.localdate()).order_by("starts_on").first()
    )
    if begun is None:
        return None
    return (
        f"“{begun}” has begun, and units are assigned at random before anything is measured. Choose "
        "weeks that are still to come."
    )


def _of_no_single_people(experiment: ProcessExperiment, changes: Changes) -> str | None:
    """People may have left a pod since its units were chosen."""
    return of_single_people(experiment, experiment.units.all())


def _all_in(experiment: ProcessExperiment, changes: Changes) -> str | None:
    if experiment.reading:
        return None
    units = list(experiment.units.all())
    left = sum(not unit.is_in for unit in units)
    return (
        f"{left} of {len(units)} units have no outcome yet. Enter what was measured, or why there is "
        "nothing."
    )


def _called_by_the_result(experiment: ProcessExperiment, changes: Changes) -> str | None:
    """Too few units to show anything call nothing."""
    result = experiment.result
    if result is None or result.strength in CAN_SHOW:
        return None
    if changes["choice"] == ProcessExperiment.Choice.CANNOT_TELL:
        return None
    return (
        "The units that were measured are too few to show a difference. Choose “"
        f"{ProcessExperiment.Choice.CANNOT_TELL.label}”."
    )


def _assigned(experiment: ProcessExperiment, by: User | None, changes: Changes) -> dict[str, Any]:
    """The ways that the units were given and the plan, sealed together."""
    units = list(experiment.units.all())
    seed = secrets.token_hex(16)
    lot = assign_clusters({unit.cluster for unit in units}, salt=seed)
    sealed = {
        **{name: getattr(experiment, name) for name in WORDS},
        "pod": experiment.pod.name if experiment.pod else "",
        "seed": seed,
        "units": [
            {"name": unit.name, "cluster": unit.cluster, "is_treated": lot[unit.cluster]}
            for unit in units
        ],
    }
    return {
        "seed": seed, "sealed": sealed, "fingerprint": fingerprint_of(sealed),
        "started_at": timezone.now(), "started_by": by,
    }  # fmt: skip


def _give_arms(experiment: ProcessExperiment, by: User | None) -> None:
    sealed: dict[str, Any] = experiment.sealed or {}
    lot = {row["name"]: row["is_treated"] for row in sealed["units"]}
    rows = list(experiment.units.all())
    for row in rows:
        row.is_treated, row.value, row.why_missing = lot[row.name], None, ""
    ProcessExperimentUnit.objects.bulk_update(rows, ["is_treated", "value", "why_missing"])


PROCESS_MOVES = table_of((
    Transition("start", "Assign at random and start", "{by} assigned the units at random and "
               "started it (seed {seed}, fingerprint {fingerprint:.12}).", (State.DRAFT,), State.RUNNING,
               "experiments.run_process_experiment", (_enough_units, _not_begun, _of_no_single_people),
               _assigned, (_give_arms,)),
    Transition("decide", "Decide", "", (State.RUNNING,), State.DECIDED,
               "experiments.run_process_experiment", (_all_in, _called_by_the_result)),
    Transition("cancel", "Cancel", "", (State.DRAFT, State.RUNNING), State.CANCELLED,
               "experiments.run_process_experiment"),
))  # fmt: skip


@transaction.atomic
def start_process_experiment(
    experiment: ProcessExperiment, *, by: User, seen: str = ""
) -> ProcessExperiment:
    """Give each cluster to one of the two ways by lot, and seal it. Raises PermissionDenied, Refused."""
    experiment = held(experiment)
    make_move(experiment, PROCESS_MOVES["start"], by=by, seen=seen)
    return experiment


@transaction.atomic
def decide_process_experiment(
    experiment: ProcessExperiment, *, by: User, choice: str, conclusion: str, seen: str = ""
) -> ProcessExperiment:
    """Record what follows. Raises PermissionDenied, Refused."""
    experiment = held(experiment)
    if choice not in ProcessExperiment.Choice.values:
        raise Refused("Choose what follows from it.")
    if not 0 < len(conclusion.strip()) <= LONGEST_CONCLUSION:
        raise Refused(
            "Write in a sentence what follows from it, and why. It has at most "
            f"{LONGEST_CONCLUSION:,} characters."
        )
    label = ProcessExperiment.Choice(choice).label.lower()
    make_move(
        experiment, PROCESS_MOVES["decide"], by=by, seen=seen,
        sentence=f"{by} decided it: {label}. {conclusion.strip()}",
        choice=choice, conclusion=conclusion.strip(), decided_at=timezone.now(), decided_by=by,
    )  # fmt: skip
    return experiment


@transaction.atomic
def cancel_process_experiment(
    experiment: ProcessExperiment, *, by: User, reason: str, seen: str = ""
) -> ProcessExperiment:
    """End it without a result. Raises PermissionDenied, Refused."""
    experiment = held(experiment)
    if not reason.strip():
        raise Refused("Write why it is cancelled.")
    sentence = f"{by} cancelled it: {' '.join(reason.split())}"[:1000]
    make_move(experiment, PROCESS_MOVES["cancel"], by=by, seen=seen, sentence=sentence)
    return experiment


def is_as_sealed(experiment: ProcessExperiment) -> bool:
    """Whether the units still have what the lot gave them, and the seed gives that lot again."""
    sealed = experiment.sealed
    if not sealed or fingerprint_of(sealed) != experiment.fingerprint:
        return False
    rows = {unit.name: unit.is_treated for unit in experiment.units.all()}
    lot = assign_clusters({row["cluster"] for row in sealed["units"]}, salt=experiment.seed)
    return rows == {row["name"]: lot[row["cluster"]] for row in sealed["units"]} and all(
        getattr(experiment, name) == sealed[name] for name in WORDS
    )
