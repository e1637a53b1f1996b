"""The turn of a quarter: what slipped and why, what is carried over, the next one, the close.

How far it is follows from the rows, so that it can be done in any order and over several days.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from backlog.flows.conflicts import write_unless_changed
from backlog.flows.planning import close_quarter, open_quarter, save_objective
from backlog.models import Event, Objective, Quarter, User
from backlog.permissions import require
from backlog.refusals import Mend, Refused
from experiments.flows.moves import move_experiment
from experiments.flows.promotion import EDITABLE_STATES
from experiments.models import BaselineRow, CalendarMove, CarryOver, Experiment, Slip

PERM = "backlog.change_quarter"
S = Experiment.State
UNDECIDED = (S.RUNNING, S.ANALYSING)
MEANWHILE = "Somebody changed this experiment in the meantime. Reload the page and compare."


@dataclass(frozen=True)
class Departure:
    """An experiment that did not go as the quarter planned it: how, and its cause once it is named."""

    experiment: Experiment
    sentence: str
    slip: Slip | None


@dataclass(frozen=True)
class Planned:
    """An experiment with the dates that the quarter had for it."""

    experiment: Experiment
    starts_on: dt.date
    ends_on: dt.date


def planned_in(quarter: Quarter) -> list[Planned]:
    """The rows of the last baseline; without one, what was placed in the quarter."""
    baseline = quarter.baselines.first()
    if baseline is not None:
        rows = BaselineRow.objects.filter(baseline=baseline).select_related("experiment__pod")
        return [Planned(row.experiment, row.starts_on, row.ends_on) for row in rows]
    placed = (
        Experiment.objects.run_here()
        .filter(
            starts_on__gte=quarter.starts_on, starts_on__lt=quarter.ends_on, ends_on__isnull=False
        )
        .select_related("pod")
    )
    plans = {
        one.pk: Planned(one, one.starts_on, _sealed_end(one) or one.ends_on)
        for one in placed
        if one.starts_on and one.ends_on
    }
    for row in CarryOver.objects.filter(quarter=quarter).select_related("experiment__pod"):
        if row.starts_on and row.ends_on:
            plans.setdefault(row.experiment_id, Planned(row.experiment, row.starts_on, row.ends_on))
    return [plans[key] for key in sorted(plans)]


def _sealed_end(experiment: Experiment) -> dt.date | None:
    return experiment.plan_at_launch.ends_on if experiment.is_sealed else None


def departures_of(quarter: Quarter) -> list[Departure]:
    """What ends later than planned, was cancelled or taken off, or did not start."""
    slips = {slip.experiment_id: slip for slip in quarter.slips.select_related("by")}
    today = timezone.localdate()
    listed = [(plan.experiment, _how(plan, today)) for plan in planned_in(quarter)]
    return [Departure(one, how, slips.get(one.pk)) for one, how in listed if how]


def _how(plan: Planned, today: dt.date) -> str:
    experiment = plan.experiment
    days = f"{plan.starts_on:%-d %b} to {plan.ends_on - dt.timedelta(days=1):%-d %b %Y}"
    if experiment.state == S.CANCELLED:
        return f"Cancelled. It was planned for {days}."
    if experiment.state in EDITABLE_STATES and plan.starts_on < today:
        return f"Not started. It was planned for {days}."
    if experiment.state in EDITABLE_STATES and experiment.ends_on is None:
        return f"Taken off the calendar. It was planned for {days}."
    if experiment.ends_on and experiment.ends_on > plan.ends_on:
        late = (experiment.ends_on - plan.ends_on).days
        return f"Ends {late} day{'s' * (late > 1)} later than planned for {days}."
    return ""


def leftovers_of(quarter: Quarter) -> list[tuple[Experiment, CarryOver | None]]:
    """What did not start or still runs, with what was done about it."""
    settled = {row.experiment_id: row for row in quarter.carried.select_related("by")}
    of_baseline = Q(baseline_rows__baseline__in=quarter.baselines.all()[:1])
    of_baseline &= Q(starts_on=None) | Q(starts_on__lt=quarter.ends_on)
    waits = Q(state__in=EDITABLE_STATES) & (
        Q(starts_on__gte=quarter.starts_on, starts_on__lt=quarter.ends_on) | of_baseline
    )
    runs = Q(state__in=UNDECIDED, starts_on__lt=quarter.ends_on)
    rows = Experiment.objects.filter(waits | runs | Q(pk__in=settled)).distinct()
    rows = rows.select_related("pod").order_by("number")
    return [(row, settled.get(row.pk)) for row in rows]


def next_quarter_of(quarter: Quarter) -> Quarter | None:
    return Quarter.objects.filter(starts_on__gte=quarter.ends_on).order_by("starts_on").first()


def _require_turning(quarter: Quarter, by: User) -> None:
    require(by, PERM)
    if quarter.closed_at is not None:
        raise Refused(f"{quarter} is closed, so nothing about it can be changed any more.")
    if not quarter.can_be_turned:
        raise Refused(f"{quarter} can be turned from {quarter.turns_from:%-d %b %Y} on.")


@transaction.atomic
def name_cause(
    quarter: Quarter, experiment: Experiment, *, by: User, cause: str, note: str = ""
) -> Slip:
    """Say why an experiment did not go as planned; a second call changes the cause.

    Raises PermissionDenied, ValidationError, Refused.
    """
    _require_turning(quarter, by)
    if experiment.pk not in {one.experiment.pk for one in departures_of(quarter)}:
        raise Refused(f"{experiment.key} went as planned, so there is nothing to explain.")
    if cause == Slip.Cause.OTHER and not note.strip():
        raise Refused("Say in the note what it was.")
    slip = Slip.objects.filter(quarter=quarter, experiment=experiment).first()
    slip = slip or Slip(quarter=quarter, experiment=experiment)
    slip.cause, slip.note, slip.by, slip.at = cause, note.strip(), by, timezone.now()
    slip.full_clean()
    slip.save()
    tail = f" ({slip.note})" if slip.note else ""
    why = f"{slip.get_cause_display().lower()}{tail}"
    Event.record(experiment, "slip", f"{by} named why it slipped in {quarter}: {why}.", by=by)
    return slip


@transaction.atomic
def carry_over(quarter: Quarter, experiment: Experiment, *, by: User, choice: str) -> CarryOver:
    """Settle what the quarter leaves: keep its dates, clear them, or cancel it.

    Raises PermissionDenied, ValidationError, Refused, SomebodyWasQuicker.
    """
    _require_turning(quarter, by)
    left = {one.pk: settled for one, settled in leftovers_of(quarter)}
    if left.get(experiment.pk, True):
        raise Refused(f"{experiment.key} is settled already. Reload the page.")
    row = CarryOver(quarter=quarter, experiment=experiment, choice=choice, by=by,
                    starts_on=experiment.starts_on, ends_on=experiment.ends_on)  # fmt: skip
    row.full_clean()
    if choice == CarryOver.Choice.CLEAR:
        _clear_dates(experiment, quarter, by)
    elif choice == CarryOver.Choice.CANCEL:
        move_experiment(experiment, "cancel", by=by, reason=f"not carried over from {quarter}.")
    row.save()
    sentence = f"{by} carried it over from {quarter}."
    if choice != CarryOver.Choice.CANCEL:
        Event.record(experiment, "carry", sentence, by=by)
    return row


def _clear_dates(experiment: Experiment, quarter: Quarter, by: User) -> None:
    """Back into the tray of what is not placed, with the move on record."""
    if experiment.state not in EDITABLE_STATES:
        raise Refused(f"{experiment.key} has started, so it keeps its dates.")
    if experiment.state == S.PLANNED:
        move_experiment(experiment, "unplan", by=by)
        experiment.refresh_from_db()
    if not experiment.starts_on:
        return
    CalendarMove.objects.create(
        experiment=experiment, by=by, reason=f"Carried over from {quarter}",
        from_starts_on=experiment.starts_on, from_ends_on=experiment.ends_on,
    )  # fmt: skip
    write_unless_changed(
        experiment, states=EDITABLE_STATES, refusal=MEANWHILE, starts_on=None, ends_on=None
    )


@transaction.atomic
def carry_over_running(quarter: Quarter, *, by: User) -> int:
    """Carry over all that run and are not settled yet; how many they are."""
    running = [one for one, settled in leftovers_of(quarter)
               if settled is None and one.state in UNDECIDED]  # fmt: skip
    for experiment in running:
        carry_over(quarter, experiment, by=by, choice=CarryOver.Choice.KEEP)
    return len(running)


def open_next(quarter: Quarter, *, by: User) -> Quarter:
    """Open the quarter that follows. Raises PermissionDenied, Refused."""
    require(by, PERM)
    if following := next_quarter_of(quarter):
        raise Refused(f"{following} is open already.")
    return open_quarter(by=by, day=quarter.ends_on)


def objectives_to_copy(quarter: Quarter) -> list[Objective]:
    """Those of the quarter that the next one does not have under the same title."""
    following = next_quarter_of(quarter)
    if following is None:
        return []
    titles = {one.title.casefold() for one in following.objectives.all()}
    rows = quarter.objectives.select_related("pod")
    return [one for one in rows if one.title.casefold() not in titles]


@transaction.atomic
def copy_objectives(quarter: Quarter, *, by: User, chosen: Sequence[str]) -> int:
    """Set objectives that were not reached for the next quarter again; how many they are."""
    require(by, PERM)
    following = next_quarter_of(quarter)
    if following is None:
        raise Refused(
            "Open the next quarter first. Then objectives can be copied.",
            mend=Mend("Open a quarter", reverse("backlog:quarter_new")),
        )
    copied = [one for one in objectives_to_copy(quarter) if str(one.pk) in chosen]
    if not copied:
        raise Refused("Tick the objectives that were not reached.")
    for one in copied:
        save_objective(Objective(), by=by, quarter=following, pod=one.pod, title=one.title,
                       metric=one.metric, target=one.target)  # fmt: skip
    return len(copied)


def missing_for_the_close(quarter: Quarter) -> list[str]:
    """What has to be settled before the quarter can be closed, as sentences."""
    missing = []
    unnamed = sum(one.slip is None for one in departures_of(quarter))
    if unnamed:
        missing.append(f"Name why {unnamed} experiment{'s' * (unnamed > 1)} slipped.")
    open_ones = sum(settled is None for _, settled in leftovers_of(quarter))
    if open_ones:
        missing.append(
            f"Settle {open_ones} experiment{'s' * (open_ones > 1)} that the quarter leaves."
        )
    if next_quarter_of(quarter) is None:
        missing.append("Open the next quarter.")
    return missing


@transaction.atomic
def close_the_quarter(quarter: Quarter, *, by: User) -> Quarter:
    """Raises PermissionDenied, Refused with the first thing that is missing."""
    _require_turning(quarter, by)
    if timezone.localdate() < quarter.ends_on:
        raise Refused(f"{quarter} ends on {quarter.last_day:%-d %b %Y}. Close it after that day.")
    if missing := missing_for_the_close(quarter):
        raise Refused(missing[0])
    return close_quarter(quarter, by=by)


def quarter_to_turn() -> Quarter | None:
    """The newest quarter that has ended or ends within a week, unless it is closed."""
    newest = Quarter.objects.filter(ends_on__lte=timezone.localdate() + dt.timedelta(days=7))
    quarter = newest.order_by("-ends_on").first()
    return quarter if quarter and quarter.can_be_turned else None
