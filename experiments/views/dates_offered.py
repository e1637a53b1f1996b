"""Dates that the calendar offers for a new plan: the next weeks, and whom it would meet there."""

import datetime as dt
from typing import Any, NamedTuple

from django.db.models import Q
from django.utils import timezone

from backlog.models import Pod, User
from experiments.models import Experiment, Segment

USUAL_WEEKS, LONGEST, AHEAD, SHOWN = 4, 26, 12, 3


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
    needed = (sizing.weeks if sizing else None) or 0
    length = min(max(weeks or 0, needed) or USUAL_WEEKS, LONGEST)
    lifts = dict(calculator.get("rows", ()))
    today = timezone.localdate()
    monday = today + dt.timedelta(days=7 - today.weekday())
    until = monday + dt.timedelta(weeks=AHEAD + length)
    near = Q(pod=pod) | Q(segment=segment) if segment else Q(pod=pod)
    closed = (Experiment.State.CANCELLED, Experiment.State.CLOSED)
    tests = Experiment.objects.run_here().filter(near).exclude(state__in=closed)
    tests = tests.touching(monday, until)
    others = list(tests.select_related("pod").order_by("starts_on", "number"))
    offers = []
    for week in range(AHEAD):
        starts_on = monday + dt.timedelta(weeks=week)
        ends_on = starts_on + dt.timedelta(weeks=length)
        met = [test for test in others
               if test.starts_on and test.ends_on
               and test.starts_on < ends_on and test.ends_on > starts_on]  # fmt: skip
        if met and week:
            continue
        whose = f"{pod} or on “{segment}”" if segment else str(pod)
        note = _meeting(met, pod, by) if met else f"No other experiment of {whose} runs then."
        sees = f"sees {lifts[length]}" if length in lifts else ""
        last_day = ends_on - dt.timedelta(days=1)
        offers.append(Offer(f"dates-{starts_on}-{length}", starts_on, last_day, sees, note))
    return offers[:SHOWN]


def _meeting(tests: list[Experiment], pod: Pod, by: User) -> str:
    """Such as "Overlaps with EXP-007, EXP-009 of Lifecycle; an experiment of another pod on the same segment."."""
    keys: dict[str, list[str]] = {}
    for test in tests:
        if test.pod_id == pod.pk:
            keys.setdefault(f"of {pod}", []).append(test.key)
        elif by.has_perm("experiments.view_experiment", test):
            keys.setdefault(f"of {test.pod} on the same segment", []).append(test.key)
        else:
            keys["of another pod on the same segment"] = ["an experiment"]
    meetings = [f"{', '.join(named)} {whose}" for whose, named in keys.items()]
    return f"Overlaps with {'; '.join(meetings)}."
