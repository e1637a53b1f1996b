"""Views over the backlog that people keep: save one, change it, remove it."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from backlog.flows.holding import held
from backlog.flows.listing import remove_view, require_change, save_view
from backlog.forms.listing import ViewForm
from backlog.forms.refusing import refusals_in
from backlog.models import SavedView
from backlog.refusals import Refused
from backlog.views.asking import SignedIn, chosen_pod_id
from backlog.views.repeating import counts_once
from backlog.views.saving import saving
from backlog.views.tabs import plain


@require_http_methods(["GET", "HEAD", "POST"])
@counts_once
def view_new(request: SignedIn) -> HttpResponse:
    """Keep the list that the address describes."""
    initial: dict[str, Any] = {
        "query": plain(request.GET.urlencode()),
        "pod": chosen_pod_id(request),
    }
    return _view_form(request, SavedView(), initial)


@require_http_methods(["GET", "HEAD", "POST"])
def view_edit(request: SignedIn, pk: int) -> HttpResponse:
    """Another name or other readers; a POST of a query alone keeps the list as it is now."""
    view = _view_for(request, pk)
    require_change(view, request.user)
    if request.method == "POST" and "name" not in request.POST:
        return _keep_list(request, view)
    return _view_form(request, view)


@transaction.atomic
def _keep_list(request: SignedIn, view: SavedView) -> HttpResponse:
    """The view shows from now on what the list shows; `was` is what it showed before."""
    view = held(view)
    if plain(request.POST.get("was", "")) != plain(view.query):
        raise Refused(
            "Somebody else has changed this view, so nothing was saved. Open it again to see their "
            "changes, or save yours as a new view."
        )
    query = plain(request.POST.get("query", ""))
    save_view(view, by=request.user, name=view.name, scope=view.scope, pod=view.pod, query=query)
    return redirect(view)


@require_POST
def view_remove(request: SignedIn, pk: int) -> HttpResponse:
    view = _view_for(request, pk)
    remove_view(view, by=request.user)
    messages.success(request, f"The view “{view.name}” was removed. Its ideas stay.")
    return redirect("backlog:idea_list")


def _view_for(request: SignedIn, pk: int) -> SavedView:
    view = SavedView.objects.visible_to(request.user).filter(pk=pk).first()
    if view is None:
        raise Http404
    return view


def _view_form(request: SignedIn, view: SavedView, initial: Any = None) -> HttpResponse:
    form = ViewForm(request.POST or None, by=request.user, view=view, initial=initial)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form), saving(request, form, view) as held:
            values = form.cleaned_data | {"query": plain(form.cleaned_data["query"])}
            return redirect(save_view(held, by=request.user, **values))
    context = {"form": form, "view": view}
    return render(request, "backlog/view_new.html", context, status=422 if form.errors else 200)
