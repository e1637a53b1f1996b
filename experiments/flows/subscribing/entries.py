"""What stands in a calendar feed: only what its person may see now, in words of state."""

import datetime as dt
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any, NamedTuple

from django.db.models import Count, Max, Model, Q, QuerySet
from django.utils import timezone

from backlog.flows.mailing import address_of
from backlog.models import Event, Workspace
from experiments.models import Blackout, CalendarFeed, Deadline, Experiment, Milestone

KEPT_FOR = dt.timedelta(days=366)
CANCELLED_FOR = dt.timedelta(days=30)
MILESTONES_SINCE, MILESTONES_UNTIL = dt.timedelta(days=31), dt.timedelta(days=92)
MOST_EXPERIMENTS, MOST_MILESTONES, MOST_DAYS = 10_000, 2_000, 1_000
BEFORE_HISTORY = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
S = Experiment.State


class Status(StrEnum):
    """How sure an entry is, in the words of iCalendar."""

    TENTATIVE = "TENTATIVE"
    CONFIRMED = "CONFIRMED"
    CANCELLED = "CANCELLED"


@dataclass(frozen=True)
class Entry:
    """One bar of whole days, `ends_on` not included; `changes` counts what was ever changed of it."""

    uid: str
    title: str
    starts_on: dt.date
    ends_on: dt.date
    status: Status
    changes: int
    changed_at: dt.datetime
    details: tuple[str, ...] = ()
    address: str = ""
    group: str = ""


@dataclass(frozen=True)
class Subscription:
    """A whole feed."""

    name: str
    entries: tuple[Entry, ...]

    @cached_property
    def tag(self) -> str:
        """The same as long as nothing in the feed has changed."""
        return hashlib.sha256(repr((self.name, self.entries)).encode()).hexdigest()[:32]


class Changes(NamedTuple):
    """What history says of one thing: how many rows, when the last one was written."""

    number: int
    at: dt.datetime
    cancelled_at: dt.datetime | None


def subscription_of(feed: CalendarFeed) -> Subscription:
    """What the feed's person may see now; somebody who has left a pod no longer reads about it."""
    workspace = Workspace.current().name
    whose = {
        CalendarFeed.Kind.PERSONAL: str(feed.user),
        CalendarFeed.Kind.POD: str(feed.pod),
        CalendarFeed.Kind.WORKSPACE: "everything",
    }[CalendarFeed.Kind(feed.kind)]
    entries = [*_experiments(feed), *_blackouts(feed), *_deadlines(feed)]
    entries.sort(key=lambda entry: (entry.starts_on, entry.uid))
    return Subscription(f"{workspace}: {whose}", tuple(entries))


def _changes_of(rows: "QuerySet[Any]") -> Mapping[int, Changes]:
    """By id: how many rows of history each has, and when the last ones were written."""
    model: type[Model] = rows.model
    events = Event.objects.filter(subject=model._meta.model_name, subject_id__in=rows.values("pk"))
    counted = events.order_by().values("subject_id").annotate(
        number=Count("pk"), last=Max("at"), cancelled=Max("at", filter=Q(verb="cancel"))
    )  # fmt: skip
    columns = ("subject_id", "number", "last", "cancelled")
    return {pk: Changes(*more) for pk, *more in counted.values_list(*columns)}


def _shown(feed: CalendarFeed) -> "QuerySet[Experiment]":
    user, since = feed.user, timezone.localdate() - KEPT_FOR
    rows = Experiment.objects.visible_to(user).run_here()
    rows = rows.filter(starts_on__isnull=False, ends_on__gt=since)
    if feed.kind == CalendarFeed.Kind.POD:
        rows = rows.filter(pod=feed.pod)
    if feed.kind == CalendarFeed.Kind.PERSONAL:
        rows = rows.filter(Q(owner=user) | Q(launcher=user) | Q(analyst=user) | Q(author=user))
    return rows


def _experiments(feed: CalendarFeed) -> Iterator[Entry]:
    """Experiments with their days, and the milestones that are still to come."""
    rows = _shown(feed)
    history = _changes_of(rows)
    listed = {
        row.pk: row
        for row in rows.select_related("pod", "objective", "owner")
        .defer("sealed_plan", "answers", "risks", "checklist", "hypothesis", "buckets")
        .order_by("-starts_on", "-pk")[:MOST_EXPERIMENTS]
    }
    none = Changes(0, BEFORE_HISTORY, None)
    for row in listed.values():
        changes = history.get(row.pk, none)
        if row.state != S.CANCELLED or _is_recent(changes.cancelled_at):
            yield _of_experiment(row, changes)
    for milestone in _milestones(feed, listed):
        yield _of_milestone(milestone, history.get(milestone.experiment_id, none))


def _is_recent(cancelled_at: dt.datetime | None) -> bool:
    return cancelled_at is not None and cancelled_at > timezone.now() - CANCELLED_FOR


def _of_experiment(row: Experiment, changes: Changes) -> Entry:
    status = Status.CONFIRMED
    if row.state == S.CANCELLED:
        status = Status.CANCELLED
    elif row.state in (S.DRAFT, S.PLANNED):
        status = Status.TENTATIVE
    starts_on, ends_on = _days_of(row)
    return Entry(
        uid=f"experiment-{_mark_of(row)}",
        title=f"{row.key} {row.title}",
        starts_on=starts_on,
        ends_on=ends_on,
        status=status,
        changes=changes.number,
        changed_at=changes.at,
        details=_details(row),
        address=address_of(row.get_absolute_url()),
        group=str(row.pod),
    )


