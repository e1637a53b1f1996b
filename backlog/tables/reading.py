"""A table of ideas or a list as rows: pasted text, a text file, a workbook.

Names are known to the caller, who says which row holds them; without such a row a line of pasted text
is one cell, whatever commas it has.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from backlog.delimiters import delimiter_of, width_of
from backlog.file_kinds import HEAD, OLE, ZIP, kind_of
from backlog.workbooks import Sheet, opened, refuse_unless_workbook, text_of

from .heading import Row, are_values, folded_name, may_name, numbered
from .problems import FileProblem, listed
from .questions import Choice, Question, QuestionCode
from .quotes import mend
from .sheets import chosen_sheet
from .text import Text, as_text

_HEADER_WITHIN: Final = 20  # rows
_NO_HEADER: Final = "0"
HEADER_ROW: Final = "header_row"  # an answer that no question asks for: the row that somebody names
IsHeader = Callable[[Sequence[str]], bool]


@dataclass(frozen=True)
class TableRow:
    """`line` is the row of the sheet, as a spreadsheet numbers it: a row may go over several lines."""

    line: int
    cells: list[str]


@dataclass(frozen=True)
class Table:
    """`names` are different and as many as the widest row; `header`: the row that they stand in, as a
    spreadsheet numbers it, or 0. A row may have fewer cells than there are names. In a workbook a cell
    that looks like a formula is text."""

    names: list[str]
    rows: list[TableRow]
    header: int = 1
    questions: tuple[Question, ...] = ()
    notes: list[str] = field(default_factory=list)
    is_workbook: bool = False

    @property
    def has_header(self) -> bool:
        """Whether its names stand in the table."""
        return self.header > 0


def read_table(
    source: str | Path,
    answers: Mapping[str, str] | None = None,
    *,
    is_header: IsHeader,
    most_rows: int = 100_000,
    most_columns: int = 200,
) -> Table:
    """The table in pasted text (a str) or in a file (a Path).

    Args:
        answers: to questions about it, by their keys: which sheet, which row names the columns.
        is_header: whether the cells of a row are names that the caller knows.

    Raises:
        Unreadable: no table, damaged, or too much of it.
    """
    given = answers or {}
    if isinstance(source, Path) and _is_workbook(source):
        refuse_unless_workbook(source)
        with opened(source) as sheets:
            sheet, questions = chosen_sheet(sheets, given, needs_values=False)
            sheet = sheet or _longest_list(sheets)
            rows = list(_sheet_rows(sheet, most_rows))
            notes = _sheet_notes(sheet, len(sheets))
        table = _table(rows, given, is_header, most_rows, most_columns)
        return _with(table, questions, notes, is_workbook=True)
    with TemporaryDirectory(prefix="table-") as folder:
        path = source if isinstance(source, Path) else Path(folder) / "pasted.txt"
        if isinstance(source, str):
            path.write_text(source, encoding="utf-8", newline="")
        with as_text(path, max_rows=10 * most_rows) as text:
            is_pasted = isinstance(source, str) and not given.get(HEADER_ROW)
            rows, notes = _text_rows(text, is_header, Path(folder), is_pasted=is_pasted)
    return _with(_table(rows, given, is_header, most_rows, most_columns), (), notes)


def _is_workbook(path: Path) -> bool:
    with path.open("rb") as file:
        kind = kind_of(file.read(HEAD))
    return bool(kind and kind.code in (ZIP, OLE))


def _longest_list(sheets: Sequence[Sheet]) -> Sheet:
    """Without a table, a sheet with one column is a list."""
    visible = [sheet for sheet in sheets if sheet.is_visible]
    filled = [sheet for sheet in visible if next(iter(sheet.values()), None)]
    if not filled:
        raise FileProblem("This workbook has no sheet with cells. Save the table as .csv.")
    return filled[0]


def _sheet_rows(sheet: Sheet, most_rows: int) -> Iterator[Row]:
    for place, (number, values) in enumerate(sheet.values(most_rows=most_rows)):
        yield Row(place, number, [text_of(value) for value in values])


def _sheet_notes(sheet: Sheet, sheets: int) -> list[str]:
    notes = []
    if sheets > 1:
        notes.append(f"The workbook has several sheets. Only “{sheet.title}” was read.")
    if sheet.has_formulas:
        notes.append("Formulas are not calculated again. Floe reads the values they last showed.")
    return notes


def _text_rows(
    text: Text, is_header: IsHeader, folder: Path, *, is_pasted: bool
) -> tuple[list[Row], list[str]]:
    """The rows of text, split where its lines are split alike."""
    lines = _lines_of(text)
    start, delimiter = _announced(lines)
    delimiter = delimiter or delimiter_of(lines[start : start + 400])
    rows = _parsed(lines[start:], delimiter, start)
    has_tabs = any("\t" in line for line in lines[:400])
    if is_pasted and not has_tabs and delimiter == "," and _header_place(rows, is_header) is None:
        return [Row(place, place + 1, [line.strip()]) for place, line in enumerate(lines)], []
    width = width_of([len(row.cells) for row in rows if row.cells])
    if not text.has_odd_quotes or width < 2:
        return rows, []
    mended = mend(text, folder / "mended.csv", delimiter=delimiter, width=width)
    whole = Text(folder / "mended.csv", text.encoding, text.lines)
    return _parsed(_lines_of(whole)[start:], delimiter, start), mended.notes()


def _lines_of(text: Text) -> list[str]:
    with text.path.open(encoding="utf-8-sig", newline="") as file:
        return file.readlines()


def _announced(lines: Sequence[str]) -> tuple[int, str]:
    first = lines[0].strip().strip('"') if lines else ""
    is_sign = first.lower().startswith("sep=") and len(first) == 5
    return (1, first[4]) if is_sign else (0, "")


def _parsed(lines: Iterable[str], delimiter: str, start: int) -> list[Row]:
    reader = csv.reader(lines, delimiter=delimiter)
    rows, line = [], start + 1
    try:
        for place, cells in enumerate(reader):
            rows.append(Row(place, start + place + 1, cells))
            line = start + reader.line_num + 1
    except csv.Error as error:
        raise FileProblem(
            f"The table can’t be read from line {line:,} on: {error}. Look for a missing quotation "
            "mark there."
        ) from error
    return rows


def _header_place(rows: Sequence[Row], is_header: IsHeader) -> int | None:
    """Where the row of names is: the first that the caller knows, among the first rows with cells."""
    filled = [row for row in rows if any(cell.strip() for cell in row.cells)]
    known = (row.place for row in filled[:_HEADER_WITHIN] if is_header(row.cells))
    return next(known, None)


def _table(
    rows: Sequence[Row],
    answers: Mapping[str, str],
    is_header: IsHeader,
    most_rows: int,
    most_columns: int,
) -> Table:
    filled = [row for row in rows if any(cell.strip() for cell in row.cells)]
    if not filled:
        raise FileProblem("There are no rows here. Copy the cells in your sheet, then paste them.")
    header, questions = _header(filled, answers, is_header)
    below = [row for row in filled if header is None or row.place > header.place]
    if not below:
        raise FileProblem("There is a header but no row below it. Copy the rows, too.")
    if len(below) > most_rows:
        raise FileProblem(
            f"There are more than {most_rows:,} rows. Split the sheet and import one part at a time."
        )
    notes = _about_blank(rows, filled)
    width = max(len(row.cells) for row in ([header] if header else []) + below)
    if width > most_columns:
        notes.append(f"Only the first {most_columns} columns were read.")
        width = most_columns
    if header and header.place != filled[0].place:
        notes.append(f"The names of the columns are in row {header.line:,}.")
    cut = [TableRow(row.line, _without_end(row.cells[:width])) for row in below]
    names = _names_of(header.cells if header else [], width)
    return Table(names, cut, header.line if header else 0, questions, notes)


def _about_blank(rows: Sequence[Row], filled: Sequence[Row]) -> list[str]:
    empty = filled[-1].place + 1 - len(filled)
    return [f"{empty:,} empty rows were skipped."] if empty > 1 else []


def _header(
    filled: Sequence[Row], answers: Mapping[str, str], is_header: IsHeader
) -> tuple[Row | None, tuple[Question, ...]]:
    if by_hand := answers.get(HEADER_ROW, ""):
        return _row_named(by_hand, filled), ()
    known = _header_place(filled, is_header)
    if known is not None:
        return next(row for row in filled if row.place == known), ()
    first, width = filled[0], width_of([len(row.cells) for row in filled])
    if width < 2 or not (may_name(first.cells, width) and are_values(filled[1:], width)):
        return None, ()
    question = Question(
        QuestionCode.HEADER, QuestionCode.HEADER, "", f"Does row {first.line:,} name the columns?",
        "Floe knows none of its words, but the rows below it hold values.",
        (
            Choice(str(first.line), "It names the columns", f"columns {listed(first.cells, 4)}"),
            Choice(_NO_HEADER, "It is a row like the others", f"{len(filled):,} rows"),
        ),
    ).answered(answers)  # fmt: skip
    return (first if question.reading == str(first.line) else None), (question,)


def _row_named(number: str, filled: Sequence[Row]) -> Row:
    """The row that somebody says holds the names of the columns."""
    last = filled[-1].line
    if chosen := next((row for row in filled[:-1] if str(row.line) == number), None):
        return chosen
    if number == str(last):
        raise FileProblem(
            f"Row {last:,} is the last one, so it can’t name the columns of any other row."
        )
    line = int(number) if number.isdecimal() and len(number) < 10 else 0
    if 0 < line < last:
        raise FileProblem(
            f"Row {line:,} is empty. Enter the number of the row with the column names."
        )
    shown = f"{line:,}" if line else f"“{number[:20]}”"
    raise FileProblem(f"Row {shown} is not in this table. Its last row is row {last:,}.")


def _names_of(header: Sequence[str], width: int) -> list[str]:
    names = [folded_name(name)[:60] for name in header[:width]]
    names += [""] * (width - len(names))
    return numbered([name or f"Column {_letter(place)}" for place, name in enumerate(names)])


def _letter(place: int) -> str:
    first, second = divmod(place, 26)
    return (chr(64 + first) if first else "") + chr(65 + second)


def _without_end(cells: Sequence[str]) -> list[str]:
    """Remove the empty cells at its end, so that a wide first row does not widen all others."""
    row = [cell.strip() for cell in cells]
    while row and not row[-1]:
        row.pop()
    return row


def _with(
    table: Table,
    questions: tuple[Question, ...],
    notes: Sequence[str],
    *,
    is_workbook: bool = False,
) -> Table:
    return Table(
        table.names, table.rows, table.header, (*questions, *table.questions),
        [*notes, *table.notes], is_workbook,
    )  # fmt: skip
