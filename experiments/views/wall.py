"""The calendar on the screen of a room: no controls, large type, and it updates itself."""

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from backlog.htmx import asks_for, nothing_new, render
from backlog.models import Quarter
from backlog.views.asking import SignedIn
from backlog.views.progress import polled
from experiments.views.quarter.page import newest_change
from experiments.views.quarter.wall import mark_of, wall_page
from experiments.views.quarter.window import window_of

TEMPLATE = "experiments/calendar_wall.html"


@require_safe
def calendar_wall(request: SignedIn) -> HttpResponse:
    """The page; its part is asked for every ten seconds and sent only where something changed."""
    seen = request.GET.get("seen", "")
    if asks_for(request, "wall") and seen and seen == mark_of(newest_change(request.user)):
        return nothing_new()
    quarters = list(Quarter.objects.order_by("starts_on").select_related("holdout"))
    window = window_of(request.GET, quarters)
    wall = wall_page(window, request.user) if window else None
    context = {"wall": wall, "window": window, "page": wall.page if wall else None}
    return polled(request, render(request, TEMPLATE, context, partials={"wall"}))
