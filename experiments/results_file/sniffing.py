# ruff: noqa: S608 - every name and label that reaches SQL went through `database.quoted`
"""A first look at a file: its columns, how many rows, which labels an arm may have."""

from __future__ import annotations

from collections.abc import Mapping as Answers
from pathlib import Path

from .database import as_yes_or_no, is_missing, locked, table_of, trimmed
from .dialect import Dialect, dialect_of, kind_of
from .problems import FileProblem
from .shapes import MAX_ROWS, FileColumn, Sniffed
from .text import as_text

_PREVIEW = 8
_LOOKED_AT = 5_000
_MOST_DISTINCT = 1_000
_MOST_LABELS = 50
_MOST_TOTALS = 20


def sniff(
    path: str | Path, *, answers: Answers[str, str] | None = None, max_rows: int = MAX_ROWS
) -> Sniffed:
    """What a file looks like; nothing of it counts yet.

    Args:
        answers: to questions that come before the mapping, by their keys.

    Raises:
        FileProblem: empty, not text, a NUL byte, too many rows, no header, a header only.
    """
    with as_text(path, max_rows=max_rows) as text:
        dialect = dialect_of(text)
        with locked(text.path) as database:
            table = table_of(text.path, dialect)
            counts = f"SELECT count(*), count(c{len(dialect.names) - 1}) FROM {table}"
            rows = int(database.execute(counts).fetchall()[0][0])
        if not rows:
            raise FileProblem(
                "The file has column names, but Floe could read no row. Check the export’s "
                "dates and filters, and whether every quotation mark is closed."
            )
        columns = tuple(_column(dialect, place) for place in range(len(dialect.names)))
        return Sniffed(
            delimiter=dialect.delimiter,
            encoding=text.encoding,
            decimal=dialect.decimal,
            columns=columns,
            rows=rows,
            preview=dialect.sample[:_PREVIEW],
            shape=_shape(columns, rows),
        )


def _column(dialect: Dialect, place: int) -> FileColumn:
    values = [row[place].strip() for row in dialect.sample[:_LOOKED_AT]]
    seen = dict.fromkeys(value for value in values if value)
    return FileColumn(
        name=dialect.names[place],
        kind=kind_of(values, dialect.decimal),
        examples=tuple(list(seen)[:3]),
        distinct=len(seen) if len(seen) <= _MOST_DISTINCT else None,
    )


def _shape(columns: tuple[FileColumn, ...], rows: int) -> str:
    """Totals, where there are few rows, each with a label of its own, and numbers beside it."""
    if rows > _MOST_TOTALS:
        return "units"
    labels = [column for column in columns if column.kind == "text" and column.distinct == rows]
    numbers = [column for column in columns if column.kind == "number"]
    repeated = [column for column in columns if column.kind == "text" and column not in labels]
    return "totals" if labels and numbers and not repeated else "units"


def values_of(path: str | Path, column: str, *, max_rows: int = MAX_ROWS) -> tuple[str, ...]:
    """The labels in a column, in the order in which they first appear; at most 50.

    Raises:
        FileProblem: as `sniff`, or no such column.
    """
    with as_text(path, max_rows=max_rows) as text:
        dialect = dialect_of(text)
        label = trimmed(dialect.place(column))
        query = (
            f"SELECT label FROM (SELECT {label} AS label, row_number() OVER () AS place "
            f"FROM {table_of(text.path, dialect)}) WHERE label <> '' "
            f"GROUP BY label ORDER BY min(place) LIMIT {_MOST_LABELS}"
        )
        with locked(text.path) as database:
            return tuple(str(row[0]) for row in database.execute(query).fetchall())


def metric_kind(path: str | Path, column: str, *, max_rows: int = MAX_ROWS) -> str:
    """ "proportion" where all values of a column are yes or no, as 0/1, TRUE/FALSE …; else "mean".

    Raises:
        FileProblem: as `values_of`.
    """
    with as_text(path, max_rows=max_rows) as text:
        dialect = dialect_of(text)
        place = dialect.place(column)
        answer = as_yes_or_no(place, dialect.decimal)
        query = (
            f"SELECT count(*) FILTER ({answer} IS NULL), count(*) "
            f"FROM {table_of(text.path, dialect)} WHERE NOT {is_missing(place)}"
        )
        with locked(text.path) as database:
            others, present = database.execute(query).fetchall()[0]
    return "proportion" if present and not others else "mean"
