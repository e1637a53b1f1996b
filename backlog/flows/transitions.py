"""The one function that makes every move of an idea, a round or an experiment, from its table."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import models, transaction
from django.db.models import F

from backlog.models import Event, User
from backlog.permissions import require
from backlog.refusals import Refused, SomebodyWasQuicker

Guard = Callable[[Any, Mapping[str, Any]], str | None]


@dataclass(frozen=True)
class Transition:
    """A row of a table: from `sources` to `target`, for those with `permission`, if no guard speaks.

    A guard takes the object and the values that the move would write, and returns None or the
    sentence that the user reads. `label` is the button, `past` the word in history.
    """

    name: str
    label: str
    past: str
    sources: tuple[str, ...]
    target: str
    permission: str
    guards: tuple[Guard, ...] = ()
    asks: tuple[str, ...] = field(default=())


def refusal(obj: Any, transition: Transition, changes: Mapping[str, Any]) -> str | None:
    """Why this move can't be made now, or None."""
    if obj.state not in transition.sources:
        states = " or ".join(str(obj.State(state).label).lower() for state in transition.sources)
        return (
            f"It is {obj.get_state_display().lower()} now; "
            f"“{transition.label.lower()}” is for what is {states}."
        )
    sentences = (guard(obj, changes) for guard in transition.guards)
    return next((sentence for sentence in sentences if sentence), None)


@transaction.atomic
def make_move(
    obj: Any,
    transition: Transition,
    *,
    by: User | None,
    seen: str = "",
    sentence: str = "",
    **changes: Any,
) -> Any:
    """Move `obj`: permission, guards, an UPDATE only from the state that was seen, a history row.

    `seen` is the state that the page showed; where it is another by now the person is told what
    happened meanwhile. `changes` are written together with the state; `by` is None for the clock.
    Raises PermissionDenied,
    Refused, SomebodyWasQuicker.
    """
    if by is not None:
        require(by, transition.permission, obj)
    if seen and seen != obj.state:
        raise SomebodyWasQuicker(what_happened(obj))
    why_not = refusal(obj, transition, changes)
    if why_not:
        raise Refused(why_not)
    model = type(obj)
    moved = model.objects.filter(pk=obj.pk, state=obj.state).update(
        state=transition.target, version=F("version") + 1, **changes
    )
    if not moved:
        raise SomebodyWasQuicker(what_happened(obj))
    obj.refresh_from_db()
    Event.record(obj, transition.name, sentence or f"{by} {transition.past} it.", by=by)
    return obj


def what_happened(obj: models.Model) -> str:
    """Who was quicker, from the newest row of history."""
    event = Event.objects.about(obj).first()
    fresh = type(obj)._default_manager.get(pk=obj.pk)
    state = fresh.get_state_display().lower()  # type: ignore[attr-defined]
    news = f" {event.sentence}" if event else ""
    return f"Somebody was quicker: it is {state} now.{news} Nothing of yours was changed."
