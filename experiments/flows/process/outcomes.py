"""What was measured on each unit, and what comes of it once all of it is in."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import NamedTuple

from django.db import transaction

from backlog.flows.holding import held
from backlog.models import Event, User
from backlog.permissions import require
from backlog.refusals import Refused
from experiments.learning.process import ProcessUnit, process_result
from experiments.models import ProcessExperiment, ProcessExperimentUnit

LARGEST = 1e12


class Outcome(NamedTuple):
    """A value, or why there is none; neither where it is still to come."""

    value: float | None
    why_missing: str = ""


def require_running(experiment: ProcessExperiment) -> None:
    if experiment.state != ProcessExperiment.State.RUNNING:
        state = experiment.get_state_display().lower()
        raise Refused(f"The experiment is {state}. Outcomes are entered while it runs.")


@transaction.atomic
def record_outcomes(
    experiment: ProcessExperiment, *, by: User, outcomes: Mapping[int, Outcome]
) -> ProcessExperiment:
    """Write outcomes by the ids of units, and work out the result when all are in.

    History has each value once the result is shown, and whether it came after that. Until then it has
    their number, because nobody is to read a result early. Once it is shown, no outcome can be emptied,
    so the result never goes away, and neither does the word that it was shown.
    Raises PermissionDenied, Refused.
    """
    require(by, "experiments.change_process_experiment", experiment)
    experiment = held(experiment)
    require_running(experiment)
    was_shown = bool(experiment.reading)
    rows = [row for row in experiment.units.all() if row.pk in outcomes]
    if was_shown:
        _refuse_emptying(rows, outcomes)
    lines = [line for row in rows if (line := _change(row, outcomes[row.pk]))]
    if not lines:
        return experiment
    ProcessExperimentUnit.objects.bulk_update(rows, ["value", "why_missing"])
    experiment.reading = _reading(experiment)
    experiment.version += 1
    experiment.save(update_fields=["reading", "version"])
    after = " after the result was shown" if was_shown else ""
    count = f"{len(lines)} outcome{'' if len(lines) == 1 else 's'}"
    values = (
        f": {'; '.join(lines)}" if experiment.reading else ". The values follow with the result."
    )
    Event.record(
        experiment, "outcomes", f"{by} entered {count}{after}{values}"[:5000], by=by, lines=lines
    )
    return experiment


def _refuse_emptying(
    rows: Iterable[ProcessExperimentUnit], outcomes: Mapping[int, Outcome]
) -> None:
    for row in rows:
        value, why = outcomes[row.pk]
        if value is None and not why.strip():
            raise Refused(
                f"“{row}” can’t be emptied, because the result has been shown. Enter a number, or why "
                "there is none."
            )


def _change(row: ProcessExperimentUnit, outcome: Outcome) -> str:
    """Write an outcome into the row; what changed, or "" where nothing did."""
    value, why = outcome.value, " ".join(outcome.why_missing.split())
    if value is not None and not abs(value) <= LARGEST:
        raise Refused(f"“{row}”: enter a number of at most {LARGEST:,.0f}.")
    if value is not None and why:
        raise Refused(f"“{row}”: enter a number, or why there is none, not both.")
    if (value, why) == (row.value, row.why_missing):
        return ""
    before, after = _words(row.value, row.why_missing), _words(value, why)
    row.value, row.why_missing = value, why
    row.full_clean(validate_unique=False)
    name = row.short_name
    return f"{name}: {after}" if before == "not yet" else f"{name} from {before} to {after}"


def _words(value: float | None, why: str) -> str:
    if value is not None:
        return f"{value:.10g}"
    return f"none ({why})" if why else "not yet"


def _reading(experiment: ProcessExperiment) -> dict[str, object] | None:
    """The result over the units that have a value; None while an outcome is still to come."""
    rows = list(experiment.units.all())
    if not rows or not all(row.is_in for row in rows):
        return None
    units = [
        ProcessUnit(row.cluster, bool(row.is_treated), row.value)
        for row in rows
        if row.value is not None
    ]
    result = process_result(units)
    return {**asdict(result), "strength": result.strength.value}
