"""Rows of totals: for each variant, or the control beside a treatment; once, or for each day."""

from __future__ import annotations

import datetime as dt
import functools
import operator
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from backlog.tables.layout import Layout, rows_below
from experiments.engine.days import columns_of, complete_days, falls, running_totals, units_of
from experiments.stats import Sample

from .days import MOST_DAYS, Days, days_of
from .problems import FileProblem, listed
from .shapes import Mapping, Reading, RejectedRow
from .totals_columns import TotalsColumns, columns_of_totals
from .totals_row import TotalsRow, sample_in
from .words import is_total

_MOST_ROWS = 200_000
_MOST_REJECTED = 1_000
CONTROL = "\x1fcontrol"
"""Where arms stand side by side no cell names the control: its label is one that no cell can hold."""
Moment = tuple[float, str]


@dataclass
class _Table:
    """Samples with the row they come from, by metric, variant, day and moment of the day."""

    samples: dict[tuple[str, str, str], dict[Moment, tuple[int, Sample]]] = field(
        default_factory=dict
    )
    rejected: list[RejectedRow] = field(default_factory=list)
    rows: int = 0
    left_out: int = 0
    total: TotalsRow | None = None

    def reject(self, row: TotalsRow, reason: str) -> None:
        self.rejected.append(RejectedRow(row.line, reason, row.text_of_all()))


def read_totals(path: Path, layout: Layout, mapping: Mapping, labels: dict[str, str]) -> Reading:
    """A sample for each metric and variant, straight from the rows.

    Raises:
        FileProblem: a number that can't be, with its row; a variant in two rows; a ratio.
    """
    check(layout, mapping)
    rows = [row for row in _all_rows(path, layout) if _is_of_this(row, mapping)]
    columns = columns_of_totals(rows, mapping, labels)
    table = _Table(left_out=sum(1 for _ in _all_rows(path, layout)) - len(rows))
    days = _days(rows, mapping)
    for row in _rows(rows, mapping, table, columns):
        _add(table, row, mapping, labels, days)
    by_day = _by_day(table, mapping)
    late: list[str] = []
    if by_day:
        kept, late = complete_days(by_day) if mapping.accumulation == "cumulative" else (by_day, [])
        samples: Any = running_totals(kept, mapping.accumulation)[-1].samples
    else:
        samples = {}
        for (metric, variant, _), moments in table.samples.items():
            samples.setdefault(metric, {})[variant] = next(iter(moments.values()))[1]
    for part in mapping.metrics:
        samples.setdefault(part.name, {})
    return Reading(
        rows=table.rows,
        units=units_of(samples),
        samples=samples,
        rejected_count=len(table.rejected),
        rejected=tuple(table.rejected[:_MOST_REJECTED]),
        missing={metric.name: 0 for metric in mapping.metrics},
        left_out=table.left_out,
        by_day=tuple(by_day),
        warnings=(
            *_without_spread(mapping),
            *_about_total(table, samples, mapping),
            *_doubts(by_day, late, mapping),
        ),
        questions=(*columns.questions, *(days.questions if days else ())),
    )


def check(layout: Layout, mapping: Mapping) -> None:
    """Every column that totals need is named and there."""
    is_pair = mapping.shape == "pairs"
    for count in (mapping.count, *([mapping.other_count] if is_pair else [])):
        if not count:
            raise FileProblem("Choose the column with the number of units in each arm.")
        layout.place(count)
    for metric in mapping.metrics:
        sides = [(metric.column, metric.spread)]
        sides += [(metric.other_column, metric.other_spread)] if is_pair else []
        for column, spread in sides:
            if not column:
                raise FileProblem(f"Choose the columns with “{metric.name}” for both arms.")
            layout.place(column)
            if metric.kind == "ratio":
                raise FileProblem(
                    f"“{metric.name}” is a ratio. Its spread can’t be computed from "
                    "totals. Send a file with one row per unit."
                )
            if spread:
                layout.place(spread)


def _all_rows(path: Path, layout: Layout) -> Iterator[TotalsRow]:
    for number, (line, cells) in enumerate(rows_below(path, layout)):
        if number >= _MOST_ROWS:
            raise FileProblem(
                f"The file has more than {_MOST_ROWS:,} rows, so it probably does not hold "
                "totals. Choose one row per unit instead."
            )
        if any(cell.strip() for cell in cells):
            yield TotalsRow(line, cells, layout)


def _is_of_this(row: TotalsRow, mapping: Mapping) -> bool:
    return not mapping.only_column or row.text(mapping.only_column) == mapping.only_value


def _days(rows: list[TotalsRow], mapping: Mapping) -> Days | None:
    if not mapping.day:
        return None
    texts = {row.text(mapping.day) for row in rows}
    starts_on = dt.date.fromisoformat(mapping.starts_on) if mapping.starts_on else None
    return days_of(
        mapping.day, texts, order=mapping.day_order, starts_on=starts_on, answers=mapping.answers
    )


