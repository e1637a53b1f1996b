"""Agreements with stakeholders and technical partners: the list, each with its versions, drills."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backlog.forms.refusing import refusals_in, sentences_in
from backlog.htmx import render
from backlog.models import User
from backlog.permissions import get_for
from backlog.views.asking import SignedIn
from backlog.views.repeating import counts_once
from backlog.views.saving import saving
from experiments.flows.agreements import (
    Looked,
    agreements_looked_at,
    record_drill,
    require_for,
    save_agreement,
)
from experiments.flows.agreements.terms import line_of
from experiments.flows.standards import clock_of_today, may_review, review_standard
from experiments.forms.agreements import AgreementForm, DrillForm
from experiments.forms.standards import LookForm
from experiments.models import Agreement, AgreementVersion, StandardKind
from experiments.plan.terms import in_words

Kind = Agreement.Kind
VERSIONS_SHOWN = 50
DRILLS_SHOWN = 20
# What each is for, and where it bites.
PURPOSES: dict[str, tuple[str, str]] = {
    Kind.TURNAROUND: (
        "How long others take: legal, design, data.",
        "People read it when they plan. Floe checks nothing by it.",
    ),
    Kind.RISK: (
        "How much of a segment, or of value, one experiment may put at risk.",
        "Before a launch: a larger share of the segment needs a programme owner’s approval.",
    ),
    Kind.CONTACT: (
        "How often a person may be contacted, by channel and country.",
        "Before a launch: the messages a week of an experiment are held against it.",
    ),
    Kind.FINAL_EDIT: (
        "The last day on which something may still be changed.",
        "On the calendar, and before a launch: a plan that was changed later needs a waiver.",
    ),
    Kind.ESCALATION: (
        "Who to call if something breaks, in which order.",
        "Before a launch: at least one contact can be reached.",
    ),
    Kind.FORMAT: (
        "What data look like when they are handed over.",
        "People read it when they set up an export. Floe checks nothing by it.",
    ),
}


@dataclass(frozen=True)
class Row:
    """One kind of agreement in the list: what it is for, and how it stands if it was written."""

    kind: Kind
    purpose: str
    bites: str
    looked: Looked | None


@require_safe
def agreement_list(request: SignedIn) -> HttpResponse:
    written = {looked.agreement.kind: looked for looked in agreements_looked_at(clock_of_today())}
    rows = [Row(kind, *PURPOSES[kind], written.get(kind)) for kind in Kind]
    return render(request, "experiments/agreement_list.html", {"rows": rows})


def _agreement(kind: str) -> Agreement:
    """The agreement of this kind, or a new one where nothing is agreed yet."""
    if kind not in Kind.values:
        raise Http404
    rows = Agreement.objects.select_related("owner")
    return rows.filter(kind=kind).first() or Agreement(kind=kind)


def _may_change(user: User, agreement: Agreement) -> bool:
    try:
        require_for(user, agreement)
    except PermissionDenied:
        return False
    return True


def _lines(version: AgreementVersion, kind: str) -> list[str]:
    return [in_words(kind, line_of(kind, t)) for t in version.terms.select_related("person")]


def agreement_page(user: User, agreement: Agreement, drill_form: DrillForm) -> dict[str, Any]:
    """What the page of one agreement shows."""
    versions = (
        list(agreement.versions.select_related("by")[:VERSIONS_SHOWN]) if agreement.pk else []
    )
    looked = [one for one in agreements_looked_at(clock_of_today()) if one.agreement == agreement]
    purpose, bites = PURPOSES[agreement.kind]
    return {
        "agreement": agreement,
        "purpose": purpose,
        "bites": bites,
        "looked": looked[0] if looked else None,
        "lines": _lines(versions[0], agreement.kind) if versions else [],
        "versions": versions,
        "looks": agreement.reviews.select_related("by")[:VERSIONS_SHOWN] if agreement.pk else [],
        "drills": agreement.drills.select_related("by")[:DRILLS_SHOWN] if agreement.pk else [],
        "may_change": _may_change(user, agreement),
        "may_review": agreement.number > 0 and may_review(user, agreement.owner),
        "look_form": LookForm(),
        "drill_form": drill_form,
        "has_drills": agreement.kind == Kind.ESCALATION and agreement.number > 0,
    }


@require_safe
def agreement_detail(request: SignedIn, kind: str) -> HttpResponse:
    context = agreement_page(request.user, _agreement(kind), DrillForm())
    return render(request, "experiments/agreement_detail.html", context)


@require_safe
def agreement_version(request: SignedIn, kind: str, number: int) -> HttpResponse:
    """One version as it was written, with what it changed."""
    perm, rows = "experiments.view_agreement", AgreementVersion
    version = get_for(request.user, perm, rows, join=("agreement", "by"), agreement__kind=kind,
                      number=number)  # fmt: skip
    context = {"version": version, "agreement": version.agreement, "lines": _lines(version, kind)}
    return render(request, "experiments/agreement_version.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def agreement_edit(request: SignedIn, kind: str) -> HttpResponse:
    """Saving writes the next version."""
    agreement = _agreement(kind)
    require_for(request.user, agreement)
    form = AgreementForm(request.POST or None, instance=agreement, by=request.user)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form), saving(request, form, agreement) as fresh:
            saved = save_agreement(fresh, by=request.user, **form.values())
            messages.success(request, f"{saved}: version {saved.number} is in force.")
            return redirect(saved)
    purpose = PURPOSES[kind][0]
    context = {"agreement": agreement, "form": form, "rows": form.terms, "purpose": purpose}
    status = 422 if request.method == "POST" else 200
    return render(request, "experiments/agreement_edit.html", context, status=status)


@require_POST
@counts_once
def agreement_look(request: SignedIn, kind: str) -> HttpResponse:
    """Looked at today, and it stands."""
    agreement, form = _agreement(kind), LookForm(request.POST)
    if not agreement.number:
        raise Http404
    if form.is_valid():
        with refusals_in(form):
            of_all = StandardKind.AGREEMENTS.value
            review_standard(of_all, by=request.user, agreement=agreement, **form.cleaned_data)
            messages.success(request, f"{agreement}: looked at today.")
    if form.errors:
        messages.error(request, sentences_in(form))
    return redirect("experiments:agreement_detail", kind=kind)


@require_POST
@counts_once
def agreement_drill(request: SignedIn, kind: str) -> HttpResponse:
    """Note a drill of the escalation plan."""
    agreement, form = _agreement(kind), DrillForm(request.POST)
    require_for(request.user, agreement)
    if form.is_valid():
        with refusals_in(form):
            record_drill(agreement, by=request.user, **form.cleaned_data)
            messages.success(request, "The drill is recorded.")
            return redirect("experiments:agreement_detail", kind=kind)
    context = agreement_page(request.user, agreement, form)
    return render(request, "experiments/agreement_detail.html", context, status=422)
