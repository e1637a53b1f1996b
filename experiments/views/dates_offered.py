"""Dates that the calendar offers for a new plan: the next weeks, and whom it would meet there."""

import datetime as dt
from typing import Any, NamedTuple

from django.utils import timezone

from backlog.models import Pod
from experiments.models import Experiment

USUAL_WEEKS, LONGEST, AHEAD, SHOWN = 4, 12, 12, 3


class Offer(NamedTuple):
    """`take` is what the button sends; the form reads it back (experiments/forms/plan.py)."""

    take: str
    starts_on: dt.date
    last_day: dt.date
    sees: str
    note: str


def dates_offered(pod: Pod, calculator: dict[str, Any], weeks: int | None) -> list[Offer]:
    """The next Monday, and the first ones that meet no other test of the pod."""
    sizing = calculator.get("sizing")
    length = min(weeks or (sizing.weeks if sizing else None) or USUAL_WEEKS, LONGEST)
    lifts = dict(calculator.get("rows", ()))
    today = timezone.localdate()
    monday = today + dt.timedelta(days=7 - today.weekday())
    until = monday + dt.timedelta(weeks=AHEAD + length)
    tests = list(
        Experiment.objects.filter(pod=pod)
        .exclude(state__in=(Experiment.State.CANCELLED, Experiment.State.CLOSED))
        .touching(monday, until)
    )
    offers = []
    for week in range(AHEAD):
        starts_on = monday + dt.timedelta(weeks=week)
        ends_on = starts_on + dt.timedelta(weeks=length)
        met = [each.key for each in tests
               if each.starts_on and each.ends_on
               and each.starts_on < ends_on and each.ends_on > starts_on]  # fmt: skip
        if met and week:
            continue
        note = f"Meets {', '.join(met)} of {pod}." if met else f"No other test of {pod} runs then."
        sees = f"sees {lifts[length]}" if length in lifts else ""
        last_day = ends_on - dt.timedelta(days=1)
        offers.append(Offer(f"dates-{starts_on}-{length}", starts_on, last_day, sees, note))
    return offers[:SHOWN]
