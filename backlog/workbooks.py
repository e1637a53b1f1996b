"""Untrusted workbooks (.xlsx) as rows of values, within limits. Pure, no Django.

Whatever openpyxl raises over a file that was made to hurt it becomes an `Unreadable`.
"""

from __future__ import annotations

import datetime as dt
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from warnings import catch_warnings, simplefilter
from xml.parsers import expat

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._reader import WorkSheetParser

from backlog.file_kinds import OLE, ZIP, Kind, Unreadable
from backlog.file_kinds import kind_of as first_kind_of

MOST_ROWS: Final = 100_000
MOST_COLUMNS: Final = 500
MOST_CELLS: Final = 2_000_000
MOST_CHARACTERS: Final = 200_000_000
LONGEST_CELL: Final = 131_072  # four times what Excel lets into one; also what the csv module takes
MOST_SHEETS: Final = 200
_LAST_ROW: Final = 1_048_576  # of a sheet in Excel
_MOST_PARTS: Final = 5_000
_MOST_UNPACKED: Final = 400 << 20
_MOST_STRINGS: Final = 100 << 20  # they are all kept while the sheet is read
_MOST_OTHERS: Final = (
    8 << 20
)  # styles and the like: become objects of Python, a hundred times as large
_STEEPEST: Final = 500  # times that a part may grow; sheets of one repeated number come to 100
_SMALL: Final = 4 << 20
_AGAIN: Final = "Save it as .xlsx again, or the sheet as CSV (UTF-8)."


@dataclass(frozen=True)
class Sheet:
    """A worksheet by name; `values` gives its rows that hold something."""

    title: str
    is_visible: bool
    part: str
    _book: Any
    _strings: Any

    def values(self, *, most_rows: int = MOST_ROWS) -> Iterator[tuple[int, list[Any]]]:
        """The number of each row that holds something, and its values from the first column on.

        Raises:
            Unreadable: more than the bounds, or no sheet after all.
        """
        book = self._book
        rows = cells = characters = 0
        with book._archive.open(self.part) as source, _as_unreadable(book._archive):
            parser = WorkSheetParser(
                source, self._strings, data_only=True, epoch=book.epoch,
                date_formats=book._date_formats, timedelta_formats=book._timedelta_formats,
            )  # fmt: skip
            for number, row_cells in parser.parse():
                parser.row_dimensions.clear()
                row, length = self._row(number, row_cells)
                cells, characters = cells + len(row_cells), characters + length
                rows += bool(row)
                self._check(rows, cells, characters, most_rows)
                if row:
                    yield number, row

    def _row(self, number: int, cells: list[dict[str, Any]]) -> tuple[list[Any], int]:
        if not 0 < number <= _LAST_ROW:
            raise Unreadable(
                f"Sheet “{self.title}” has a row with the number {number:,}, but a sheet ends at "
                f"row {_LAST_ROW:,}. The workbook was not made by a spreadsheet program. {_AGAIN}"
            )
        values: list[Any] = []
        length = 0
        for cell in cells:
            value, column = cell["value"], cell["column"]
            if value is None or value == "":
                continue
            if not 0 < column <= MOST_COLUMNS:
                raise Unreadable(
                    f"Sheet “{self.title}” has a value in column {get_column_letter(column)}, but "
                    f"Floe reads only the first {MOST_COLUMNS} columns. Remove what is far to the "
                    "right."
                )
            if isinstance(value, str):
                length += len(value)
                if len(value) > LONGEST_CELL:
                    raise Unreadable(
                        f"Cell {get_column_letter(column)}{number} of sheet “{self.title}” holds "
                        f"{len(value):,} characters. A cell can have at most {LONGEST_CELL:,}."
                    )
            values.extend([None] * (column - len(values)))
            values[column - 1] = value
        return values, length

    def _check(self, rows: int, cells: int, characters: int, most_rows: int) -> None:
        if rows > most_rows + 1:
            raise Unreadable(
                f"Sheet “{self.title}” has more than {most_rows:,} rows, which is the most that "
                "Floe reads. Split it, or save it as CSV (UTF-8)."
            )
        if cells > MOST_CELLS:
            raise Unreadable(
                f"Sheet “{self.title}” has more than {MOST_CELLS:,} cells, which is the most that "
                "Floe reads. Save it as CSV (UTF-8)."
            )
        if characters > MOST_CHARACTERS:
            raise Unreadable(
                f"Unpacked, sheet “{self.title}” has more than {MOST_CHARACTERS:,} characters. "
                "Leave "
                "out columns that are not needed."
            )


@contextmanager
def opened(path: Path) -> Iterator[list[Sheet]]:
    """The worksheets of a workbook, as long as it is open.

    Raises:
        Unreadable: no workbook, damaged, or past the bounds.
    """
    with path.open("rb") as file, catch_warnings(), _zip(file) as packed:
        simplefilter("ignore")  # openpyxl warns of what it passes over
        check_parts(packed)
        with _as_unreadable(packed):
            book = load_workbook(file, read_only=True, data_only=True, keep_links=False)
            sheets = [
                Sheet(one.title, one.sheet_state == "visible", one._worksheet_path, book,
                      one._shared_strings)
                for one in book.worksheets if hasattr(one, "_worksheet_path")
            ]  # fmt: skip
        yield sheets


@contextmanager
def _zip(file: Any) -> Iterator[zipfile.ZipFile]:
    try:
        packed = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, EOFError) as error:
        raise Unreadable(
            "This workbook can’t be opened because it is incomplete. Perhaps its upload or "
            f"download was cut off. Send it again. {_AGAIN}"
        ) from error
    with packed:
        yield packed


