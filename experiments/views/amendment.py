"""Amend a sealed plan: what may change, and a reason."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from backlog.forms.refusing import refusals_in
from backlog.permissions import get_for
from backlog.refusals import Refused
from backlog.views.asking import SignedIn
from backlog.views.repeating import counts_once
from backlog.views.saving import saving
from experiments.flows.amending import AMENDABLE_STATES, amend, has_been_looked_at
from experiments.forms.amendment import AmendForm
from experiments.models import Experiment


@require_http_methods(["GET", "HEAD", "POST"])
@counts_once
def experiment_amend(request: SignedIn, pk: int) -> HttpResponse:
    """Dated, with a reason, marked as before or after the first look."""
    experiment = get_for(
        request.user, "experiments.change_experiment", Experiment, join=("pod",), pk=pk
    )
    if experiment.is_imported:
        return redirect(experiment)
    if not experiment.is_sealed:
        return redirect("experiments:experiment_edit", pk=pk)
    if experiment.state not in AMENDABLE_STATES:
        raise Refused(f"{experiment.key} is decided, so its plan can’t be amended any more.")
    form = AmendForm(request.POST or None, experiment=experiment)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form), saving(request, form, experiment) as held:
            reason = form.cleaned_data["reason"]
            amend(held, by=request.user, reason=reason, **form.changes(held))
            messages.success(request, f"The plan of {experiment.key} was amended.")
            return redirect(experiment)
    context = {
        "experiment": experiment,
        "form": form,
        "is_looked_at": has_been_looked_at(experiment),
    }
    status = 422 if form.errors else 200
    return render(request, "experiments/experiment_amend.html", context, status=status)
