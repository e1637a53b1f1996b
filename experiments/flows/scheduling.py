"""Put a test on the calendar, move it there, take it off, and take a move back; each move is kept."""

import datetime as dt

from django.db import transaction

from backlog.flows.conflicts import write_unless_changed
from backlog.models import Event, User
from backlog.permissions import require
from backlog.refusals import Refused
from experiments.flows.amending import amend
from experiments.flows.quarter.history import record_move
from experiments.flows.quarter.placing import place_for, refuse_or_warn
from experiments.flows.quarter.sentences import days_words
from experiments.models import CalendarMove, Experiment

FREE = (Experiment.State.DRAFT, Experiment.State.PLANNED)
MOVABLE = (*FREE, Experiment.State.RUNNING, Experiment.State.ANALYSING)
QUICKER = "Somebody changed this experiment in the meantime. Reload the page and compare."


@transaction.atomic
def change_dates(
    experiment: Experiment,
    *,
    by: User,
    starts_on: dt.date,
    ends_on: dt.date,
    reason: str = "",
    undoes: CalendarMove | None = None,
) -> Experiment:
    """Set first day and the first day after. A sealed plan keeps its dates; the change is an amendment.

    What the calendar forbids is refused; what it warns of needs a `reason`, which is kept.
    Raises PermissionDenied, ValidationError, Refused (NeedsReason among them), SomebodyWasQuicker.
    """
    require(by, "experiments.change_experiment", experiment)
    if experiment.state not in MOVABLE:
        raise Refused(
            f"It is {experiment.get_state_display().lower()}, so its dates can’t be changed any more."
        )
    before = experiment.starts_on, experiment.ends_on
    if before == (starts_on, ends_on):
        return experiment
    if experiment.is_sealed and starts_on != experiment.starts_on:
        raise Refused("It has started, so you can only move its end.")
    place = place_for(experiment, by=by, starts_on=starts_on, ends_on=ends_on)
    refuse_or_warn(place, reason=reason)
    if experiment.is_sealed:
        amend(experiment, by=by, reason=reason, ends_on=ends_on, warnings=place.codes)
        return experiment
    experiment.starts_on, experiment.ends_on = starts_on, ends_on
    experiment.full_clean()
    write_unless_changed(
        experiment, states=FREE, refusal=QUICKER, starts_on=starts_on, ends_on=ends_on
    )
    days = f"{days_words(starts_on, ends_on)} {ends_on - dt.timedelta(days=1):%Y}"
    because = f", because: {reason.strip()}" if reason.strip() else ""
    Event.record(experiment, "dates", f"{by} placed it on {days}{because}.", by=by)
    record_move(experiment, before, by=by, reason=reason, warnings=place.codes, undoes=undoes)
    return experiment


@transaction.atomic
def take_off(
    experiment: Experiment, *, by: User, reason: str = "", undoes: CalendarMove | None = None
) -> Experiment:
    """Take a test that has not started off the calendar. Raises Refused, SomebodyWasQuicker."""
    require(by, "experiments.change_experiment", experiment)
    if experiment.state not in FREE:
        raise Refused("It has started, so it stays on the calendar. Cancel or conclude it instead.")
    before = experiment.starts_on, experiment.ends_on
    if before == (None, None):
        return experiment
    if experiment.state == Experiment.State.PLANNED:
        raise Refused("It is planned, and a planned test has dates. Move it back to draft first.")
    experiment.starts_on = experiment.ends_on = None
    write_unless_changed(experiment, states=FREE, refusal=QUICKER, starts_on=None, ends_on=None)
    Event.record(experiment, "dates", f"{by} took it off the calendar.", by=by)
    record_move(experiment, before, by=by, reason=reason, undoes=undoes)
    return experiment


@transaction.atomic
def undo_move(move: CalendarMove, *, by: User) -> Experiment:
    """Put a test back to where it was before its latest move. Raises Refused, SomebodyWasQuicker."""
    experiment = move.experiment
    require(by, "experiments.change_experiment", experiment)
    latest = experiment.calendar_moves.order_by("-pk").first()
    if latest is None or latest.pk != move.pk:
        raise Refused("It was moved again since. Drag it to where it should be.")
    reason = f"Takes back: {move.reason}"[:500] if move.reason else "Takes the move back."
    if move.from_starts_on is None or move.from_ends_on is None:
        return take_off(experiment, by=by, reason=reason, undoes=move)
    return change_dates(
        experiment,
        by=by,
        starts_on=move.from_starts_on,
        ends_on=move.from_ends_on,
        reason=reason,
        undoes=move,
    )