@contextmanager
def _as_unreadable(packed: zipfile.ZipFile) -> Iterator[None]:
    """openpyxl raises all kinds of errors for damaged files. The sentence names the damaged
    part."""
    try:
        yield
    except (Unreadable, MemoryError):
        raise
    except KeyError as error:
        missing = str(error.args[0]) if error.args else ""
        part = missing.partition("'")[2].partition("'")[0]
        what = f": its part “{part[:80]}” is missing" if part else ""
        raise Unreadable(f"This workbook can’t be opened{what}. {_AGAIN}") from error
    except Exception as error:
        words = " ".join(str(error).split())[:120]
        why = f" ({type(error).__name__}: {words})" if words else ""
        raise Unreadable(
            f"This workbook can’t be opened: its list of parts is wrong{why}. {_AGAIN}"
        ) from error


def check_parts(packed: zipfile.ZipFile) -> None:
    """Checks before reading: is it a workbook, how large will it get, is each part complete XML?

    Raises:
        Unreadable
    """
    parts = packed.infolist()
    names = {part.filename for part in parts}
    if "xl/workbook.xml" not in names and not any(n.endswith("/workbook.xml") for n in names):
        raise Unreadable(_archive_kind(packed, names).sentence)
    if len(parts) > _MOST_PARTS or sum(n.startswith("xl/worksheets/") for n in names) > MOST_SHEETS:
        raise Unreadable(
            f"This workbook has more than {MOST_SHEETS} sheets or {_MOST_PARTS:,} parts. Copy the "
            "sheet "
            "with the table into a workbook of its own."
        )
    if any(part.flag_bits & 1 for part in parts):
        raise Unreadable("This workbook is protected by a password. Save a copy without one.")
    for part in parts:
        if part.filename.startswith("/") or ".." in part.filename.split("/"):
            raise Unreadable(f"A part of this workbook is called “{part.filename[:80]}”, which points outside of it. {_AGAIN}")  # fmt: skip
    read = [part for part in parts if part.filename.endswith((".xml", ".rels"))]
    _check_sizes(read)
    for part in read:
        _check_xml(packed, part)


def _check_sizes(read: list[zipfile.ZipInfo]) -> None:
    strings = sum(part.file_size for part in read if part.filename.lower().endswith("strings.xml"))
    steep = any(
        part.file_size > _SMALL and part.file_size > _STEEPEST * max(part.compress_size, 1)
        for part in read
    )
    cells = sum(part.file_size for part in read if part.filename.startswith("xl/worksheets/"))
    total = sum(part.file_size for part in read)
    is_large = strings > _MOST_STRINGS or total > _MOST_UNPACKED
    if steep or is_large or total - strings - cells > _MOST_OTHERS:
        raise Unreadable(
            "Unpacked, this workbook is too large to read. Save its sheet as CSV (UTF-8)."
        )


def _check_xml(packed: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """Complete XML without a document type, because entities can grow huge or load other files."""

    def refuse(*_: Any) -> None:
        raise Unreadable(
            f"“{part.filename[:80]}” in this workbook declares a document type (DTD). No "
            f"spreadsheet program writes one, and Floe does not read it. {_AGAIN}"
        )

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    try:
        with packed.open(part) as source:
            parser.ParseFile(source)
    except expat.ExpatError as error:
        raise Unreadable(
            f"This workbook can’t be opened: “{part.filename[:80]}” in it is damaged at line "
            f"{error.lineno:,}. {_AGAIN}"
        ) from error
    except (
        zipfile.BadZipFile,
        EOFError,
        OSError,
        ValueError,
        NotImplementedError,
        zlib.error,
    ) as error:
        raise Unreadable(
            f"This workbook can’t be opened: “{part.filename[:80]}” in it is damaged or packed in "
            "an "
            f"unusual way. {_AGAIN}"
        ) from error


def _archive_kind(packed: zipfile.ZipFile, names: set[str]) -> Kind:
    """What a ZIP archive is that holds no workbook."""
    xlsx = "Save the sheet as .xlsx or .csv."
    if "xl/workbook.bin" in names:
        return Kind("xlsb", "a binary workbook (.xlsb)", xlsx)
    if any(name.startswith("word/") for name in names):
        return Kind("docx", "a Word document", "Copy the table into a spreadsheet and save that.")
    if any(name.startswith("ppt/") for name in names):
        return Kind("pptx", "a presentation", "Copy the table into a spreadsheet and save that.")
    if "content.xml" in names and "mimetype" in names:
        return Kind("ods", "an OpenDocument file", xlsx)
    if any(name.endswith(".iwa") for name in names):
        return Kind("numbers", "a Numbers document", "Export it as .xlsx or .csv.")
    remedy = "Unpack it, and choose the file with the table."
    return Kind(ZIP, "a ZIP archive", remedy)


def refuse_unless_workbook(path: Path) -> None:
    """Raises Unreadable where the start or the container says that it is anything else."""
    with path.open("rb") as file:
        start = file.read(1 << 20)
    kind = first_kind_of(start[:4096])
    if kind and kind.code == OLE and "EncryptedPackage".encode("utf-16-le") in start + _tail(path):
        raise Unreadable("This workbook is protected by a password. Save a copy without one.")
    if kind and kind.code != ZIP:
        raise Unreadable(kind.sentence)


def _tail(path: Path) -> bytes:
    with path.open("rb") as file:
        file.seek(max(path.stat().st_size - (1 << 20), 0))
        return file.read()


def text_of(value: object) -> str:
    """A cell as text that can be stored: no NUL, no half of a character.

    >>> text_of(dt.datetime(2026, 11, 3)), text_of(3.0), text_of(True), text_of("a\\ud800")
    ('2026-11-03', '3', 'TRUE', 'a?')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(" ")
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    return str(value).replace("\0", "").encode("utf-8", "replace").decode()
