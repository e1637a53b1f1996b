"""One row of totals, and the sample that it holds."""

from __future__ import annotations

from dataclasses import dataclass

from backlog.tables.layout import Layout
from backlog.tables.numbers import NumberStyle, taken_apart
from experiments.stats import Mean, Proportion, Sample

from .problems import FileProblem
from .shapes import Mapping, MetricColumns
from .totals_columns import TotalsColumns


@dataclass
class TotalsRow:
    """One row of totals, which answers by column and names itself in complaints. `columns` say how
    each column writes its numbers, as soon as all rows have been seen."""

    line: int
    cells: list[str]
    layout: Layout
    columns: TotalsColumns | None = None

    def text(self, column: str) -> str:
        place = self.layout.place(column)
        return self.cells[place].strip() if place < len(self.cells) else ""

    def text_of_all(self) -> str:
        return self.layout.delimiter.join(self.cells)[:500]

    def amount(self, column: str) -> float:
        value = self._style(column).value(self.text(column))
        if value is None and not self.text(column):
            raise FileProblem(
                f"Row {self.line:,}: “{column}” is empty. Fill it in, or leave out the row."
            )
        if value is None:
            raise FileProblem(
                f"Row {self.line:,}: “{self.text(column)}” in “{column}” is not a number. "
                "Correct it, or leave out the row."
            )
        return value

    def _style(self, column: str) -> NumberStyle:
        styles = self.columns.styles if self.columns else {}
        return styles.get(column, NumberStyle())

    def count(self, column: str) -> int:
        value = self.amount(column)
        if value < 0:
            raise FileProblem(
                f"Row {self.line:,}: “{column}” is {self.text(column)}. A count can’t be negative."
            )
        if value != int(value):
            raise FileProblem(
                f"Row {self.line:,}: “{column}” is {self.text(column)}, which is not a whole "
                "number. Send counts, not rates."
            )
        return int(value)

    def successes(self, column: str, n: int) -> int:
        """A count, or a share so exact that only one count can be meant."""
        value = self.amount(column)
        cell = taken_apart(self.text(column))
        is_rate = bool(self.columns and column in self.columns.rates)
        if is_rate or (cell and cell.is_per_cent):
            return self._of_share(column, value / 100 if is_rate else value, n)
        if 0 < value < 1 and self._is_exact(value, n):
            return round(value * n)
        successes = self.count(column)
        if successes > n:
            raise FileProblem(
                f"Row {self.line:,}: {successes:,} in “{column}” of {n:,} units. No more units "
                "can convert than there are. Check which column is which."
            )
        return successes

    def _of_share(self, column: str, share: float, n: int) -> int:
        if not 0 <= share <= 1 or not self._is_exact(share, n):
            raise FileProblem(
                f"Row {self.line:,}: “{column}” is {self.text(column)} of {n:,} units, which is not a "
                "whole number of units. Rates are rounded: send counts instead."
            )
        return round(share * n)

    @staticmethod
    def _is_exact(share: float, n: int) -> bool:
        return bool(abs(share * n - round(share * n)) < 1e-6 * float(max(n, 1)) ** 0.5)


def sample_in(row: TotalsRow, mapping: Mapping, metric: MetricColumns, *, is_other: bool) -> Sample:
    """The sample of one metric in one arm.

    Raises:
        FileProblem: a number that can't be.
    """
    n = row.count(mapping.other_count if is_other else mapping.count)
    column = metric.other_column if is_other else metric.column
    spread = metric.other_spread if is_other else metric.spread
    if metric.kind == "proportion":
        return Proportion(n, row.successes(column, n))
    mean = row.amount(column) / (max(n, 1) if metric.is_total else 1)
    if not spread:
        return Mean(n, mean, _most_variance(row, metric, mean, n))
    return Mean(n, mean, _variance(row, mapping.spread_kind, spread, n))


def _most_variance(row: TotalsRow, metric: MetricColumns, mean: float, n: int) -> float:
    """The largest variance of values from 0 to `most` with this mean (Bhatia & Davis 2000): intervals
    with it are too wide, never too narrow."""
    most = metric.most or 0.0
    if not 0 <= mean <= most:
        raise FileProblem(
            f"Row {row.line:,}: the mean of “{metric.name}” is {mean:,.6g}, which is not between 0 and "
            f"the most that one unit can come to, {most:,.6g}. Enter a larger one."
        )
    return (most - mean) * mean * (n / (n - 1) if n > 1 else 1.0)


def _variance(row: TotalsRow, kind: str, column: str, n: int) -> float:
    value = row.amount(column)
    if value < 0:
        what = {"variance": "variance", "se": "standard error"}.get(kind, "standard deviation")
        raise FileProblem(f"Row {row.line:,}: the {what} in “{column}” is negative.")
    return {"variance": value, "se": value**2 * n}.get(kind, value**2)