def _days_of(row: Experiment) -> tuple[dt.date, dt.date]:
    """Its days; `_shown` has only those that have both."""
    if row.starts_on is None or row.ends_on is None:
        raise ValueError(f"{row.key} has no days")
    return row.starts_on, row.ends_on


def _mark_of(row: Experiment) -> str:
    """An id that stays for ever and that no other installation has."""
    return f"{row.pk}-{hashlib.sha256(row.salt.encode()).hexdigest()[:16]}"


def _details(row: Experiment) -> tuple[str, ...]:
    """Plain facts; nothing of its results, which may be under the veil."""
    lines = [f"{row.pod}, {str(row.get_state_display()).lower()}"]
    if row.objective:
        lines.append(f"Objective: {row.objective}")
    if row.channel:
        lines.append(f"Channel: {row.channel}")
    if row.owner:
        lines.append(f"Owner: {row.owner}")
    return tuple(lines)


def _milestones(feed: CalendarFeed, listed: Mapping[int, Experiment]) -> list[Milestone]:
    """Those that are not reached and are due soon, or are late; of a personal feed one’s own.

    Their days follow from the experiment’s, so plain values are read first and rows only of those
    that are shown.
    """
    today = timezone.localdate()
    first, last = today - MILESTONES_SINCE, today + MILESTONES_UNTIL
    due = []
    rows = Milestone.objects.filter(done_at=None, experiment__in=_shown(feed)).order_by()
    for pk, of, role, anchor, days in rows.values_list(
        "pk", "experiment", "role", "anchor", "offset_days"
    ):
        test = listed.get(of)
        if test is None or test.state == S.CANCELLED or not _is_for(feed, test, role):
            continue
        day = _days_of(test)[anchor == Milestone.Anchor.END] + dt.timedelta(days=days)
        if first <= day <= last:
            due.append((day, pk))
    shown = [pk for _, pk in sorted(due)[:MOST_MILESTONES]]
    by_key = Milestone.objects.in_bulk(shown)
    for row in by_key.values():
        row.experiment = listed[row.experiment_id]
    return [by_key[pk] for pk in shown]


def _is_for(feed: CalendarFeed, test: Experiment, role: str) -> bool:
    if feed.kind != CalendarFeed.Kind.PERSONAL:
        return True
    part = {"owner": test.owner_id, "launcher": test.launcher_id, "analyst": test.analyst_id}
    return part.get(role) == feed.user_id


def _of_milestone(milestone: Milestone, changes: Changes) -> Entry:
    experiment, day = milestone.experiment, milestone.due_on or timezone.localdate()
    return Entry(
        uid=f"milestone-{milestone.pk}-{_mark_of(experiment)}",
        title=f"{experiment.key}: {milestone}",
        starts_on=day,
        ends_on=day + DAY,
        status=Status.CONFIRMED,
        changes=changes.number,
        changed_at=changes.at,
        details=(f"Milestone of “{experiment.title}”", str(milestone.get_role_display())),
        address=address_of(experiment.get_absolute_url()),
        group=str(experiment.pod),
    )


def _of_the_pod(feed: CalendarFeed, rows: "QuerySet[Any]") -> "QuerySet[Any]":
    seen: QuerySet[Any] = rows.visible_to(feed.user)  # type: ignore[attr-defined]
    if feed.kind == CalendarFeed.Kind.POD:
        seen = seen.filter(Q(pod=feed.pod) | Q(pod=None))
    return seen.select_related("pod")


def _blackouts(feed: CalendarFeed) -> Iterator[Entry]:
    since = timezone.localdate() - KEPT_FOR
    rows = _of_the_pod(feed, Blackout.objects.filter(ends_on__gt=since))
    history = _changes_of(rows)
    for row in rows[:MOST_DAYS]:
        what = f"No experiments on {row.channel}" if row.channel else "No experiments"
        yield _of_days(row, f"{what}: {row}", row.starts_on, row.ends_on, history)


def _deadlines(feed: CalendarFeed) -> Iterator[Entry]:
    since = timezone.localdate() - KEPT_FOR
    rows = _of_the_pod(feed, Deadline.objects.filter(day__gt=since))
    history = _changes_of(rows)
    for row in rows[:MOST_DAYS]:
        yield _of_days(row, f"Deadline: {row}", row.day, row.day + DAY, history)


def _of_days(
    row: Blackout | Deadline,
    title: str,
    starts_on: dt.date,
    ends_on: dt.date,
    history: Mapping[int, Changes],
) -> Entry:
    changes = history.get(row.pk, Changes(0, BEFORE_HISTORY, None))
    return Entry(
        uid=f"{row._meta.model_name}-{row.pk}-{row.uid.hex[:16]}",
        title=title,
        starts_on=starts_on,
        ends_on=ends_on,
        status=Status.CONFIRMED,
        changes=changes.number,
        changed_at=changes.at,
        details=(str(row.pod or "Every pod"),),
        address=address_of("/blackouts/"),
        group=str(row.pod or "Every pod"),
    )
