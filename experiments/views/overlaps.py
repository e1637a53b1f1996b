"""What two segments share: declared, or estimated from two lists."""

from typing import Any, NamedTuple

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from backlog.forms.refusing import refusals_in, status_of
from backlog.models import Pod, User
from backlog.permissions import get_for, require
from backlog.uploads import takes_files
from backlog.views.asking import SignedIn
from backlog.views.repeating import counts_once
from backlog.views.saving import saving
from experiments.flows.overlapping import (
    declare_overlap,
    estimate_overlap,
    remove_overlap,
    require_for_either,
)
from experiments.forms.overlaps import EstimateForm, OverlapForm
from experiments.models import SegmentOverlap

BACK = "experiments:segment_list"


class OverlapRow(NamedTuple):
    overlap: SegmentOverlap
    is_changeable: bool


def overlap_rows(user: User) -> list[OverlapRow]:
    """The overlaps of segments that this person sees."""
    rows = SegmentOverlap.objects.visible_to(user).select_related("first__pod", "second__pod", "by")
    return [OverlapRow(row, _may_change(user, row)) for row in rows.order_by("first__name", "pk")]


def _may_change(user: User, overlap: SegmentOverlap) -> bool:
    try:
        require_for_either(user, overlap.first, overlap.second)
    except PermissionDenied:
        return False
    return True


def _require_may_add(request: SignedIn) -> None:
    if not Pod.objects.led_by(request.user).exists():
        require(request.user, "experiments.change_segment_of_all")


@require_http_methods(["GET", "HEAD", "POST"])
@counts_once
def overlap_new(request: SignedIn) -> HttpResponse:
    _require_may_add(request)
    form = OverlapForm(request.POST or None, by=request.user)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            made = declare_overlap(by=request.user, **form.cleaned_data)
            messages.success(request, f"The overlap of “{made.first}” and “{made.second}” counts.")
            return redirect(BACK)
    return _page(request, "experiments/overlap_edit.html", {"form": form, "overlap": None})


def _page(request: SignedIn, template: str, context: dict[str, Any]) -> HttpResponse:
    status = 422 if request.method == "POST" else 200
    return render(request, template, context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def overlap_edit(request: SignedIn, pk: int) -> HttpResponse:
    overlap = _overlap(request, pk)
    form = OverlapForm(request.POST or None, by=request.user, overlap=overlap)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form), saving(request, form, overlap):
            declare_overlap(by=request.user, is_new=False, **form.cleaned_data)
            messages.success(request, "The overlap is saved.")
            return redirect(BACK)
    return _page(request, "experiments/overlap_edit.html", {"form": form, "overlap": overlap})


def _overlap(request: SignedIn, pk: int) -> SegmentOverlap:
    join = ("first__pod", "second__pod")
    row = get_for(request.user, "experiments.view_segment", SegmentOverlap, join=join, pk=pk)
    require_for_either(request.user, row.first, row.second)
    return row


@require_POST
def overlap_remove(request: SignedIn, pk: int) -> HttpResponse:
    overlap = _overlap(request, pk)
    remove_overlap(overlap, by=request.user)
    messages.success(request, "The overlap is removed. The calendar takes it for none.")
    return redirect(BACK)


@takes_files("IMPORT_FILE_MAX_BYTES")
@require_http_methods(["GET", "HEAD", "POST"])
def overlap_estimate(request: SignedIn) -> HttpResponse:
    """From two lists, of which only sketches are kept. The answer stands on the page."""
    _require_may_add(request)
    is_sent = request.method == "POST"
    form = EstimateForm(
        request.POST if is_sent else None, request.FILES if is_sent else None, by=request.user
    )
    context: dict[str, Any] = {"form": form}
    if is_sent and form.is_valid():
        with refusals_in(form):
            overlap, estimate = estimate_overlap(by=request.user, **form.values())
            context |= {"overlap": overlap, "estimate": estimate}
    status = status_of(form) if is_sent else 200
    return render(request, "experiments/overlap_estimate.html", context, status=status)
