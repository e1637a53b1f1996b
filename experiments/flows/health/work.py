"""How work flows through its stages, from the idea to the post-mortem."""

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db.models import Count, Min, Q
from django.utils import timezone

from backlog.calendar_days import months_later, quarter_around, quarter_name
from backlog.models import Quarter, Workspace
from experiments.learning.throughput import Stay
from experiments.models import Experiment

STAGES = {
    "idea": "Idea to score",
    "scored": "Score to launch",
    "running": "Running",
    "ended": "End to decision",
    "decided": "Decision to post-mortem",
    "published": "Written up",
}


SOON = dt.timedelta(days=91)  # when a learning should be looked at again


@dataclass(frozen=True)
class Period:
    """Half-open days with their name."""

    name: str
    starts_on: dt.date
    ends_on: dt.date


@dataclass(frozen=True)
class Work:
    """One experiment on its way: `stays` by stage, its outcome once it is decided, its learnings."""

    pk: int
    pod: int
    state: str
    stays: tuple[Stay, ...]
    decided_on: dt.date | None
    outcome: str
    learnings: int
    expiring: int
    is_imported: bool = False


def periods(workspace: Workspace | None = None) -> tuple[Period, Period]:
    """The present quarter and the one before, as people have opened them, else by the calendar."""
    today = timezone.localdate()
    known = list(Quarter.objects.order_by("starts_on").filter(starts_on__lte=today))
    rows = [Period(one.name, one.starts_on, one.ends_on) for one in known]
    now = rows[-1] if rows and rows[-1].ends_on > today else _by_calendar(today, workspace)
    before = next((one for one in reversed(rows) if one.ends_on <= now.starts_on), None)
    return now, before or _by_calendar(now.starts_on - dt.timedelta(days=1), workspace)


def _by_calendar(day: dt.date, workspace: Workspace | None) -> Period:
    month = (workspace or Workspace.current()).quarter_start_month
    starts_on, ends_on = quarter_around(day, start_month=month)
    return Period(quarter_name(starts_on, start_month=month), starts_on, ends_on)


def months_until(today: dt.date, count: int) -> list[tuple[dt.date, dt.date]]:
    """The last months up to the present one, each with the day after its last."""
    first = months_later(today.replace(day=1), 1 - count)
    return [(months_later(first, n), months_later(first, n + 1)) for n in range(count)]


def all_work() -> list[Work]:
    """Every experiment of every pod that was not cancelled; one query."""
    today = timezone.localdate()
    soon = Q(
        post_mortem__learnings__expires_on__gte=today,
        post_mortem__learnings__expires_on__lt=today + SOON,
    )
    rows = (
        Experiment.objects.exclude(state=Experiment.State.CANCELLED)
        .annotate(
            scored_at=Min("idea__round_ideas__revealed_at"),
            learnings=Count("post_mortem__learnings", distinct=True),
            expiring=Count("post_mortem__learnings", distinct=True, filter=soon),
        )
        .order_by("pk")
        .values_list(
            "pk", "pod", "state", "idea__created_at", "scored_at", "sealed_at", "starts_on",
            "ends_on", "decision__decided_at", "decision__outcome", "post_mortem__published_at",
            "learnings", "expiring", "is_imported",
        )
    )  # fmt: skip
    return [_work(*row) for row in rows]


def _work(
    pk: int,
    pod: int,
    state: str,
    created_at: dt.datetime,
    scored_at: dt.datetime | None,
    sealed_at: dt.datetime | None,
    starts_on: dt.date | None,
    ends_on: dt.date | None,
    decided_at: dt.datetime | None,
    outcome: str | None,
    published_at: dt.datetime | None,
    learnings: int,
    expiring: int,
    is_imported: bool,
) -> Work:
    today = timezone.localdate()
    decided_on = _day(decided_at)
    over = (
        min(ends_on, decided_on or ends_on) if sealed_at and ends_on and ends_on <= today else None
    )
    steps = [
        ("idea", created_at.date(), _day(scored_at)),
        ("scored", _day(scored_at), _day(sealed_at)),
        ("running", max(starts_on, sealed_at.date()) if sealed_at and starts_on else None, over),
        ("ended", over, decided_on),
        ("decided", decided_on, _day(published_at)),
        ("published", _day(published_at), None),
    ]
    stays = tuple(
        Stay(str(pk), stage, entered, left if left is None else max(entered, left))
        for stage, entered, left in steps
        if entered is not None
    )
    # It counts on the day of its decision. Nobody here saw how long its stages took.
    if is_imported:
        stays = (Stay(str(pk), "decided", decided_on),) if decided_on else ()
    return Work(
        pk, pod or 0, state, stays, decided_on, outcome or "", learnings, expiring, is_imported
    )


def _day(at: dt.datetime | None) -> dt.date | None:
    return timezone.localtime(at).date() if at else None


def stays_of(work: Iterable[Work], pods: Collection[int] | None = None) -> list[Stay]:
    """Of these pods, or of all."""
    return [stay for one in work if pods is None or one.pod in pods for stay in one.stays]
