"""The parts of a workbook before any of them is read: their sizes, complete XML, no entities."""

from __future__ import annotations

import zipfile
import zlib
from typing import Any, Final
from xml.parsers import expat

from backlog.file_kinds import ZIP, Kind, Unreadable

from .damage import AGAIN

MOST_SHEETS: Final = 200
_MOST_PARTS: Final = 5_000
_MOST_UNPACKED: Final = 400 << 20
_MOST_STRINGS: Final = 100 << 20  # they are all kept while the sheet is read
# Styles and the like become objects of Python, a hundred times as large.
_MOST_OTHERS: Final = 8 << 20
_STEEPEST: Final = 500  # times that a part may grow; sheets of one repeated number come to 100
_SMALL: Final = 4 << 20


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
            raise Unreadable(f"A part of this workbook is called “{part.filename[:80]}”, which points outside of it. {AGAIN}")  # fmt: skip
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
            f"spreadsheet program writes one, and Floe does not read it. {AGAIN}"
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
            f"{error.lineno:,}. {AGAIN}"
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
            f"unusual way. {AGAIN}"
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
