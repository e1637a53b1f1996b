"""Data in: receive a file, understand it, count it only when somebody confirms. All or nothing."""

import csv
import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from backlog.flows.queueing import queue_on_commit
from backlog.models import Event, User
from backlog.permissions import require
from backlog.refusals import Refused, SomebodyWasQuicker
from experiments import results_file
from experiments.flows.analysing import analyse
from experiments.models import Experiment, Intake, Observation
from experiments.results_file import FileProblem, MetricColumns, Reading
from experiments.results_file import Mapping as Columns
from experiments.stats import Mean, Proportion, Ratio

TAKES_DATA = (Experiment.State.RUNNING, Experiment.State.ANALYSING)


def require_open(experiment: Experiment, by: User) -> None:
    require(by, "experiments.add_observation", experiment)
    if experiment.state not in TAKES_DATA:
        raise Refused(
            f"{experiment.key} is {experiment.get_state_display().lower()}; "
            "data comes in between launch and decision."
        )


def receive_file(experiment: Experiment, upload: UploadedFile, *, by: User) -> Intake:
    """Keep an uploaded file and look into it. Raises Refused with the sentence; keeps nothing then."""
    require_open(experiment, by)
    size = upload.size or 0
    if size > settings.RESULTS_FILE_MAX_BYTES:
        limit = settings.RESULTS_FILE_MAX_BYTES // (1024 * 1024)
        raise Refused(
            f"“{upload.name}” has {size / 1048576:.0f} MB; files up to {limit} MB are taken. "
            "Leave out columns that are not needed, or send totals per variant."
        )
    intake = Intake(experiment=experiment, by=by, filename=Path(upload.name or "file").name[:200])
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    intake.digest = digest.hexdigest()
    upload.seek(0)
    intake.file.save(f"{intake.digest[:16]}.csv", upload, save=False)
    try:
        sniffed = results_file.sniff(intake.file.path, max_rows=settings.RESULTS_FILE_MAX_ROWS)
    except FileProblem as problem:
        intake.file.delete(save=False)
        raise Refused(str(problem)) from problem
    intake.sniffed = asdict(sniffed)
    intake.save()
    return intake


def labels_in(intake: Intake, column: str) -> tuple[str, ...]:
    """The variant labels that stand in a column of the file."""
    try:
        return results_file.values_of(intake.file.path, column)
    except FileProblem as problem:
        raise Refused(str(problem)) from problem


def understand(
    intake: Intake, *, by: User, mapping: Mapping[str, Any], labels: Mapping[str, str]
) -> Intake:
    """Read the file by this mapping and keep what was understood; nothing counts yet.

    `mapping` has shape, variant, unit, count and metrics (name, kind, column, denominator, spread);
    `labels` says which arm a label in the file means. Raises Refused with the file's problem.
    """
    require_open(intake.experiment, by)
    if intake.state not in (Intake.State.RECEIVED, Intake.State.UNDERSTOOD):
        raise Refused("This file was counted already. Send a new one to replace it.")
    reading = _read(intake, mapping, labels)
    intake.mapping = {"columns": dict(mapping), "labels": dict(labels)}
    intake.understood = _summary(reading)
    intake.state = Intake.State.UNDERSTOOD
    intake.save(update_fields=["mapping", "understood", "state"])
    return intake


def _read(intake: Intake, mapping: Mapping[str, Any], labels: Mapping[str, str]) -> Reading:
    experiment = intake.experiment
    if experiment.control is None:
        raise Refused("The experiment has no control arm.")
    if intake.file and not os.path.exists(intake.file.path):
        raise Refused("The file is not on the server any more. Send it again.")
    columns = Columns(
        **{**mapping, "metrics": tuple(MetricColumns(**m) for m in mapping["metrics"])}
    )
    try:
        return results_file.read(
            intake.file.path,
            columns,
            labels=dict(labels),
            control=experiment.control.name,
            max_rows=settings.RESULTS_FILE_MAX_ROWS,
        )
    except FileProblem as problem:
        raise Refused(str(problem)) from problem


def _summary(reading: Reading) -> dict[str, Any]:
    """What the page shows before it counts, as JSON."""
    return {
        "rows": reading.rows,
        "units": reading.units,
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
    }


def value_of(sample: Any) -> float | None:
    """What a sample shows as its one number: a share, a mean, a ratio."""
    if isinstance(sample, Proportion):
        return float(sample.successes / sample.n) if sample.n else None
    if isinstance(sample, Ratio):
        return float(sample.numerator / sample.denominator) if sample.denominator else None
    return float(sample.mean) if sample.n else None


def count(intake: Intake, *, by: User) -> Intake:
    """Let what was understood count: observations are written, an analysis is queued on commit.

    It replaces the data that counted before. A second call (a double click) changes nothing.
    """
    require_open(intake.experiment, by)
    if intake.state == Intake.State.UNDERSTOOD:
        # Read before the transaction: a large file must not hold the write lock of SQLite.
        reading = _read(intake, intake.mapping["columns"], intake.mapping["labels"])
        with transaction.atomic():
            confirmed = Intake.objects.filter(pk=intake.pk, state=Intake.State.UNDERSTOOD).update(
                state=Intake.State.COUNTED, counted_at=timezone.now()
            )
            if confirmed:
                _write_observations(intake, reading.samples)
                _settle(intake, by=by, units=sum(reading.units.values()))
    intake.refresh_from_db()
    if intake.state not in (Intake.State.COUNTED, Intake.State.ANALYSED):
        raise SomebodyWasQuicker(
            f"This file is {intake.get_state_display().lower()} now. Nothing was changed."
        )
    return intake


