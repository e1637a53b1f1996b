"""A workbook: its sheet with the table, written once as CSV."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path

from backlog.tables.questions import Question
from backlog.tables.sheets import chosen_sheet
from backlog.workbooks import MOST_ROWS, Sheet, opened, refuse_unless_workbook, text_of

from .problems import FileProblem


def unpack_workbook(
    path: Path, target: Path, max_rows: int, answers: Mapping[str, str]
) -> tuple[str, tuple[Question, ...]]:
    """Write its table to `target`; returns what it was, and the question which sheet counts.

    Raises FileProblem, Unreadable.
    """
    refuse_unless_workbook(path)
    with opened(path) as sheets:
        sheet, questions = chosen_sheet(sheets, answers)
        if sheet is None:
            raise FileProblem(
                "No sheet of this workbook has a table: a row of names and rows below it."
            )
        with target.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(_texts(sheet, min(max_rows, MOST_ROWS)))
        others = len(sheets) - 1
        note = f"workbook, sheet “{sheet.title}”; {others} other not read" if others else "workbook"
        if sheet.has_formulas:
            note += "; formulas are read as the values they last showed"
        return note, questions


def _texts(sheet: Sheet, max_rows: int) -> Iterator[list[str]]:
    for _, values in sheet.values(most_rows=max_rows):
        cells = [text_of(value) for value in values]
        if any(cells):
            yield cells
