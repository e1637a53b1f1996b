"""Plan my quarter: ask for a proposal, watch it, look at it, accept it, hold two against each other."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backlog.forms.refusing import refusals_in
from backlog.htmx import render
from backlog.models import Pod, Quarter
from backlog.permissions import get_for
from backlog.views.asking import SignedIn
from backlog.views.progress import polled
from experiments.flows.quarter.scenarios import (
    accept,
    discard,
    leave_out,
    start_scenario,
    stop_scenario,
)
from experiments.forms.scenarios import ScenarioForm
from experiments.models import Scenario, ScenarioRow
from experiments.views.quarter.comparison import comparison_of
from experiments.views.quarter.proposal import gap_words, proposal_page

DETAIL = "experiments/scenario_detail.html"

MOST_DIGITS = 18  # of an id


@require_http_methods(["GET", "HEAD", "POST"])
def scenario_list(request: SignedIn, pk: int) -> HttpResponse:
    """Proposals for a quarter, and the form that asks for another."""
    user = request.user
    quarter = get_for(user, "backlog.view_quarter", Quarter, pk=pk)
    may_plan = Pod.objects.led_by(user).exists()
    rows = quarter.scenarios.visible_to(user).exclude(state=Scenario.State.DISCARDED)
    number = quarter.scenarios.count() + 1
    form = ScenarioForm(request.POST or None, by=user, quarter=quarter, number=number)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            values = {name: form.cleaned_data[name] for name in ("pod", "name")}
            made = start_scenario(by=user, quarter=quarter, limits=form.limits(), **values)
            return redirect(made)
    context = {
        "quarter": quarter, "rows": rows.select_related("by", "pod"), "form": form,
        "may_plan": may_plan,
    }  # fmt: skip
    status = 422 if form.errors else 200
    return render(request, "experiments/scenario_list.html", context, status=status)


@require_safe
def scenario_detail(request: SignedIn, pk: int) -> HttpResponse:
    """How far it is, then what it proposes."""
    scenario = _seen(request, pk)
    is_ready = scenario.state in (Scenario.State.SOLVED, Scenario.State.DISCARDED)
    page = proposal_page(scenario, request.user, request.GET.get("row", "")) if is_ready else None
    context = {"scenario": scenario, "page": page, "gap": gap_words(scenario.progress)}
    response = render(request, DETAIL, context, partials={"proposal"})
    return polled(request, response)


def _seen(request: SignedIn, pk: int) -> Scenario:
    join = ("quarter__holdout", "pod", "by")
    return get_for(request.user, "experiments.view_scenario", Scenario, join=join, pk=pk)


@require_POST
def scenario_accept(request: SignedIn, pk: int) -> HttpResponse:
    """Place one test as proposed, or all that are open."""
    scenario = _seen(request, pk)
    named = request.POST.getlist("test")
    tests = (
        [int(one) for one in named if one.isdecimal() and len(one) <= MOST_DIGITS]
        if named
        else None
    )
    placed, refused = accept(scenario, by=request.user, tests=tests)
    if placed:
        count = len(placed)
        words = placed[0].title if count == 1 else f"{count} experiments"
        verb = "is" if count == 1 else "are"
        messages.success(request, f"{words} {verb} on the calendar now.")
    for sentence in refused:
        messages.warning(request, sentence)
    return redirect(scenario)


@require_POST
def scenario_leave(request: SignedIn, pk: int, row: int) -> HttpResponse:
    """Leave one test out by hand, or take it in again."""
    scenario = _seen(request, pk)
    rows = ScenarioRow.objects.select_related("scenario__pod")
    one = get_for(request.user, "experiments.view_scenario", rows, pk=row, scenario=scenario)
    leave_out(one, by=request.user, is_out="again" not in request.POST)
    return redirect(scenario)


@require_POST
def scenario_stop(request: SignedIn, pk: int) -> HttpResponse:
    """End the search with the best so far."""
    scenario = _seen(request, pk)
    stop_scenario(scenario, by=request.user)
    return redirect(scenario)


@require_POST
def scenario_discard(request: SignedIn, pk: int) -> HttpResponse:
    """Put it away."""
    scenario = _seen(request, pk)
    discard(scenario, by=request.user)
    messages.success(request, f"“{scenario}” is discarded.")
    return redirect("experiments:scenario_list", pk=scenario.quarter_id)


@require_safe
def scenario_compare(request: SignedIn, pk: int) -> HttpResponse:
    """Two proposals of a quarter side by side."""
    quarter = get_for(request.user, "backlog.view_quarter", Quarter, pk=pk)
    solved = quarter.scenarios.visible_to(request.user).filter(state=Scenario.State.SOLVED)
    rows = list(solved.select_related("quarter__holdout", "pod"))
    table = comparison_of(rows, request.GET.get("a", ""), request.GET.get("b", ""), by=request.user)
    context = {
        "quarter": quarter,
        "rows": rows,
        "table": table,
        "sides": [("a", table.first), ("b", table.second)] if table else [],
        "back": reverse("experiments:scenario_list", args=[quarter.pk]),
    }
    return render(request, "experiments/scenario_compare.html", context)
