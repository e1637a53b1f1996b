"""From an idea to an experiment: its plan, and the live calculator beside it."""

from typing import Any, cast

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from backlog.flows.moves import IDEA_MOVES
from backlog.flows.transitions import refusal
from backlog.htmx import render
from backlog.models import Idea, User
from backlog.permissions import get_for
from backlog.refusals import Refused
from backlog.views.repeating import counts_once
from backlog.views.saving import saving
from experiments.flows import promotion
from experiments.flows.sealing import DECISION_RULE
from experiments.forms.plan import Plan
from experiments.models import Experiment, PlanTemplate
from experiments.views.calculator import asked_by_form, asked_by_plan, calculator
from experiments.views.dates_offered import dates_offered


@require_http_methods(["GET", "HEAD", "POST"])
@counts_once
def idea_promote(request: HttpRequest, pk: int) -> HttpResponse:
    """One page from idea to experiment; a second click lands on the experiment that is there."""
    user = cast(User, request.user)
    idea = get_for(user, "backlog.promote_idea", Idea, join=("pod",), pk=pk)
    there = idea.experiments.exclude(state="cancelled").first()
    if there:
        messages.info(request, f"{idea.key} is promoted already: this is {there.key}.")
        return redirect(there)
    templates = PlanTemplate.objects.open_to(idea.pod)
    chosen = request.GET.get("template", "")
    template = templates.filter(pk=chosen).first() if chosen.isdecimal() else None
    plan = _plan(request, idea, template)
    if _is_sent(request) and plan.is_valid():
        fields = plan.fields()
        try:
            made = promotion.promote(idea, by=user, hypothesis=hypothesis_of(idea), **fields)
        except (Refused, ValidationError) as no:
            refuse(plan, no)
        else:
            messages.success(request, f"{made.key} is drafted.")
            return redirect(made)
    why_not = refusal(idea, IDEA_MOVES["promote"], {})
    return _plan_page(
        request, "experiments/idea_promote.html", plan, idea, idea=idea, why_not=why_not,
        templates=templates, begun_with=template,
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
def experiment_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a plan that is not sealed; nothing typed is lost when somebody was quicker."""
    user = cast(User, request.user)
    experiment = get_for(
        user, "experiments.change_experiment", Experiment, join=("pod", "idea"), pk=pk
    )
    plan = _plan(request, experiment)
    if _is_sent(request) and plan.is_valid():
        try:
            with saving(request, plan.form, experiment) as held:
                promotion.change_plan(held, by=user, **plan.fields())
        except (Refused, ValidationError) as no:
            refuse(plan, no)
        else:
            messages.success(request, "The plan is saved.")
            return redirect(experiment)
        experiment = get_for(
            user, "experiments.change_experiment", Experiment, join=("pod", "idea"), pk=pk
        )
    template = "experiments/experiment_edit.html"
    return _plan_page(request, template, plan, experiment, experiment=experiment)


def _is_sent(request: HttpRequest) -> bool:
    """To be saved; not one of the plain buttons that ask for a row or for the calculator."""
    return request.method == "POST" and not {"more", "look", "take"} & request.POST.keys()


def _plan(
    request: HttpRequest, source: Idea | Experiment, template: PlanTemplate | None = None
) -> Plan:
    if _is_sent(request):
        return Plan(request.POST, source=source, by=cast(User, request.user))
    typed = request.POST if request.method == "POST" else None
    if typed is not None:
        template = None
    return Plan(source=source, typed=typed, by=cast(User, request.user), template=template)


def _plan_page(
    request: HttpRequest, template: str, plan: Plan, source: Idea | Experiment, **context: Any
) -> HttpResponse:
    if request.method == "POST":
        asked = asked_by_form(plan if _is_sent(request) else Plan(request.POST, source=source))
    else:
        asked = asked_by_plan(source) if isinstance(source, Experiment) else asked_by_form(plan)
    shown = calculator(asked)
    if isinstance(source, Idea):
        begun_with = context.get("begun_with")
        weeks = begun_with.weeks if begun_with else None
        context["dates"] = dates_offered(
            source.pod, shown, weeks, segment=plan.segment, by=cast(User, request.user)
        )
    context |= {
        "plan": plan,
        "source": source,
        "metrics_known": [(row, plan.offers.get(name)) for name, row in plan.known.items()],
        "calculator": shown,
        "decision_rule": DECISION_RULE,
    }
    return render(request, template, context, status=422 if _is_sent(request) else 200)


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
    asked = asked_by_form(Plan(request.POST, source=idea))
    context = {"calculator": calculator(asked), "idea": idea}
    return render(request, "experiments/plan_size.html", context, partials={"calculator"})
