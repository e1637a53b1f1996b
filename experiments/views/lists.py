"""The list of experiments."""

from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from backlog.models import User
from experiments.models import Experiment

SHOWN = 100
# The tabs of the list: which states each holds.
TABS: dict[str, tuple[str, tuple[str, ...]]] = {
    "now": ("Now", ("running", "analysing")),
    "planned": ("Planned", ("draft", "planned")),
    "decided": ("Decided", ("decided", "closed")),
    "cancelled": ("Cancelled", ("cancelled",)),
}


@require_safe
def experiment_list(request: HttpRequest) -> HttpResponse:
    """What runs, what is planned, what was decided; newest first."""
    user = cast(User, request.user)
    tab = request.GET.get("show", "now")
    states = TABS.get(tab, TABS["now"])[1]
    mine = Experiment.objects.visible_to(user).for_list()
    if pod := request.session.get("pod"):
        mine = mine.filter(pod_id=pod)
    context = {
        "experiments": mine.filter(state__in=states).order_by("-starts_on", "-number")[:SHOWN],
        "tabs": [(name, title) for name, (title, _) in TABS.items()],
        "tab": tab if tab in TABS else "now",
        "shown": SHOWN,
    }
    return render(request, "experiments/experiment_list.html", context)
