"""A cell of the list, edited in place: a small form, and the row as it is afterwards."""

from urllib.parse import urlsplit

from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from backlog.flows.ideas import edit_idea
from backlog.flows.moves import move_idea
from backlog.flows.own_values import own_field_called
from backlog.forms.cells import CELLS, STATUS, CellForm, StatusCellForm
from backlog.forms.refusing import refusals_in
from backlog.htmx import asks_for, page_of, put_in_place, render, wants_part
from backlog.models import Idea
from backlog.permissions import get_for
from backlog.views.asking import SignedIn
from backlog.views.going_back import back_to_list
from backlog.views.listing import Listing
from backlog.views.lists import row_of
from backlog.views.saving import saving


@require_http_methods(["GET", "HEAD", "POST"])
def idea_cell(request: SignedIn, pk: int, cell: str) -> HttpResponse:
    """Edits to other fields merge. If the same field has changed, the person sees its new value."""
    if cell == STATUS:
        return _status_cell(request, pk)
    if cell not in CELLS and own_field_called(cell) is None:
        raise Http404
    idea = get_for(request.user, "backlog.change_idea", Idea, join=("pod",), pk=pk)
    if request.method == "GET" and asks_for(request, f"idea-{pk}"):
        return _row_again(request, pk)  # as it is now, for whoever gives their own change up
    form = CellForm(request.POST or None, by=request.user, idea=idea, cell=cell)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form), saving(request, form, idea) as idea:
            edit_idea(idea, by=request.user, **form.values())
            return _done(request, pk)
    return _cell_page(request, idea, form, cell, label=str(form.bound.label))


def _status_cell(request: SignedIn, pk: int) -> HttpResponse:
    """Snooze, reject or reopen it from its row."""
    idea = get_for(request.user, "backlog.move_idea", Idea, join=("pod",), pk=pk)
    form = StatusCellForm(request.POST or None, idea=idea)
    if request.method == "POST" and form.is_valid():
        name = form.cleaned_data["move"]
        with refusals_in(form):
            if name:
                seen = request.POST.get("seen", "")
                move_idea(idea, name, by=request.user, seen=seen, **form.values())
            return _done(request, pk)
    return _cell_page(request, idea, form, STATUS, label="Status")


def _cell_page(
    request: SignedIn, idea: Idea, form: CellForm | StatusCellForm, cell: str, *, label: str
) -> HttpResponse:
    context = {
        "idea": idea, "form": form, "cell": cell, "label": f"{label} of {idea.key}",
        "back": back_to_list(request),
    }  # fmt: skip
    status = 422 if form.errors else 200
    return render(request, "backlog/idea_cell.html", context, partials={"cell-form"}, status=status)


def _done(request: SignedIn, pk: int) -> HttpResponse:
    return _row_again(request, pk) if wants_part(request) else redirect(back_to_list(request))


def _row_again(request: SignedIn, pk: int) -> HttpResponse:
    """The row, with the columns of the list that the person looks at."""
    request.GET = QueryDict(urlsplit(page_of(request)).query)  # type: ignore[assignment]
    return put_in_place(row_of(Listing(request), pk), f"#idea-{pk}")
