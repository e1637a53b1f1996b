"""Databases that results are read from: made known by admins, asked for one experiment by owners."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backlog.forms.refusing import refusals_in
from backlog.htmx import render
from backlog.permissions import get_for, require
from backlog.views.asking import SignedIn
from backlog.views.repeating import counts_once
from backlog.views.saving import saving
from experiments.flows import connecting
from experiments.forms.connectors import ConnectorForm, FeedForm
from experiments.models import Connector, Experiment, Feed
from experiments.views.status import JOINED, tab_page


@require_safe
def connector_list(request: SignedIn) -> HttpResponse:
    require(request.user, "backlog.change_workspace")
    context = {"connectors": Connector.objects.visible_to(request.user).select_related("by")}
    return render(request, "experiments/connector_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@counts_once
def connector_new(request: SignedIn) -> HttpResponse:
    require(request.user, "backlog.change_workspace")
    return _edit(request, Connector())


@require_http_methods(["GET", "HEAD", "POST"])
def connector_edit(request: SignedIn, pk: int) -> HttpResponse:
    require(request.user, "backlog.change_workspace")
    connector = get_for(request.user, "backlog.change_workspace", Connector, pk=pk)
    return _edit(request, connector)


def _edit(request: SignedIn, connector: Connector) -> HttpResponse:
    form = ConnectorForm(request.POST or None, instance=connector)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form), saving(request, form, connector) as held:
            saved = connecting.save_connector(held, by=request.user, **form.cleaned_data)
            messages.success(request, f"The database {saved} is saved.")
            return redirect("experiments:connector_list")
    context = {"form": form, "connector": connector}
    status = 422 if form.errors else 200
    return render(request, "experiments/connector_edit.html", context, status=status)


@require_POST
def connector_remove(request: SignedIn, pk: int) -> HttpResponse:
    require(request.user, "backlog.change_workspace")
    connector = get_for(request.user, "backlog.change_workspace", Connector, pk=pk)
    connecting.remove_connector(connector, by=request.user)
    messages.success(request, f"The database {connector.name} is removed.")
    return redirect("experiments:connector_list")


@require_http_methods(["GET", "HEAD", "POST"])
def experiment_feed(request: SignedIn, pk: int) -> HttpResponse:
    """What a database is asked for this experiment: tried, saved, asked at once."""
    require(request.user, "experiments.write_query")
    experiment = get_for(
        request.user, "experiments.view_experiment", Experiment, join=(*JOINED, "feed"), pk=pk
    )
    feed = getattr(experiment, "feed", None) or Feed(experiment=experiment)
    if request.method == "POST" and "now" in request.POST and feed.pk:
        connecting.ask_now(feed, by=request.user)
        messages.success(request, "The query is running. Its answer will appear under Data.")
        return redirect("experiments:experiment_feed", pk=pk)
    form = FeedForm(request.POST or None, instance=feed)
    tried = None
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            tried = _tried_or_saved(request, experiment, form, feed)
        if form.is_valid() and tried is None:
            messages.success(
                request, "Saved. The query runs each day at that hour while the experiment runs."
            )
            return redirect("experiments:experiment_feed", pk=pk)
    has_connectors = Connector.objects.exists()
    context = {
        "form": form, "tried": tried, "feed": feed, "has_connectors": has_connectors,
        "is_trial_a_look": connecting.is_trial_a_look(experiment),
    }  # fmt: skip
    status = 422 if form.errors else 200
    template = "experiments/experiment_feed.html"
    return tab_page(request, template, experiment, "data", context, status=status)


def _tried_or_saved(
    request: SignedIn, experiment: Experiment, form: FeedForm, feed: Feed
) -> connecting.Tried | None:
    """The first rows for `try`; otherwise it is saved without showing rows."""
    if "try" in request.POST:
        values = form.cleaned_data
        tried = connecting.try_query(values["connector"], values["sql"], by=request.user)
        connecting.note_trial(experiment, by=request.user)
        return tried
    with saving(request, form, feed):
        connecting.save_feed(experiment, by=request.user, **form.cleaned_data)
    return None
