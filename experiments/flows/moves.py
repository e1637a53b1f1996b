"""The life of an experiment, as one table. Buttons, API, docs and tests all come from it."""

from dataclasses import replace
from typing import Any

from django.db import transaction
from django.utils import timezone

from backlog.flows.moves import IDEA_MOVES
from backlog.flows.transitions import Changes, Transition, make_move, refusal, table_of
from backlog.models import User
from experiments.flows.alarming import check_alarms
from experiments.flows.guards import (
    LAUNCH_CHECKS,
    Check,
    with_a_primary_metric,
    with_arms,
    with_dates,
)
from experiments.flows.launch_notices import ask_for_a_check
from experiments.flows.sealing import add_seal, plan_of
from experiments.flows.writing_up_opening import open_post_mortem
from experiments.models import Experiment, PostMortem
from experiments.plan.canonical import fingerprint_of

DRAFT, PLANNED = Experiment.State.DRAFT, Experiment.State.PLANNED
RUNNING, ANALYSING = Experiment.State.RUNNING, Experiment.State.ANALYSING
DECIDED, CLOSED = Experiment.State.DECIDED, Experiment.State.CLOSED
CANCELLED = Experiment.State.CANCELLED


def _with_data(experiment: Experiment, changes: Changes) -> str | None:
    return (
        None if experiment.latest_analysis else "Bring in the data first. There is no result yet."
    )


def _from_a_sheet(experiment: Experiment, changes: Changes) -> str | None:
    if experiment.is_imported and not experiment.is_sealed:
        return None
    return "Only an experiment from a spreadsheet comes in decided. This one needs a result first."


def _came_with_it(post_mortem: PostMortem, changes: Changes) -> str | None:
    if post_mortem.experiment is None:
        return "Only the post-mortem of an experiment comes from a spreadsheet."
    return _from_a_sheet(post_mortem.experiment, changes)


def _written_up(experiment: Experiment, changes: Changes) -> str | None:
    written = getattr(experiment, "post_mortem", None)
    return None if written and written.is_published else "Publish the post-mortem first."


def _something_written(post_mortem: PostMortem, changes: Changes) -> str | None:
    answers = (post_mortem.surprises, post_mortem.went_well, post_mortem.went_badly)
    if any(answer.strip() for answer in answers):
        return None
    return "Answer one of the first three questions and save."


def _something_learnt(post_mortem: PostMortem, changes: Changes) -> str | None:
    if post_mortem.experiment is None or post_mortem.learnings.all():
        return None
    return "Add at least one learning, even if the experiment could not tell."


def _something_follows(post_mortem: PostMortem, changes: Changes) -> str | None:
    """In the place of a learning, for which only an experiment is evidence."""
    if post_mortem.experiment or post_mortem.next_steps.strip() or post_mortem.actions.all():
        return None
    return "Say what you do next, or add an action."


def _something_summed_up(post_mortem: PostMortem, changes: Changes) -> str | None:
    return None if post_mortem.summary.strip() else "Say what happened."


def _somebody_has_read(post_mortem: PostMortem, changes: Changes) -> str | None:
    readers = {reading.user_id for reading in post_mortem.readings.all()}
    if readers - {post_mortem.author_id}:
        return None
    return "Ask somebody other than the author to read it and to mark it as read."


def _sealed_now(experiment: Experiment, by: User | None, changes: Changes) -> dict[str, Any]:
    experiment.launcher = by
    first = experiment.starts_on
    today = experiment.launched_on or timezone.localdate()
    late = max((today - first).days, 0) if first else 0
    plan = replace(plan_of(experiment), began_before=late).to_json()
    return {
        "sealed_plan": plan,
        "fingerprint": fingerprint_of(plan),
        "sealed_at": timezone.now(),
        "sealed_by": by,
        "launcher": by,
    }


def _seal(experiment: Experiment, by: User | None) -> None:
    add_seal(experiment, by=by, fingerprint=experiment.fingerprint, at=experiment.sealed_at)


def _free_the_idea(experiment: Experiment, by: User | None) -> None:
    line = f"{experiment.key} was cancelled, so the idea is open again."
    make_move(experiment.idea, IDEA_MOVES["demote"], by=by, sentence=line)


def _check_alarms(experiment: Experiment, by: User | None) -> None:
    forget_cached(experiment)
    check_alarms(experiment)


PLAN_GUARDS = (with_arms, with_a_primary_metric, with_dates)
LAUNCH_GUARDS = tuple(check.guard for check in LAUNCH_CHECKS)

