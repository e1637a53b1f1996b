"""A holdout: opened for a quarter, told apart by the same hash as arms, read for what all was worth."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from django.db import IntegrityError, transaction

from backlog.models import Event, Quarter, User
from backlog.permissions import require
from backlog.refusals import Refused
from experiments.flows.splitting import read_list
from experiments.models import Holdout, HoldoutReading, HoldoutSnapshot, Metric
from experiments.results_file import FileProblem
from experiments.stats import Mean, Proportion, compare
from experiments.stats.samples import value_of
from experiments.units.assignment import fingerprint_of_list, held_out
from experiments.units.id_lists import IdList, with_columns
from experiments.units.outcomes import outcomes_in

SIDES = ("held out", "everybody else")
REST = SIDES[1]
SHOWN = ("difference", "low", "high", "lift", "lift_low", "lift_high", "p_value", "method")


@transaction.atomic
def open_holdout(*, by: User, quarter: Quarter, share: float) -> Holdout:
    """Keep `share` per cent of all units out of every experiment launched from now on that starts in
    the quarter. Raises PermissionDenied, ValidationError, Refused.
    """
    require(by, "backlog.change_quarter")
    holdout = Holdout(quarter=quarter, share=share, by=by)
    holdout.full_clean()
    try:
        with transaction.atomic():
            holdout.save()
    except IntegrityError as there:
        raise Refused(f"{quarter} already has a holdout.") from there
    Event.record(holdout, "add", f"{by} opened the holdout of {quarter}: {share:g} %.", by=by)
    return holdout


def tell_apart(holdout: Holdout, path: str, *, by: User, unit: str) -> tuple[IdList, list[bool]]:
    """Which units of a list are held out; counts and a fingerprint are kept. Raises Refused."""
    require(by, "backlog.change_quarter")
    ids = read_list(path, unit=unit)
    is_held = held_out(holdout.salt, holdout.share, ids.units).tolist()
    held = [one for one, is_it in zip(ids.units, is_held, strict=True) if is_it]
    HoldoutSnapshot.objects.create(
        holdout=holdout,
        fingerprint=fingerprint_of_list(held),
        rows=len(is_held),
        counts=dict(zip(SIDES, (len(held), len(is_held) - len(held)), strict=True)),
        repeated=len(ids.units) - len(set(ids.units)),
        by=by,
    )
    return ids, is_held


def rows_told_apart(path: str, is_held: list[bool]) -> Iterator[str]:
    return with_columns(path, {"held_out": ["yes" if one else "no" for one in is_held]})


def read_holdout(
    holdout: Holdout, path: str, *, by: User, metric: Metric, unit: str, outcome: str
) -> HoldoutReading:
    """What everybody else did against those held out, from a list of units with their outcome.

    The hash says who was held out, so the list need not. Raises PermissionDenied, Refused.
    """
    require(by, "backlog.change_quarter")
    if metric.kind == Metric.Kind.RATIO:
        raise Refused("A holdout can’t be read by a ratio. Choose a proportion or a mean.")
    ids = read_list(path, unit=unit, other=outcome)
    repeated = len(ids.units) - len(set(ids.units))
    if repeated:
        raise Refused(f"{repeated:,} rows repeat an id. Add them up first, to one row per unit.")
    try:
        values = outcomes_in(ids.others, is_yes_or_no=metric.kind == Metric.Kind.PROPORTION)
    except FileProblem as problem:
        raise Refused(str(problem)) from problem
    is_held = held_out(holdout.salt, holdout.share, ids.units)
    known = ~np.isnan(values)
    held, rest = (_sample(metric, values[known & side]) for side in (is_held, ~is_held))
    if min(held.n, rest.n) < 2:
        raise Refused("One side has fewer than two units with an outcome. Bring in a longer list.")
    effect = compare(held, rest)
    return HoldoutReading.objects.create(
        holdout=holdout, metric=metric, by=by, rows=len(ids.units),
        fingerprint=fingerprint_of_list(ids.units),
        counts=dict(zip(SIDES, (held.n, rest.n), strict=True)),
        result={
            "effect": {name: _plain(getattr(effect, name)) for name in SHOWN},
            "why_not": effect.why_not,
            "values": dict(zip(SIDES, (value_of(held), value_of(rest)), strict=True)),
            "without_outcome": int((~known).sum()),
        },
    )  # fmt: skip


def _sample(metric: Metric, values: Any) -> Proportion | Mean:
    if metric.kind == Metric.Kind.PROPORTION:
        return Proportion(len(values), int(values.sum()))
    return Mean.from_units(values)


def _plain(value: Any) -> Any:
    return float(value) if isinstance(value, np.floating) else value
