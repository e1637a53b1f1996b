"""The slip report of a quarter, and the page that signs its baseline off."""

from typing import Any, NamedTuple

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods, require_safe

from backlog.forms.refusing import refusals_in
from backlog.models import Quarter
from backlog.permissions import get_for, require
from backlog.views.asking import SignedIn
from backlog.views.repeating import counts_once
from experiments.flows.signing_off import (
    Slip,
    days_in_words,
    placed_in,
    sign_off_baseline,
    slips_of,
)
from experiments.forms.signing_off import SignOffForm
from experiments.models import CalendarMove
from experiments.models import Slip as NamedCause


class MoveRow(NamedTuple):
    """One move as the page shows it."""

    move: CalendarMove
    before: str
    after: str
    is_undone: bool


class SlipRow(NamedTuple):
    slip: Slip
    was: str
    now: str
    words: str
    is_late: bool
    moves: list[MoveRow]
    cause: NamedCause | None


def quarter_named(quarters: list[Quarter], name: str) -> Quarter | None:
    """The quarter of this name, else the present one, else the newest; `quarters` in their order."""
    chosen = next((quarter for quarter in quarters if quarter.name == name), None)
    current = next((quarter for quarter in quarters if quarter.is_current), None)
    return chosen or current or (quarters[-1] if quarters else None)


@require_safe
def calendar_slips(request: SignedIn) -> HttpResponse:
    """What was signed off against what stands now: each experiment, and sums by pod."""
    quarters = list(Quarter.objects.order_by("starts_on"))
    quarter = quarter_named(quarters, request.GET.get("quarter", ""))
    if quarter is None:
        return render(request, "experiments/calendar_slips.html", {"quarter": None})
    asks = request.GET.get("baseline", "")
    number = int(asks) if asks.isascii() and asks.isdecimal() and len(asks) < 6 else None
    report = slips_of(quarter, seen_by=request.user, number=number)
    at = quarters.index(quarter)
    named = NamedCause.objects.visible_to(request.user).filter(quarter=quarter)
    causes = {row.experiment_id: row for row in named}
    context = {
        "quarter": quarter,
        "earlier": quarters[at - 1] if at else None,
        "later": quarters[at + 1] if at + 1 < len(quarters) else None,
        "report": report,
        "rows": [_row(slip, causes.get(slip.experiment.pk)) for slip in report.slips],
    }
    return render(request, "experiments/calendar_slips.html", context)


def _row(slip: Slip, cause: NamedCause | None) -> SlipRow:
    test = slip.experiment
    moves = [
        MoveRow(
            move,
            days_in_words(move.from_starts_on, move.from_ends_on),
            days_in_words(move.starts_on, move.ends_on),
            hasattr(move, "undone_by"),
        )
        for move in slip.moves
    ]
    return SlipRow(
        slip,
        days_in_words(slip.was.starts_on, slip.was.ends_on),
        "–" if slip.is_cancelled else days_in_words(test.starts_on, test.ends_on),
        slip_in_words(slip),
        slip.is_cancelled or slip.is_off or (slip.days or 0) > 0,
        moves,
        cause,
    )


def slip_in_words(slip: Slip) -> str:
    """How far it has moved: its end counts, its start is named where it moved alone."""
    if slip.is_cancelled:
        return "cancelled"
    if slip.days is None or slip.start_days is None:
        return "taken off the calendar"
    if slip.days:
        return _later(slip.days)
    return f"starts {_later(slip.start_days)}" if slip.start_days else "as planned"


def _later(days: int) -> str:
    noun = "day" if abs(days) == 1 else "days"
    return f"{abs(days)} {noun} {'later' if days > 0 else 'earlier'}"


@require_http_methods(["GET", "HEAD", "POST"])
@counts_once
def quarter_sign_off(request: SignedIn, pk: int) -> HttpResponse:
    """What is kept if the quarter is signed off now; for programme owners."""
    require(request.user, "experiments.sign_off_baseline")
    quarter = get_for(request.user, "experiments.sign_off_baseline", Quarter, pk=pk)
    form = SignOffForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            made = sign_off_baseline(quarter, by=request.user, **form.cleaned_data)
            messages.success(request, f"{quarter} is signed off as baseline {made.number}.")
            place = urlencode({"quarter": quarter.name})
            return redirect(f"{reverse('experiments:calendar_slips')}?{place}")
    placed = list(placed_in(quarter).select_related("pod", "objective"))
    context: dict[str, Any] = {
        "form": form,
        "quarter": quarter,
        "placed": [(row, days_in_words(row.starts_on, row.ends_on)) for row in placed],
        "without_objective": sum(row.objective_id is None for row in placed),
        "newest": quarter.baselines.select_related("by").first(),
    }
    status = 422 if form.errors else 200
    return render(request, "experiments/quarter_sign_off.html", context, status=status)
