"""One experiment: the Plan tab, its moves, its history."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from backlog.htmx import render
from backlog.models import Event
from backlog.permissions import get_for
from backlog.views.asking import SignedIn
from experiments.flows import moves
from experiments.flows.guards import LAUNCH_CHECKS
from experiments.flows.health.quality import quality_of
from experiments.flows.sealing import DECISION_RULE
from experiments.models import Experiment
from experiments.views.calculator import calculator, sizing_of_plan
from experiments.views.past_record import past_record
from experiments.views.ready import to_do
from experiments.views.status import JOINED, tab_page
from experiments.views.wording import metric_rows, mixed_arms, rules_of, shares_of


@require_safe
def experiment_detail(request: SignedIn, pk: int) -> HttpResponse:
    """The plan: what is missing for launch, or the sealed plan with its fingerprint."""
    user = request.user
    experiment = get_for(user, "experiments.view_experiment", Experiment, join=JOINED, pk=pk)
    if experiment.is_imported:
        return past_record(request, experiment)
    missing = [] if experiment.is_sealed else moves.missing_for_launch(experiment, user)
    context = {
        "missing": to_do(experiment, missing),
        "there_text": f"{len(LAUNCH_CHECKS) - len(missing)} of {len(LAUNCH_CHECKS)} done",
        "waivers": experiment.waivers_given,
        "arms": shares_of(experiment),
        "metrics": metric_rows(experiment),
        "rules": rules_of(experiment),
        "mixed": mixed_arms(experiment),
        "calculator": calculator(sizing_of_plan(experiment)),
        "decision_rule": experiment.plan_at_launch.decision_rule or DECISION_RULE,
        **_sealed_of(experiment),
    }
    return tab_page(request, "experiments/experiment_detail.html", experiment, "plan", context)


def _sealed_of(experiment: Experiment) -> dict[str, Any]:
    """The seal’s place in the chain, what was amended since, and how well it was run."""
    if not experiment.is_sealed:
        return {"quality": quality_of(experiment, ())}
    amendments = list(experiment.amendments.select_related("by"))
    return {
        "quality": quality_of(experiment, amendments),
        "seal": experiment.seals.filter(kind="plan").first(),
        "amendments": amendments,
        "after_look": sum(row.is_after_first_look for row in amendments),
    }


@require_http_methods(["GET", "HEAD", "POST"])
def experiment_move(request: SignedIn, pk: int, transition: str) -> HttpResponse:
    """Make a move; a GET asks first, and says what the move does."""
    user = request.user
    if transition not in moves.MOVES_BY_HAND:
        raise Http404
    row = moves.EXPERIMENT_MOVES[transition]
    experiment = get_for(user, row.permission, Experiment, join=JOINED, pk=pk)
    if request.method == "POST":
        seen, reason = request.POST.get("seen", ""), request.POST.get("reason", "")[:1000]
        moves.move_experiment(experiment, transition, by=user, seen=seen, reason=reason)
        messages.success(request, f"{experiment.key} is {experiment.get_state_display().lower()}.")
        return redirect(experiment)
    context = {
        "experiment": experiment,
        "transition": row,
        "why_not": moves.why_not(experiment, transition, user),
        "missing": to_do(experiment, moves.missing_for_launch(experiment, user))
        if transition == "launch"
        else [],
    }
    return render(request, "experiments/experiment_move.html", context)


@require_safe
def experiment_activity(request: SignedIn, pk: int) -> HttpResponse:
    """Everything that happened to it."""
    user = request.user
    experiment = get_for(user, "experiments.view_experiment", Experiment, join=JOINED, pk=pk)
    context = {"events": Event.objects.about(experiment)[:200]}
    template = "experiments/experiment_activity.html"
    return tab_page(request, template, experiment, "activity", context)
