"""The row that names the columns, below titles, notes and comments, or the question which row it is."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from backlog.delimiters import width_of

from .dates import DateStyle
from .numbers import MISSING, taken_apart
from .problems import FileProblem, listed
from .questions import Choice, Question, QuestionCode

_MOST_COLUMNS: Final = 1_000
_LONGEST_NAME: Final = 1_000
_NOTES_END: Final = 50  # rows within which the table has to begin
_FULL: Final = 0.6  # of the columns that a row of names must fill
_INVISIBLE: Final = re.compile("[\u200b-\u200f\u2060\ufeff\x00-\x08]")
_ROW_NAMES: Final = "row"


class Row(NamedTuple):
    """`place` counts the rows of the file from 0, blank ones too; `line` is the line it starts on."""

    place: int
    line: int
    cells: list[str]


@dataclass(frozen=True)
class Heading:
    """`place` of the row of names, and the names, complete and different."""

    place: int
    names: tuple[str, ...]
    questions: tuple[Question, ...] = ()
    notes: tuple[str, ...] = ()


def find_heading(
    rows: Sequence[Row], answers: Mapping[str, str], *, is_list: bool = False
) -> Heading:
    """The row of names among the first rows of a file. `is_list`: one column is enough.

    Raises:
        FileProblem: one column only, values instead of names, too many columns.
    """
    filled = [row for row in rows if any(cell.strip() for cell in row.cells)]
    width = width_of([len(row.cells) for row in filled])
    if width == 1 and is_list:
        return Heading(filled[0].place, tuple(_folded_names(filled[0].cells[:1])))
    if width < 2:
        raise FileProblem(
            "The file has one column only, or its columns are separated by something unusual. "
            "Export it as CSV with commas or semicolons."
        )
    first = _first_names(filled, _first_full(filled, width))
    candidates = _candidates(filled, first, width)
    chosen, questions = _chosen(candidates, answers)
    names = _names(chosen.cells, [row for row in filled if row.place > chosen.place])
    is_below = chosen.place != filled[0].place
    notes = (f"The names of the columns are in row {chosen.line:,}.",) if is_below else ()
    return Heading(chosen.place, names, questions, notes)


def _first_full(rows: Sequence[Row], width: int) -> int:
    """Where the first row is that fills the table's width, as names do: an index into `rows`.

    A name may be missing, as R leaves out the one of its row names.
    """
    least = max(2, math.ceil(width * _FULL))
    for place, row in enumerate(rows[:_NOTES_END]):
        count = sum(bool(cell.strip()) for cell in row.cells)
        is_comment = row.cells[0].lstrip().startswith("#") and len(row.cells) != width
        is_wide = len(row.cells) >= width - (place == 0 and width > 2) or len(row.cells) > width
        if is_wide and count >= least and not is_comment and not _is_sentence(row.cells, width):
            return place
    return 0


def _first_names(rows: Sequence[Row], first: int) -> int:
    """Where the first full row holds values, names that are too few for it stand above."""
    if any(_is_value(cell.strip()) for cell in rows[first].cells):
        for place, row in enumerate(rows[:first]):
            texts = [cell.strip() for cell in row.cells]
            if len(texts) > 1 and len({*texts, ""}) > len(texts) and not any(map(_is_value, texts)):
                return place
    return first


def _is_sentence(cells: Sequence[str], width: int) -> bool:
    """A title that the delimiter happens to split: wider than the table, in words and blanks."""
    return (
        len(cells) != width and len(cells) > 2 and sum(cell.startswith(" ") for cell in cells) > 1
    )


def _candidates(rows: Sequence[Row], first: int, width: int) -> list[Row]:
    """The rows that may hold the names: one where it is certain."""
    head = rows[first]
    for place in range(first + 1, min(first + 12, len(rows) - 1)):
        gap = rows[place].place - rows[place - 1].place > 1
        if gap and may_name(rows[place].cells, width) and are_values(rows[place + 1 :], width):
            if place - first > 1 and not are_values(rows[first + 1 : place], width):
                return [head, rows[place]]
            if place - first == 1:
                return [head, rows[place]]
    if first + 3 < len(rows) and _is_second_heading(rows[first + 1], rows[first + 2 :], width):
        return [head, rows[first + 1]]
    return [head]


def may_name(cells: Sequence[str], width: int) -> bool:
    """Whether all cells of a row are different texts."""
    texts = [cell.strip() for cell in cells]
    return len(texts) == width == len({*texts, ""}) - 1 and not any(map(_is_value, texts))


def are_values(rows: Sequence[Row], width: int) -> bool:
    """Whether some column below holds values only."""
    below = [row.cells for row in rows[:_NOTES_END] if len(row.cells) == width]
    return bool(below) and any(
        all(_is_value(cells[place].strip()) for cells in below) for place in range(width)
    )


def _is_second_heading(row: Row, below: Sequence[Row], width: int) -> bool:
    """Words above columns of values, below the first row of names."""
    rows = [one.cells for one in below[:_NOTES_END] if len(one.cells) == width]
    if len(rows) < 2 or not may_name(row.cells, width):
        return False
    columns = [
        place for place in range(width) if all(_is_value(cells[place].strip()) for cells in rows)
    ]
    return bool(columns) and not any(
        row.cells[place].strip().lower() in MISSING for place in columns
    )


def _is_value(cell: str) -> bool:
    return taken_apart(cell) is not None or DateStyle().date(cell) is not None


def _chosen(candidates: list[Row], answers: Mapping[str, str]) -> tuple[Row, tuple[Question, ...]]:
    """The row of names. An answer counts only where this file asks: it may be that of another one."""
    if len(candidates) < 2:
        return candidates[0], ()
    choices = tuple(
        Choice(str(row.line), f"Row {row.line:,}", _names_effect(row)) for row in candidates
    )
    question = Question(
        QuestionCode.HEADER, QuestionCode.HEADER, "", "Which row names the columns?",
        "More than one row could hold the names.", choices,
    ).answered(answers)  # fmt: skip
    return next(row for row in candidates if str(row.line) == question.reading), (question,)


def _names_effect(row: Row) -> str:
    names = [cell.strip() for cell in row.cells if cell.strip()]
    return f"columns {listed(names, 4)}"


def _names(header: list[str], below: Sequence[Row]) -> tuple[str, ...]:
    """The names, each different."""
    widths = [len(row.cells) for row in below]
    header = _with_row_names(list(header), below, width_of(widths))
    if len(header) > _MOST_COLUMNS:
        raise FileProblem(
            f"The row of names has {len(header):,} columns, and at most {_MOST_COLUMNS:,} are "
            "allowed. Leave out columns that you don’t need."
        )
    for place, name in enumerate(header, 1):
        if len(name) > _LONGEST_NAME:
            raise FileProblem(
                f"The name of column {place} has {len(name):,} characters, and at most "
                f"{_LONGEST_NAME:,} are allowed. Look for a quotation mark in the first row that is "
                "not closed."
            )
    folded = _folded_names(header)
    if all(_is_value(name) for name in folded):
        raise FileProblem(
            f"The first row holds values ({listed(folded, 3)}), not the names of columns. "
            "Add a row of names at the top."
        )
    return tuple(numbered(folded))


def _folded_names(header: Sequence[str]) -> list[str]:
    return [folded_name(name) or f"column {place}" for place, name in enumerate(header, 1)]


def _with_row_names(header: list[str], below: Sequence[Row], width: int) -> list[str]:
    """The names of a table whose rows are wider than its header by what no name stands for.

    Raises:
        FileProblem: the rows have more columns, and nothing says which of them has no name.
    """
    while len(header) < width and all(
        not cell.strip() for row in below for cell in row.cells[len(header) :]
    ):
        header.append("")
    rows = [row.cells for row in below if len(row.cells) == width]
    if len(header) >= width or len(rows) < 0.9 * len(below):
        return header
    firsts = [cells[0] for cells in rows]
    if len(header) == width - 1 and len(set(firsts)) == len(firsts):
        return [_ROW_NAMES, *header]
    more = "one column" if width - len(header) == 1 else f"{width - len(header)} columns"
    raise FileProblem(
        f"Each row has {more} more than the row of names. Add the missing name, or export the "
        "table without names of rows."
    )


def folded_name(name: str) -> str:
    """A name without line breaks, runs of blanks and signs without a width.

    >>> folded_name(" Converted\\r\\n(yes/no)\\u200b")
    'Converted (yes/no)'
    """
    return " ".join(_INVISIBLE.sub("", name).split()).removeprefix("# ")


def numbered(names: Sequence[str]) -> list[str]:
    """Names with a number behind those that came before.

    >>> numbered(["Objective", "Paid", "Objective", "Objective (2)"])
    ['Objective', 'Paid', 'Objective (2)', 'Objective (2) (2)']
    """
    different: list[str] = []
    for name in names:
        times, unique = 1, name
        while unique in different:
            times += 1
            unique = f"{name} ({times})"
        different.append(unique)
    return different
