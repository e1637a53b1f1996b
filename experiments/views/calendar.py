"""The quarter on a timeline, and the form that moves an experiment in it."""

import datetime as dt
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from backlog.forms.refusing import refusals_in
from backlog.models import Objective, Pod, Quarter, User
from backlog.permissions import get_for
from backlog.templatetags.figures import signed_percent
from backlog.templatetags.states import EXPERIMENTS
from backlog.views.asking import SignedIn
from backlog.views.saving import saving
from experiments.flows.scheduling import change_dates
from experiments.flows.sealing import sizing_of
from experiments.forms.dates import DatesForm
from experiments.models import Experiment
from experiments.quarter.timeline import Timeline, timeline_of


@require_safe
def calendar(request: SignedIn) -> HttpResponse:
    """One quarter: lanes by pod, objectives above, what is not placed yet beside it."""
    user = request.user
    quarters = list(Quarter.objects.order_by("starts_on"))
    quarter = _chosen(quarters, request.GET.get("quarter", ""))
    if quarter is None:
        return render(request, "experiments/calendar.html", {"quarter": None})
    index = quarters.index(quarter)
    line = timeline_of(quarter.starts_on, quarter.ends_on, today=timezone.localdate())
    mine = Experiment.objects.visible_to(user).exclude(state="cancelled").for_list()
    placed = list(mine.touching(line.starts_on, line.ends_on).order_by("starts_on", "pk"))
    context = {
        "quarter": quarter,
        "earlier": quarters[index - 1] if index else None,
        "later": quarters[index + 1] if index + 1 < len(quarters) else None,
        "line": line,
        "lanes": _lanes(Pod.objects.visible_to(user), placed, line),
        "objectives": _objectives(quarter, user, placed),
        "unplaced": mine.filter(starts_on=None, state__in=("draft", "planned")),
        "weeks": _by_week(placed, line),
    }
    return render(request, "experiments/calendar.html", context)


def _chosen(quarters: list[Quarter], name: str) -> Quarter | None:
    """The quarter asked for by name, else the present one, else the newest."""
    chosen = next((quarter for quarter in quarters if quarter.name == name), None)
    current = next((quarter for quarter in quarters if quarter.is_current), None)
    return chosen or current or (quarters[-1] if quarters else None)


def _lanes(pods: Any, placed: list[Experiment], line: Timeline) -> list[dict[str, Any]]:
    return [
        {
            "pod": pod,
            "bars": [
                {
                    "experiment": experiment,
                    "span": span,
                    "tail": tail_of(experiment),
                    "look": look_of(experiment),
                }
                for experiment in placed
                if experiment.pod_id == pod.pk and (span := _span(line, experiment))
            ],
        }
        for pod in pods
    ]


def _span(line: Timeline, experiment: Experiment) -> Any:
    if experiment.starts_on and experiment.ends_on:
        return line.span(experiment.starts_on, experiment.ends_on)
    return None


def tail_of(experiment: Experiment) -> str:
    """The few words at the end of a bar: a lift, a day count, or what to do."""
    if experiment.status == "analysing":
        return "decide"
    if experiment.status in ("won", "lost", "flat"):
        analysis = experiment.decision.analysis
        headline = analysis.headline if analysis else None
        return signed_percent(headline["lift"]) if headline and headline["lift"] else ""
    if experiment.state == "running" and experiment.is_over:
        return f"results open {experiment.outcomes_open_on:%-d %b}"
    if experiment.state == "running" and experiment.starts_on and experiment.ends_on:
        day = (timezone.localdate() - experiment.starts_on).days + 1
        length = (experiment.ends_on - experiment.starts_on).days
        return f"day {day} of {length}" if day > 0 else "starts soon"
    return str(experiment.get_state_display()).lower()


def look_of(experiment: Experiment) -> dict[str, str]:
    """Shape, word and edge of a bar; drafts are drawn as planned ones."""
    look = EXPERIMENTS[experiment.status]
    edge = {"draft": "planned", "analysing": "decide", "decided": "stopped", "closed": "stopped"}
    return {
        "shape": look.shape,
        "word": look.word,
        "edge": edge.get(experiment.status, experiment.status),
    }


def _objectives(
    quarter: Quarter, user: User, placed: list[Experiment]
) -> list[tuple[Objective, list[dict[str, str]]]]:
    """Each objective of the quarter with the looks of the tests that serve it."""
    objectives = quarter.objectives.visible_to(user)
    return [
        (goal, [look_of(e) for e in placed if e.objective_id == goal.pk]) for goal in objectives
    ]


def _by_week(placed: list[Experiment], line: Timeline) -> list[dict[str, Any]]:
    """The list for phones and screen readers: experiments under the week in which they start."""
    weeks = []
    for week in line.weeks:
        until = week.starts_on + dt.timedelta(days=7)
        starting = [
            e for e in placed
            if e.starts_on and (week.starts_on <= max(e.starts_on, line.starts_on) < until)
        ]  # fmt: skip
        if starting:
            rows = [{"experiment": e, "look": look_of(e)} for e in starting]
            weeks.append({"week": week, "rows": rows})
    return weeks


@require_http_methods(["GET", "HEAD", "POST"])
def experiment_dates(request: SignedIn, pk: int) -> HttpResponse:
    """Place it, or move it; after the launch with a reason."""
    user = request.user
    experiment = get_for(user, "experiments.change_experiment", Experiment, pk=pk)
    form = DatesForm(request.POST or None, experiment=experiment)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form), saving(request, form, experiment) as held:
            change_dates(held, by=user, **form.cleaned_data)
            messages.success(request, f"{experiment.key} is on the calendar now.")
            return redirect("experiments:experiment_detail", pk=pk)
    return render(
        request,
        "experiments/experiment_dates.html",
        {"experiment": experiment, "form": form, "sizing": sizing_of(experiment)},
        status=422 if form.errors else 200,
    )
