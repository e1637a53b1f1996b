"""The status of an idea that exists, as a sheet wants it: the move that a person may make by hand."""

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from backlog.flows.imports.known import DONE, MOVES, OPEN, REJECTED, SNOOZED, plain
from backlog.flows.imports.rows import Reader
from backlog.flows.moves import IDEA_MOVES
from backlog.flows.transitions import refusal
from backlog.models import Idea, User

_STATES = {OPEN: "open", SNOOZED: "snoozed", REJECTED: "rejected", DONE: "rejected"}
_NOT_BY_HAND = ("in round", "promoted", "duplicate")
Move = tuple[str, dict[str, Any]]


def move_for(
    idea: Idea, by: User, text: str, parts: Mapping[str, str], reader: Reader
) -> tuple[Move | None, str]:
    """The move with what it takes, or None with the sentence why there is none."""
    if not text:
        return None, "An idea always has a status, so it stays"
    if plain(text) in _NOT_BY_HAND:
        return None, f"“{text.capitalize()}” can’t be set in a sheet, so the status stays"
    state = reader.known.status(text)
    if not state:
        return None, f"Floe does not know the status “{text[:40]}”, so it stays"
    if _STATES[state] == idea.state:
        return None, f"It is {idea.state} already. Change the day or the reason on its page"
    return _move_to(state, idea, by, f"Done: “{text[:60]}” in the sheet.", parts, reader)


def _move_to(
    state: str, idea: Idea, by: User, done: str, parts: Mapping[str, str], reader: Reader
) -> tuple[Move | None, str]:
    name, changes = MOVES[state], dict[str, Any]()
    if state == SNOOZED:
        changes["snoozed_until"] = reader.dates.date(parts["snoozed_until"])
        if not changes["snoozed_until"] or changes["snoozed_until"] <= timezone.localdate():
            return None, "Write a day in the future into “Snoozed until” to snooze it"
    elif name == "reject":
        changes["reason"] = (parts["reason"].strip() or done * (state == DONE))[:1000]
        if not changes["reason"]:
            return None, "Write why into “Reason” to reject it"
    if not by.has_perm(IDEA_MOVES[name].permission, idea):
        return None, f"Only leads of {idea.pod} change the status, so it stays"
    if why_not := refusal(idea, IDEA_MOVES[name], {**changes, "by": by}):
        return None, f"{why_not.rstrip('.')}. The status stays"
    return (name, changes), ""
