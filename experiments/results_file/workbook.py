"""A workbook: its first sheet with a table, written once as CSV."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from backlog.workbooks import MOST_ROWS, Sheet, opened, refuse_unless_workbook, text_of

from .problems import FileProblem


def unpack_workbook(path: Path, target: Path, max_rows: int) -> str:
    """Write its table to `target`; returns what it was. Raises FileProblem, Unreadable."""
    refuse_unless_workbook(path)
    with opened(path) as sheets:
        for sheet in sheets:
            if not sheet.is_visible:
                continue
            with target.open("w", encoding="utf-8", newline="") as file:
                writer = csv.writer(file)
                written = 0
                for row in _texts(sheet, min(max_rows, MOST_ROWS)):
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
