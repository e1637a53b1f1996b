"""Holdouts: who is kept out of every test of a quarter, and what the whole programme was worth."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from backlog.forms.refusing import refusals_in, sentences_in, status_of
from backlog.htmx import render
from backlog.models import Quarter
from backlog.permissions import get_for, require
from backlog.uploads import takes_files
from backlog.views.asking import SignedIn
from backlog.views.repeating import counts_once
from experiments.flows import holding_out
from experiments.flows.holding_out import REST, SIDES
from experiments.forms.assignment import HoldoutForm, HoldoutReadingForm, ListForm
from experiments.models import Holdout, HoldoutReading, Metric
from experiments.stats import WHY_NOT, State
from experiments.stats.sentences import word_of
from experiments.views.assignment import as_csv, list_of
from experiments.views.wording import by_arm

READINGS_SHOWN = 20


@require_http_methods(["GET", "HEAD", "POST"])
@counts_once
def holdout_list(request: SignedIn) -> HttpResponse:
    """Every holdout; programme owners open one."""
    if request.method == "POST":
        require(request.user, "backlog.change_quarter")
    form = HoldoutForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            opened = holding_out.open_holdout(by=request.user, **form.cleaned_data)
            messages.success(request, f"The {opened} is open.".replace("Holdout", "holdout"))
            return redirect("experiments:holdout_detail", pk=opened.pk)
    context = {
        "holdouts": Holdout.objects.select_related("quarter", "by"),
        "form": form,
        "has_quarters": Quarter.objects.filter(holdout=None).exists(),
    }
    status = 422 if form.errors else 200
    return render(request, "experiments/holdout_list.html", context, status=status)


def _holdout(request: SignedIn, pk: int) -> Holdout:
    return get_for(request.user, "experiments.view_holdout", Holdout, join=("quarter", "by"), pk=pk)


@takes_files("RESULTS_FILE_MAX_BYTES")
@require_http_methods(["GET", "HEAD", "POST"])
def holdout_detail(request: SignedIn, pk: int) -> HttpResponse:
    """What the programme was worth; a POST reads a list of units with their outcome."""
    holdout = _holdout(request, pk)
    metrics = Metric.objects.visible_to(request.user)
    form = HoldoutReadingForm(metrics=metrics)
    if request.method == "POST":
        require(request.user, "backlog.change_quarter")
        form = HoldoutReadingForm(request.POST, request.FILES, metrics=metrics)
        if form.is_valid() and _read(request, holdout, form):
            return redirect("experiments:holdout_detail", pk=pk)
    readings = holdout.readings.select_related("metric", "by")[:READINGS_SHOWN]
    context = {
        "holdout": holdout,
        "form": form,
        "list_form": ListForm(auto_id="list_%s"),
        "readings": [_in_words(reading) for reading in readings],
        "snapshots": [
            (row, by_arm(row.counts, SIDES))
            for row in holdout.snapshots.select_related("by")[:READINGS_SHOWN]
        ],
    }
    status = status_of(form) if form.is_bound else 200
    return render(request, "experiments/holdout_detail.html", context, status=status)


def _read(request: SignedIn, holdout: Holdout, form: HoldoutReadingForm) -> bool:
    columns = {name: form.cleaned_data[name] for name in ("metric", "unit", "outcome")}
    with list_of(form) as file, refusals_in(form):
        holding_out.read_holdout(holdout, file.name, by=request.user, **columns)
        messages.success(request, "The list was read. None of its ids is kept.")
    return form.is_valid()


def _in_words(reading: HoldoutReading) -> dict[str, Any]:
    """A reading with its mark on the scale of lifts, and what it comes to over all units."""
    effect, metric = reading.result["effect"], reading.metric
    rest, worth = reading.counts[REST], effect["difference"]
    why_not = reading.result["why_not"]
    return {
        "row": reading,
        "effect": effect,
        "word": word_of(_state_of(effect, metric)),
        "why_not": WHY_NOT[why_not] if why_not else "",
        "is_share": metric.kind == Metric.Kind.PROPORTION,
        "values": by_arm(reading.result["values"], SIDES),
        "counts": by_arm(reading.counts, SIDES),
        "total": [None if v is None else v * rest for v in (worth, effect["low"], effect["high"])],
    }


def _state_of(effect: dict[str, Any], metric: Metric) -> State:
    """By the interval, which was made with the confidence that a reading keeps."""
    low, high = effect["low"], effect["high"]
    if low is None or high is None or low <= 0 <= high:
        return State.CANNOT_TELL
    is_good = (low > 0) == (metric.direction == Metric.Direction.INCREASE)
    return State.BETTER if is_good else State.WORSE


@takes_files("RESULTS_FILE_MAX_BYTES")
@require_POST
def holdout_tell_apart(request: SignedIn, pk: int) -> HttpResponseBase:
    """A list of ids back, with who is held out."""
    holdout = _holdout(request, pk)
    require(request.user, "backlog.change_quarter")
    form = ListForm(request.POST, request.FILES)
    if form.is_valid():
        file = list_of(form)
        with refusals_in(form):
            unit = form.cleaned_data["unit"]
            _, held = holding_out.tell_apart(holdout, file.name, by=request.user, unit=unit)
            rows = holding_out.rows_told_apart(file.name, held)
            return as_csv(rows, file, f"holdout-{holdout.quarter}".replace(" ", "-"))
    messages.error(request, sentences_in(form))
    return redirect("experiments:holdout_detail", pk=pk)