EXPERIMENT_MOVES = table_of((
    Transition("plan", "Mark as planned", "{by} marked it as planned.", (DRAFT,), PLANNED,
               "experiments.change_experiment", PLAN_GUARDS, effects=(ask_for_a_check,)),
    Transition("unplan", "Back to draft", "{by} moved it back to draft.", (PLANNED,), DRAFT,
               "experiments.change_experiment"),
    Transition("launch", "Launch", "{by} launched it and sealed the plan ({fingerprint:.12}).",
               (PLANNED,), RUNNING, "experiments.launch_experiment", LAUNCH_GUARDS, _sealed_now,
               (_seal,)),
    Transition("conclude", "Conclude", "{by} concluded it.", (RUNNING,), ANALYSING,
               "experiments.change_experiment", (_with_data,)),
    Transition("resume", "Keep running", "{by} resumed it.", (ANALYSING,), RUNNING,
               "experiments.change_experiment"),
    Transition("decide", "Decide", "{by} decided it.", (RUNNING, ANALYSING), DECIDED,
               "experiments.decide_experiment", (_with_data,)),
    Transition("bring_in", "Import", "{by} imported it.", (DRAFT,), DECIDED,
               "experiments.import_past", (_from_a_sheet,)),
    Transition("close", "Close", "{by} closed it.", (DECIDED,), CLOSED,
               "experiments.write_postmortem", (_written_up,)),
    Transition("cancel", "Cancel", "{by} cancelled it.", (DRAFT, PLANNED, RUNNING, ANALYSING),
               CANCELLED, "experiments.launch_experiment",
               effects=(_free_the_idea, _check_alarms, open_post_mortem)),
))  # fmt: skip
# By the part of the page where it is done.
PUBLISHING = {
    "summary": _something_summed_up,
    "surprises": _something_written,
    "next_steps": _something_follows,
    "learnings": _something_learnt,
    "readers": _somebody_has_read,
}
POST_MORTEM_MOVES = table_of((
    Transition("publish", "Publish", "", (PostMortem.State.DRAFT,), PostMortem.State.PUBLISHED,
               "experiments.write_postmortem", tuple(PUBLISHING.values())),
    Transition("bring_in", "Import", "", (PostMortem.State.DRAFT,), PostMortem.State.PUBLISHED,
               "experiments.import_past", (_came_with_it,)),
))  # fmt: skip
# `decide` is made by recording a decision, `close` by publishing the post-mortem, `bring_in` by an
# import of past experiments.
MOVES_BY_HAND = ("plan", "unplan", "launch", "conclude", "resume", "cancel")


def missing_for_launch(experiment: Experiment, user: User | None = None) -> list[tuple[Check, str]]:
    """What stands between a draft and its launch (by `user`): the check, and what to do.

    Where somebody else is named to launch it, an author who looks is not in the way.
    """
    is_named = experiment.launcher_id not in (None, experiment.author_id)
    is_author = user is not None and user.pk == experiment.author_id
    changes = {"by": user} if user and not (is_author and is_named) else {}
    sentences = ((check, check.guard(experiment, changes)) for check in LAUNCH_CHECKS)
    return [(check, sentence) for check, sentence in sentences if sentence]


def missing_for_publishing(post_mortem: PostMortem) -> list[tuple[str, str]]:
    """What stands between a draft and its publication: the part of the page, and what to do."""
    sentences = ((part, guard(post_mortem, {})) for part, guard in PUBLISHING.items())
    return [(part, sentence) for part, sentence in sentences if sentence]


def why_not(experiment: Experiment, name: str, user: User) -> str | None:
    """Why this person can't make this move now, or None."""
    return refusal(experiment, EXPERIMENT_MOVES[name], {"by": user})


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
    sentence = f"{by} cancelled it: {reason}" if name == "cancel" and reason else ""
    make_move(experiment, EXPERIMENT_MOVES[name], by=by, seen=seen, sentence=sentence)
    forget_cached(experiment)
    return experiment


def forget_cached(experiment: Experiment) -> None:
    """Let `arms`, `measured` and the like be read again after a write."""
    for name in ("arms", "control", "measured", "latest_analysis", "ruling_analysis", "json_in_force",
                 "plan_at_launch", "vouched", "waived", "waivers_given", "ticked", "agreed_terms"):  # fmt: skip
        experiment.__dict__.pop(name, None)