def _rows(
    rows: list[TotalsRow], mapping: Mapping, table: _Table, columns: TotalsColumns
) -> Iterator[TotalsRow]:
    """The rows that are about this experiment and its metrics. A row that adds up the arms ends the
    table, unless there is one for each day."""
    named = {metric.label for metric in mapping.metrics}
    for place, row in enumerate(rows):
        row.columns = columns
        if _adds_up(row, mapping, columns.labels):
            table.left_out += 1
            table.total = table.total or row
            if table.rows and not mapping.day:
                table.left_out += len(rows) - place - 1
                return
            continue
        is_ours = not mapping.metric or row.text(mapping.metric) in named
        if is_ours and mapping.variant:
            is_ours = row.text(mapping.variant) not in mapping.ignored
        if is_ours:
            table.rows += 1
            yield row
        else:
            table.left_out += 1


def _adds_up(row: TotalsRow, mapping: Mapping, labels: dict[str, str]) -> bool:
    label = row.text(mapping.variant) if mapping.variant else ""
    first = next((cell.strip() for cell in row.cells if cell.strip()), "")
    return is_total(label or first) and label not in labels


def _about_total(table: _Table, samples: Any, mapping: Mapping) -> Iterator[str]:
    """The row that adds up the arms should come to what they do; that of one day is not looked at."""
    row = table.total
    if (
        row is None
        or (mapping.day and row.text(mapping.day))
        or row.columns is None
        or not row.columns.count
    ):
        return
    units = sum(units_of(samples).values())
    try:
        total = row.count(row.columns.count)
    except FileProblem:
        return
    if total != units:
        yield (
            f"Row {row.line:,} adds up to {total:,} units, but the arms have {units:,}. Check whether "
            "a row is missing."
        )


def _without_spread(mapping: Mapping) -> Iterator[str]:
    for metric in mapping.metrics:
        if metric.kind == "mean" and not metric.spread and metric.most is None:
            yield (
                f"“{metric.name}” is not counted: its standard deviation is missing, and from totals "
                "alone nobody can tell a difference from chance. Send one row per unit, add a column "
                "with the standard deviation, or enter the most that one unit can come to."
            )


def _add(
    table: _Table, row: TotalsRow, mapping: Mapping, labels: dict[str, str], days: Days | None
) -> None:
    label = row.text(mapping.variant) if mapping.variant else ""
    if label not in labels:
        table.reject(row, f"“{label}” is not an arm of this plan." if label else "No arm is given.")
        return
    day, moment = None, (0.0, "")
    if days:
        text = row.text(mapping.day)
        day, moment = days.day(text), days.moment(text)
        if day is None:
            table.reject(row, f"“{text}” in “{mapping.day}” is not a day.")
            return
    sides = [(labels[label], False)]
    if mapping.shape == "pairs":
        sides = [(labels[CONTROL], False), (labels[label], True)]
    for metric in mapping.metrics:
        if not mapping.metric or row.text(mapping.metric) == metric.label:
            for variant, is_other in sides:
                if metric.kind == "mean" and not metric.spread and metric.most is None:
                    continue
                sample = sample_in(row, mapping, metric, is_other=is_other)
                line = row.line if is_other or mapping.shape != "pairs" else 0
                _keep(table, (metric.name, variant, str(day or "")), moment, line, sample)


def _keep(
    table: _Table, key: tuple[str, str, str], moment: Moment, line: int, sample: Sample
) -> None:
    """`line` is 0 for a control that stands beside several treatments, always the same."""
    moments = table.samples.setdefault(key, {})
    before = moments.setdefault(moment, (line, sample))
    if before[0] != line or before[1] != sample:
        _, variant, day = key
        where = f"in rows {before[0]:,} and {line:,}" if line else "in several rows"
        raise FileProblem(
            f"“{variant}” is {where}{f' on {day}' if day else ''}. Give one row per "
            "arm, or choose the column with the day, the metric or the experiment: Floe can’t "
            "guess whether to add them up, because they may be running totals."
        )


def _by_day(table: _Table, mapping: Mapping) -> list[dict[str, Any]]:
    """A row for each day: of running totals the last of the day, of daily ones their sum."""
    rows: list[dict[str, Any]] = []
    for (metric, variant, day), moments in table.samples.items():
        if not day:
            continue
        samples: list[Any] = [moments[moment][1] for moment in sorted(moments)]
        adds_up = mapping.accumulation == "daily"
        sample = functools.reduce(operator.add, samples) if adds_up else samples[-1]
        rows.append({"day": day, "metric": metric, "variant": variant, **columns_of(sample)})
    if len({row["day"] for row in rows}) > MOST_DAYS:
        raise FileProblem(f"“{mapping.day}” holds more than {MOST_DAYS} days. Send fewer.")
    return sorted(rows, key=lambda row: (row["day"], row["metric"], row["variant"]))


def _doubts(by_day: list[dict[str, Any]], late: list[str], mapping: Mapping) -> Iterator[str]:
    days = sorted({row["day"] for row in by_day})
    if late:
        yield f"These days lack an arm or a metric, so the day before them counts: {listed(late, 3)}."
    if len(days) < 3:
        return
    fall = falls(by_day)
    if mapping.accumulation == "cumulative" and fall:
        yield (
            f"On {fall['day']} “{fall['variant']}” counts fewer units than the day before. Running "
            "totals never fall. Check whether these are the figures of each day."
        )
    if mapping.accumulation == "daily" and not fall:
        yield (
            "The number of units never falls from one day to the next, in any arm. That looks like "
            "running totals, which must not be added up. Check it before you confirm."
        )
