"""Earlier uploads of an experiment: let one count again, or remove it with its content."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from backlog.permissions import get_for
from backlog.views.asking import SignedIn
from experiments.flows import earlier_uploads
from experiments.models import Intake
from experiments.views.status import JOINED_OF, tab_page


@require_POST
def intake_again(request: SignedIn, pk: int, intake: int) -> HttpResponse:
    """Data that was replaced counts once more, and an analysis follows."""
    taken = get_for(
        request.user,
        "experiments.add_observation",
        Intake,
        join=JOINED_OF,
        pk=intake,
        experiment_id=pk,
    )
    earlier_uploads.count_again(taken, by=request.user)
    messages.success(request, f"“{taken}” counts again.")
    return redirect("experiments:experiment_data", pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
def intake_remove(request: SignedIn, pk: int, intake: int) -> HttpResponse:
    """Say what will be gone, then remove it."""
    taken = get_for(
        request.user,
        "experiments.view_experiment",
        Intake,
        join=(*JOINED_OF, "by"),
        pk=intake,
        experiment_id=pk,
    )
    earlier_uploads.require_may_remove(taken, request.user)
    if request.method == "POST":
        name, counts = str(taken), earlier_uploads.counts_now(taken)
        earlier_uploads.remove(taken, by=request.user)
        what = "The content of" if counts else "The upload"
        messages.success(request, f"{what} “{name}” is removed.")
        return redirect("experiments:experiment_data", pk=pk)
    context = {
        "intake": taken,
        "counts_now": earlier_uploads.counts_now(taken),
        "next_step": None,
    }
    template = "experiments/intake_remove.html"
    return tab_page(request, template, taken.experiment, "data", context)
