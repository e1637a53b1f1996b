"""Data in: receive a file, understand it, count it only when somebody confirms. All or nothing."""

import hashlib
import os
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files import File
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from backlog.models import User
from backlog.refusals import Refused, SomebodyWasQuicker
from backlog.sheets import formula_safe
from experiments import results_file
from experiments.flows.counting import require_open, settle, write_observations
from experiments.models import Experiment, Intake
from experiments.results_file import FileProblem, MetricColumns, Reading
from experiments.results_file import Mapping as Columns
from experiments.running import columns_of
from experiments.stats import Proportion, Ratio


def receive_file(experiment: Experiment, upload: "UploadedFile[Any]", *, by: User) -> Intake:
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
        note = _unpack(intake)
        sniffed = results_file.sniff(intake.file.path, max_rows=settings.RESULTS_FILE_MAX_ROWS)
    except FileProblem as problem:
        intake.file.delete(save=False)
        raise Refused(str(problem)) from problem
    intake.sniffed = asdict(sniffed) | {"unpacked": note}
    intake.save()
    return intake


def _unpack(intake: Intake) -> str:
    """Keep a workbook or a Parquet file as the CSV that it comes to; the note says what it was."""
    with tempfile.TemporaryDirectory(prefix="results-") as folder:
        table = Path(folder) / "table.csv"
        note = results_file.unpack(intake.file.path, table, max_rows=settings.RESULTS_FILE_MAX_ROWS)
        if note:
            intake.file.delete(save=False)
            with table.open("rb") as file:
                intake.file.save(f"{intake.digest[:16]}.csv", File(file), save=False)
    return note


def labels_in(intake: Intake, column: str) -> tuple[str, ...]:
    """The variant labels that stand in a column of the file."""
    try:
        return results_file.values_of(intake.file.path, column)
    except FileProblem as problem:
        raise Refused(str(problem)) from problem


def understand(
    intake: Intake,
    *,
    by: User,
    mapping: Mapping[str, Any],
    labels: Mapping[str, str],
    typed: Mapping[str, Any] | None = None,
) -> Intake:
    """Read the file by this mapping and keep what was understood; nothing counts yet.

    `mapping` has the fields of `results_file.Mapping`, `labels` says which arm a label in the file
    means, `typed` is kept to fill the form of the next file. Raises Refused with the file's problem.
    """
    require_open(intake.experiment, by)
    if intake.state not in (Intake.State.RECEIVED, Intake.State.UNDERSTOOD):
        raise Refused("This file was counted already. Send a new one to replace it.")
    reading = _read(intake, mapping, labels)
    intake.mapping = {"columns": dict(mapping), "labels": dict(labels), "form": dict(typed or {})}
    intake.accumulation = mapping.get("accumulation", Intake.Accumulation.TOTAL)
    intake.understood = _summary(reading)
    intake.state = Intake.State.UNDERSTOOD
    intake.save(update_fields=["mapping", "accumulation", "understood", "state"])
    return intake


def _read(intake: Intake, mapping: Mapping[str, Any], labels: Mapping[str, str]) -> Reading:
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


def _summary(reading: Reading) -> dict[str, Any]:
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


@transaction.atomic
def count(intake: Intake, *, by: User) -> Intake:
    """Let what was understood count: observations are written, an analysis is queued on commit.

    It replaces the data that counted before. A second call (a double click) changes nothing.
    """
    require_open(intake.experiment, by)
    confirmed = Intake.objects.filter(pk=intake.pk, state=Intake.State.UNDERSTOOD).update(
        state=Intake.State.COUNTED, counted_at=timezone.now()
    )
    intake.refresh_from_db()
    if confirmed:
        rows = [
            {"metric": metric, "variant": arm, **columns}
            for metric, by_arm in intake.understood["samples"].items()
            for arm, columns in by_arm.items()
        ]
        write_observations(intake, [*rows, *intake.understood.get("parts", [])])
        settle(intake, by=by, units=sum(intake.understood["units"].values()))
    if intake.state not in (Intake.State.COUNTED, Intake.State.ANALYSED):
        raise SomebodyWasQuicker(
            f"This file is {intake.get_state_display().lower()} now. Nothing was changed."
        )
    return intake


def rejected_rows(rows: Sequence[Mapping[str, Any]]) -> list[list[str]]:
    """The rejected rows with their reasons, cells that a spreadsheet will not run."""
    return [
        ["row", "why", "what stands there"],
        *([str(row["row"]), row["reason"], formula_safe(row["line"])] for row in rows),
    ]
