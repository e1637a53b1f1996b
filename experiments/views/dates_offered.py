"""Dates that the calendar offers for a new plan: the next weeks, and whom it would meet there."""

import datetime as dt
from typing import Any, NamedTuple

from django.db.models import Q
from django.utils import timezone

from backlog.models import Pod, User
from experiments.models import Experiment, Segment

USUAL_WEEKS, LONGEST, AHEAD, SHOWN = 4, 12, 12, 3


class Offer(NamedTuple):
    """`take` is what the button sends; the form reads it back (experiments/forms/plan.py)."""

    take: str
    starts_on: dt.date
    last_day: dt.date
    sees: str
    note: str


def dates_offered(
    pod: Pod, calculator: dict[str, Any], weeks: int | None, *, segment: Segment | None, by: User
) -> list[Offer]:
    """The next Monday, and the first ones that meet no other test of the pod or of its segment.

    A test of a pod that `by` does not see is told of without its name.
    """
    sizing = calculator.get("sizing")
    length = min(weeks or (sizing.weeks if sizing else None) or USUAL_WEEKS, LONGEST)
    lifts = dict(calculator.get("rows", ()))
    today = timezone.localdate()
    monday = today + dt.timedelta(days=7 - today.weekday())
    others = _others(pod, segment, monday, monday + dt.timedelta(weeks=AHEAD + length), by)
    offers = []
    for week in range(AHEAD):
        starts_on = monday + dt.timedelta(weeks=week)
        ends_on = starts_on + dt.timedelta(weeks=length)
        met = [words for words, first, end in others if first < ends_on and end > starts_on]
        if met and week:
            continue
        whose = f"{pod} or on “{segment}”" if segment else str(pod)
        note = f"Meets {', '.join(met)}." if met else f"No other test of {whose} runs then."
        sees = f"sees {lifts[length]}" if length in lifts else ""
        last_day = ends_on - dt.timedelta(days=1)
        offers.append(Offer(f"dates-{starts_on}-{length}", starts_on, last_day, sees, note))
    return offers[:SHOWN]


def _others(
    pod: Pod, segment: Segment | None, starts_on: dt.date, ends_on: dt.date, by: User
) -> list[tuple[str, dt.date, dt.date]]:
    """The tests that one would meet, in words, with their first day and their end."""
    closed = (Experiment.State.CANCELLED, Experiment.State.CLOSED)
    near = Q(pod=pod) | Q(segment=segment) if segment else Q(pod=pod)
    tests = Experiment.objects.filter(near).exclude(state__in=closed).select_related("pod")
    return [
        (_words(test, pod, by), test.starts_on, test.ends_on)
        for test in tests.touching(starts_on, ends_on).order_by("starts_on", "number")
        if test.starts_on and test.ends_on
    ]


def _words(test: Experiment, pod: Pod, by: User) -> str:
    if test.pod_id == pod.pk:
        return f"{test.key} of {pod}"
    is_seen = by.has_perm("experiments.view_experiment", test)
    whose = f"{test.key} of {test.pod}" if is_seen else "a test of another pod"
    return f"{whose} on the same segment"
