"""The life of an experiment, as one table. Buttons, API, docs and tests all come from it."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from backlog.flows.ideas import IDEA_MOVES
from backlog.flows.transitions import Transition, make_move, refusal
from backlog.models import User
from experiments.flows.sealing import add_seal, plan_of
from experiments.models import Experiment
from experiments.plans import fingerprint_of

DRAFT, PLANNED = Experiment.State.DRAFT, Experiment.State.PLANNED
RUNNING, ANALYSING = Experiment.State.RUNNING, Experiment.State.ANALYSING
DECIDED, CLOSED = Experiment.State.DECIDED, Experiment.State.CLOSED
CANCELLED = Experiment.State.CANCELLED


def _with_arms(experiment: Experiment, changes: Mapping[str, Any]) -> str | None:
    if len(experiment.arms) < 2:
        return "Name at least two arms: the control and what is tried against it."
    return None if experiment.control else "Say which arm is the control."


def _with_a_primary_metric(experiment: Experiment, changes: Mapping[str, Any]) -> str | None:
    return None if experiment.primary else "Name the primary metric; it decides."


def _with_expectations(experiment: Experiment, changes: Mapping[str, Any]) -> str | None:
    primary = experiment.primary
    if primary is None or primary.baseline is None:
        return "Say where the primary metric stands now."
    if not primary.smallest_effect:
        return "Say the smallest effect on the primary metric that matters."
    if primary.metric.kind != "proportion" and not primary.baseline_sd:
        return "Give the standard deviation of the primary metric; the sample size needs it."
    return None


def _with_margins(experiment: Experiment, changes: Mapping[str, Any]) -> str | None:
    open_ended = [row.metric.name for row in experiment.measured
                  if row.role == "guardrail" and row.margin is None]  # fmt: skip
    return f"Say how much worse “{open_ended[0]}” may get." if open_ended else None


def _with_dates(experiment: Experiment, changes: Mapping[str, Any]) -> str | None:
    placed = experiment.starts_on and experiment.ends_on
    return None if placed else "Place it on the calendar: when it starts and ends."


def _with_an_objective(experiment: Experiment, changes: Mapping[str, Any]) -> str | None:
    return None if experiment.objective_id else "Choose the objective that it serves."


def _with_people(experiment: Experiment, changes: Mapping[str, Any]) -> str | None:
    if not experiment.owner_id:
        return "Name one owner."
    return None if experiment.analyst_id else "Name the analyst."


def _with_an_audience(experiment: Experiment, changes: Mapping[str, Any]) -> str | None:
    return None if experiment.audience else "Say who gets it."


def _with_data(experiment: Experiment, changes: Mapping[str, Any]) -> str | None:
    return None if experiment.analyses.exists() else "Bring in the data first; there is no result."


def _written_up(experiment: Experiment, changes: Mapping[str, Any]) -> str | None:
    written = getattr(experiment, "post_mortem", None)
    return None if written and written.is_published else "Publish the post-mortem first."


PLAN_GUARDS = (_with_arms, _with_a_primary_metric, _with_dates)
LAUNCH_GUARDS = (
    _with_arms, _with_a_primary_metric, _with_expectations, _with_margins, _with_an_objective,
    _with_an_audience, _with_people, _with_dates,
)  # fmt: skip
# Where on the plan page each launch guard is answered.
ANSWERED_AT = dict(
    zip(
        LAUNCH_GUARDS,
        ("arms", "metrics", "metrics", "metrics", "goal", "audience", "people", "dates"),
        strict=True,
    )
)

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


def missing_for_launch(experiment: Experiment) -> list[tuple[str, str]]:
    """What stands between a draft and its launch: (part of the plan page, what to do)."""
    found = ((ANSWERED_AT[guard], guard(experiment, {})) for guard in LAUNCH_GUARDS)
    return [(part, sentence) for part, sentence in found if sentence]


def open_moves(experiment: Experiment, user: User) -> list[tuple[Transition, str | None]]:
    """The moves this person could make by hand from the present state, each with its refusal."""
    return [
        (EXPERIMENT_MOVES[name], refusal(experiment, EXPERIMENT_MOVES[name], {}))
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
    if name == "launch" and refusal(experiment, transition, {}) is None:
        plan = plan_of(experiment)
        changes = {
            "sealed_plan": plan,
            "fingerprint": fingerprint_of(plan),
            "sealed_at": timezone.now(),
            "sealed_by": by,
        }
        sentence = f"{by} launched it and sealed the plan ({changes['fingerprint'][:12]})."
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
    return experiment


def forget_cached(experiment: Experiment) -> None:
    """Let `arms`, `measured` and the like be read anew after a write."""
    for name in ("arms", "control", "measured", "latest_analysis", "plan_in_force"):
        experiment.__dict__.pop(name, None)
