"""One step over many ideas at once, and its undo."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from copy import copy
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from backlog.flows.ideas import edit_idea, move_to_pod, set_tags, why_it_stays
from backlog.flows.moves import move_idea
from backlog.flows.own_values import kept_own_of, own_field_called, put_own_back
from backlog.flows.ranking import rank_soon, store_ice
from backlog.models import BulkChange, Event, Idea, User
from backlog.refusals import Refused
from backlog.search_tables import held

AT_ONCE = 500
KEPT_FIELDS = (
    "state", "snoozed_until", "reason", "objective_id", "owner_id", "pod_id", "number", "key",
    "title", "observation", "change", "audience", "outcome", "expected_effect", "description", "lever",
    "channel",
)  # fmt: skip
Values = Mapping[str, Any]


@dataclass(frozen=True)
class Action:
    """`label` is the text of the button, `past` what the message says about the ideas."""

    name: str
    label: str
    icon: str
    past: str
    apply: Callable[[Idea, User, Values], object]


@dataclass
class Done:
    """The result: the change to undo (None if nothing changed), and which ideas were left out and
    why."""

    change: BulkChange | None = None
    refused: list[str] = field(default_factory=list)


def _add_tags(idea: Idea, by: User, values: Values) -> None:
    had = set(idea.tags.values_list("name", flat=True))
    edit_idea(idea, by=by, tags=had | set(values["tags"]))


def _edit(idea: Idea, by: User, values: Values) -> None:
    edit_idea(idea, by=by, **values)


def _move(name: str) -> Callable[[Idea, User, Values], object]:
    return lambda idea, by, values: move_idea(idea, name, by=by, is_one_of_many=True, **values)


ACTIONS: dict[str, Action] = {
    action.name: action
    for action in (
        Action("tag", "Tag", "tag", "tagged", _add_tags),
        Action("tags", "Tags", "tag", "given these tags", _edit),
        Action("objective", "Objective", "target", "given an objective", _edit),
        Action("owner", "Owner", "user", "given an owner", _edit),
        Action("lever", "Lever", "sliders-vertical", "given a lever", _edit),
        Action("channel", "Channel", "megaphone", "given a channel", _edit),
        Action("move", "Move", "arrow-left-right", "moved to another pod",
               lambda idea, by, values: move_to_pod(idea, by=by, **values)),
        Action("snooze", "Snooze", "clock", "snoozed", _move("snooze")),
        Action("reject", "Reject with a reason", "ban", "rejected", _move("reject")),
        Action("reopen", "Reopen", "rotate-ccw", "reopened", _move("reopen")),
    )
}  # fmt: skip


def action_called(name: str) -> Action | None:
    """One of the steps, or giving all of them one value of an own field."""
    if name in ACTIONS:
        return ACTIONS[name]
    field = own_field_called(name)
    if field is None:
        return None
    past = f"given a value of {field.name}"
    return Action(name, field.name, "sliders-vertical", past, lambda idea, by, values:
                  edit_idea(idea, by=by, own={name: values[name]}))  # fmt: skip


@transaction.atomic
def change_many(ideas: Iterable[Idea], action: str, *, by: User, **values: Any) -> Done:
    """Take this step for each of the ideas. Those that can't take it stay as they are, with a
    reason.

    One row of history per idea, one ranking at the end, one undo for everything.
    """
    ideas, step = list(ideas), action_called(action)
    if step is None:
        raise Refused("Somebody has removed this field. Reload the page and try again.")
    with held(*(idea.pk for idea in ideas)):
        return _change(ideas, step, by, values)


def _change(ideas: Iterable[Idea], step: Action, by: User, values: Values) -> Done:
    done, rows = Done(), []
    for idea in ideas:
        before = kept_of(idea)
        try:
            with transaction.atomic():
                step.apply(idea, by, values)
        except (Refused, PermissionDenied) as refusal:
            done.refused.append(f"{idea.key}: {refusal}")
        except ValidationError as error:
            done.refused.append(f"{idea.key}: {' '.join(error.messages)}")
        else:
            idea.refresh_from_db()
            after = kept_of(idea)
            changed = [name for name in before if before[name] != after[name]]
            if changed:
                rows.append({"idea": idea.pk, "before": {name: before[name] for name in changed},
                             "after": {name: after[name] for name in changed}})  # fmt: skip
    if rows:
        rank_soon()
        done.change = BulkChange.objects.create(
            by=by, sentence=_sentence(step, len(rows)), rows=rows
        )
    return done


def _sentence(step: Action, count: int) -> str:
    return f"{count} {'idea' if count == 1 else 'ideas'} {step.past}."


def kept_of(idea: Idea) -> dict[str, Any]:
    """What an undo can bring back, as JSON takes it."""
    kept = {name: getattr(idea, name) for name in KEPT_FIELDS}
    until = kept["snoozed_until"]
    kept["snoozed_until"] = until.isoformat() if until else None
    tags = sorted(idea.tags.values_list("name", flat=True))
    return kept | {"tags": tags} | kept_own_of(idea)


@transaction.atomic
def undo_change(change: BulkChange, *, by: User) -> list[str]:
    """Undo the change for all ideas that nobody has changed since. Returns the keys of the
    others."""
    if change.by_id != by.pk:
        raise PermissionDenied("Only the person who made this change can undo it.")
    taken = BulkChange.objects.filter(pk=change.pk, undone_at=None).update(undone_at=timezone.now())
    if not taken:
        raise Refused("This was already undone.")
    ids = [row["idea"] for row in change.rows]
    ideas = {idea.pk: idea for idea in Idea.objects.visible_to(by).filter(pk__in=ids)}
    kept = []
    with held(*ideas):
        for row in change.rows:
            idea = ideas.get(row["idea"])
            if idea is None or not put_back(idea, row, by):
                kept.append(idea.key if idea else "one you can no longer see")
    rank_soon()
    return kept


def _may_be_put_back(idea: Idea, before: Mapping[str, Any], by: User) -> bool:
    """Whether this person may do what the undo does, in both pods, and no rule forbids it.

    An undo does not bring back people who were moved out of a pod or left it.
    """
    moves_it = bool({"state", "pod_id"} & before.keys())
    if not by.has_perm("backlog.move_idea" if moves_it else "backlog.change_idea", idea):
        return False
    earlier = copy(idea)
    for name, value in before.items():
        if name.endswith("_id"):
            setattr(earlier, name, value)
    if "pod_id" in before and (
        why_it_stays(idea) or not by.has_perm("backlog.add_idea", earlier.pod)
    ):
        return False
    try:
        earlier.clean()
    except ValidationError:
        return False
    return True


def put_back(idea: Idea, row: Mapping[str, Any], by: User) -> bool:
    """Write what `row` has as "before", if the idea is as its "after" says and this person may."""
    now = kept_of(idea)
    if any(now.get(name) != value for name, value in row["after"].items()):
        return False
    before = dict(row["before"])
    if not _may_be_put_back(idea, before, by):
        return False
    if before.get("snoozed_until"):
        before["snoozed_until"] = dt.date.fromisoformat(before["snoozed_until"])
    tags = before.pop("tags", None)
    own = {name: before.pop(name) for name in list(before) if name not in KEPT_FIELDS}
    # An undo leads back to any state, so it has no row in the table and checks the values itself.
    as_left = Idea.objects.filter(pk=idea.pk, version=idea.version, state=idea.state)
    if not as_left.update(**before, version=F("version") + 1, updated_at=timezone.now()):
        return False
    idea.refresh_from_db()
    if tags is not None:
        set_tags(idea, tags)
    put_own_back(idea, own)
    if {"state", "pod_id"} & before.keys():
        store_ice(idea)
    Event.record(idea, "undo", f"{by} undid it.", by=by)
    return True
