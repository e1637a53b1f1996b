"""DuckDB, shut in: it sees the one file, one thread, half a gigabyte, and nothing else.

One thread, because sums of doubles by two depend on who was first, and reading a file twice must
give the same bytes. It costs a fifth of a second on a million rows.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from backlog.tables.layout import Layout
from backlog.tables.numbers import MISSING

from .problems import FileProblem

_LIMITS: dict[str, str | bool | int | float | list[str]] = {
    "threads": "1",
    "memory_limit": "512MB",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "max_temp_directory_size": "1GB",
}


@contextmanager
def locked(*paths: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in memory that can read `paths` and can't be talked into anything else.

    Raises:
        FileProblem: what DuckDB says of the file while it is used.
    """
    with (
        tempfile.TemporaryDirectory(prefix="spill-") as spill,
        duckdb.connect(":memory:", config=_LIMITS | {"temp_directory": spill}) as connection,
    ):
        allowed = ", ".join(quoted(str(path)) for path in paths)
        connection.execute(f"SET allowed_paths=[{allowed}]")
        connection.execute("SET enable_external_access=false")
        connection.execute("SET lock_configuration=true")
        try:
            yield connection
        except (duckdb.OutOfMemoryException, MemoryError) as error:
            raise FileProblem(
                "The file needs more memory than Floe may use for one file. Leave out "
                "columns that you don’t need, or send totals for each arm."
            ) from error
        except (
            duckdb.InvalidInputException,
            duckdb.ConversionException,
            duckdb.OutOfRangeException,
        ) as error:
            raise FileProblem(
                "Floe could not split the file into rows and columns. Open it in a spreadsheet, "
                "check that it looks right there, and export it again as CSV (UTF-8)."
            ) from error


def quoted(text: str) -> str:
    """`text` as a literal of SQL.

    >>> quoted("it's")
    "'it''s'"
    """
    return "'" + text.replace("'", "''") + "'"


def table_of(path: Path, layout: Layout, *, keeps_rejects: bool = True) -> str:
    """The file as a table expression: columns c0, c1 … of text, empty cells as NULL.

    Rows that can't be split are kept in `reject_errors`, or passed over by a second look at the file.
    """
    columns = ", ".join(f"'c{place}': 'VARCHAR'" for place in range(len(layout.names)))
    rejects = "store_rejects=true, rejects_limit=0" if keeps_rejects else "ignore_errors=true"
    return (
        f"read_csv({quoted(str(path))}, columns={{{columns}}}, auto_detect=false, header=true, "
        f"skip={layout.skipped}, delim={quoted(layout.delimiter)}, quote='\"', escape='\"', "
        f"nullstr='', null_padding=true, parallel=false, {rejects})"
    )


def trimmed(place: int) -> str:
    """The text of column `place` without spaces around it, '' where it is empty."""
    return f"coalesce(trim(c{place}), '')"


def is_missing(place: int) -> str:
    """Whether column `place` holds nothing, or a word for it."""
    words = ", ".join(quoted(word) for word in MISSING if word)
    return f"(c{place} IS NULL OR lower(trim(c{place})) IN ('', {words}))"
