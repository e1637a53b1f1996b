"""The life of an idea, as one table. Buttons, API and tests all come from it."""

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from backlog.flows.limits import has_room
from backlog.flows.merging import merge_into
from backlog.flows.notifying import tell_watchers
from backlog.flows.ranking import rank_at_once, step_into_ranks, store_ice, want_ranges
from backlog.flows.transitions import Changes, Transition, make_move, table_of
from backlog.models import Idea, User
from backlog.refusals import Refused

OPEN, SCORING, SNOOZED = Idea.State.OPEN, Idea.State.SCORING, Idea.State.SNOOZED
REJECTED, DUPLICATE = Idea.State.REJECTED, Idea.State.DUPLICATE
PUT_AWAY = (REJECTED, DUPLICATE, SNOOZED)


def _until_a_later_day(idea: Idea, changes: Changes) -> str | None:
    until = changes.get("snoozed_until")
    if not isinstance(until, dt.date):
        return "Choose the day on which it comes back."
    return None if until > timezone.localdate() else "Choose a day in the future."


def _with_a_reason(idea: Idea, changes: Changes) -> str | None:
    given = str(changes.get("reason", "")).strip()
    return None if given else "Say why it is rejected. Its author will read this."


def _of_another_idea(idea: Idea, changes: Changes) -> str | None:
    other = changes.get("duplicate_of")
    if other is None:
        return "Enter the key of the original idea, such as LIF-12."
    if other.pk == idea.pk:
        return "An idea can’t be a duplicate of itself."
    if other.pod_id != idea.pod_id:
        return f"{other.key} belongs to another pod. Move one of the two ideas first."
    if other.state == DUPLICATE:
        return f"{other.key} is itself a duplicate. Enter the key of its original."
    return None


def _only_once(idea: Idea, changes: Changes) -> str | None:
    return "It has already been accepted." if idea.accepted_at else None


def _accepted_now(idea: Idea, by: User | None, changes: Changes) -> dict[str, Any]:
    return {"accepted_at": timezone.now()}


def _not_accepted(idea: Idea, by: User | None, changes: Changes) -> dict[str, Any]:
    return {"accepted_at": None}


def _nothing_of_what_put_it_away(idea: Idea, by: User | None, changes: Changes) -> dict[str, Any]:
    return {"snoozed_until": None, "reason": "", "duplicate_of": None}


def _merge(idea: Idea, by: User | None) -> None:
    if idea.duplicate_of:
        merge_into(idea, idea.duplicate_of)


IDEA_MOVES = table_of((
    Transition("start_scoring", "Add to a round", "{by} added it to a round.", (OPEN,), SCORING,
               "backlog.run_round", (has_room,)),
    Transition("end_scoring", "Reveal scores", "{by} revealed its scores.", (SCORING,), OPEN,
               "backlog.score_round"),  # the round decides who may reveal
    Transition("accept", "Accept", "{by} accepted it.", (OPEN,), OPEN, "backlog.move_idea",
               (_only_once,), _accepted_now),
    Transition("unaccept", "Move back to new ideas", "{by} moved it back to new ideas.", (OPEN,), OPEN,
               "backlog.move_idea", (), _not_accepted),
    Transition("keep", "Keep", "{by} reviewed it and kept it.", (OPEN,), OPEN,
               "backlog.move_idea"),
    Transition("snooze", "Snooze", "{by} snoozed it until {snoozed_until:%-d %B %Y}.", (OPEN,),
               SNOOZED, "backlog.move_idea", (_until_a_later_day,), takes=("snoozed_until",)),
    Transition("reject", "Reject", "{by} rejected it: {reason}", (OPEN, SNOOZED), REJECTED,
               "backlog.move_idea", (_with_a_reason,), takes=("reason",)),
    Transition("mark_duplicate", "Mark as duplicate",
               "{by} marked it as a duplicate of {duplicate_of.key}.", (OPEN, SNOOZED), DUPLICATE,
               "backlog.move_idea", (_of_another_idea,), effects=(_merge,),
               takes=("duplicate_of",)),
    Transition("reopen", "Reopen", "{by} reopened it.", PUT_AWAY, OPEN, "backlog.move_idea", (),
               _nothing_of_what_put_it_away),
    Transition("wake", "Wake", "Its snooze ended.", (SNOOZED,), OPEN),
    Transition("promote", "Promote", "{by} promoted it.", (OPEN,), Idea.State.PROMOTED,
               "backlog.promote_idea", (has_room,)),
    Transition("demote", "Move back to the backlog", "{by} moved it back to the backlog.",
               (Idea.State.PROMOTED,), OPEN, "backlog.promote_idea"),
))  # fmt: skip
# The moves that a person makes from the idea's page; the others belong to rounds and promotion.
MOVES_BY_HAND = ("snooze", "reject", "mark_duplicate", "reopen")
# … and those of the inbox and of grooming, which ask nothing.
MOVES_IN_TRIAGE = ("accept", "unaccept", "keep")


@transaction.atomic
def move_idea(
    idea: Idea, name: str, *, by: User, seen: str = "", is_one_of_many: bool = False, **changes: Any
) -> Idea:
    """Make a move from the page or the inbox, notify the followers, and update the ranking.

    `is_one_of_many`: the caller updates the ranking after the last one.
    Raises PermissionDenied, ValidationError, Refused, SomebodyWasQuicker.
    """
    move = IDEA_MOVES[name]
    if foreign := changes.keys() - set(move.takes):
        raise ValidationError(dict.fromkeys(foreign, f"“{move.label}” does not take this value."))
    line = make_move(idea, move, by=by, seen=seen, **changes)
    tell_watchers(idea, line, by=by)
    was_ranked = idea.ice is not None
    store_ice(idea)
    if not is_one_of_many and (was_ranked or idea.ice is not None):
        step_into_ranks(idea)
    return idea


@transaction.atomic
def wake_snoozed(today: dt.date) -> int:
    """Open ideas again when their day has come. Safe to run twice, or while somebody moves one."""
    due = Idea.objects.filter(state=SNOOZED, snoozed_until__lte=today)
    woken = [idea for idea in due if _wake(idea)]
    if woken:
        rank_at_once()
        want_ranges(*{idea.pod_id for idea in woken})
    return len(woken)


def _wake(idea: Idea) -> bool:
    try:
        make_move(idea, IDEA_MOVES["wake"], by=None, snoozed_until=None)
    except Refused:  # somebody reopened or rejected it in this moment
        return False
    return True
