"""A Parquet file, checked and written once as CSV."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import duckdb

from backlog.tables.questions import Question

from .database import locked, quoted
from .problems import FileProblem

_MOST_COLUMNS: Final = 1_000
_LONGEST_FOOTER: Final = 16 << 20
_FLAT: Final = ("STRUCT", "MAP(", "UNION", "BLOB")


def unpack_parquet(
    path: Path, target: Path, max_rows: int, answers: Mapping[str, str]
) -> tuple[str, tuple[Question, ...]]:
    """Write its table to `target`; returns what it was. It asks nothing. Raises FileProblem."""
    _check_footer(path)
    source = f"read_parquet({quoted(str(path))})"
    with locked(path, target) as database:
        try:
            columns = database.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()  # noqa: S608
            _check_columns([(str(name), str(kind)) for name, kind, *_ in columns])
            rows = database.execute(f"SELECT count(*) FROM {source}").fetchall()[0][0]  # noqa: S608
            if rows > max_rows:
                raise FileProblem(
                    f"The file has {rows:,} rows, and Floe reads at most {max_rows:,} at once. "
                    "Send totals for each arm instead, or only the columns and days you need."
                )
            database.execute(
                f"COPY (SELECT * FROM {source}) TO {quoted(str(target))} (FORMAT csv, HEADER)"  # noqa: S608
            )
        except duckdb.OutOfMemoryException:
            raise
        except duckdb.Error as error:
            if "File too large" in str(error):
                raise
            problem = str(error).partition("\n")[0].replace(str(path), "it")[:160]
            raise FileProblem(
                "This Parquet file can’t be read: it was damaged on its way, is incomplete, "
                f"or is packed in an unusual way ({problem}). Export it again, or as CSV."
            ) from error
    return "Parquet", ()


def _check_footer(path: Path) -> None:
    """The end of the file says how long its description is; a wrong length is a damaged file."""
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(size - 8, 0))
        end = file.read(8)
    length = int.from_bytes(end[:4], "little")
    if size < 12 or end[4:] != b"PAR1" or length + 12 > size:
        raise FileProblem(
            "This Parquet file can’t be read: its end is missing or damaged, probably because "
            "its upload or download was cut off. Send it again, or export it as CSV."
        )
    if length > _LONGEST_FOOTER:
        raise FileProblem(
            f"The description at the end of this Parquet file has {length >> 20} MB; it may have "
            f"{_LONGEST_FOOTER >> 20}. Export it with fewer columns and row groups, or as CSV."
        )


def _check_columns(columns: list[tuple[str, str]]) -> None:
    if len(columns) > _MOST_COLUMNS:
        raise FileProblem(
            f"The file has {len(columns):,} columns, and at most {_MOST_COLUMNS:,} are allowed. Leave out "
            "columns that you don’t need."
        )
    for name, kind in columns:
        if kind.startswith(_FLAT) or kind.endswith("]"):
            raise FileProblem(
                f"Column “{name[:80]}” holds lists, groups or raw bytes ({kind[:60]}), not one "
                "value per row. Leave it out, or split it into columns."
            )