@transaction.atomic
def receive_totals(
    experiment: Experiment, *, by: User, observations: Sequence[Mapping[str, Any]]
) -> Intake:
    """Take sufficient statistics straight from the API: one row for each variant and metric.

    Each row names `variant` and `metric` and holds n with successes, or with mean and variance
    (and denominator, denominator_variance, covariance for a ratio). Raises Refused.
    """
    require_open(experiment, by)
    samples: dict[str, dict[str, Any]] = {}
    kinds = {row.metric.name: row.metric.kind for row in experiment.measured}
    arms = {arm.name for arm in experiment.arms}
    for number, row in enumerate(observations, start=1):
        metric, variant = str(row["metric"]), str(row["variant"])
        if metric not in kinds:
            raise Refused(f"Row {number}: “{metric}” is not a metric of {experiment.key}.")
        if variant not in arms:
            raise Refused(f"Row {number}: “{variant}” is not an arm of {experiment.key}.")
        if variant in samples.setdefault(metric, {}):
            raise Refused(f"Row {number}: “{metric}” in “{variant}” stands there twice.")
        samples[metric][variant] = _sample_of(kinds[metric], row, number)
    for metric, by_arm in samples.items():
        lacking = arms - by_arm.keys()
        if lacking:
            raise Refused(f"“{metric}” has no row for “{min(lacking)}”; send every arm at once.")
    if not samples:
        raise Refused("There is no row to count.")
    digest = hashlib.sha256(json.dumps(list(observations), default=str).encode()).hexdigest()
    intake = Intake.objects.create(
        experiment=experiment, by=by, source=Intake.Source.API, filename="", digest=digest,
        state=Intake.State.COUNTED, counted_at=timezone.now(),
    )  # fmt: skip
    first = next(iter(samples.values()))
    units = {arm: int(sample.n) for arm, sample in first.items()}
    intake.understood = {"rows": len(observations), "units": units, "warnings": []}
    intake.save(update_fields=["understood"])
    _write_observations(intake, samples)
    _settle(intake, by=by, units=sum(units.values()))
    return intake


def _sample_of(kind: str, row: Mapping[str, Any], number: int) -> Proportion | Mean | Ratio:
    wanted = {
        "proportion": ("successes",),
        "mean": ("mean", "variance"),
        "ratio": ("mean", "variance", "denominator", "denominator_variance", "covariance"),
    }[kind]
    lacking = [name for name in wanted if row.get(name) is None]
    if lacking:
        raise Refused(f"Row {number}: a {kind} needs {', '.join(lacking)}.")
    values = [row[name] for name in wanted]
    if kind == "proportion":
        if values[0] > row["n"]:
            raise Refused(f"Row {number}: there are more conversions than units.")
        return Proportion(row["n"], values[0])
    if any(row[name] < 0 for name in wanted if name.endswith("variance")):
        raise Refused(f"Row {number}: a variance is never below 0.")
    if kind == "mean":
        return Mean(row["n"], *values)
    mean, variance, denominator, denominator_variance, covariance = values
    return Ratio(row["n"], mean, denominator, variance, denominator_variance, covariance)


def _write_observations(intake: Intake, samples: Mapping[str, Mapping[str, Any]]) -> None:
    parts = {row.metric.name: row for row in intake.experiment.measured}
    arms = {arm.name: arm for arm in intake.experiment.arms}
    Observation.objects.bulk_create(
        Observation(intake=intake, metric=parts[metric], variant=arms[variant], **_columns(sample))
        for metric, by_arm in samples.items()
        for variant, sample in by_arm.items()
    )


def _columns(sample: Proportion | Mean | Ratio) -> dict[str, Any]:
    if isinstance(sample, Proportion):
        return {"n": int(sample.n), "successes": int(sample.successes)}
    if isinstance(sample, Mean):
        return {"n": int(sample.n), "mean": float(sample.mean), "variance": float(sample.variance)}
    return {
        "n": int(sample.n),
        "mean": float(sample.numerator),
        "variance": float(sample.numerator_variance),
        "denominator": float(sample.denominator),
        "denominator_variance": float(sample.denominator_variance),
        "covariance": float(sample.covariance),
    }


def _settle(intake: Intake, *, by: User, units: int) -> None:
    """Retire the data that counted before, note it, and queue the analysis."""
    experiment = intake.experiment
    earlier = experiment.intakes.exclude(pk=intake.pk).filter(
        state__in=(Intake.State.COUNTED, Intake.State.ANALYSED)
    )
    replaced = earlier.update(state=Intake.State.REPLACED)
    name = f"“{intake.filename}”" if intake.filename else "data over the API"
    sentence = f"{by} brought in {name}: {units:,} units."
    if replaced:
        sentence += " It replaces the data that counted before."
    Event.record(experiment, "intake", sentence, by=by, intake=intake.pk)
    queue_on_commit(analyse, intake.pk)


def rejected_rows(intake: Intake, file: Any) -> None:
    """Write the rejected rows with their reasons as CSV, safe to open in a spreadsheet."""
    writer = csv.writer(file)
    writer.writerow(["row", "why", "what stands there"])
    for row in intake.understood.get("rejected", []):
        writer.writerow([row["row"], row["reason"], formula_safe(row["line"])])


def formula_safe(text: str) -> str:
    """A cell that a spreadsheet will not run: one that could start a formula gets an apostrophe."""
    return "'" + text if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
