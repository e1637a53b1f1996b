"""The operations roadmap: process work, learnings and data, by quarter."""

import datetime as dt
from dataclasses import dataclass

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backlog.forms.refusing import refusals_in
from backlog.htmx import render
from backlog.models import Pod, Quarter, User
from backlog.permissions import get_for, require
from backlog.views.asking import SignedIn, chosen_pod_id
from backlog.views.repeating import counts_once
from backlog.views.saving import saving
from experiments.flows import roadmap as flow
from experiments.forms.roadmap import RoadmapForm
from experiments.models import RoadmapItem

JOINED = ("pod", "owner", "quarter", "idea", "experiment")
ITEMS_SHOWN = 300


@dataclass(frozen=True)
class RoadmapPage:
    """One quarter of the roadmap; without a quarter, everything."""

    quarters: list[Quarter]
    quarter: Quarter | None
    rows: list[tuple[RoadmapItem, bool]]
    can_add: bool


def roadmap_page(user: User, chosen: str, pod_id: int | None) -> RoadmapPage:
    """`chosen` is the id of a quarter; without one, the quarter that is on."""
    quarters = list(Quarter.objects.all()[:12])[::-1]
    today = timezone.localdate()
    now = next((one for one in quarters if one.starts_on <= today < one.ends_on), None)
    quarter = next((one for one in quarters if str(one.pk) == chosen), now)
    items = RoadmapItem.objects.visible_to(user).select_related(*JOINED)
    if pod_id:
        items = items.open_to(Pod(pk=pod_id))
    if quarter and chosen != "all":
        items = items.touching(quarter.starts_on, quarter.ends_on)
    rows = sorted(items[:ITEMS_SHOWN], key=_order)
    return RoadmapPage(
        quarters,
        None if chosen == "all" else quarter,
        [(item, may_change(user, item)) for item in rows],
        user.has_perm("experiments.change_roadmap_of_all")
        or Pod.objects.worked_in_by(user).exists(),
    )


def _order(item: RoadmapItem) -> tuple[bool, dt.date, int]:
    first = item.starts_on or (item.quarter.starts_on if item.quarter else dt.date.max)
    return item.done_at is not None, first, item.pk


def may_change(user: User, item: RoadmapItem) -> bool:
    try:
        flow.require_for(user, item.pod)
    except PermissionDenied:
        return False
    return True


@require_safe
def roadmap(request: SignedIn) -> HttpResponse:
    chosen = request.GET.get("quarter", "")
    page = roadmap_page(request.user, chosen, chosen_pod_id(request))
    return render(request, "experiments/roadmap.html", {"page": page})


@require_http_methods(["GET", "HEAD", "POST"])
@counts_once
def roadmap_new(request: SignedIn) -> HttpResponse:
    """For a pod that one works in; programme owners for every pod too."""
    if not Pod.objects.worked_in_by(request.user).exists():
        require(request.user, "experiments.change_roadmap_of_all")
    now = Quarter.objects.around(timezone.localdate()).first()
    first = {"pod": chosen_pod_id(request), "owner": request.user.pk,
             "quarter": request.GET.get("quarter") or (now.pk if now else None)}  # fmt: skip
    form = RoadmapForm(request.POST or None, by=request.user, instance=RoadmapItem(), initial=first)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            item = flow.save_roadmap_item(RoadmapItem(), by=request.user, **form.values())
            messages.success(request, f"“{item}” is on the roadmap.")
            return redirect("experiments:roadmap")
    status = 422 if request.method == "POST" else 200
    return render(request, "experiments/roadmap_edit.html", {"form": form}, status=status)


def _item(request: SignedIn, pk: int) -> RoadmapItem:
    item = get_for(request.user, "experiments.view_roadmap", RoadmapItem, join=JOINED, pk=pk)
    flow.require_for(request.user, item.pod)
    return item


@require_http_methods(["GET", "HEAD", "POST"])
def roadmap_edit(request: SignedIn, pk: int) -> HttpResponse:
    item = _item(request, pk)
    form = RoadmapForm(request.POST or None, by=request.user, instance=item)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form), saving(request, form, item) as fresh:
            flow.save_roadmap_item(fresh, by=request.user, **form.values())
            messages.success(request, f"“{fresh}” is saved.")
            return redirect("experiments:roadmap")
    context = {"form": form, "item": RoadmapItem.objects.get(pk=pk)}
    status = 422 if request.method == "POST" else 200
    return render(request, "experiments/roadmap_edit.html", context, status=status)


@require_POST
def roadmap_done(request: SignedIn, pk: int) -> HttpResponse:
    item = _item(request, pk)
    flow.finish_roadmap_item(item, by=request.user, is_done=request.POST.get("done") != "no")
    return redirect("experiments:roadmap")


@require_POST
def roadmap_remove(request: SignedIn, pk: int) -> HttpResponse:
    item = _item(request, pk)
    flow.remove_roadmap_item(item, by=request.user)
    messages.success(request, f"“{item}” is removed from the roadmap.")
    return redirect("experiments:roadmap")
