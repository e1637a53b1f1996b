"""The decision on the latest reading: recorded, proposed and confirmed, passed on."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backlog.forms.refusing import refusals_in
from backlog.htmx import render
from backlog.models import User
from backlog.permissions import get_for
from backlog.views.asking import SignedIn
from experiments.flows.deciding import confirm, decide, may_confirm, withdraw
from experiments.flows.forwarding import AUDIENCES, send_decision
from experiments.flows.veil import note_look, readable, see
from experiments.forms.decision import DecisionForm
from experiments.models import Decision, Experiment, Proposal
from experiments.views.figures import reasons_of
from experiments.views.health import health_of
from experiments.views.scorecard import forest_groups
from experiments.views.status import JOINED, tab_page
from experiments.views.veil import veil_of
from experiments.views.wording import metric_rows, shares_of


@require_http_methods(["GET", "HEAD", "POST"])
def experiment_decide(request: SignedIn, pk: int) -> HttpResponse:
    """The recommendation of the sealed rule beside the choices; or the decision, once made."""
    user = request.user
    needed = "decide_experiment" if request.method == "POST" else "view_experiment"
    experiment = get_for(user, f"experiments.{needed}", Experiment, join=JOINED, pk=pk)
    form = DecisionForm(request.POST or None, experiment=experiment, by=user)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            made = decide(experiment, by=user, **form.cleaned_data)
            return _after(request, made, pk)
    template = "experiments/experiment_decide.html"
    status = 422 if form.errors else 200
    context = _context(experiment, user, form)
    return tab_page(request, template, experiment, "decision", context, status=status)


def _after(request: SignedIn, made: Decision | Proposal, pk: int) -> HttpResponse:
    choice = made.get_choice_display().lower()
    if isinstance(made, Proposal):
        messages.info(request, f"Proposed: {choice}. It takes effect once somebody confirms it.")
        return redirect("experiments:experiment_decide", pk=pk)
    messages.success(request, f"Decided: {choice}.")
    return redirect("experiments:postmortem_detail", pk=pk)


def _context(experiment: Experiment, user: User, form: DecisionForm) -> dict[str, Any]:
    analysis = experiment.deciding_analysis
    seen = see(analysis, user) if analysis else None
    latest = experiment.latest_analysis
    decision = getattr(experiment, "decision", None)
    proposal = Proposal.objects.filter(experiment=experiment).select_related("by").first()
    choices = dict(Decision.Choice.choices)
    recommended = decision.recommended if decision else form.recommended
    return {
        "form": form,
        "analysis": analysis,
        "newer": latest if latest and analysis and latest.pk != analysis.pk else None,
        "warnings": [
            check
            for check in (health_of(seen, experiment) if seen else [])
            if check["state"] == "warn"
        ],
        "veil": veil_of(experiment, analysis) if seen and seen.is_veiled and analysis else None,
        "reasons": reasons_of(seen.verdict) if seen else [],
        "recommended": choices.get(recommended, ""),
        "decision": decision,
        "proposal": proposal,
        "why_not_confirm": may_confirm(proposal, user) if proposal else None,
        "may_decide": experiment.is_undecided and analysis is not None,
        "audiences": AUDIENCES.items(),
    }


@require_POST
def decision_confirm(request: SignedIn, pk: int) -> HttpResponse:
    """A second person lets a departure take effect."""
    user = request.user
    experiment = get_for(user, "experiments.decide_experiment", Experiment, join=JOINED, pk=pk)
    return _after(request, confirm(experiment, by=user), pk)


@require_POST
def decision_withdraw(request: SignedIn, pk: int) -> HttpResponse:
    """What was proposed is taken back."""
    user = request.user
    experiment = get_for(user, "experiments.decide_experiment", Experiment, join=JOINED, pk=pk)
    withdraw(experiment, by=user)
    messages.info(request, "The proposal is withdrawn. Nothing is decided.")
    return redirect("experiments:experiment_decide", pk=pk)


@require_POST
def decision_send(request: SignedIn, pk: int) -> HttpResponse:
    """The decision by e-mail to those who were ticked."""
    user = request.user
    experiment = get_for(user, "experiments.decide_experiment", Experiment, join=JOINED, pk=pk)
    count = send_decision(experiment, by=user, audiences=request.POST.getlist("to"))
    people = "1 person" if count == 1 else f"{count} people"
    messages.success(request, f"The decision is on its way to {people}.")
    return redirect("experiments:experiment_decide", pk=pk)


@require_safe
def experiment_summary(request: SignedIn, pk: int) -> HttpResponse:
    """All of it on one page of A4, to print; behind the veil it holds no outcome."""
    user = request.user
    experiment = get_for(user, "experiments.view_experiment", Experiment, join=JOINED, pk=pk)
    if experiment.is_imported:
        return redirect(experiment)
    latest, shown = experiment.latest_analysis, readable(experiment)
    context: dict[str, Any] = {
        "experiment": experiment,
        "arms": shares_of(experiment),
        "metrics": metric_rows(experiment),
        "decision": getattr(experiment, "decision", None),
        "health": health_of(see(latest, user), experiment) if latest else [],
    }
    if shown:
        seen = see(shown, user)
        note_look(seen, user)
        groups = forest_groups(seen.in_codes)
        context |= {
            "analysis": shown,
            "verdict": seen.verdict,
            "reasons": reasons_of(seen.verdict)[:6],
            "forest": [group for group in groups if group["role"] != "secondary"] or groups,
        }
    return render(request, "experiments/experiment_summary.html", context)
