"""The naming convention: how names are made, and which of the names that people paste are legal."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from backlog.forms.refusing import refusals_in
from backlog.htmx import render
from backlog.models import User
from backlog.permissions import require
from backlog.views.asking import SignedIn
from backlog.views.saving import saving
from experiments.flows import naming as flow
from experiments.forms.naming import NamesForm, NamingForm
from experiments.models import Experiment, NamingConvention
from experiments.plan.naming import ARM, CASES, DATE, LABELS, TEXT, Convention, LegalName
from experiments.plan.reading_names import Verdict

PERM = "experiments.change_standard"


@dataclass(frozen=True)
class NamingPage:
    """The convention in words, with the names of an experiment as an example."""

    convention: Convention
    tokens: list[tuple[str, str]]
    case: str
    is_own: bool
    example: Experiment | None
    names: list[LegalName]


def naming_page(user: User) -> NamingPage:
    convention = flow.convention_in_force()
    rows = Experiment.objects.visible_to(user).select_related("pod", "segment")
    example = rows.run_here().first()
    return NamingPage(
        convention=convention,
        tokens=[(LABELS[token.kind].capitalize(), _value(token.kind, token.value))
                for token in convention.tokens],
        case=dict(CASES)[convention.letter_case],
        is_own=not NamingConvention.objects.exists(),
        example=example,
        names=flow.names_of(example) if example else [],
    )  # fmt: skip


def _value(kind: str, value: str) -> str:
    if kind == ARM:
        return "its name" if value == "name" else "its letter"
    return value if kind in (DATE, TEXT) else ""


@require_http_methods(["GET", "HEAD", "POST"])
def naming(request: SignedIn) -> HttpResponse:
    """The convention; a POST checks names, and keeps none of them."""
    form = NamesForm(request.POST or None)
    verdicts: list[Verdict] = []
    if request.method == "POST" and form.is_valid():
        verdicts = flow.judge_names(form.cleaned_data["names"], by=request.user)
    context = {
        "page": naming_page(request.user),
        "form": form,
        "verdicts": verdicts,
        "legal": sum(verdict.is_legal for verdict in verdicts),
        "may_change": request.user.has_perm(PERM),
    }
    status = 422 if form.errors else 200
    return render(request, "experiments/naming.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def naming_edit(request: SignedIn) -> HttpResponse:
    """Programme owners set it; `own` goes back to Floe's own."""
    require(request.user, PERM)
    if request.method == "POST" and "own" in request.POST:
        flow.drop_convention(by=request.user)
        messages.success(request, "Floe’s own names hold again.")
        return redirect("experiments:naming")
    held = NamingConvention.objects.first() or NamingConvention()
    convention = flow.convention_in_force()
    form = NamingForm(request.POST or None, instance=held, convention=convention)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form), saving(request, form, held) as fresh:
            flow.save_convention(fresh, by=request.user, **form.values())
            messages.success(request, "The convention is saved. New names follow it.")
            return redirect("experiments:naming")
    context = {"form": form, "rows": form.lists["tokens"], "is_stored": held.pk is not None}
    status = 422 if request.method == "POST" else 200
    return render(request, "experiments/naming_edit.html", context, status=status)
