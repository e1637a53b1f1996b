"""Write an agreement: each save is a new version that says who changed what. Drills are a log."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from backlog.models import Event, User, Workspace
from backlog.permissions import require
from backlog.refusals import Refused
from experiments.flows.agreements.terms import line_of
from experiments.models import Agreement, AgreementVersion, Drill, Term
from experiments.plan.terms import FIELDS, changes_between, problems_in


def require_for(by: User, agreement: Agreement) -> None:
    """Programme owners write every agreement, and its owner writes this one."""
    if agreement.owner_id is None or agreement.owner_id != by.pk:
        require(by, "experiments.change_standard")


@transaction.atomic
def save_agreement(
    agreement: Agreement,
    *,
    by: User,
    terms: Sequence[Mapping[str, Any]],
    partner: str = "",
    owner: User | None = None,
    note: str = "",
) -> Agreement:
    """Write the next version. Where neither a line changed nor a note was left, only the owner is saved.

    `terms`: the fields of the kind (`experiments/plan/terms.py`), line by line.
    Raises PermissionDenied, ValidationError, Refused.
    """
    require_for(by, agreement)
    if owner != agreement.owner:
        require(by, "experiments.change_standard")
    lines = [{name: row.get(name) for name in FIELDS[agreement.kind]} for row in terms]
    _check(agreement.kind, lines, owner=owner if owner != agreement.owner else None)
    before = [line_of(agreement.kind, term) for term in _newest_terms(agreement)]
    changes = _changes(agreement, before, _labelled(agreement.kind, lines), partner)
    agreement.owner, agreement.partner = owner, partner.strip()
    is_news = bool(changes or note.strip())
    agreement.number += is_news
    agreement.version += 1
    agreement.full_clean()
    agreement.save()
    if is_news:
        _write_version(agreement, by=by, lines=lines, note=note, changes=changes)
    Event.record(Workspace.current(), "agreement", _sentence(agreement, by, changes), by=by)
    return agreement


def _newest_terms(agreement: Agreement) -> Sequence[Term]:
    rows = Term.objects.filter(
        agreement_version__agreement=agreement.pk, agreement_version__number=agreement.number
    )
    return list(rows.select_related("person")) if agreement.pk else []


def _labelled(kind: str, lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """With the words of what a risk limit measures."""
    words = dict(Term.Measure.choices)
    is_risk = kind == Agreement.Kind.RISK
    return [
        {**line, "measure_label": words.get(line["measure"])} if is_risk else line for line in lines
    ]


def _check(kind: str, lines: list[dict[str, Any]], *, owner: User | None) -> None:
    problems = problems_in(kind, lines)
    for place, line in enumerate(lines, start=1):
        person = line.get("person")
        if person is not None and not person.is_active:
            problems.append(f"Line {place}: {person} can’t sign in any more. Choose somebody else.")
    if owner is not None and not owner.is_active:
        problems.append(f"{owner} can’t sign in any more. Choose another owner.")
    if not lines:
        problems.append("Enter at least one line. Without one, nothing is agreed.")
    if problems:
        raise ValidationError(problems)


def _changes(
    agreement: Agreement, before: Sequence[Any], after: Sequence[Any], partner: str
) -> list[str]:
    changes = changes_between(agreement.kind, before, after)
    if partner.strip() != agreement.partner:
        changes.append(f"It is now with {partner.strip() or 'nobody in particular'}.")
    return changes


def _write_version(
    agreement: Agreement, *, by: User, lines: Sequence[Any], note: str, changes: list[str]
) -> None:
    version = AgreementVersion(
        agreement=agreement, number=agreement.number, partner=agreement.partner,
        note=note.strip(), changes=changes, by=by,
    )  # fmt: skip
    version.full_clean()
    version.save()
    for position, line in enumerate(lines):
        values = {name: "" if value is None and name in _TEXTS else value
                  for name, value in line.items()}  # fmt: skip
        term = Term(agreement_version=version, position=position, **values)
        term.full_clean()
        term.save()


_TEXTS = {"name", "measure", "channel", "country", "role", "reach", "text"}


def _sentence(agreement: Agreement, by: User, changes: list[str]) -> str:
    if agreement.number == 1 and changes:
        return f"{by} wrote the agreement “{agreement}”."
    if not changes:
        return f"{by} saved the agreement “{agreement}” without a change to its lines."
    return f"{by} wrote version {agreement.number} of the agreement “{agreement}”."


@transaction.atomic
def record_drill(
    agreement: Agreement,
    *,
    by: User,
    day: dt.date,
    outcome: str,
    next_due_on: dt.date | None = None,
) -> Drill:
    """Note that the escalation plan was tried. Raises PermissionDenied, ValidationError, Refused."""
    require_for(by, agreement)
    if agreement.kind != Agreement.Kind.ESCALATION or not agreement.number:
        raise Refused("Write the escalation plan first. Then a drill can try it.")
    if day > timezone.localdate():
        raise ValidationError({"day": "This day is still to come. Enter the day of the drill."})
    if next_due_on and next_due_on <= day:
        raise ValidationError({"next_due_on": "Choose a day after this drill."})
    drill = Drill(agreement=agreement, by=by, day=day, outcome=outcome, next_due_on=next_due_on)
    drill.full_clean()
    drill.save()
    sentence = f"{by} recorded a drill of the escalation plan: {drill.outcome}"
    Event.record(Workspace.current(), "drill", sentence, by=by)
    return drill
