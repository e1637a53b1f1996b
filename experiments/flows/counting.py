"""Data that counts: when it may come in, how it is written, what follows from it."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from backlog.flows.queueing import queue_on_commit
from backlog.flows.transitions import move_rows
from backlog.models import Event, User
from backlog.permissions import require
from backlog.refusals import Refused
from experiments.flows.analysing import analyse
from experiments.flows.intake_moves import INTAKE_MOVES
from experiments.models import Experiment, Intake, Observation

TAKES_DATA = (Experiment.State.RUNNING, Experiment.State.ANALYSING)


def require_open(experiment: Experiment, by: User) -> None:
    require(by, "experiments.add_observation", experiment)
    if experiment.state not in TAKES_DATA:
        raise Refused(
            f"{experiment.key} is {experiment.get_state_display().lower()}. "
            "Data can only come in between launch and decision."
        )


def write_observations(intake: Intake, rows: Iterable[Mapping[str, Any]]) -> None:
    """Each row names metric and variant (day, stratum, is_capped where it has them) and holds the
    statistics."""
    parts = {row.metric.name: row for row in intake.experiment.measured}
    arms = {arm.name: arm for arm in intake.experiment.arms}
    Observation.objects.bulk_create(
        (
            Observation(
                **{**row, "metric": parts[row["metric"]], "variant": arms[row["variant"]]},
                intake=intake,
            )
            for row in rows
        ),
        batch_size=500,
    )


def settle(
    intake: Intake, *, by: User, kept_days: Collection[str] = (), came: str = "brought in"
) -> None:
    """Retire the data that counted before, note it, and queue the analysis.

    `kept_days` are days of it that stay; `came` says what the person did.
    """
    experiment = intake.experiment
    units = sum(intake.understood["units"].values())
    earlier = experiment.intakes.counting().exclude(pk=intake.pk)
    before = earlier.first()
    replaced = move_rows(earlier, INTAKE_MOVES["replace"])
    name = f"“{intake.filename}”" if intake.filename else "data over the API"
    sentence = f"{by} {came} {name}: {units:,} units."
    if replaced:
        was = sum((before.understood if before else {}).get("units", {}).values())
        sentence += f" It replaces the data that counted before, {was:,} units."
        if kept_days:
            sentence += f" {len(kept_days)} of its days stay."
    Event.record(experiment, "intake", sentence, by=by, intake=intake.pk)
    queue_on_commit(analyse, intake.pk)
