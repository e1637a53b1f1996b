"""One sheet of a workbook as rows of values, formulas that were never computed as their text."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from openpyxl.utils import get_column_letter
from openpyxl.worksheet._reader import FORMULA_TAG, WorkSheetParser

from backlog.file_kinds import Unreadable

from .damage import AGAIN, as_unreadable

MOST_ROWS: Final = 100_000
MOST_COLUMNS: Final = 500
MOST_CELLS: Final = 2_000_000
MOST_CHARACTERS: Final = 200_000_000
LONGEST_CELL: Final = 131_072  # four times what Excel lets into one; also what the csv module takes
_LAST_ROW: Final = 1_048_576  # of a sheet in Excel


class _Parser(WorkSheetParser):  # type: ignore[misc]
    """Cells with their values, and beside them the text of their formula."""

    def parse_cell(self, element: Any) -> dict[str, Any]:
        cell: dict[str, Any] = super().parse_cell(element)
        formula = element.find(FORMULA_TAG)
        if formula is not None:
            cell["formula"] = f"={formula.text or '…'}"
        return cell


@dataclass(frozen=True)
class Sheet:
    """A worksheet by name; `values` gives its rows that hold something."""

    title: str
    is_visible: bool
    part: str
    _book: Any
    _strings: Any

    def values(self, *, most_rows: int = MOST_ROWS) -> Iterator[tuple[int, list[Any]]]:
        """The number of each row that holds something, and its values from the first column on. A
        formula counts as the value it last showed; one that was never computed, as its text.

        Raises:
            Unreadable: more than the bounds, or no sheet after all.
        """
        never = self._never_computed() if self.has_formulas else set()
        rows = cells = characters = 0
        for number, row_cells in self._cells(_Parser if self.has_formulas else WorkSheetParser):
            row, length = self._row(number, row_cells, never)
            cells, characters = cells + len(row_cells), characters + length
            rows += bool(row)
            self._check(rows, cells, characters, most_rows)
            if row:
                yield number, row

    @cached_property
    def has_formulas(self) -> bool:
        tail = b""
        archive = self._book._archive
        with as_unreadable(archive), archive.open(self.part) as source:
            while chunk := source.read(1 << 20):
                if b"<f>" in tail + chunk or b"<f " in tail + chunk or b"<f/" in tail + chunk:
                    return True
                tail = chunk[-3:]
        return False

    def _never_computed(self) -> set[int]:
        """The columns of whose formulas none has a value other than 0: what wrote them computed none."""
        formulas: set[int] = set()
        computed: set[int] = set()
        for number, (_, cells) in enumerate(self._cells(_Parser)):
            if number > MOST_ROWS:
                break
            for cell in cells:
                if "formula" in cell:
                    formulas.add(cell["column"])
                    if cell["value"] not in (None, "", 0):
                        computed.add(cell["column"])
        return formulas - computed

    def _cells(self, parser_class: Any) -> Iterator[tuple[int, list[dict[str, Any]]]]:
        book = self._book
        with book._archive.open(self.part) as source, as_unreadable(book._archive):
            parser = parser_class(
                source, self._strings, data_only=True, epoch=book.epoch,
                date_formats=book._date_formats, timedelta_formats=book._timedelta_formats,
            )  # fmt: skip
            for number, row_cells in parser.parse():
                parser.row_dimensions.clear()
                yield number, row_cells

    def _row(
        self, number: int, cells: list[dict[str, Any]], never: set[int]
    ) -> tuple[list[Any], int]:
        if not 0 < number <= _LAST_ROW:
            raise Unreadable(
                f"Sheet “{self.title}” has a row with the number {number:,}, but a sheet ends at "
                f"row {_LAST_ROW:,}. The workbook was not made by a spreadsheet program. {AGAIN}"
            )
        values: list[Any] = []
        length = 0
        for cell in cells:
            value, column = cell["value"], cell["column"]
            if "formula" in cell and (column in never or value in (None, "")):
                value = cell["formula"]
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
