"""Put an experiment on the calendar and move it there; after the launch with a reason."""

import datetime as dt

from django.db import transaction

from backlog.flows.conflicts import write_unless_changed
from backlog.models import Event, User
from backlog.permissions import require
from backlog.refusals import Refused
from experiments.flows.amending import amend
from experiments.models import Experiment

MOVABLE = (
    Experiment.State.DRAFT, Experiment.State.PLANNED,
    Experiment.State.RUNNING, Experiment.State.ANALYSING,
)  # fmt: skip


@transaction.atomic
def change_dates(
    experiment: Experiment,
    *,
    by: User,
    starts_on: dt.date,
    ends_on: dt.date,
    reason: str = "",
) -> Experiment:
    """Set first day and the first day after. A sealed plan keeps its dates; the change is an amendment.

    Raises PermissionDenied, ValidationError, Refused, SomebodyWasQuicker.
    """
    require(by, "experiments.change_experiment", experiment)
    if experiment.state not in MOVABLE:
        raise Refused(
            f"It is {experiment.get_state_display().lower()}, so its dates can’t be changed any more."
        )
    if experiment.is_sealed:
        if starts_on != experiment.starts_on:
            raise Refused("It has started, so you can only move its end.")
        amend(experiment, by=by, reason=reason, ends_on=ends_on)
        return experiment
    experiment.starts_on, experiment.ends_on = starts_on, ends_on
    experiment.full_clean()
    write_unless_changed(
        experiment,
        states=MOVABLE,
        refusal="Somebody changed this experiment in the meantime. Reload the page and compare.",
        starts_on=starts_on,
        ends_on=ends_on,
    )
    days = f"{starts_on:%-d %b} to {ends_on - dt.timedelta(days=1):%-d %b %Y}"
    Event.record(experiment, "dates", f"{by} placed it on {days}.", by=by)
    return experiment
