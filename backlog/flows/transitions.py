"""Every move from one state to another is made here, from a row of a table.

A table is a dict of `Transition` by name; it stands in a module called `moves` beside the flows
that make its moves. `make_move` moves one object for a person or the clock, `move_rows` moves what
a task works on.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models, transaction
from django.db.models import F

from backlog.models import Event, User
from backlog.permissions import require
from backlog.refusals import Refused, SomebodyWasQuicker

Changes = Mapping[str, Any]
Guard = Callable[[Any, Changes], str | None]
Values = Callable[[Any, User | None, Changes], dict[str, Any]]
Effect = Callable[[Any, User | None], object]


@dataclass(frozen=True)
class Transition:
    """A row of a table: from `sources` to `target`, for people with `permission`, unless a guard
    objects.

    - `label` is the button.
    - `sentence` is the whole line of history, with {by} and the values that the move writes. A row
      without one writes no history. The flow writes its own if needed.
    - A guard takes the object and those values, with `by`, and returns None or the sentence for
      the user.
    - `values` returns what is written along with the state, once no guard objects.
    - `effects` follow in the same transaction, with the object as it is then.
    - `takes` are the values that the caller may pass.
    - `field` is the field that holds the state.
    """

    name: str
    label: str
    sentence: str
    sources: tuple[str, ...]
    target: str
    permission: str = ""
    guards: tuple[Guard, ...] = ()
    values: Values | None = None
    effects: tuple[Effect, ...] = ()
    takes: tuple[str, ...] = ()
    field: str = "state"


def table_of(rows: Iterable[Transition]) -> dict[str, Transition]:
    return {row.name: row for row in rows}


def refusal(obj: Any, move: Transition, changes: Changes) -> str | None:
    """Why this move can't be made now, or None."""
    state = getattr(obj, move.field)
    if state not in move.sources:
        choices: Any = obj._meta.get_field(move.field).choices
        labels = {value: str(label).lower() for value, label in choices}
        states = " or ".join(labels[source] for source in move.sources)
        return f"It is {labels[state]} now. “{move.label}” only works while it is {states}."
    sentences = (guard(obj, changes) for guard in move.guards)
    return next((sentence for sentence in sentences if sentence), None)


@transaction.atomic
def make_move(
    obj: Any,
    move: Transition,
    *,
    by: User | None,
    seen: str = "",
    sentence: str = "",
    **changes: Any,
) -> str:
    """Move `obj`: permission, guards, an UPDATE only from the state that was seen, a history row.

    `seen` is the state that the page showed. If it has changed, the person is told what happened.
    `changes` are written together with the state; `by` is None for the clock; `sentence` stands in
    history in the place of the row's own. Returns the line of history. Raises PermissionDenied,
    Refused, SomebodyWasQuicker.
    """
    if by is not None and move.permission:
        require(by, move.permission, obj)
    before = getattr(obj, move.field)
    if seen and seen != before:
        raise SomebodyWasQuicker(what_happened(obj))
    if why_not := refusal(obj, move, {**changes, "by": by}):
        raise Refused(why_not)
    if move.values:
        changes |= move.values(obj, by, changes)
    rows = type(obj)._default_manager.filter(pk=obj.pk, **{move.field: before})
    if not move_rows(rows, move, **changes):
        raise SomebodyWasQuicker(what_happened(obj))
    obj.refresh_from_db()
    line = sentence or move.sentence.format(by=by, **changes)
    if line:
        Event.record(obj, move.name, line, by=by)
    for effect in move.effects:
        effect(obj, by)
    return line


def move_rows(rows: "models.QuerySet[Any]", move: Transition, **changes: Any) -> int:
    """Move those of `rows` that are in a source state, in one UPDATE. Returns how many there were.

    For background work: permission is not checked, and history is not written.
    """
    if any(field.name == "version" for field in rows.model._meta.concrete_fields):
        changes["version"] = F("version") + 1
    ready = rows.filter(**{f"{move.field}__in": move.sources})
    return ready.update(**{move.field: move.target}, **changes)


def what_happened(obj: models.Model) -> str:
    """Who was quicker, from the newest row of history."""
    event = Event.objects.about(obj).first()
    fresh = type(obj)._default_manager.get(pk=obj.pk)
    state = fresh.get_state_display().lower()  # type: ignore[attr-defined]
    news = f" {event.sentence}" if event else ""
    return f"Somebody was quicker: it is {state} now.{news} Your change was not made."
