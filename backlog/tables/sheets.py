"""Which sheet of a workbook is read: the visible one with a table, or the question which of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Final

from backlog.workbooks import Sheet, text_of

from .dates import DateStyle
from .numbers import taken_apart
from .problems import listed
from .questions import Choice, Question, QuestionCode
from .yes_no import is_yes

_LOOKED_AT: Final = 50


def chosen_sheet(
    sheets: Sequence[Sheet], answers: Mapping[str, str], *, needs_values: bool = True
) -> tuple[Sheet | None, tuple[Question, ...]]:
    """The sheet to read, None where no visible one has a table; and the question, where several do.

    Args:
        needs_values: a table of results has a column of numbers, dates or yes and no; a list of
            terms beside it is not a table of results.
    """
    visible = [sheet for sheet in sheets if sheet.is_visible]
    tops = {sheet.title: _top(sheet) for sheet in visible}
    tables = [sheet for sheet in visible if len(tops[sheet.title]) > 1]
    likely = (
        [sheet for sheet in tables if _has_values(tops[sheet.title])] if needs_values else tables
    )
    candidates = likely or tables
    if len(candidates) < 2:
        return (candidates[0] if candidates else None), ()
    choices = tuple(
        Choice(sheet.title, f"“{sheet.title}”", f"columns {listed(_names(tops[sheet.title]), 4)}")
        for sheet in candidates
    )
    question = Question(
        QuestionCode.SHEET, QuestionCode.SHEET, "", "Which sheet of the workbook counts?",
        f"{len(candidates)} sheets have a table.", choices,
    ).answered(answers)  # fmt: skip
    return next(sheet for sheet in candidates if sheet.title == question.reading), (question,)


def _top(sheet: Sheet) -> list[list[str]]:
    """The first rows that fill two cells or more."""
    rows = (
        [text_of(value) for value in values] for _, values in islice(sheet.values(), _LOOKED_AT)
    )
    return [row for row in rows if sum(bool(cell.strip()) for cell in row) > 1]


def _has_values(rows: list[list[str]]) -> bool:
    below = rows[1:]
    for place in range(max(map(len, rows))):
        cells = [row[place].strip() for row in below if place < len(row) and row[place].strip()]
        if len(cells) * 2 >= len(below) and all(map(_is_value, cells)):
            return True
    return False


def _is_value(cell: str) -> bool:
    is_number = taken_apart(cell) is not None or cell.startswith("=")
    return is_number or DateStyle().date(cell) is not None or is_yes(cell) is not None


def _names(rows: list[list[str]]) -> list[str]:
    widest = max(rows[:5], key=len)
    return [" ".join(cell.split()) for cell in widest if cell.strip()]
