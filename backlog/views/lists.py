"""The backlog as a list: the ranked table and its filters."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from backlog.filters import IdeaFilter
from backlog.flows.bulk import ACTIONS
from backlog.flows.ideas import add_idea
from backlog.flows.listing import keep_columns
from backlog.forms.ideas import QuickAddForm
from backlog.forms.refusing import refusals_in
from backlog.htmx import render, wants_part
from backlog.models import Idea, OwnField
from backlog.paging import MOST, PAGE, page_of
from backlog.views import columns
from backlog.views.asking import SignedIn
from backlog.views.bulk import change_to_undo
from backlog.views.facets import facets_of
from backlog.views.listing import Listing
from backlog.views.own_columns import own_columns
from backlog.views.repeating import counts_once
from backlog.views.rows import group_of, rows_of

PARTS = {"idea-table", "more-ideas"}
BAR = ("tag", "objective", "owner", "move", "snooze", "reject")


@require_http_methods(["GET", "HEAD", "POST"])
@counts_once
def idea_list(request: SignedIn) -> HttpResponse:
    """The ranked table; a POST is the quick add, which stays on this page."""
    form = QuickAddForm(request.POST, by=request.user) if request.method == "POST" else None
    if form and form.is_valid():
        with refusals_in(form):
            idea = add_idea(by=request.user, **form.cleaned_data)
            request.session["added"] = idea.pk
            return redirect(request.get_full_path())
    context = {**table_of(Listing(request)), "form": form}
    if not wants_part(request):
        context["last_change"] = change_to_undo(request)
    status = 422 if form else 200
    return render(request, "backlog/idea_list.html", context, partials=PARTS, status=status)


def table_of(listing: Listing) -> dict[str, Any]:
    """The rows from where the address says, as many as were looked at before."""
    query = listing.request.GET
    after = query.get("after", "")
    page = page_of(
        listing.ideas,
        sort=listing.sort, group=listing.group, after=after, rows=_as_many(query.get("show", "")),
        typed=query.get("q", ""), implied=listing.filterset.implied, orders=listing.orders,
    )  # fmt: skip
    context = listing.context()
    rows = rows_of(page.ideas, listing.look, group=listing.group, below=query.get("below"))
    further = listing.address(after=page.after) if page.after else ""
    return context | {
        "rows": rows,
        "more": further,
        "below": group_of(page.ideas[-1], listing.group) if further and listing.group else "",
        "actions": [ACTIONS[name] for name in BAR],
        "span": len(listing.choice.columns) + bool(listing.pods_to_add_to),
        "heads": [listing.heading(column) for column in listing.choice.columns],
    }


def row_of(listing: Listing, pk: int) -> str:
    """One row as this list shows it, after one of its cells was changed."""
    ideas = [idea for idea, _ in Idea.objects.filter(pk=pk).listed()]
    return rows_of(ideas, listing.look)


def _as_many(show: str) -> int:
    is_number = show.isascii() and show.isdigit() and len(show) < 5
    return min(max(int(show), PAGE), MOST) if is_number else PAGE


@require_safe
def idea_filter(request: SignedIn) -> HttpResponse:
    """Everything the list can be narrowed by: a page, and on the list a dialog that loads it."""
    ideas = Idea.objects.visible_to(request.user)
    own = list(OwnField.objects.all())
    idea_filter_ = IdeaFilter(request.GET, ideas, request=request, is_whole=True, own=own)
    query = request.GET
    kept = [(name, query[name]) for name in ("sort", "group", "columns", "view") if name in query]
    context = {
        "form": idea_filter_.form,
        "facets": facets_of(request, ideas, idea_filter_),
        "bounds": idea_filter_.bounds,
        "kept": kept,
    }
    return render(request, "backlog/idea_filter.html", context, partials={"filter-form"})


@require_http_methods(["GET", "HEAD", "POST"])
def idea_columns(request: SignedIn) -> HttpResponse:
    """Which columns, in what order, and how many stay in sight; kept for the next visit.

    A page, and on the list a dialog that loads its form.
    """
    listing = Listing(request, is_whole=True)
    offered = own_columns(listing.own_fields)
    data = request.POST if request.method == "POST" else None
    named = ",".join(data.getlist("column")) if data else ""
    choice = columns.Choice.read(named, offered) if data else listing.choice
    pinned = data.get("pinned", "0") if data else str(choice.pinned)
    choice = columns.Choice(choice.columns, int(pinned) if pinned in "0123" else 0)
    if data and ("up" in data or "down" in data):
        choice = choice.with_moved(data.get("up") or data["down"], by=-1 if "up" in data else 1)
    elif data:
        keep_columns(by=request.user, written="" if "usual" in data else choice.written)
        return redirect(listing.address(columns=""))
    context = {
        "listing": listing, "choice": choice,
        "others": [
            one
            for one in (*columns.COLUMNS.values(), *offered)
            if one not in choice.columns
            and (one.name != columns.VALUE or listing.workspace.uses_expected_value)
        ],
    }  # fmt: skip
    return render(request, "backlog/idea_columns.html", context, partials={"columns-form"})
