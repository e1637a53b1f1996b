"""Import ideas from a spreadsheet: read the rows, review them, add them, undo the import."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backlog.flows import imports
from backlog.forms.imports import LABELS, ImportForm, answers_in
from backlog.htmx import render
from backlog.models import Import, OwnField, Pod
from backlog.permissions import get_for
from backlog.uploads import takes_files
from backlog.views.asking import SignedIn
from backlog.views.import_names import idea_names_offered
from backlog.views.importing import new_page, shown, step
from backlog.views.questions import question_rows

LISTED = 100


@takes_files("IMPORT_FILE_MAX_BYTES")
@require_http_methods(["GET", "HEAD", "POST"])
def import_new(request: SignedIn) -> HttpResponse:
    """Paste rows or choose a file; the next page shows what would happen."""
    return new_page(request, ImportForm, "backlog/import_new.html", kind=Import.Kind.IDEAS)


@require_http_methods(["GET", "HEAD", "POST"])
def import_detail(request: SignedIn, pk: int) -> HttpResponse:
    """The rows and what will happen to each. A POST reads them again, or adds them."""
    taken = _idea_import(request, pk)
    if request.method == "POST":
        answers = answers_in(request.POST, taken, request.user, tuple(_fields()))
        return step(request, taken, answers)
    return render(
        request, "backlog/import_detail.html", _shown(request, taken), partials={"import-progress"}
    )


@require_safe
def import_list(request: SignedIn) -> HttpResponse:
    """One's imports of every kind, newest first, with what came of each."""
    mine = Import.objects.visible_to(request.user).with_counts()[: LISTED + 1]
    context = {"imports": mine[:LISTED], "is_cut": len(mine) > LISTED}
    return render(request, "backlog/import_list.html", context)


@require_POST
def import_undo(request: SignedIn, pk: int) -> HttpResponse:
    taken = _idea_import(request, pk)
    imports.undo(taken, by=request.user)
    return redirect(taken)


def _idea_import(request: SignedIn, pk: int) -> Import:
    rows = Import.objects.filter(kind=Import.Kind.IDEAS)
    return get_for(request.user, "backlog.add_idea", rows, join=("pod", "by"), pk=pk)


def _shown(request: SignedIn, taken: Import) -> dict[str, Any]:
    pods = list(Pod.objects.worked_in_by(request.user).distinct())
    is_open = taken.state == Import.State.UNDERSTOOD
    return {
        **shown(taken),
        "questions": question_rows(taken.questions),
        "can_name_row": True,
        "header_row": taken.understood.get("header") or "",
        "asked": question_rows(taken.understood.get("questions", [])),
        "names": idea_names_offered(request.user, taken, pods) if is_open else [],
        "fields": _fields().items(),
        "pods": pods,
    }


def _fields() -> dict[str, str]:
    """What a column can hold, with the own fields of the workspace."""
    return LABELS | {field.slug: field.name for field in OwnField.objects.all()}
