"""The steps on the way to a launch and to a decision, with roles and dates."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from backlog.models import Event, User, Workspace
from backlog.permissions import require
from experiments.models import Experiment, Milestone, StandardMilestone

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


def standard_milestones() -> list[dict[str, Any]]:
    """The steps that a new experiment starts with: those of this workspace, else Floe's own."""
    return list(StandardMilestone.objects.values(*STEP)) or [
        dict(zip(STEP, step, strict=True)) for step in FLOES_OWN
    ]


def add_standard_milestones(experiment: Experiment) -> None:
    Milestone.objects.bulk_create(
        Milestone(experiment=experiment, position=position, **step)
        for position, step in enumerate(standard_milestones())
    )


@transaction.atomic
def change_standard_milestones(*, by: User, rows: Sequence[Mapping[str, Any]]) -> None:
    """Set what new experiments start with; `rows` with the fields of STEP; none: Floe's own.

    Experiments that exist keep theirs.
    """
    require(by, "experiments.change_standard")
    workspace = Workspace.objects.select_for_update().get(pk=1)
    StandardMilestone.objects.all().delete()
    for position, row in enumerate(rows):
        step = StandardMilestone(position=position, **row)
        step.full_clean()
        step.save()
    names = ", ".join(row["name"] for row in rows) or "Floe’s own"
    sentence = f"{by} set the standard milestones: {names}."
    Event.record(workspace, "standard", sentence, by=by)


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
