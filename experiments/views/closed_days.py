"""Blackouts and deadlines of the calendar."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from backlog.forms.refusing import refusals_in
from backlog.models import Pod, User
from backlog.permissions import get_for, require
from backlog.views.asking import SignedIn, chosen_pod_id
from backlog.views.repeating import counts_once
from backlog.views.saving import saving
from experiments.flows.closed_days import remove_entry, require_for, save_blackout, save_deadline
from experiments.forms.closed_days import BlackoutForm, DeadlineForm
from experiments.models import Blackout, Deadline

MOST_SHOWN = 200
Entry = Blackout | Deadline
EntryForm = type[BlackoutForm] | type[DeadlineForm]
E = TypeVar("E", Blackout, Deadline)


@require_safe
def blackout_list(request: SignedIn) -> HttpResponse:
    """Blackouts and deadlines to come, then those that are over."""
    user, today = request.user, timezone.localdate()
    blackouts = Blackout.objects.visible_to(user).select_related("pod")
    deadlines = Deadline.objects.visible_to(user).select_related("pod")
    past = blackouts.filter(ends_on__lte=today).order_by("-starts_on")[:MOST_SHOWN]
    context = {
        "blackouts": _rows(user, blackouts.filter(ends_on__gt=today)[:MOST_SHOWN]),
        "deadlines": _rows(user, deadlines.filter(day__gte=today)[:MOST_SHOWN]),
        "past": _rows(user, past),
        "missed": _rows(user, deadlines.filter(day__lt=today).order_by("-day")[:MOST_SHOWN]),
        "can_add": Pod.objects.led_by(user).exists() or user.stands_above_pods,
    }
    return render(request, "experiments/blackout_list.html", context)


def _rows(user: User, entries: Any) -> list[tuple[Any, bool]]:
    """Each with whether this person may change it."""
    return [(entry, _may_change(user, entry)) for entry in entries]


def _may_change(user: User, entry: Entry) -> bool:
    try:
        require_for(user, entry)
    except PermissionDenied:
        return False
    return True


def _require_may_add(request: SignedIn) -> None:
    if not Pod.objects.led_by(request.user).exists():
        require(request.user, "experiments.change_blackout_of_all")


@require_http_methods(["GET", "HEAD", "POST"])
@counts_once
def blackout_new(request: SignedIn) -> HttpResponse:
    """For a pod that one leads; programme owners for every pod too."""
    return _new(request, BlackoutForm, Blackout(), save_blackout)


@require_http_methods(["GET", "HEAD", "POST"])
def blackout_edit(request: SignedIn, pk: int) -> HttpResponse:
    return _edit(request, BlackoutForm, _entry(request, Blackout, pk), save_blackout)


@require_http_methods(["GET", "HEAD", "POST"])
def blackout_remove(request: SignedIn, pk: int) -> HttpResponse:
    return _remove(request, _entry(request, Blackout, pk))


@require_http_methods(["GET", "HEAD", "POST"])
@counts_once
def deadline_new(request: SignedIn) -> HttpResponse:
    return _new(request, DeadlineForm, Deadline(), save_deadline)


@require_http_methods(["GET", "HEAD", "POST"])
def deadline_edit(request: SignedIn, pk: int) -> HttpResponse:
    return _edit(request, DeadlineForm, _entry(request, Deadline, pk), save_deadline)


@require_http_methods(["GET", "HEAD", "POST"])
def deadline_remove(request: SignedIn, pk: int) -> HttpResponse:
    return _remove(request, _entry(request, Deadline, pk))


def _entry(request: SignedIn, model: type[E], pk: int) -> E:
    """One that this person may change; 404 where it may not be seen."""
    entry: E = get_for(request.user, "experiments.view_blackout", model, join=("pod",), pk=pk)
    require_for(request.user, entry)
    return entry


def _new(request: SignedIn, form_of: EntryForm, entry: E, save: Callable[..., E]) -> HttpResponse:
    _require_may_add(request)
    first = {"pod": chosen_pod_id(request)}
    form = form_of(request.POST or None, by=request.user, initial=first)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            made = save(entry, by=request.user, **form.cleaned_data)
            messages.success(request, f"“{made}” is on the calendar now.")
            return redirect("experiments:blackout_list")
    return _form_page(request, form, entry)


def _edit(request: SignedIn, form_of: EntryForm, entry: E, save: Callable[..., E]) -> HttpResponse:
    form = form_of(request.POST or None, by=request.user, instance=entry)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form), saving(request, form, entry) as held:
            save(held, by=request.user, **form.cleaned_data)
            messages.success(request, f"“{held}” is saved.")
            return redirect("experiments:blackout_list")
    return _form_page(request, form, entry)


def _form_page(request: SignedIn, form: BlackoutForm | DeadlineForm, entry: Entry) -> HttpResponse:
    context = {"form": form, "entry": entry, "noun": entry._meta.verbose_name}
    status = 422 if request.method == "POST" else 200
    return render(request, "experiments/blackout_edit.html", context, status=status)


def _remove(request: SignedIn, entry: Entry) -> HttpResponse:
    """Asks first."""
    if request.method == "POST":
        remove_entry(entry, by=request.user)
        messages.success(request, f"“{entry}” is removed.")
        return redirect("experiments:blackout_list")
    context = {"entry": entry, "noun": entry._meta.verbose_name}
    return render(request, "experiments/blackout_remove.html", context)
