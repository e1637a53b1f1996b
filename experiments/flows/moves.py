"""The life of an experiment, as one table. Buttons, API, docs and tests all come from it."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from backlog.flows.ideas import IDEA_MOVES
from backlog.flows.transitions import Transition, make_move, refusal
from backlog.models import User
from experiments.flows.alarming import check_alarms
from experiments.flows.guards import (
    LAUNCH_CHECKS,
    Check,
    with_a_primary_metric,
    with_arms,
    with_dates,
)
from experiments.flows.sealing import add_seal, plan_of
from experiments.models import Experiment
from experiments.plans import fingerprint_of

DRAFT, PLANNED = Experiment.State.DRAFT, Experiment.State.PLANNED
RUNNING, ANALYSING = Experiment.State.RUNNING, Experiment.State.ANALYSING
DECIDED, CLOSED = Experiment.State.DECIDED, Experiment.State.CLOSED
CANCELLED = Experiment.State.CANCELLED


def _with_data(experiment: Experiment, changes: Mapping[str, Any]) -> str | None:
    return None if experiment.latest_analysis else "Bring in the data first; there is no result."


def _written_up(experiment: Experiment, changes: Mapping[str, Any]) -> str | None:
    written = getattr(experiment, "post_mortem", None)
    return None if written and written.is_published else "Publish the post-mortem first."


PLAN_GUARDS = (with_arms, with_a_primary_metric, with_dates)
LAUNCH_GUARDS = tuple(check.guard for check in LAUNCH_CHECKS)

EXPERIMENT_MOVES: dict[str, Transition] = {
    row.name: row
    for row in (
        Transition("plan", "Mark as planned", "planned", (DRAFT,), PLANNED,
                   "experiments.change_experiment", PLAN_GUARDS),
        Transition("unplan", "Back to draft", "took back to draft", (PLANNED,), DRAFT,
                   "experiments.change_experiment"),
        Transition("launch", "Launch", "launched", (PLANNED,), RUNNING,
                   "experiments.launch_experiment", LAUNCH_GUARDS),
        Transition("conclude", "Conclude", "concluded", (RUNNING,), ANALYSING,
                   "experiments.change_experiment", (_with_data,)),
        Transition("resume", "Keep running", "let run on", (ANALYSING,), RUNNING,
                   "experiments.change_experiment"),
        Transition("decide", "Decide", "decided", (RUNNING, ANALYSING), DECIDED,
                   "experiments.decide_experiment", (_with_data,)),
        Transition("close", "Close", "closed", (DECIDED,), CLOSED,
                   "experiments.write_postmortem", (_written_up,)),
        Transition("cancel", "Cancel", "cancelled", (DRAFT, PLANNED, RUNNING, ANALYSING),
                   CANCELLED, "experiments.launch_experiment"),
    )
}  # fmt: skip
# `decide` is made by recording a decision, `close` by publishing the post-mortem.
MOVES_BY_HAND = ("plan", "unplan", "launch", "conclude", "resume", "cancel")


def missing_for_launch(experiment: Experiment, user: User | None = None) -> list[tuple[Check, str]]:
    """What stands between a draft and its launch (by `user`): the check, and what to do."""
    changes = {"sealed_by": user} if user else {}
    found = ((check, check.guard(experiment, changes)) for check in LAUNCH_CHECKS)
    return [(check, sentence) for check, sentence in found if sentence]


def why_not(experiment: Experiment, name: str, user: User) -> str | None:
    """Why this person can't make this move now, or None."""
    return refusal(experiment, EXPERIMENT_MOVES[name], {"sealed_by": user})


def open_moves(experiment: Experiment, user: User) -> list[tuple[Transition, str | None]]:
    """The moves this person could make by hand from the present state, each with its refusal."""
    return [
        (EXPERIMENT_MOVES[name], why_not(experiment, name, user))
        for name in MOVES_BY_HAND
        if experiment.state in EXPERIMENT_MOVES[name].sources
        and user.has_perm(EXPERIMENT_MOVES[name].permission, experiment)
    ]


@transaction.atomic
def move_experiment(
    experiment: Experiment, name: str, *, by: User, seen: str = "", reason: str = ""
) -> Experiment:
    """Make a move of `MOVES_BY_HAND`; launching seals the plan, cancelling frees the idea.

    Raises PermissionDenied, Refused, SomebodyWasQuicker.
    """
    transition = EXPERIMENT_MOVES[name]
    changes: dict[str, Any] = {}
    sentence = f"{by} {transition.past} it."
    if name == "launch" and why_not(experiment, name, by) is None:
        experiment.launcher = by
        plan = plan_of(experiment)
        changes = {
            "sealed_plan": plan,
            "fingerprint": fingerprint_of(plan),
            "sealed_at": timezone.now(),
            "sealed_by": by,
            "launcher": by,
        }
        sentence = f"{by} launched it and sealed the plan ({changes['fingerprint'][:12]})."
    elif name == "launch":
        changes = {"sealed_by": by}
    if name == "cancel" and reason:
        sentence = f"{by} cancelled it: {reason}"
    make_move(experiment, transition, by=by, seen=seen, sentence=sentence, **changes)
    forget_cached(experiment)
    if name == "launch":
        add_seal(experiment, by=by, fingerprint=experiment.fingerprint, at=experiment.sealed_at)
    if name == "cancel":
        make_move(
            experiment.idea, IDEA_MOVES["demote"], by=by,
            sentence=f"{experiment.key} was cancelled, so the idea is open again.",
        )  # fmt: skip
        check_alarms(experiment)
    return experiment


def forget_cached(experiment: Experiment) -> None:
    """Let `arms`, `measured` and the like be read anew after a write."""
    for name in ("arms", "control", "measured", "latest_analysis", "plan_in_force",
                 "vouched", "waived", "waivers_given", "ticked"):  # fmt: skip
        experiment.__dict__.pop(name, None)
