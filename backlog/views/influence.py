"""The HiPPO meter of a pod: do people influence scores?"""

from typing import NamedTuple

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from backlog.flows.influence import Influence, influence_in
from backlog.htmx import render
from backlog.influence import FEWEST_MOVES, FEWEST_PEOPLE, Pull
from backlog.models import Pod
from backlog.permissions import get_for
from backlog.views.asking import SignedIn


class Meter(NamedTuple):
    """A line of the meter: `share` and its range in per cent of the way, `x` … on an axis of 100."""

    label: str
    share: str
    could_be: str
    moves: str
    x: str
    low: str
    width: str


@require_safe
def pod_influence(request: SignedIn, pk: int) -> HttpResponse:
    pod = get_for(request.user, "backlog.view_pod", Pod, pk=pk)
    influence = influence_in(pod, request.user)
    lines = (
        ("toward the lead’s first score", influence.lead),
        ("toward the people asked to speak first", influence.speaker),
        ("toward the middle of the others", influence.middle),
    )
    context = {
        "pod": pod,
        "found": influence,
        "meters": [_meter(label, one) for label, one in lines if one],
        "sentence": _sentence(influence),
        "fewest_people": FEWEST_PEOPLE,
        "fewest_moves": FEWEST_MOVES,
    }
    return render(request, "backlog/pod_influence.html", context)


def _meter(label: str, one: Pull) -> Meter:
    error = 1.28 * one.error if one.error is not None else 0.0
    low, high = max(-1.0, one.share - error), min(1.0, one.share + error)
    return Meter(
        label=label,
        share=f"{one.share * 100:.0f} %",
        could_be=f"could be {low * 100:.0f} to {high * 100:.0f} %" if one.error is not None else "",
        moves=f"{one.moves} re-votes by {one.people} people",
        x=f"{50 + one.share * 50:.1f}",
        low=f"{50 + low * 50:.1f}",
        width=f"{(high - low) * 50:.1f}",
    )


def _sentence(influence: Influence) -> str:
    """The result in plain words. The lead's pull only means something beside that of the middle."""
    if influence.lead is None or influence.middle is None:
        return ""
    apart = influence.lead.share - influence.middle.share
    doubt = (
        1.28 * ((influence.lead.error or 0.0) ** 2 + (influence.middle.error or 0.0) ** 2) ** 0.5
    )
    if apart > max(doubt, 0.1):
        return "Re-votes moved further toward the lead than toward everybody else. Let the lead speak last."
    if apart < -max(doubt, 0.1):
        return "Re-votes moved toward the middle of the pod rather than toward the lead."
    return "Re-votes moved about as far toward the lead as toward everybody else."
