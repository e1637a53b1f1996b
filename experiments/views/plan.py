"""From an idea to an experiment: its plan, and the live calculator beside it."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from backlog.flows.moves import IDEA_MOVES
from backlog.flows.transitions import refusal
from backlog.htmx import render
from backlog.known import known_about
from backlog.models import Idea
from backlog.permissions import get_for
from backlog.refusals import Refused
from backlog.views.asking import SignedIn
from backlog.views.repeating import counts_once
from backlog.views.saving import saving
from experiments.flows import promotion
from experiments.flows.sealing import DECISION_RULE
from experiments.forms.plan import PlanForms
from experiments.models import Experiment, Metric, PlanTemplate
from experiments.views.calculator import calculator, sizing_of_form, sizing_of_plan
from experiments.views.dates_offered import Offer, dates_offered


@dataclass(frozen=True)
class PlanPage:
    """What the page of a plan shows, for an idea that is promoted or a plan that is changed."""

    plan: PlanForms
    source: Idea | Experiment
    calculator: dict[str, Any]
    metrics_known: list[tuple[Metric, dict[str, str] | None]]
    dates: list[Offer]
    templates: list[PlanTemplate]
    begun_with: PlanTemplate | None
    why_not: str | None
    decision_rule: str = DECISION_RULE


def plan_page(
    request: SignedIn, source: Idea | Experiment, plan: PlanForms | None = None
) -> PlanPage:
    """The page as it is asked for; `plan` are the forms that were judged and not taken."""
    templates, begun_with = [], None
    if isinstance(source, Idea):
        templates = list(PlanTemplate.objects.open_to(source.pod))
        begun_with = _begun_with(templates, request.GET.get("template", ""))
    measured = plan
    if plan is None and request.method == "POST":
        plan = PlanForms.typed(request.POST, source=source, by=request.user)
        measured = PlanForms.bound(request.POST, source=source)
    elif plan is None:
        plan = PlanForms.empty(source=source, by=request.user, template=begun_with)
    if measured is None and isinstance(source, Experiment):
        shown = calculator(sizing_of_plan(source))
    else:
        shown = calculator(sizing_of_form(measured or plan))
    dates = []
    if isinstance(source, Idea):
        weeks = begun_with.weeks if begun_with else None
        dates = dates_offered(source.pod, shown, weeks, segment=plan.segment, by=request.user)
    return PlanPage(
        plan=plan,
        source=source,
        calculator=shown,
        metrics_known=[(row, plan.offers.get(name)) for name, row in plan.known.items()],
        dates=dates,
        templates=templates,
        begun_with=begun_with,
        why_not=refusal(source, IDEA_MOVES["promote"], {"pod": source.pod})
        if isinstance(source, Idea)
        else None,
    )


def _begun_with(templates: list[PlanTemplate], chosen: str) -> PlanTemplate | None:
    return next((each for each in templates if str(each.pk) == chosen), None)


@require_http_methods(["GET", "HEAD", "POST"])
@counts_once
def idea_promote(request: SignedIn, pk: int) -> HttpResponse:
    """One page from idea to experiment; a second click lands on the existing experiment."""
    idea = get_for(request.user, "backlog.promote_idea", Idea, join=("pod",), pk=pk)
    is_promoted = idea.state == Idea.State.PROMOTED
    present = idea.experiments.exclude(state="cancelled").first() if is_promoted else None
    if present:
        messages.info(request, f"{idea.key} was already promoted to {present.key}.")
        return redirect(present)
    plan = _sent(request, idea)
    if plan and plan.is_valid():
        try:
            made = promotion.promote(idea, by=request.user, **plan.fields())
        except (Refused, ValidationError) as no:
            plan.refuse(no)
        else:
            messages.success(request, f"{made.key} is a draft now.")
            return redirect(made)
    known = known_about(request.user, idea)
    context = {**vars(plan_page(request, idea, plan)), "idea": idea, "known_before": known}
    status = 422 if plan else 200
    return render(request, "experiments/idea_promote.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def experiment_edit(request: SignedIn, pk: int) -> HttpResponse:
    """Change a plan that is not sealed; nothing typed is lost when somebody was quicker."""
    experiment = _to_change(request, pk)
    if experiment.is_imported:
        return redirect(experiment)
    plan = _sent(request, experiment)
    if plan and plan.is_valid():
        try:
            with saving(request, plan.form, experiment) as held:
                promotion.change_plan(held, by=request.user, **plan.fields())
        except (Refused, ValidationError) as no:
            plan.refuse(no)
        else:
            messages.success(request, "The plan is saved.")
            return redirect(experiment)
        experiment = _to_change(request, pk)
    context = {**vars(plan_page(request, experiment, plan)), "experiment": experiment}
    status = 422 if plan else 200
    return render(request, "experiments/experiment_edit.html", context, status=status)


def _to_change(request: SignedIn, pk: int) -> Experiment:
    permission = "experiments.change_experiment"
    return get_for(request.user, permission, Experiment, join=("pod", "idea"), pk=pk)


def _sent(request: SignedIn, source: Idea | Experiment) -> PlanForms | None:
    """The forms to be saved; None for the plain buttons that ask for a row or for the calculator."""
    if request.method != "POST" or {"more", "look", "take"} & request.POST.keys():
        return None
    return PlanForms.bound(request.POST, source=source, by=request.user)


@require_POST
def plan_size(request: SignedIn, pk: int) -> HttpResponse:
    """The calculator's part, from a form that may be half filled; `pk` is the idea's.

    While an idea is promoted, the dates that are offered become as long as the calculator says.
    """
    idea = get_for(request.user, "backlog.view_idea", Idea, join=("pod",), pk=pk)
    plan = PlanForms.bound(request.POST, source=idea)
    sizes = calculator(sizing_of_form(plan))
    dates = []
    if idea.state != Idea.State.PROMOTED:
        known = list(PlanTemplate.objects.open_to(idea.pod))
        begun_with = _begun_with(known, request.POST.get("template", ""))
        weeks = begun_with.weeks if begun_with else None
        dates = dates_offered(idea.pod, sizes, weeks, segment=plan.segment, by=request.user)
    context = {"calculator": sizes, "idea": idea, "dates": dates}
    return render(request, "experiments/plan_size.html", context, partials={"calculator"})
