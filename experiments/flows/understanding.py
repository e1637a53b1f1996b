"""What a file says by its mapping: read, and summed up for the page that asks before it counts."""

import os
from typing import Any

from django.conf import settings

from backlog.flows.incoming import desk, read_table
from backlog.refusals import Refused
from experiments.models import Experiment, Intake
from experiments.results_file import Progress


def summary_for(intake: Intake, *, progress: Progress | None = None) -> dict[str, Any]:
    """The file of an intake by its mapping, as JSON. Raises Refused with the file's problem."""
    mapping, labels = intake.mapping["columns"], intake.mapping["labels"]
    experiment = intake.experiment
    if experiment.control is None:
        raise Refused("The experiment has no control arm. Ask a lead to amend the plan.")
    require_file(intake)
    caps = _caps(experiment)
    lifetimes = _lifetimes(experiment)
    metrics = [
        {**metric, "cap": caps.get(metric["name"]), **lifetimes.get(metric["name"], {})}
        for metric in mapping["metrics"]
    ]
    with desk() as folder:
        summary: dict[str, Any] = read_table(
            "experiments.results_file.apart:sum_up",
            intake.file.path,
            folder=folder,
            progress=progress,
            mapping={**mapping, "metrics": metrics, **_answers(intake)},
            labels=dict(labels),
            control=experiment.control.name,
            max_rows=settings.RESULTS_FILE_MAX_ROWS,
        )
    return summary


def _answers(intake: Intake) -> dict[str, Any]:
    answers = {key: choice for key, choice in intake.mapping.get("answers", {}).items() if choice}
    return {"answers": answers}


def require_file(intake: Intake) -> None:
    """Raises Refused where the file was removed since."""
    if not intake.file or not os.path.exists(intake.file.path):
        raise Refused("The file is not on the server any more. Send it again.")


def _lifetimes(experiment: Experiment) -> dict[str, dict[str, Any]]:
    """The horizon and the discount of each lifetime value: as sealed."""
    plan = experiment.plan_in_force
    return {
        metric.name: {"horizon": metric.window_days, "discount": metric.discount_rate or 0.0}
        for metric in (plan.metrics if plan else ())
        if metric.is_lifetime_value and metric.kind == "mean"
    }


def _caps(experiment: Experiment) -> dict[str, float]:
    """The share of units, all arms together, above which values of a mean are cut: as sealed."""
    plan = experiment.plan_in_force
    return {
        metric.name: metric.cap_percentile / 100
        for metric in (plan.metrics if plan else ())
        if metric.cap_percentile and metric.kind == "mean"
    }
