"""Quarters and their objectives."""

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from backlog.calendar_days import OUT_OF_BOUNDS, is_in_bounds, quarter_around, quarter_name
from backlog.models import Event, Objective, Pod, Quarter, User, Workspace
from backlog.permissions import require
from backlog.refusals import Refused


@transaction.atomic
def open_quarter(*, by: User, day: dt.date) -> Quarter:
    """Open the quarter that contains `day`, by the workspace's first month."""
    require(by, "backlog.change_quarter")
    if not is_in_bounds(day):
        raise ValidationError({"day": OUT_OF_BOUNDS})
    start_month = Workspace.current().quarter_start_month
    starts_on, ends_on = quarter_around(day, start_month=start_month)
    overlapping = Quarter.objects.filter(starts_on__lt=ends_on, ends_on__gt=starts_on).first()
    if overlapping:
        raise Refused(f"{overlapping} already covers those days.")
    quarter = Quarter(
        name=quarter_name(starts_on, start_month=start_month), starts_on=starts_on, ends_on=ends_on
    )
    quarter.full_clean()
    quarter.save()
    Event.record(quarter, "open", f"{by} opened {quarter}.", by=by)
    return quarter


@transaction.atomic
def close_quarter(quarter: Quarter, *, by: User) -> Quarter:
    """Say that a quarter is settled. Raises PermissionDenied, Refused."""
    require(by, "backlog.change_quarter")
    open_ones = Quarter.objects.filter(pk=quarter.pk, closed_at=None)
    if not open_ones.update(closed_at=timezone.now(), closed_by=by):
        raise Refused(f"{quarter} is closed already.")
    quarter.refresh_from_db()
    Event.record(quarter, "close", f"{by} closed {quarter}.", by=by)
    return quarter


def _require_for(by: User, pod: Pod | None) -> None:
    if pod is None:
        require(by, "backlog.change_quarter")
    else:
        require(by, "backlog.change_objective", pod)


@transaction.atomic
def save_objective(objective: Objective, *, by: User, **fields: Any) -> Objective:
    """Save an objective. Leads may do so for their pod, programme owners for every pod."""
    if objective.pk:
        _require_for(by, objective.pod)
    for name, value in fields.items():
        setattr(objective, name, value)
    _require_for(by, objective.pod)
    is_new = objective.pk is None
    objective.full_clean()
    objective.save()
    verb = "set" if is_new else "changed"
    Event.record(objective, verb, f"{by} {verb} the objective “{objective}”.", by=by)
    return objective


@transaction.atomic
def remove_objective(objective: Objective, *, by: User) -> None:
    """Remove an objective. Its ideas then show the objective as missing."""
    _require_for(by, objective.pod)
    Event.record(objective, "remove", f"{by} removed the objective “{objective}”.", by=by)
    objective.delete()
