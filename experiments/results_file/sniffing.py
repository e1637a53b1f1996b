# ruff: noqa: S608 - every name and label that reaches SQL went through `database.quoted`
"""A first look at a file: its columns, how many rows, which labels an arm may have."""

from __future__ import annotations

from collections.abc import Mapping as Answers
from pathlib import Path

from backlog.tables.layout import Layout, laid_out

from .column_kinds import decimal_of, kind_of
from .database import is_missing, locked, table_of, trimmed
from .problems import FileProblem
from .shapes import MAX_ROWS, FileColumn, Sniffed
from .styles import decide, look_at, yes_or_no
from .unit_samples import UnitsFile
from .words import COUNT_WORDS, UNIT_WORDS, is_total, letters_of

_PREVIEW = 8
_LOOKED_AT = 5_000
_MOST_DISTINCT = 1_000
_MOST_LABELS = 50
_MOST_TOTALS = 20
_MOST_BY_DAY = 5_000


def sniff(
    path: str | Path, *, answers: Answers[str, str] | None = None, max_rows: int = MAX_ROWS
) -> Sniffed:
    """What a file looks like; nothing of it counts yet.

    Args:
        answers: to questions that come before the mapping, by their keys.

    Raises:
        FileProblem: empty, not text, a NUL byte, too many rows, no header, a header only.
    """
    with laid_out(path, answers=answers, max_rows=max_rows) as (text, layout):
        with locked(text.path) as database:
            table = table_of(text.path, layout)
            counts = f"SELECT count(*), count(c{len(layout.names) - 1}) FROM {table}"
            rows = int(database.execute(counts).fetchall()[0][0])
            if not rows:
                raise FileProblem(_why_no_row(database))
        columns = tuple(_column(layout, place) for place in range(len(layout.names)))
        return Sniffed(
            delimiter=layout.delimiter,
            encoding=text.encoding,
            decimal=decimal_of(layout.sample),
            columns=columns,
            rows=rows,
            preview=layout.sample[:_PREVIEW],
            shape=_shape(layout, columns, rows),
            questions=layout.questions,
            notes=layout.notes,
        )


def _why_no_row(database: object) -> str:
    """Rows that could not be split are named with their trouble, not passed over."""
    errors = database.execute(  # type: ignore[attr-defined]
        "SELECT error_type, count(*), min(line) FROM reject_errors GROUP BY 1 ORDER BY 2 DESC"
    ).fetchall()
    if errors and str(errors[0][0]) == "TOO MANY COLUMNS":
        return (
            "Each row has more columns than the row of names. Add the missing names, or export the "
            "table without names of rows."
        )
    if errors:
        return (
            f"Row {errors[0][2]:,} has a quotation mark in the wrong place, and so do all rows below "
            "it. Export the file again, with quotation marks doubled within a text."
        )
    return (
        "The file has column names, but Floe could read no row. Check the export’s "
        "dates and filters, and whether every quotation mark is closed."
    )


def _column(layout: Layout, place: int) -> FileColumn:
    values = [row[place].strip() for row in layout.sample[:_LOOKED_AT]]
    seen = dict.fromkeys(value for value in values if value)
    return FileColumn(
        name=layout.names[place],
        kind=kind_of(values),
        examples=tuple(list(seen)[:3]),
        distinct=len(seen) if len(seen) <= _MOST_DISTINCT else None,
    )


def _shape(layout: Layout, columns: tuple[FileColumn, ...], rows: int) -> str:
    """Totals, where there are few rows, each with a label of its own, and numbers beside it; or
    where a number of units stands in each row, day by day and without a person."""
    numbers = [column for column in columns if column.kind == "number"]
    if _has_counts(layout, numbers) and (rows <= _MOST_TOTALS or _is_by_day(columns, rows)):
        return "totals"
    labels = [column for column in columns if column.kind == "text" and column.distinct == rows]
    repeated = [column for column in columns if column.kind == "text" and column not in labels]
    is_small = rows <= _MOST_TOTALS
    return "totals" if is_small and labels and numbers and not repeated else "units"


def _has_counts(layout: Layout, numbers: list[FileColumn]) -> bool:
    """Whether a column is called a number of units, and holds more than two digits somewhere."""
    places = [layout.place(c.name) for c in numbers if letters_of(c.name) in COUNT_WORDS]
    return any(len(row[place].strip()) > 2 for place in places for row in layout.sample)


def _is_by_day(columns: tuple[FileColumn, ...], rows: int) -> bool:
    has_person = any(letters_of(column.name) in UNIT_WORDS for column in columns)
    has_day = any(column.kind == "date" for column in columns)
    return has_day and not has_person and rows <= _MOST_BY_DAY


def values_of(
    path: str | Path,
    column: str,
    *,
    answers: Answers[str, str] | None = None,
    max_rows: int = MAX_ROWS,
) -> tuple[str, ...]:
    """The labels in a column, in the order in which they first appear; at most 50. The row that adds
    up the arms has none.

    Raises:
        FileProblem: as `sniff`, or no such column.
    """
    with laid_out(path, answers=answers, max_rows=max_rows) as (text, layout):
        label = trimmed(layout.place(column))
        query = (
            f"SELECT label FROM (SELECT {label} AS label, row_number() OVER () AS place "
            f"FROM {table_of(text.path, layout)}) WHERE label <> '' "
            f"GROUP BY label ORDER BY min(place) LIMIT {_MOST_LABELS}"
        )
        with locked(text.path) as database:
            labels = [str(row[0]) for row in database.execute(query).fetchall()]
    return tuple(label for label in labels if not is_total(label))


def metric_kind(
    path: str | Path,
    column: str,
    *,
    answers: Answers[str, str] | None = None,
    max_rows: int = MAX_ROWS,
) -> str:
    """ "proportion" where all values of a column are yes or no, as 0/1, TRUE/FALSE …; else "mean".

    Raises:
        FileProblem: as `values_of`.
    """
    with laid_out(path, answers=answers, max_rows=max_rows) as (text, layout):
        place = layout.place(column)
        with locked(text.path) as database:
            file = UnitsFile(database, text.path, text.lines, layout, None, {})  # type: ignore[arg-type]
            seen = look_at(file, "1", {place: True})[place]
            decide(seen)
            query = (
                f"SELECT count(*) FILTER ({yes_or_no(seen)} IS NULL), count(*) "
                f"FROM {table_of(text.path, layout)} WHERE NOT {is_missing(place)}"
            )
            others, present = database.execute(query).fetchall()[0]
    return "proportion" if present and not others else "mean"
