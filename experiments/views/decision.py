"""Record the decision on the latest reading."""

from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from backlog.forms.refusing import refusals_in
from backlog.models import User
from backlog.permissions import get_for
from experiments.flows.deciding import decide
from experiments.flows.seeing import see
from experiments.forms.decision import DecisionForm
from experiments.models import Decision, Experiment
from experiments.views.figures import reasons_of
from experiments.views.standing import JOINED, tab_page


@require_http_methods(["GET", "HEAD", "POST"])
def experiment_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """The recommendation of the sealed rule beside the choices; or the decision, once made."""
    user = cast(User, request.user)
    needed = "decide_experiment" if request.method == "POST" else "view_experiment"
    experiment = get_for(user, f"experiments.{needed}", Experiment, join=JOINED, pk=pk)
    form = DecisionForm(request.POST or None, experiment=experiment, by=user)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            made = decide(experiment, by=user, **form.cleaned_data)
            messages.success(request, f"Decided: {made.get_choice_display().lower()}.")
            return redirect("experiments:postmortem_detail", pk=pk)
    analysis = experiment.latest_analysis
    seen = see(analysis, user) if analysis else None
    decision = getattr(experiment, "decision", None)
    recommended = decision.recommended if decision else form.recommended
    context = {
        "form": form,
        "analysis": analysis,
        "reasons": reasons_of(seen.result) if seen else [],
        "recommended": dict(Decision.Choice.choices).get(recommended, ""),
        "decision": decision,
        "may_decide": experiment.state in ("running", "analysing") and analysis is not None,
    }
    template = "experiments/experiment_decide.html"
    status = 422 if form.errors else 200
    return tab_page(request, template, experiment, "decision", context, status=status)
