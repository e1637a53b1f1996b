"""The steps on the way to a launch and to a decision, with roles and dates."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from backlog.models import Event, User, Workspace
from backlog.permissions import require
from backlog.refusals import Refused
from experiments.models import Experiment, Milestone, MilestoneSet, StandardMilestone

A = Milestone.Anchor
STEP = ("name", "role", "anchor", "offset_days")
FLOES_OWN = (
    ("Brief agreed", "owner", A.START, -14),
    ("Content and set-up ready", "owner", A.START, -7),
    ("Checked by somebody else", "another", A.START, -3),
    ("Last date for edits", "owner", A.START, -2),
    ("Launch", "launcher", A.START, 0),
    ("First look at health", "analyst", A.START, 2),
    ("Read and decide", "analyst", A.END, 1),
    ("Post-mortem", "owner", A.END, 8),
)


def standard_milestones(milestone_set: MilestoneSet | None = None) -> list[dict[str, Any]]:
    """The steps that a new experiment starts with: of this set, else of the default, else Floe's own."""
    chosen = milestone_set or MilestoneSet.objects.filter(is_default=True).first()
    steps = StandardMilestone.objects.filter(milestone_set=chosen) if chosen else None
    return list(steps.values(*STEP)) if steps is not None else floes_own()


def floes_own() -> list[dict[str, Any]]:
    return [dict(zip(STEP, step, strict=True)) for step in FLOES_OWN]


def add_standard_milestones(experiment: Experiment) -> None:
    """By the set of its template, else by the default one."""
    template = experiment.template
    steps = standard_milestones(template.milestone_set if template else None)
    Milestone.objects.bulk_create(
        Milestone(experiment=experiment, position=position, **step)
        for position, step in enumerate(steps)
    )


@transaction.atomic
def save_milestone_set(
    milestone_set: MilestoneSet,
    *,
    by: User,
    name: str,
    rows: Sequence[Mapping[str, Any]],
    note: str = "",
) -> MilestoneSet:
    """Write a set with its steps; `rows` with the fields of STEP. The first set is the default.

    Experiments that exist keep theirs. Raises PermissionDenied, ValidationError.
    """
    require(by, "experiments.change_standard")
    if not rows:
        raise ValidationError("Add at least one milestone, or remove the whole set.")
    is_new = milestone_set.pk is None
    milestone_set.name, milestone_set.note = name.strip(), note.strip()
    if is_new:
        milestone_set.is_default = not MilestoneSet.objects.exists()
    milestone_set.version += not is_new
    milestone_set.full_clean()
    milestone_set.save()
    milestone_set.steps.all().delete()
    for position, row in enumerate(rows):
        step = StandardMilestone(milestone_set=milestone_set, position=position, **row)
        step.full_clean()
        step.save()
    verb = "added" if is_new else "changed"
    names = ", ".join(row["name"] for row in rows)
    sentence = f"{by} {verb} the milestones “{milestone_set}”: {names}."
    Event.record(Workspace.current(), "standard", sentence, by=by)
    return milestone_set


@transaction.atomic
def make_default(milestone_set: MilestoneSet, *, by: User) -> MilestoneSet:
    """New experiments start with this set, unless their template names another."""
    require(by, "experiments.change_standard")
    Workspace.objects.select_for_update().filter(pk=1).first()
    MilestoneSet.objects.filter(is_default=True).update(is_default=False)
    MilestoneSet.objects.filter(pk=milestone_set.pk).update(is_default=True)
    milestone_set.refresh_from_db()
    sentence = f"{by} made “{milestone_set}” the milestones of new experiments."
    Event.record(Workspace.current(), "standard", sentence, by=by)
    return milestone_set


@transaction.atomic
def remove_milestone_set(milestone_set: MilestoneSet, *, by: User) -> None:
    """Templates that named it start with the default; experiments keep their milestones.

    The default goes last: without any set, new experiments start with Floe's own milestones.
    Raises PermissionDenied, Refused.
    """
    require(by, "experiments.change_standard")
    others = MilestoneSet.objects.exclude(pk=milestone_set.pk)
    if milestone_set.is_default and others.exists():
        raise Refused("Make another set the default first. Then this one can be removed.")
    sentence = f"{by} removed the milestones “{milestone_set}”."
    Event.record(Workspace.current(), "standard", sentence, by=by)
    milestone_set.delete()


@transaction.atomic
def reach_milestone(milestone: Milestone, *, by: User, is_done: bool = True) -> Milestone:
    """Mark a milestone as reached, or open it again."""
    require(by, "experiments.change_experiment", milestone.experiment)
    if bool(milestone.done_at) == is_done:
        return milestone
    milestone.done_at, milestone.done_by = (timezone.now(), by) if is_done else (None, None)
    milestone.save(update_fields=["done_at", "done_by"])
    Experiment.objects.filter(pk=milestone.experiment_id).update(version=F("version") + 1)
    verb = "reached" if is_done else "opened again"
    sentence = f"{by} {verb} the milestone “{milestone}”."
    Event.record(milestone.experiment, "milestone", sentence, by=by)
    return milestone


@transaction.atomic
def change_milestones(
    experiment: Experiment, *, by: User, rows: Sequence[Mapping[str, Any]]
) -> None:
    """Replace the milestones that are not reached yet; `rows`: id (or none), name, role, due_on."""
    require(by, "experiments.change_experiment", experiment)
    kept = {row["id"] for row in rows if row.get("id")}
    experiment.milestones.filter(done_at=None).exclude(pk__in=kept).delete()
    for position, row in enumerate(rows):
        existing = experiment.milestones.filter(pk=row.get("id") or 0).first()
        milestone = existing or Milestone(experiment=experiment)
        milestone.name, milestone.role = row["name"], row["role"]
        milestone.position = position
        day = experiment.starts_on if milestone.anchor == A.START else experiment.ends_on
        if row.get("due_on") and day:
            milestone.offset_days = (row["due_on"] - day).days
        milestone.full_clean()
        milestone.save()
    Event.record(experiment, "milestone", f"{by} changed the milestones.", by=by)
