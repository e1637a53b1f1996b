"""Import past experiments from a spreadsheet: read the rows, review them, add them, undo the import."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from backlog.flows import imports
from backlog.htmx import render
from backlog.models import Import, Pod
from backlog.permissions import get_for
from backlog.uploads import takes_files
from backlog.views.asking import SignedIn
from backlog.views.importing import new_page, shown, step
from backlog.views.questions import question_rows
from experiments.flows.past.understanding import columns_offered
from experiments.flows.past.writing import PERMISSION
from experiments.forms.past import PastImportForm, past_answers_in
from experiments.views.past_page import names_offered, sums

KIND = Import.Kind.EXPERIMENTS


@takes_files("IMPORT_FILE_MAX_BYTES")
@require_http_methods(["GET", "HEAD", "POST"])
def past_new(request: SignedIn) -> HttpResponse:
    """Paste rows or choose a file; the next page shows what would happen."""
    return new_page(request, PastImportForm, "experiments/past_new.html", kind=KIND)


@require_http_methods(["GET", "HEAD", "POST"])
def past_detail(request: SignedIn, pk: int) -> HttpResponse:
    """The rows and what is made of each. A POST reads them again, or adds them."""
    taken = _past_import(request, pk)
    if request.method == "POST":
        return step(request, taken, past_answers_in(request.POST, taken, request.user))
    return render(
        request,
        "experiments/past_detail.html",
        _shown(request, taken),
        partials={"import-progress"},
    )


@require_POST
def past_undo(request: SignedIn, pk: int) -> HttpResponse:
    taken = _past_import(request, pk)
    imports.undo(taken, by=request.user)
    return redirect(taken)


def _past_import(request: SignedIn, pk: int) -> Import:
    rows = Import.objects.filter(kind=KIND)
    return get_for(request.user, PERMISSION, rows, join=("pod", "by"), pk=pk)


def _shown(request: SignedIn, taken: Import) -> dict[str, Any]:
    pods = list(Pod.objects.worked_in_by(request.user).distinct())
    is_open = taken.state == Import.State.UNDERSTOOD
    return {
        **shown(taken),
        **sums(taken),
        "questions": question_rows(taken.questions),
        "asked": question_rows(taken.understood.get("questions", [])),
        "names": names_offered(request.user, taken, pods) if is_open else [],
        "fields": columns_offered(),
        "pods": pods,
        "day": taken.choices.get("day", ""),
        "learnings": taken.choices.get("learnings", ""),
    }
