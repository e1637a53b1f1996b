"""Parquet files and workbooks, turned into CSV once; from then on all files are read alike."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import duckdb

from backlog.file_kinds import HEAD, OLE, PARQUET, ZIP, Unreadable, kind_of
from backlog.workbooks import MOST_ROWS, Sheet, opened, refuse_unless_workbook, text_of

from .database import locked, quoted
from .problems import FileProblem
from .shapes import MAX_ROWS

MOST_BYTES: Final = 200 << 20
_MOST_COLUMNS: Final = 1_000
_LONGEST_FOOTER: Final = 16 << 20
_FLAT: Final = ("STRUCT", "MAP(", "UNION", "BLOB")


def unpack(
    path: str | Path, target: str | Path, *, max_rows: int = MAX_ROWS, max_bytes: int = MOST_BYTES
) -> str:
    """Write the table in `path` to `target` as CSV, where it is Parquet or a workbook.

    Returns a note for the reader, "" where the file is neither and `target` was not written.

    Raises:
        FileProblem: damaged, too large, no table in it.
    """
    path, target = Path(path), Path(target)
    with path.open("rb") as file:
        kind = kind_of(file.read(HEAD))
    if not kind or kind.code not in (PARQUET, ZIP, OLE):
        return ""
    try:
        if kind.code == PARQUET:
            note = _unpack_parquet(path, target, max_rows)
        else:
            refuse_unless_workbook(path)
            note = _unpack_workbook(path, target, min(max_rows, MOST_ROWS))
    except Unreadable as problem:
        raise FileProblem(str(problem)) from problem
    if target.stat().st_size > max_bytes:
        raise FileProblem(
            f"Unpacked, the table has {target.stat().st_size / 1048576:,.0f} MB; up to "
            f"{max_bytes >> 20:,} MB are read. Leave out columns that are not needed, or send totals "
            "for each variant."
        )
    return note


def _unpack_parquet(path: Path, target: Path, max_rows: int) -> str:
    _check_footer(path)
    source = f"read_parquet({quoted(str(path))})"
    with locked(path, target) as database:
        try:
            columns = database.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()  # noqa: S608
            _check_columns([(str(name), str(kind)) for name, kind, *_ in columns])
            rows = database.execute(f"SELECT count(*) FROM {source}").fetchall()[0][0]  # noqa: S608
            if rows > max_rows:
                raise FileProblem(
                    f"The file has {rows:,} rows; {max_rows:,} are the most that are read at once. "
                    "Send totals for each variant instead, or only the columns and days needed."
                )
            database.execute(
                f"COPY (SELECT * FROM {source}) TO {quoted(str(target))} (FORMAT csv, HEADER)"  # noqa: S608
            )
        except duckdb.OutOfMemoryException:
            raise
        except duckdb.Error as error:
            if "File too large" in str(error):
                raise
            said = str(error).partition("\n")[0].replace(str(path), "it")[:160]
            raise FileProblem(
                "This Parquet file can't be read: it was damaged on its way, is not finished, or is "
                f"packed in an unusual way ({said}). Export it again, or as CSV."
            ) from error
    return "Parquet"


def _check_footer(path: Path) -> None:
    """The end of the file says how long its description is; a wrong length is a damaged file."""
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(size - 8, 0))
        end = file.read(8)
    length = int.from_bytes(end[:4], "little")
    if size < 12 or end[4:] != b"PAR1" or length + 12 > size:
        raise FileProblem(
            "This Parquet file can't be read: its end is missing or damaged, as if its upload or "
            "download had been cut off. Send it again, or export it as CSV."
        )
    if length > _LONGEST_FOOTER:
        raise FileProblem(
            f"The description at the end of this Parquet file has {length >> 20} MB; it may have "
            f"{_LONGEST_FOOTER >> 20}. Export it with fewer columns and row groups, or as CSV."
        )


def _check_columns(columns: list[tuple[str, str]]) -> None:
    if len(columns) > _MOST_COLUMNS:
        raise FileProblem(
            f"The file has {len(columns):,} columns; {_MOST_COLUMNS:,} are the most. Leave out columns "
            "that are not needed."
        )
    for name, kind in columns:
        if kind.startswith(_FLAT) or kind.endswith("]"):
            raise FileProblem(
                f"Column “{name[:80]}” holds lists, groups or raw bytes ({kind[:60]}), not one value a "
                "row. Leave it out, or take its parts apart into columns."
            )


def _unpack_workbook(path: Path, target: Path, max_rows: int) -> str:
    with opened(path) as sheets:
        for sheet in sheets:
            if not sheet.is_visible:
                continue
            with target.open("w", encoding="utf-8", newline="") as file:
                writer = csv.writer(file)
                written = 0
                for row in _texts(sheet, max_rows):
                    writer.writerow(row)
                    written += 1
            if written > 1:
                others = len(sheets) - 1
                return "workbook" + (
                    f", sheet “{sheet.title}”; {others} other not read" if others else ""
                )
    raise FileProblem("No sheet of this workbook has a table: a row of names and rows below it.")


def _texts(sheet: Sheet, max_rows: int) -> Iterator[list[str]]:
    for _, values in sheet.values(most_rows=max_rows):
        cells = [text_of(value) for value in values]
        if any(cells):
            yield cells
