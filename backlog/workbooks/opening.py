"""A workbook opened: its worksheets, as long as it is open."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from warnings import catch_warnings, simplefilter

from openpyxl.chartsheet import Chartsheet
from openpyxl.reader.excel import ExcelReader

from backlog.file_kinds import OLE, ZIP, Unreadable
from backlog.file_kinds import kind_of as first_kind_of

from .damage import AGAIN, as_unreadable
from .parts import check_parts
from .sheets import Sheet


class _Reader(ExcelReader):  # type: ignore[misc]
    """Reads no charts: a chart sheet only keeps its place among the sheets."""

    def read_chartsheet(self, sheet: Any, rel: Any) -> None:
        chart = Chartsheet()
        chart._parent = self.wb
        chart.title = sheet.name
        self.wb._add_sheet(chart)


@contextmanager
def opened(path: Path) -> Iterator[list[Sheet]]:
    """The worksheets of a workbook, as long as it is open.

    Raises:
        Unreadable: no workbook, damaged, or past the bounds.
    """
    with path.open("rb") as file, catch_warnings(), _zip(file) as packed:
        simplefilter("ignore")  # openpyxl warns of what it passes over
        check_parts(packed)
        with as_unreadable(packed):
            reader = _Reader(file, read_only=True, data_only=True, keep_links=False)
            reader.read()
            book = reader.wb
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
            f"download was cut off. Send it again. {AGAIN}"
        ) from error
    with packed:
        yield packed


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
