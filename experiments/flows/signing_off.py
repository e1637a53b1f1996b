"""The baseline of a quarter: signed off, kept, and held against what the calendar says now."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from django.db import transaction
from django.urls import reverse

from backlog.flows.holding import held
from backlog.models import Event, Pod, Quarter, User
from backlog.permissions import require
from backlog.refusals import Mend, Refused
from experiments.models import Baseline, BaselineRow, CalendarMove, Experiment
from experiments.models.design import ExperimentQuerySet


def placed_in(quarter: Quarter) -> ExperimentQuerySet:
    """The experiments with days in a quarter, without those that are cancelled."""
    rows = Experiment.objects.run_here().touching(quarter.starts_on, quarter.ends_on)
    return rows.exclude(state=Experiment.State.CANCELLED).order_by("starts_on", "number")


@transaction.atomic
def sign_off_baseline(quarter: Quarter, *, by: User, note: str = "") -> Baseline:
    """Keep where every experiment of the quarter stands. Earlier baselines stay, with their numbers.

    Raises PermissionDenied, Refused, ValidationError.
    """
    require(by, "experiments.sign_off_baseline")
    quarter = held(quarter)
    placed = list(placed_in(quarter))
    if not placed:
        raise Refused(
            f"Nothing is placed in {quarter} yet. Place experiments on the calendar first.",
            mend=Mend("Open the calendar", reverse("experiments:calendar")),
        )
    newest = quarter.baselines.order_by("-number").first()
    baseline = Baseline(
        quarter=quarter, number=newest.number + 1 if newest else 1, by=by, note=note.strip()
    )
    baseline.full_clean()
    baseline.save()
    BaselineRow.objects.bulk_create(
        BaselineRow(
            baseline=baseline, experiment=row, objective_id=row.objective_id,
            starts_on=row.starts_on, ends_on=row.ends_on,
        )
        for row in placed
        if row.starts_on and row.ends_on
    )  # fmt: skip
    count = len(placed)
    noun = "experiment" if count == 1 else "experiments"
    sentence = f"{by} signed off {quarter} with {count} {noun} (baseline {baseline.number})."
    Event.record(quarter, "baseline", sentence, by=by)
    return baseline


@dataclass(frozen=True)
class Slip:
    """Where an experiment stood, where it stands, and every move in between, the newest first."""

    experiment: Experiment
    was: BaselineRow
    moves: tuple[CalendarMove, ...]

    @property
    def is_cancelled(self) -> bool:
        return self.experiment.state == Experiment.State.CANCELLED

    @property
    def is_off(self) -> bool:
        """Not cancelled, and without days."""
        return not self.is_cancelled and self.experiment.ends_on is None

    @property
    def days(self) -> int | None:
        """How many days its end has moved: later is positive. None where it has no end any more."""
        if self.is_cancelled or self.experiment.ends_on is None:
            return None
        return (self.experiment.ends_on - self.was.ends_on).days

    @property
    def start_days(self) -> int | None:
        """The same of its first day."""
        if self.is_cancelled or self.experiment.starts_on is None:
            return None
        return (self.experiment.starts_on - self.was.starts_on).days

    @property
    def is_as_planned(self) -> bool:
        return self.days == 0 and self.start_days == 0


@dataclass(frozen=True)
class PodSlips:
    """The sums of a pod; there are none of a person."""

    pod: Pod
    planned: int
    as_planned: int
    days_later: int
    days_earlier: int
    cancelled: int
    taken_off: int
    added: int
    moves: int


@dataclass(frozen=True)
class SlipReport:
    """A quarter held against one of its baselines; `baseline` is None before the first."""

    quarter: Quarter
    baseline: Baseline | None
    baselines: tuple[Baseline, ...]
    slips: tuple[Slip, ...]
    added: tuple[Experiment, ...]
    pods: tuple[PodSlips, ...]


def slips_of(quarter: Quarter, *, seen_by: User, number: int | None = None) -> SlipReport:
    """The report against baseline `number`, or the newest one, of what this person may see."""
    baselines = tuple(quarter.baselines.select_related("by"))
    baseline = next((one for one in baselines if number in (None, one.number)), None)
    if baseline is None:
        return SlipReport(quarter, None, baselines, (), (), ())
    rows = list(
        BaselineRow.objects.visible_to(seen_by)
        .filter(baseline=baseline)
        .select_related("experiment__pod", "objective")
        .order_by("starts_on", "experiment__number")
    )
    moves = _moves_since(baseline, seen_by)
    slips = tuple(
        Slip(row.experiment, row, tuple(moves.get(row.experiment_id, ()))) for row in rows
    )
    known = {row.experiment_id for row in rows}
    placed = placed_in(quarter).visible_to(seen_by).select_related("pod", "objective")
    added = tuple(row for row in placed if row.pk not in known)
    return SlipReport(quarter, baseline, baselines, slips, added, _by_pod(slips, added))


def _moves_since(baseline: Baseline, user: User) -> dict[int, list[CalendarMove]]:
    rows = CalendarMove.objects.visible_to(user).filter(
        at__gte=baseline.at, experiment__in=baseline.rows.values("experiment")
    )
    moves: dict[int, list[CalendarMove]] = defaultdict(list)
    for row in rows.select_related("by", "undone_by"):
        moves[row.experiment_id].append(row)
    return moves


def _by_pod(slips: Iterable[Slip], added: Iterable[Experiment]) -> tuple[PodSlips, ...]:
    more: dict[int, int] = defaultdict(int)
    pods = {slip.experiment.pod_id: slip.experiment.pod for slip in slips}
    for row in added:
        more[row.pod_id] += 1
        pods[row.pod_id] = row.pod
    by_pod = {
        pk: list(rows)
        for pk, rows in groupby(
            sorted(slips, key=lambda slip: slip.experiment.pod_id),
            key=lambda slip: slip.experiment.pod_id,
        )
    }
    sums = [_sums(pod, by_pod.get(pk, []), more[pk]) for pk, pod in pods.items()]
    return tuple(sorted(sums, key=lambda row: row.pod.name.casefold()))


def _sums(pod: Pod, slips: list[Slip], added: int) -> PodSlips:
    days = [slip.days for slip in slips if slip.days is not None]
    return PodSlips(
        pod=pod,
        planned=len(slips),
        as_planned=sum(slip.is_as_planned for slip in slips),
        days_later=sum(max(0, one) for one in days),
        days_earlier=sum(max(0, -one) for one in days),
        cancelled=sum(slip.is_cancelled for slip in slips),
        taken_off=sum(slip.is_off for slip in slips),
        added=added,
        moves=sum(len(slip.moves) for slip in slips),
    )


def days_in_words(starts_on: dt.date | None, ends_on: dt.date | None) -> str:
    """Half-open days as people say them.

    >>> days_in_words(dt.date(2026, 11, 9), dt.date(2026, 12, 7))
    '9 Nov to 6 Dec 2026'
    """
    if starts_on is None or ends_on is None:
        return "no days"
    return f"{starts_on:%-d %b} to {ends_on - dt.timedelta(days=1):%-d %b %Y}"
