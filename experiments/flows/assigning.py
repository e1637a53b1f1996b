"""Units to arms by the sealed plan: one, ten thousand or a list; in namespaces, by steps of a ramp."""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import F

from backlog.flows.conflicts import write_unless_changed
from backlog.models import Event, User
from backlog.permissions import require
from backlog.refusals import Refused, SomebodyWasQuicker
from experiments.flows.veil import is_masked_for
from experiments.models import Experiment, Namespace
from experiments.units.assignment import BUCKETS, RAMP_STEPS, WHY, Assigner, free_ranges

MOST_AT_ONCE = 10_000
NOT_SEALED = (Experiment.State.DRAFT, Experiment.State.PLANNED)
BOOKING = (*NOT_SEALED, Experiment.State.RUNNING, Experiment.State.ANALYSING)
LONGEST_ID = 400


def assigner_of(experiment: Experiment, by: User) -> Assigner:
    """What answers for this experiment. Raises PermissionDenied, Refused."""
    require(by, "experiments.assign_units", experiment)
    plan = experiment.plan_at_launch
    if not experiment.is_sealed:
        raise Refused("Launch it first. Units are assigned by the sealed plan.")
    if plan.assignment is None:
        raise Refused(
            "Its plan was sealed before Floe could assign units. Keep assigning them as before."
        )
    if is_masked_for(experiment, by):
        raise Refused(
            "You read this experiment with masked arms, so somebody else has to assign its units."
        )
    return Assigner.of_plan(plan, ramp=experiment.ramp)


def assign(
    experiment: Experiment, units: Sequence[str], *, by: User
) -> list[dict[str, str | None]]:
    """For each unit its arm, or why it has none; nothing is kept. Raises PermissionDenied, Refused."""
    assigner = assigner_of(experiment, by)
    if experiment.state != Experiment.State.RUNNING:
        raise Refused(
            f"It is {experiment.get_state_display().lower()}. Only a running experiment takes in units."
        )
    named = [checked(unit, f"Unit {place}") for place, unit in enumerate(units, start=1)]
    return [
        {
            "unit": unit,
            "arm": assigner.arms[code] if code >= 0 else None,
            "why": WHY.get(code),
        }
        for unit, code in zip(named, assigner.codes(named).tolist(), strict=True)
    ]


def checked(unit: str, where: str) -> str:
    """An id without the blanks around it; capitals and signs count. Raises Refused."""
    unit = unit.strip()
    if not unit or len(unit) > LONGEST_ID:
        what = "is empty" if not unit else f"has more than {LONGEST_ID} characters"
        raise Refused(f"{where} {what}. An id is what your other tools call the unit by.")
    return unit


@transaction.atomic
def book_buckets(experiment: Experiment, *, by: User, namespace: str, share: int) -> Experiment:
    """Take `share` per cent of a namespace for this experiment, so that no unit is in two of its tests.

    An empty name gives the buckets back. Raises PermissionDenied, ValidationError, Refused.
    """
    require(by, "experiments.change_experiment", experiment)
    if experiment.state not in NOT_SEALED:
        raise Refused("The plan is sealed, and its share of a namespace is part of it.")
    space, buckets = None, [[0, BUCKETS]]
    if namespace.strip():
        space = Namespace(name=namespace.strip().lower())
        space.clean_fields()
        space, _ = Namespace.objects.select_for_update().get_or_create(name=space.name)
        buckets = _free(space, experiment, share)
    write_unless_changed(
        experiment,
        states=NOT_SEALED,
        refusal="Somebody changed this experiment in the meantime. Reload the page.",
        namespace=space,
        buckets=buckets,
    )
    change = f"took {share} % of the namespace {space}" if space else "left its namespace"
    Event.record(experiment, "change", f"{by} {change}.", by=by)
    return experiment


def _free(space: Namespace, experiment: Experiment, share: int) -> list[list[int]]:
    others = space.experiments.filter(state__in=BOOKING).exclude(pk=experiment.pk)
    booked = list(others.values_list("buckets", flat=True))
    free = free_ranges(booked, share * BUCKETS // 100)
    if free is None:
        left = BUCKETS - sum(end - start for ranges in booked for start, end in ranges)
        keys = ", ".join(other.key for other in others[:5])
        raise Refused(
            f"{space} has {left * 100 // BUCKETS} % left. The rest belongs to {keys}. "
            "Take less, wait for one of them, or choose another namespace."
        )
    return [list(one) for one in free]


@transaction.atomic
def go_up_the_ramp(experiment: Experiment, *, by: User, ramp: int, reason: str = "") -> Experiment:
    """Let in a larger share of units; nobody who is in changes the arm. Never down: they would lose it.

    Before the launch any step may be chosen to start from. Raises PermissionDenied, Refused.
    """
    require(by, "experiments.launch_experiment", experiment)
    if ramp not in RAMP_STEPS:
        raise Refused("Choose 1, 5, 20, 50 or 100 %.")
    is_sealed = experiment.state not in NOT_SEALED
    if is_sealed and experiment.state != Experiment.State.RUNNING:
        raise Refused(
            f"It is {experiment.get_state_display().lower()}, so its ramp can’t be changed any more."
        )
    if is_sealed and ramp <= experiment.ramp:
        raise Refused(
            f"{experiment.ramp} % of the units are in, and a ramp can’t go down. "
            "Cancel the experiment if it does harm."
        )
    moved = Experiment.objects.filter(pk=experiment.pk, ramp=experiment.ramp).update(
        ramp=ramp, version=F("version") + 1
    )
    if not moved:
        raise SomebodyWasQuicker("Somebody moved the ramp at the same moment. Reload the page.")
    sentence = f"{by} raised the ramp to {ramp} % of the units."
    if reason.strip():
        sentence = f"{sentence[:-1]}: {reason.strip()}"
    Event.record(experiment, "ramp", sentence, by=by)
    experiment.refresh_from_db()
    return experiment
