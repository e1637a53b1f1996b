"""Parquet files and workbooks, turned into CSV once; from then on all files are read alike."""

from __future__ import annotations

import csv
import datetime as dt
import zipfile
from pathlib import Path
from typing import Any, Final

import duckdb
from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from .database import locked, quoted
from .problems import FileProblem
from .shapes import MAX_ROWS

MOST_ROWS_OF_A_WORKBOOK: Final = 100_000
_MOST_COLUMNS: Final = 500
_MOST_UNPACKED: Final = 400 * 1024 * 1024


def unpack(path: str | Path, target: str | Path, *, max_rows: int = MAX_ROWS) -> str:
    """Write the table in `path` to `target` as CSV, where it is Parquet or a workbook.

    Returns a note for the reader, "" where the file is neither and `target` was not written.

    Raises:
        FileProblem: damaged, too large, no table in it.
    """
    with Path(path).open("rb") as file:
        magic = file.read(4)
    if magic == b"PAR1":
        return _unpack_parquet(Path(path), Path(target), max_rows)
    if magic == b"PK\x03\x04":
        return _unpack_workbook(Path(path), Path(target), min(max_rows, MOST_ROWS_OF_A_WORKBOOK))
    return ""


def _unpack_parquet(path: Path, target: Path, max_rows: int) -> str:
    source = f"read_parquet({quoted(str(path))})"
    with locked(path, target) as database:
        try:
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
            raise FileProblem(
                "This Parquet file can't be read: it was damaged on its way, or is not finished. "
                "Export it again, or as CSV."
            ) from error
    return "Parquet"


def _unpack_workbook(path: Path, target: Path, max_rows: int) -> str:
    try:
        with zipfile.ZipFile(path) as packed:
            names = packed.namelist()
            if "xl/workbook.xml" not in names:
                raise FileProblem(
                    "This is not a CSV file but a ZIP archive. Unpack it, and choose the file with "
                    "the results."
                )
            if sum(item.file_size for item in packed.infolist()) > _MOST_UNPACKED:
                raise FileProblem("This workbook is too large to unpack. Save the sheet as CSV.")
        with path.open("rb") as file:
            book = load_workbook(file, read_only=True, data_only=True)
            sheet, note = _sheet(book)
            _write(sheet, target, max_rows)
    except (zipfile.BadZipFile, InvalidFileException, KeyError, ValueError, OSError) as error:
        raise FileProblem(
            "This workbook can't be opened. Save it as .xlsx again, or the sheet as CSV (UTF-8)."
        ) from error
    return note


def _sheet(book: Any) -> tuple[Any, str]:
    """The first visible sheet with two rows."""
    for sheet in book.worksheets:
        sheet.reset_dimensions()
        rows = (row for row in sheet.iter_rows(values_only=True) if any(v is not None for v in row))
        if (
            sheet.sheet_state == "visible"
            and sum(1 for _ in zip(range(2), rows, strict=False)) == 2
        ):
            others = len(book.worksheets) - 1
            more = f", sheet “{sheet.title}”; {others} other not read" if others else ""
            return sheet, f"workbook{more}"
    raise FileProblem("No sheet of this workbook has a table: a row of names and rows below it.")


def _write(sheet: Any, target: Path, max_rows: int) -> None:
    with target.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        for number, row in enumerate(sheet.iter_rows(values_only=True)):
            if number > max_rows:
                raise FileProblem(
                    f"The sheet has more than {max_rows:,} rows, the most that are read of a "
                    "workbook. Save it as CSV (UTF-8)."
                )
            cells = [_cell(value) for value in row[:_MOST_COLUMNS]]
            if any(cells):
                writer.writerow(cells)


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(" ")
    return repr(value) if isinstance(value, float) and value != int(value) else (
        str(int(value)) if isinstance(value, float) else str(value)
    )  # fmt: skip
