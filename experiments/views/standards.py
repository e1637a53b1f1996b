"""The Standards room: one row for each kind of standards, and a page with its owner and its looks."""

import datetime as dt
from dataclasses import dataclass

from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backlog.calendar_days import quarter_around
from backlog.forms.refusing import refusals_in, sentences_in
from backlog.htmx import render
from backlog.models import Rubric, User, Workspace
from backlog.permissions import require
from backlog.views.asking import SignedIn
from backlog.views.repeating import counts_once
from backlog.views.saving import saving
from experiments.flows import standards as flow
from experiments.flows.agreements import agreements_due, agreements_looked_at
from experiments.flows.standards import BY_KIND, STANDARDS, Standard
from experiments.forms.standards import LookForm, OwnerForm
from experiments.models import (
    Agreement,
    Holdout,
    Metric,
    MilestoneSet,
    NamingToken,
    PlanTemplate,
    Segment,
    StandardKind,
    StandardOwner,
    StandardReview,
    Waiver,
)

LOOKS_SHOWN = 50


@dataclass(frozen=True)
class Row:
    """One kind of standards as the room shows it; `times` are waivers: this quarter, ever.

    Agreements are looked at one by one too, so `looked_on` is the day since which all of them were.
    """

    standard: Standard
    count: str
    owner: User | None
    times: tuple[int, int] | None
    look: StandardReview | None
    looked_on: dt.date | None
    due: str
    may_review: bool


def standards_page(user: User) -> list[Row]:
    """Every kind, in the order of the room."""
    counts, times = _counts(user), _times_waived(user)
    owners, looks, clock = flow.owners(), flow.last_looks(), flow.clock_of_today()
    agreements = agreements_looked_at(clock)
    rows = []
    for standard in STANDARDS:
        kind = standard.kind.value
        owner = owners[kind].owner if kind in owners else None
        look = looks.get(kind)
        looked_on = timezone.localdate(look.at) if look else None
        if kind == StandardKind.AGREEMENTS and agreements:
            looked_on = min(one.looked_on for one in agreements if one.looked_on)
        due = clock.why_due(looked_on, owner)
        if kind == StandardKind.AGREEMENTS:
            due = agreements_due(agreements) or due
        waived = [times.get(name, (0, 0)) for name in standard.waivers]
        both = (sum(now for now, _ in waived), sum(ever for _, ever in waived)) if waived else None
        may_review = flow.may_review(user, owner)
        rows.append(Row(standard, counts[kind], owner, both, look, looked_on, due, may_review))
    return rows


def _counts(user: User) -> dict[str, str]:
    """How many of each there are, in words."""
    rubric = Rubric.objects.values_list("version", flat=True).first()
    agreed = Agreement.objects.filter(number__gt=0).count()
    tokens = NamingToken.objects.count()
    return {
        "metrics": _many(Metric.objects.visible_to(user).count(), "metric"),
        "segments": _many(Segment.objects.visible_to(user).count(), "segment"),
        "templates": _many(PlanTemplate.objects.visible_to(user).count(), "template"),
        "rubric": f"version {rubric}" if rubric else "none yet",
        "milestones": _many(MilestoneSet.objects.count(), "set") if MilestoneSet.objects.exists()
        else "Floe’s own",
        "naming": _many(tokens, "token") if tokens else "Floe’s own",
        "agreements": f"{agreed} of {len(Agreement.Kind)}",
        "holdouts": _many(Holdout.objects.count(), "holdout"),
        "waivers": _many(Waiver.objects.visible_to(user).count(), "waiver"),
    }  # fmt: skip


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}" if count else "none yet"


def _times_waived(user: User) -> dict[str, tuple[int, int]]:
    """How often each launch check was waived, this quarter and ever."""
    starts_on, ends_on = quarter_around(
        timezone.localdate(), start_month=Workspace.current().quarter_start_month
    )
    first, after = (timezone.make_aware(dt.datetime.combine(day, dt.time.min))
                    for day in (starts_on, ends_on))  # fmt: skip
    rows = Waiver.objects.visible_to(user).order_by().values("standard")
    counted = rows.annotate(ever=Count("pk"), now=Count("pk", Q(at__gte=first, at__lt=after)))
    return {row["standard"]: (row["now"], row["ever"]) for row in counted}


@require_safe
def standards(request: SignedIn) -> HttpResponse:
    rows = standards_page(request.user)
    context = {"rows": rows, "due": sum(bool(row.due) for row in rows)}
    return render(request, "experiments/standards.html", context)


def _row_of(user: User, kind: str) -> Row:
    if kind not in BY_KIND:
        raise Http404
    return next(row for row in standards_page(user) if row.standard.kind == kind)


@require_http_methods(["GET", "HEAD", "POST"])
def standard_detail(request: SignedIn, kind: str) -> HttpResponse:
    """One kind: who owns it, and every look at it. A POST names the owner."""
    row = _row_of(request.user, kind)
    if request.method == "POST":
        require(request.user, "experiments.change_standard")
    held = StandardOwner.objects.filter(kind=kind).first() or StandardOwner(kind=kind)
    form = OwnerForm(request.POST or None, instance=held)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form), saving(request, form, held) as fresh:
            flow.name_owner(fresh, by=request.user, **form.cleaned_data)
            messages.success(request, "The owner is saved.")
            return redirect("experiments:standard_detail", kind=kind)
    looks = StandardReview.objects.filter(kind=kind).select_related("by", "agreement")
    context = {"row": row, "form": form, "look_form": LookForm(), "looks": looks[:LOOKS_SHOWN]}
    status = 422 if request.method == "POST" else 200
    return render(request, "experiments/standard_detail.html", context, status=status)


@require_POST
@counts_once
def standard_look(request: SignedIn, kind: str) -> HttpResponse:
    """Looked at today, with a note or without."""
    if kind not in BY_KIND:
        raise Http404
    form = LookForm(request.POST)
    if form.is_valid():
        with refusals_in(form):
            flow.review_standard(kind, by=request.user, **form.cleaned_data)
            messages.success(request, f"{StandardKind(kind).label}: looked at today.")
    if form.errors:
        messages.error(request, sentences_in(form))
    return redirect("experiments:standards")
