"""The same list in two more forms: the board by status, and the map of Impact × Ease."""

from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from backlog.filters import STATUS_IS
from backlog.htmx import render
from backlog.idea_map import Dot, field_of, marks_of, radius
from backlog.models import ListedIdea
from backlog.orders import BY_ICE
from backlog.paging import PAGE, page_of
from backlog.templatetags import states
from backlog.templatetags.figures import number
from backlog.views.asking import SignedIn
from backlog.views.listing import Listing
from backlog.views.rows import progress_of

# Status → its word, what a card that is put there goes through.
LANES = {
    "new": ("New", "reopen"),
    "in_round": ("In round", "round"),
    "scored": ("Scored", "reopen"),
    "promoted": ("Promoted", "promote"),
    "snoozed": ("Snoozed", "snooze"),
}
MAPPED = 150


@require_safe
def idea_board(request: SignedIn) -> HttpResponse:
    """A column for each status, best first. Rejected and duplicate ideas are only in the table."""
    listing = Listing(request, "idea_board", any_status=True)
    lanes = [_lane(listing, name, word, step) for name, (word, step) in LANES.items()]
    ideas = [idea for lane in lanes for idea in lane["ideas"]]
    context, progress = listing.context(), progress_of(ideas)
    for lane in lanes:
        lane["cards"] = [
            _card(idea, progress.get(idea.pk, ""), listing.formula) for idea in lane.pop("ideas")
        ]
    return render(request, "backlog/idea_board.html", {**context, "lanes": lanes})


def _lane(listing: Listing, name: str, word: str, step: str) -> dict[str, Any]:
    page = page_of(listing.ideas.filter(STATUS_IS[name]), sort=BY_ICE, after="")
    count = f"{PAGE}+" if page.after else str(len(page.ideas))
    table = f"{reverse('backlog:idea_list')}?status={name}"
    return {"name": name, "word": word, "step": step, "ideas": page.ideas, "count": count,
            "more": table if page.after else ""}  # fmt: skip


def _card(idea: ListedIdea, progress: str, formula: str) -> dict[str, Any]:
    return {
        "pk": idea.pk,
        "key": idea.key,
        "title": idea.title,
        "state": idea.state,
        "under": f"{progress} have scored" if progress else idea.pod__name,
        "ice": states.ice(idea, formula) if progress or idea.ice is not None else "",
    }


@require_safe
def idea_map(request: SignedIn) -> HttpResponse:
    """The best scored ideas as dots. Ideas in a round have no visible scores to draw."""
    listing = Listing(request, "idea_map")
    page = page_of(listing.ideas.exclude(impact=None), sort=BY_ICE, after="", rows=MAPPED)
    dots = [
        Dot(idea.pk, idea.title, idea.impact, idea.confidence, idea.ease)
        for idea in page.ideas
        if idea.impact is not None and idea.confidence is not None and idea.ease is not None
    ]
    field = field_of(dots)
    context = listing.context()
    chosen = request.GET.get("idea", "")
    context |= {
        "ideas": page.ideas,
        "more": page.after,
        "marks": [_drawn(mark) for mark in marks_of(dots, field)],
        "chosen": next((idea for idea in page.ideas if str(idea.pk) == chosen), None),
        "sizes": [(score, f"{radius(score):.1f}") for score in (4, 6, 8)],
        **_frame(field),
    }
    return render(request, "backlog/idea_map.html", context)


def _drawn(mark: Any) -> dict[str, Any]:
    dot = mark.dot
    sides = f"Impact {number(dot.impact, 1)}, Ease {number(dot.ease, 1)}"
    return {
        "pk": dot.pk, "title": dot.title, "label": mark.label, "anchor": mark.anchor,
        "says": f"{dot.title}: {sides}, Confidence {number(dot.confidence, 1)}",
        "x": f"{mark.x:.2f}", "y": f"{mark.y:.1f}", "r": f"{mark.r:.1f}",
        "dx": f"{mark.dx:.1f}", "dy": f"{mark.dy:.1f}",
    }  # fmt: skip


def _frame(field: Any) -> dict[str, Any]:
    """Grid, and lines that join what has the same Impact + Ease."""
    low, middle = field.low, field.middle
    lines = [(low, low + 2 * (10 - low) / 3), (low, 10.0), (low + (10 - low) / 3, 10.0)]
    return {
        "low": low,
        "rows": [
            (tick, f"{field.y(tick):.1f}", f"{field.y(tick) + 4:.1f}") for tick in field.ticks
        ],
        "columns": [(tick, f"{field.x(tick):.2f}") for tick in field.ticks],
        "middle": (f"{field.x(middle):.2f}", f"{field.y(middle):.1f}"),
        "lines": [
            (f"{field.x(a):.2f}", f"{field.y(b):.1f}", f"{field.x(b):.2f}", f"{field.y(a):.1f}")
            for a, b in lines
        ],
    }
