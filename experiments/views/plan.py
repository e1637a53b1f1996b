"""From an idea to an experiment: its plan, the live calculator, its moves, its history."""

from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backlog.flows.transitions import refusal
from backlog.htmx import render
from backlog.models import Event, Idea, User
from backlog.permissions import get_for
from backlog.refusals import Refused
from experiments.flows import moves, promotion
from experiments.flows.sealing import DECISION_RULE, sizing_of
from experiments.forms.plan import Plan
from experiments.models import Experiment, Metric
from experiments.sizing import size_of


@require_http_methods(["GET", "POST"])
def idea_promote(request: HttpRequest, pk: int) -> HttpResponse:
    """One page from idea to experiment; a second click lands on the experiment that is there."""
    user = cast(User, request.user)
    idea = get_for(user, "backlog.promote_idea", Idea, pk=pk)
    there = idea.experiments.exclude(state="cancelled").first()
    if there:
        messages.info(request, f"{idea.key} is promoted already: this is {there.key}.")
        return redirect(there)
    plan = Plan(request.POST or None, source=idea)
    if request.method == "POST" and plan.is_valid():
        fields = plan.fields()
        fields.pop("version", None)
        try:
            made = promotion.promote(idea, by=user, hypothesis=hypothesis_of(idea), **fields)
        except (Refused, ValidationError) as no:
            refuse(plan, no)
        else:
            messages.success(request, f"{made.key} is drafted.")
            return redirect(made)
    return _plan_page(request, "experiments/idea_promote.html", plan, idea, idea=idea)


@require_http_methods(["GET", "POST"])
def experiment_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a plan that is not sealed; nothing typed is lost when somebody was quicker."""
    user = cast(User, request.user)
    experiment = get_for(user, "experiments.change_experiment", Experiment, pk=pk)
    plan = Plan(request.POST or None, source=experiment)
    if request.method == "POST" and plan.is_valid():
        try:
            promotion.change_plan(experiment, by=user, **plan.fields())
        except (Refused, ValidationError) as no:
            refuse(plan, no)
        else:
            messages.success(request, "The plan is saved.")
            return redirect(experiment)
    return _plan_page(
        request, "experiments/experiment_edit.html", plan, experiment, experiment=experiment
    )


def _plan_page(
    request: HttpRequest, template: str, plan: Plan, source: Idea | Experiment, **context: Any
) -> HttpResponse:
    failed = request.method == "POST"
    context |= {
        "plan": plan,
        "source": source,
        "metrics_known": Metric.objects.open_to(source.pod),
        "calculated": calculated(plan) if failed else None,
        "decision_rule": DECISION_RULE,
    }
    if isinstance(source, Experiment) and not failed:
        context["calculated"] = {"sizing": sizing_of(source), "primary": source.primary}
    return render(request, template, context, status=422 if failed else 200)


def hypothesis_of(idea: Idea) -> str:
    """The idea's hypothesis as one sentence, with what is missing left out."""
    words = ("Because we saw", "we believe that", "for", "will move", "by")
    parts = zip(words, idea.hypothesis.values(), strict=True)
    sentence = " ".join(f"{word} {part.strip()}" for word, part in parts if part.strip())
    return f"{sentence[:1].upper()}{sentence[1:]}." if sentence else ""


def refuse(plan: Plan, no: Exception) -> None:
    """Say above the plan why it was not taken."""
    plan.form.add_error(None, no.messages if isinstance(no, ValidationError) else str(no))


@require_POST
def plan_size(request: HttpRequest, pk: int) -> HttpResponse:
    """The calculator's part, from a form that may be half filled; `pk` is the idea's."""
    idea = get_for(cast(User, request.user), "backlog.view_idea", Idea, pk=pk)
    plan = Plan(request.POST, source=idea)
    plan.is_valid()
    context = {"calculated": calculated(plan)}
    return render(request, "experiments/plan_size.html", context, partials={"calculator"})


def calculated(plan: Plan) -> dict[str, Any] | None:
    """Units, weeks and the curve, from whatever of the form can be read already."""
    rows = [row for row in plan.metrics.rows() if row.get("role") == "primary"]
    primary = rows[0] if rows else {}
    if not primary.get("baseline") or not primary.get("smallest_effect"):
        return None
    sizing = size_of(
        kind=primary["kind"],
        baseline=primary["baseline"],
        baseline_sd=primary.get("baseline_sd"),
        smallest_effect=primary["smallest_effect"],
        arms=max(2, len(plan.arms.rows())),
        units_per_week=plan.form.cleaned_data.get("units_per_week"),
    )
    return {"sizing": sizing, "primary": primary}


@require_safe
def experiment_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """The plan: what is missing for launch, or the sealed plan with its fingerprint."""
    user = cast(User, request.user)
    experiment = get_for(user, "experiments.view_experiment", Experiment, pk=pk)
    context = {
        "experiment": experiment,
        "tab": "plan",
        "moves": moves.open_moves(experiment, user),
        "missing": moves.missing_for_launch(experiment),
        "sizing": sizing_of(experiment),
        "decision_rule": DECISION_RULE,
        "amendments": Event.objects.about(experiment).filter(verb="amend"),
    }
    return render(request, "experiments/experiment_detail.html", context)


@require_http_methods(["GET", "POST"])
def experiment_move(request: HttpRequest, pk: int, transition: str) -> HttpResponse:
    """Make a move; a GET asks first, and says what the move does."""
    user = cast(User, request.user)
    if transition not in moves.MOVES_BY_HAND:
        raise Http404
    row = moves.EXPERIMENT_MOVES[transition]
    experiment = get_for(user, row.permission, Experiment, pk=pk)
    if request.method == "POST":
        seen, reason = request.POST.get("seen", ""), request.POST.get("reason", "")
        moves.move_experiment(experiment, transition, by=user, seen=seen, reason=reason)
        messages.success(request, f"{experiment.key} is {experiment.get_state_display().lower()}.")
        return redirect(experiment)
    why_not = refusal(experiment, row, {})
    context = {"experiment": experiment, "transition": row, "why_not": why_not}
    return render(request, "experiments/experiment_move.html", context)


@require_safe
def experiment_activity(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything that happened to it."""
    user = cast(User, request.user)
    experiment = get_for(user, "experiments.view_experiment", Experiment, pk=pk)
    context = {
        "experiment": experiment,
        "tab": "activity",
        "events": Event.objects.about(experiment)[:200],
    }
    return render(request, "experiments/experiment_activity.html", context)
