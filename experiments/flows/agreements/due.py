"""Which agreements are due for another look, and which drill."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from django.db.models import Max
from django.utils import timezone

from backlog.models import User
from experiments.flows.agreements.terms import terms_in_force
from experiments.models import Agreement, Drill, StandardKind, StandardReview


class Clock(Protocol):
    """What a due mark is held against (`experiments/flows/standards.py`)."""

    def why_due(self, looked_on: dt.date | None, *people: User | None) -> str: ...


@dataclass(frozen=True)
class Looked:
    """An agreement with its last look, and the sentences on why it is due."""

    agreement: Agreement
    looked_on: dt.date | None
    due: str
    drill: Drill | None = None
    drill_due_on: dt.date | None = None


def agreements_looked_at(clock: Clock) -> list[Looked]:
    """Every agreement that was written, in the order of the page."""
    together = StandardReview.objects.filter(kind=StandardKind.AGREEMENTS, agreement=None)
    of_all = together.aggregate(at=Max("at"))["at"]
    written = Agreement.objects.filter(number__gt=0).select_related("owner")
    rows = written.annotate(written_at=Max("versions__at"), reviewed_at=Max("reviews__at"))
    contacts = [term.person for term in terms_in_force(Agreement.Kind.ESCALATION)]
    drill = Drill.objects.first()
    return [_looked(row, clock, of_all, contacts, drill) for row in rows]


def _looked(
    agreement: Agreement,
    clock: Clock,
    of_all: dt.datetime | None,
    contacts: Iterable[User | None],
    drill: Drill | None,
) -> Looked:
    instants = [of_all, agreement.written_at, agreement.reviewed_at]  # type: ignore[attr-defined]
    days = [timezone.localdate(instant) for instant in instants if instant]
    looked_on = max(days, default=None)
    if agreement.kind != Agreement.Kind.ESCALATION:
        return Looked(agreement, looked_on, clock.why_due(looked_on, agreement.owner))
    due = clock.why_due(looked_on, agreement.owner, *contacts)
    next_on = drill.next_due_on if drill else None
    if not due and next_on and next_on <= timezone.localdate():
        due = f"A drill was due on {next_on:%-d %b %Y}."
    return Looked(agreement, looked_on, due, drill, next_on)


def agreements_due(rows: Iterable[Looked]) -> str:
    """One sentence for all of them, or nothing."""
    due = [looked for looked in rows if looked.due]
    if len(due) == 1:
        return f"{due[0].agreement}: {due[0].due}"
    return f"{len(due)} agreements are due for another look." if due else ""
