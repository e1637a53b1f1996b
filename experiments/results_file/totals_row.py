"""One row of totals, and the sample that it holds."""

from __future__ import annotations

from dataclasses import dataclass

from experiments.stats import Mean, Proportion, Sample

from .dialect import Dialect, number
from .problems import FileProblem
from .shapes import Mapping, MetricColumns


@dataclass
class TotalsRow:
    """One row of totals, which answers by column and names itself in complaints."""

    line: int
    cells: list[str]
    dialect: Dialect

    def text(self, column: str) -> str:
        place = self.dialect.place(column)
        return self.cells[place].strip() if place < len(self.cells) else ""

    def text_of_all(self) -> str:
        return self.dialect.delimiter.join(self.cells)[:500]

    def amount(self, column: str) -> float:
        value = number(self.text(column), self.dialect.decimal)
        if value is None:
            raise FileProblem(
                f"Row {self.line:,}: “{self.text(column)}” in “{column}” is not a number. "
                "Correct it, or leave out the row."
            )
        return value

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
        near = round(value * n)
        if 0 < value < 1 and abs(value * n - near) < 1e-6 * max(n, 1) ** 0.5:
            return near
        successes = self.count(column)
        if successes > n:
            raise FileProblem(
                f"Row {self.line:,}: {successes:,} in “{column}” of {n:,} units. No more units "
                "can convert than there are. Check which column is which."
            )
        return successes


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
    return Mean(n, row.amount(column), _variance(row, mapping.spread_kind, spread, n))


def _variance(row: TotalsRow, kind: str, column: str, n: int) -> float:
    value = row.amount(column)
    if value < 0:
        what = {"variance": "variance", "se": "standard error"}.get(kind, "standard deviation")
        raise FileProblem(f"Row {row.line:,}: the {what} in “{column}” is negative.")
    return {"variance": value, "se": value**2 * n}.get(kind, value**2)
