"""A file with one row for each variant: counts, means and standard deviations."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from pathlib import Path

from experiments.stats import Mean, Proportion, Sample

from .dialect import Dialect, number
from .lines import texts_at
from .problems import FileProblem
from .shapes import Mapping, MetricColumns, Reading, RejectedRow

_MOST_ROWS = 1_000


@dataclass
class _Row:
    """One row of totals, which answers by column and names itself in complaints."""

    line: int
    cells: list[str]
    dialect: Dialect

    def text(self, column: str) -> str:
        place = self.dialect.place(column)
        return self.cells[place].strip() if place < len(self.cells) else ""

    def amount(self, column: str) -> float:
        value = number(self.text(column), self.dialect.decimal)
        if value is None:
            raise FileProblem(
                f"Row {self.line:,}: “{self.text(column)}” in “{column}” is not a number. "
                "Put the number there, or leave the row out."
            )
        return value

    def count(self, column: str) -> int:
        value = self.amount(column)
        if value < 0:
            raise FileProblem(
                f"Row {self.line:,}: “{column}” is {self.text(column)}. A count can't be negative."
            )
        if value != int(value):
            raise FileProblem(
                f"Row {self.line:,}: “{column}” is {self.text(column)}, which is not a whole "
                "number. Give counts, not rates."
            )
        return int(value)


@dataclass
class _Sums:
    units: dict[str, int] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    samples: dict[str, dict[str, Sample]] = field(default_factory=dict)
    rejected: list[RejectedRow] = field(default_factory=list)


def read_totals(path: Path, dialect: Dialect, mapping: Mapping, labels: dict[str, str]) -> Reading:
    """A sample for each metric and variant, straight from the rows.

    Raises:
        FileProblem: a number that can't be, with its row; a variant in two rows; a ratio.
    """
    _check(dialect, mapping)
    sums = _Sums(samples={metric.name: {} for metric in mapping.metrics})
    rows = _rows(path, dialect)
    texts = texts_at(path, {row.line for row in rows})
    for row in rows:
        label = row.text(mapping.variant)
        if label not in labels:
            reason = f"“{label}” is no arm of this plan." if label else "No arm is given."
            sums.rejected.append(RejectedRow(row.line, reason, texts.get(row.line, "")))
            continue
        _add(sums, row, mapping, labels[label])
    return Reading(
        rows=len(rows),
        units=sums.units,
        samples=sums.samples,
        rejected_count=len(sums.rejected),
        rejected=tuple(sums.rejected),
        missing={metric.name: 0 for metric in mapping.metrics},
    )


def _check(dialect: Dialect, mapping: Mapping) -> None:
    if not mapping.count:
        raise FileProblem("Say which column holds the number of units in each variant.")
    dialect.place(mapping.count)
    for metric in mapping.metrics:
        dialect.place(metric.column)
        if metric.kind == "ratio":
            raise FileProblem(
                f"“{metric.name}” is a ratio. Its spread can't be told from totals: send a file "
                "with one row for each unit."
            )
        if metric.kind == "mean":
            if not metric.spread:
                raise FileProblem(
                    f"“{metric.name}” is a mean: say which column holds its standard deviation."
                )
            dialect.place(metric.spread)


def _rows(path: Path, dialect: Dialect) -> list[_Row]:
    rows: list[_Row] = []
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file, delimiter=dialect.delimiter)
        for _ in range(dialect.skipped + 1):
            next(reader, None)
        line = reader.line_num + 1
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append(_Row(line, cells, dialect))
            line = reader.line_num + 1
            if len(rows) > _MOST_ROWS:
                raise FileProblem(
                    f"The file has more than {_MOST_ROWS:,} rows, so it does not hold one row of "
                    "totals for each variant. Read it as one row for each unit."
                )
    return rows


def _add(sums: _Sums, row: _Row, mapping: Mapping, variant: str) -> None:
    if variant in sums.lines:
        raise FileProblem(
            f"“{variant}” stands in rows {sums.lines[variant]:,} and {row.line:,}. Give one row "
            "for each variant: whether to add them up can't be guessed, as they may be running "
            "totals."
        )
    sums.lines[variant] = row.line
    n = row.count(mapping.count)
    sums.units[variant] = n
    for metric in mapping.metrics:
        sums.samples[metric.name][variant] = _sample(row, metric, n)


def _sample(row: _Row, metric: MetricColumns, n: int) -> Sample:
    if metric.kind == "proportion":
        successes = row.count(metric.column)
        if successes > n:
            raise FileProblem(
                f"Row {row.line:,}: {successes:,} in “{metric.column}” of {n:,} units. More can't "
                "have converted than there are; check which column is which."
            )
        return Proportion(n, successes)
    spread = row.amount(metric.spread)
    if spread < 0:
        raise FileProblem(
            f"Row {row.line:,}: the standard deviation in “{metric.spread}” is negative."
        )
    return Mean(n, row.amount(metric.column), spread**2)
