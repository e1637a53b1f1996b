"""The list of experiments."""

from django.db.models import F
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from backlog.views.asking import SignedIn, chosen_pod_id
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
def experiment_list(request: SignedIn) -> HttpResponse:
    """What runs, what is planned, what was decided; newest first."""
    tab = request.GET.get("show", "now")
    states = TABS.get(tab, TABS["now"])[1]
    mine = Experiment.objects.visible_to(request.user).for_list()
    if pod := chosen_pod_id(request):
        mine = mine.filter(pod_id=pod)
    context = {
        "experiments": mine.filter(state__in=states).order_by(
            F("starts_on").desc(nulls_last=True), "-number"
        )[:SHOWN],
        "tabs": [(name, title) for name, (title, _) in TABS.items()],
        "tab": tab if tab in TABS else "now",
        "shown": SHOWN,
    }
    return render(request, "experiments/experiment_list.html", context)
