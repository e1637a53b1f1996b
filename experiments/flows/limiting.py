"""What a quarter and a pod can take: the limits that the calendar holds plans against."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from backlog.flows.conflicts import write_unless_changed
from backlog.models import Event, Pod, Quarter, User, Workspace
from backlog.permissions import require
from experiments.models import PodLimits, PodWeek
from experiments.quarter.timeline import week_start

MOST_WEEKS = 30


@transaction.atomic
def change_quarter_limits(
    quarter: Quarter,
    *,
    by: User,
    tests_at_once: int,
    share_limit: float,
    tests_per_objective: int,
) -> Quarter:
    """Set how much may run at once in a quarter; `share_limit` is a fraction. What is placed stays."""
    require(by, "backlog.change_quarter")
    fields: dict[str, Any] = {
        "tests_at_once": tests_at_once,
        "share_limit": share_limit,
        "tests_per_objective": tests_per_objective,
    }
    for name, value in fields.items():
        setattr(quarter, name, value)
    quarter.full_clean()
    write_unless_changed(
        quarter,
        refusal="Somebody changed these limits in the meantime. Reload the page and compare.",
        **fields,
    )
    sentence = (
        f"{by} set the limits of {quarter}: {tests_at_once} experiments at once, "
        f"{share_limit * 100:.3g} % of a segment, {tests_per_objective} per objective."
    )
    Event.record(quarter, "limits", sentence, by=by)
    return quarter


def limits_of(pod: Pod) -> PodLimits:
    """The limits of a pod, or the usual ones where nobody has set any."""
    return PodLimits.objects.filter(pod=pod).first() or PodLimits(pod=pod)


@transaction.atomic
def change_pod_limits(
    pod: Pod,
    *,
    by: User,
    people_days: float | None,
    tests_at_once: int,
    weeks: Sequence[Mapping[str, Any]] | None = None,
) -> PodLimits:
    """Set what a pod can take on; `weeks` (starts_on, people_days, reason) replace its special weeks.

    A week begins on the workspace's first weekday, whichever day of it is named.
    """
    require(by, "experiments.change_pod_limits", pod)
    limits = limits_of(Pod.objects.select_for_update().get(pk=pod.pk))
    limits.people_days, limits.tests_at_once = people_days, tests_at_once
    limits.version += 1 if limits.pk else 0
    limits.full_clean()
    limits.save()
    if weeks is not None:
        _write_weeks(pod, weeks)
    days = (
        "as many people-days as it has"
        if people_days is None
        else f"{people_days:g} people-day{'' if people_days == 1 else 's'}"
    )
    sentence = f"{by} set the limits of {pod}: {days} a week, {tests_at_once} experiments at once."
    Event.record(pod, "limits", sentence, by=by)
    return limits


def _write_weeks(pod: Pod, weeks: Sequence[Mapping[str, Any]]) -> None:
    if len(weeks) > MOST_WEEKS:
        raise ValidationError(f"A pod can have at most {MOST_WEEKS} special weeks.")
    first_weekday = Workspace.current().first_weekday
    pod.weeks.all().delete()
    for row in weeks:
        starts_on = week_start(row["starts_on"], first_weekday=first_weekday)
        week = PodWeek(
            pod=pod, starts_on=starts_on, people_days=row["people_days"], reason=row["reason"] or ""
        )
        if pod.weeks.filter(starts_on=starts_on).exists():
            raise ValidationError(
                f"Two rows are about the week from {starts_on:%-d %b %Y}. Remove one of them."
            )
        week.full_clean()
        week.save()
