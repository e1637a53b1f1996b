"""What a file says by its mapping: read, and summed up for the page that asks before it counts."""

import os
from dataclasses import asdict
from typing import Any

from django.conf import settings

from backlog.refusals import Refused
from experiments import results_file
from experiments.models import Experiment, Intake
from experiments.results_file import FileProblem, MetricColumns, Reading, Told, say_nothing
from experiments.results_file import Mapping as Columns
from experiments.running import columns_of
from experiments.stats import Proportion, Ratio


def reading_of(intake: Intake, *, told: Told = say_nothing) -> Reading:
    """The file of an intake, read by its mapping. Raises Refused with the file's problem."""
    mapping, labels = intake.mapping["columns"], intake.mapping["labels"]
    experiment = intake.experiment
    if experiment.control is None:
        raise Refused("The experiment has no control arm.")
    if intake.file and not os.path.exists(intake.file.path):
        raise Refused("The file is not on the server any more. Send it again.")
    lists = {name: tuple(mapping.get(name, ())) for name in ("ignored", "segments")}
    caps = _caps(experiment)
    metrics = tuple(MetricColumns(**m, cap=caps.get(m["name"])) for m in mapping["metrics"])
    columns = Columns(**{**mapping, **lists, "metrics": metrics})
    try:
        return results_file.read(
            intake.file.path,
            columns,
            labels=dict(labels),
            control=experiment.control.name,
            max_rows=settings.RESULTS_FILE_MAX_ROWS,
            told=told,
        )
    except FileProblem as problem:
        raise Refused(str(problem)) from problem


def _caps(experiment: Experiment) -> dict[str, float]:
    """The share of units, all arms together, above which values of a mean are cut: as sealed."""
    plan = experiment.plan_in_force or {}
    return {
        metric["name"]: metric["cap_percentile"] / 100
        for metric in plan.get("metrics", [])
        if metric.get("cap_percentile") and metric["kind"] == "mean"
    }


def summary_of(reading: Reading) -> dict[str, Any]:
    """What the page shows before it counts, as JSON."""
    return {
        "rows": reading.rows,
        "units": reading.units,
        "samples": {
            name: {arm: columns_of(sample) for arm, sample in by_arm.items()}
            for name, by_arm in reading.samples.items()
        },
        "values": {
            name: {arm: value_of(sample) for arm, sample in by_arm.items()}
            for name, by_arm in reading.samples.items()
        },
        "rejected_count": reading.rejected_count,
        "rejected": [asdict(row) for row in reading.rejected],
        "units_in_two_variants": reading.units_in_two_variants,
        "repeated_units": reading.repeated_units,
        "missing": reading.missing,
        "ranges": {name: list(ends) for name, ends in reading.ranges.items()},
        "warnings": list(reading.warnings),
        "left_out": reading.left_out,
        "days": sorted({row["day"] for row in reading.by_day}),
        "parts": [*reading.by_day, *reading.by_stratum, *reading.capped],
        "histograms": reading.histograms,
        "segments": list(reading.segments),
    }


def value_of(sample: Any) -> float | None:
    """What a sample shows as its one number: a share, a mean, a ratio."""
    if isinstance(sample, Proportion):
        return float(sample.successes / sample.n) if sample.n else None
    if isinstance(sample, Ratio):
        return float(sample.numerator / sample.denominator) if sample.denominator else None
    return float(sample.mean) if sample.n else None
