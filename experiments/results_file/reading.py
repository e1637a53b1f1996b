"""From a file and its mapping to sufficient statistics, and the sentences to go with them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from backlog.tables.layout import Layout, laid_out
from backlog.tables.text import Text

from .database import locked
from .figures import figure
from .problems import FileProblem, listed
from .shapes import MAX_ROWS, Mapping, Progress, Reading, say_nothing
from .totals import read_totals
from .unit_samples import UnitsFile
from .units import read_units

_FAR_OUT = 0.25  # of an arm's squared deviations: more than that from one unit is worth a sentence
_ENOUGH = 100  # units, under which one of them is a large part of any spread


def read(
    path: str | Path,
    mapping: Mapping,
    *,
    labels: dict[str, str],
    control: str,
    max_rows: int = MAX_ROWS,
    progress: Progress = say_nothing,
) -> Reading:
    """Samples for each metric and variant.

    Args:
        labels: for each label in the file the variant that it means; rows with other labels are
            rejected, not refused.
        control: the variant that the others are compared with.

    Raises:
        FileProblem: when nothing may count: see `sniff`; a missing column, no usable row, no
            control, only one arm, numbers that can't be.
    """
    with laid_out(path, answers=mapping.answers, max_rows=max_rows) as (text, layout):
        if mapping.variant or mapping.shape != "pairs":
            layout.place(mapping.variant)
        for column in (mapping.only_column, mapping.metric, mapping.day, mapping.second):
            if column:
                layout.place(column)
        _check_labels(labels, control)
        progress("splitting it into rows", 0.1)
        reading = _read(text, layout, mapping, labels, progress)
    _check_arms(reading, labels, control)
    return replace(
        reading,
        warnings=(*layout.notes, *reading.warnings, *_warnings(reading, mapping)),
        questions=(*layout.questions, *reading.questions),
    )


def _read(
    text: Text, layout: Layout, mapping: Mapping, labels: dict[str, str], progress: Progress
) -> Reading:
    if mapping.shape in ("totals", "pairs"):
        return read_totals(text.path, layout, mapping, labels)
    with locked(text.path) as database:
        file = UnitsFile(database, text.path, text.lines, layout, mapping, labels)
        return read_units(file, progress)


def _check_labels(labels: dict[str, str], control: str) -> None:
    if control not in labels.values():
        raise FileProblem(
            f"No label in the file stands for the control, “{control}”. Choose the one that does."
        )


def _check_arms(reading: Reading, labels: dict[str, str], control: str) -> None:
    if not reading.rows and reading.left_out:
        raise FileProblem(
            f"All {reading.left_out:,} rows are about something else. Check which experiment and "
            "which metrics you chose."
        )
    if not reading.rows:
        raise FileProblem("The file has column names but no rows. Check the export’s filters.")
    filled = [variant for variant, units in reading.units.items() if units]
    if not filled:
        raise FileProblem(_why_no_usable_row(reading))
    if control not in filled:
        known = [label for label, variant in labels.items() if variant == control]
        raise FileProblem(
            f"The control, “{control}” ({listed(known)} in the file), has no usable row. The "
            f"file has {listed(filled)}. Check the label, or export the control too."
            f"{_first_rejection(reading)}"
        )
    if len(filled) < 2:
        raise FileProblem(
            f"Only one arm, “{filled[0]}”, has usable rows. A comparison needs two: export the "
            f"others too.{_first_rejection(reading)}"
        )


def _first_rejection(reading: Reading) -> str:
    if not reading.rejected:
        return ""
    first = reading.rejected[0]
    rows = _count(reading.rejected_count, "row was", "rows were")
    return f" {rows} rejected, the first is row {first.row:,}: {first.reason}"


def _why_no_usable_row(reading: Reading) -> str:
    if not any(reading.samples.values()) and not reading.rejected and reading.warnings:
        return reading.warnings[0]
    if reading.units_in_two_variants and not reading.rejected:
        if reading.problems:
            return f"0 usable rows. {reading.problems[0]}"
        return (
            f"0 usable rows: each of the {reading.units_in_two_variants:,} units is in more "
            "than one arm. Check which column is the unit and which is the arm."
        )
    if not reading.rejected:
        return "0 usable rows: all counts of units are zero. Check which column holds them."
    first = reading.rejected[0]
    return (
        f"0 usable rows: all {reading.rejected_count:,} were rejected. The first is row "
        f"{first.row:,}: {first.reason} Check the columns and labels."
    )


def _warnings(reading: Reading, mapping: Mapping) -> list[str]:
    warnings = []
    if mapping.shape != "units":
        warnings += [
            f"Totals can’t show who is observed to the end of the {metric.horizon:,} days of "
            f"“{metric.name}”. Send only units whose days are over, or one row per unit."
            for metric in mapping.metrics
            if metric.horizon
        ]
    if reading.units_in_two_variants:
        warnings.append(
            f"{_count(reading.units_in_two_variants, 'unit is', 'units are')} in more than one "
            "arm and left out of all."
        )
    if reading.repeated_units:
        warnings.append(
            f"{_count(reading.repeated_units, 'unit has', 'units have')} more than one row; the "
            "rows were added up to one unit each."
        )
    if reading.rejected_count:
        share = reading.rejected_count / reading.rows
        warnings.append(
            f"{_count(reading.rejected_count, 'row is', 'rows are')} rejected, "
            f"{share * 100:.2g} % of the file."
        )
    warnings += [
        f"“{variant}” has no unit in this file."
        for variant, units in reading.units.items()
        if not units
    ]
    for metric, nothing in reading.missing.items():
        if nothing:
            units = _count(nothing, "unit has", "units have")
            warnings.append(f"{units} no value in “{metric}” and count only for the other metrics.")
    warnings += [
        f"The last {_count(rows, 'row has', 'rows have')} no value in “{metric}”: those outcomes "
        "have probably not come in yet."
        for metric, rows in reading.empty_tail.items()
    ]
    warnings += [
        f"“{variant}” has no value in “{metric}”, so it can’t be compared there."
        for metric, samples in reading.samples.items()
        for variant, sample in samples.items()
        if reading.units.get(variant) and not sample.n
    ]
    for metric, nobody in reading.filled_in.items():
        known = _count(nobody, "unit has", "units have")
        warnings.append(
            f"{known} no value from before for “{metric}”. The mean of all arms stands for it, so that "
            "everybody counts."
        )
    if reading.left_out:
        warnings.append(
            _count(
                reading.left_out, "row is left out: it belongs", "rows are left out: they belong"
            )
            + " to none of these arms."
        )
    warnings += _outliers(reading, mapping)
    return warnings + [
        f"Values of “{metric}” above {figure(cap)} are cut to {figure(cap)}."
        for metric, cap in reading.caps.items()
    ]


def _outliers(reading: Reading, mapping: Mapping) -> list[str]:
    return [
        f"One unit has {end:,.6g} in “{metric.name}”, far from all others. That unit alone can "
        "move the mean."
        for metric in mapping.metrics
        if metric.kind == "mean" and metric.winsorise is None
        for end in reading.ranges.get(metric.name, ())
        if any(_is_far_out(end, arm) for arm in reading.samples[metric.name].values())
    ]


def _is_far_out(value: float, sample: Any) -> Any:
    """Whether one unit makes up a quarter or more of an arm's spread."""
    spread = (sample.n - 1) * sample.variance
    return sample.n >= _ENOUGH and _FAR_OUT * spread <= (value - sample.mean) ** 2 <= 1.01 * spread


def _count(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"
