"""The quarter on a timeline: the page and its part, what changed since, and the dates of one test."""

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backlog.forms.refusing import refusals_in, sentences_in
from backlog.htmx import asks_for, in_place_of, nothing_new, page_of, part_of, render
from backlog.models import Quarter
from backlog.permissions import get_for
from backlog.views.asking import SignedIn
from experiments.flows.quarter.sentences import days_words
from experiments.flows.scheduling import change_dates, take_off, undo_move
from experiments.flows.sealing import sizing_of
from experiments.forms.placing import PlaceForm
from experiments.models import CalendarMove, Experiment
from experiments.views.quarter.bars import LEGEND
from experiments.views.quarter.dock import Dock, dock_for, overtaken_words
from experiments.views.quarter.page import calendar_page, newest_change
from experiments.views.quarter.window import window_of

TEMPLATE = "experiments/calendar.html"
PLACE_TEMPLATE = "experiments/experiment_place.html"


@require_safe
def calendar(request: SignedIn) -> HttpResponse:
    """Lanes, load, pairs, objectives and what is not placed yet, of the days in the address."""
    quarters = list(Quarter.objects.order_by("starts_on").select_related("holdout"))
    window = window_of(request.GET, quarters)
    if window is None:
        return render(request, TEMPLATE, {"page": None})
    context = {
        "page": calendar_page(window, request.user),
        "window": window,
        "earlier": window.beside(quarters, -1),
        "later": window.beside(quarters, 1),
        "legend": LEGEND,
    }
    return render(request, TEMPLATE, context, partials={"plan"})


@require_safe
def calendar_pulse(request: SignedIn) -> HttpResponse:
    """The newest change that this person's calendar shows; 204 where it is the one they have."""
    newest = newest_change(request.user)
    if request.GET.get("seen", "") == str(newest):
        return nothing_new()
    return JsonResponse({"seen": newest})


def _calendar_of(request: SignedIn) -> str:
    """The calendar that the step was made on, as its form names it."""
    back = request.POST.get("back") or request.GET.get("back") or page_of(request)
    is_ours = url_has_allowed_host_and_scheme(back, allowed_hosts=None)
    return back if is_ours and back.startswith(reverse("experiments:calendar")) else ""


@require_http_methods(["GET", "HEAD", "POST"])
def experiment_place(request: SignedIn, pk: int) -> HttpResponse:
    """What follows from a place (GET), and the move itself (POST)."""
    user = request.user
    test = get_for(user, "experiments.change_experiment", Experiment, pk=pk)
    if test.is_imported:
        return redirect(test)
    is_move = request.method == "POST"
    asks = request.POST if is_move else request.GET or None
    form = PlaceForm(asks, initial={"starts_on": test.starts_on, "last_day": test.last_day})
    if not form.is_valid():
        return _answer(request, test, form, None, status=422 if form.is_bound else 200)
    overtaken = overtaken_words(test) if form.is_overtaken(test) else ""
    starts_on, ends_on = form.days
    if is_move and not overtaken:
        with refusals_in(form):
            reason = form.cleaned_data["reason"]
            change_dates(test, by=user, starts_on=starts_on, ends_on=ends_on, reason=reason)
            _say_moved(request, test)
            return redirect(_calendar_of(request) or test.get_absolute_url())
        test.refresh_from_db()
    refusal = sentences_in(form)
    dock = dock_for(test, starts_on, ends_on, by=user, overtaken=overtaken, refusal=refusal)
    return _answer(request, test, form, dock, status=409 if overtaken or refusal else 200)


def _answer(
    request: SignedIn, test: Experiment, form: PlaceForm, dock: Dock | None, *, status: int
) -> HttpResponse:
    """The page, or its dock: also where the whole plan was to be swapped and is not."""
    context = {
        "test": test,
        "form": form,
        "back": _calendar_of(request),
        "dock": dock,
        "sizing": sizing_of(test),
        "is_in_plan": page_of(request).startswith(reverse("experiments:calendar")),
    }
    if asks_for(request, "plan"):
        html = part_of(request, PLACE_TEMPLATE, context, part="dock")
        response = in_place_of(request, html, part="dock")
        response.status_code = status
        return response
    return render(request, PLACE_TEMPLATE, context, partials={"dock"}, status=status)


def _say_moved(request: SignedIn, test: Experiment) -> None:
    """The message after a move, with its undo."""
    move = test.calendar_moves.first()
    undo = f"undo:{reverse('experiments:move_undo', args=[move.pk])}" if move else ""
    days = days_words(test.starts_on, test.ends_on)
    words = f"{test.key} is on {days} now." if days else f"{test.key} is off the calendar."
    messages.success(request, words, extra_tags=undo)


@require_POST
def experiment_take_off(request: SignedIn, pk: int) -> HttpResponse:
    """Off the calendar, back into the tray."""
    test = get_for(request.user, "experiments.change_experiment", Experiment, pk=pk)
    take_off(test, by=request.user)
    _say_moved(request, test)
    return redirect(_calendar_of(request) or test.get_absolute_url())


@require_POST
def move_undo(request: SignedIn, pk: int) -> HttpResponse:
    """Take back the latest move of a test."""
    move = get_for(request.user, "experiments.change_experiment", CalendarMove, pk=pk)
    test = undo_move(move, by=request.user)
    where = days_words(test.starts_on, test.ends_on) or "off the calendar"
    messages.success(request, f"{test.key} is back: {where}.")
    return redirect(_calendar_of(request) or reverse("experiments:calendar"))
