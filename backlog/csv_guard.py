"""Cells that no spreadsheet runs as formulas: how Floe writes CSV for people, and reads it back."""

import csv
import datetime as dt
import re
from collections.abc import Iterable, Iterator

# What a cell of an export holds. Text is from people, numbers and days are from Floe.
Cell = str | int | float | dt.date | None

# What starts a formula, as it is and as a spreadsheet may normalise it: full width, small, raised,
# lowered. Before it a spreadsheet passes over spaces, signs without a width, control characters.
_SIGNS = r"=+\-@\t\r\n＝＋－＠﹦﹢﹣﹫⁼⁺⁻₌₊₋−﬩⩵⩶"
_BLANK = (
    r" \x00-\x08\x0b\x0c\x0e-\x1f\x7f-\xa0\xad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f"
    r"\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0"
)
# Of a run of apostrophes or blanks only the first can start a match, so the whole is linear.
_START = re.compile(rf"""(^|[;,\t\r\n|"])('*+)(?=[{_BLANK}]*+[{_SIGNS}])""")


def formula_safe(text: str) -> str:
    """Text that a spreadsheet will not run, whatever it takes for the end of a cell.

    An apostrophe stands before each sign that could start a formula, and before the blanks that lead
    to it, at the start and after every separator, because a spreadsheet of another locale splits the
    line at semicolons or tabs. `unformula` restores the text.

    >>> formula_safe("1;=1+1,-2")
    "1;'=1+1,'-2"
    """
    return _START.sub(_guarded, text)


def _guarded(match: "re.Match[str]") -> str:
    return match.group(1) + "'" * (2 * len(match.group(2)) + 1)


def unformula(text: str) -> str:
    """What `formula_safe` was given.

    >>> unformula(formula_safe("'=1;=2"))
    "'=1;=2"
    """
    return _START.sub(_bared, text) if "'" in text else text


def _bared(match: "re.Match[str]") -> str:
    return match.group(1) + "'" * (len(match.group(2)) // 2)


class _Line:
    """A file whose one line is what was written last."""

    def write(self, line: str) -> str:
        return line


def csv_lines(rows: Iterable[Iterable[Cell]]) -> Iterator[str]:
    """The only way in which Floe writes CSV for people: quoted, and without cells that run as
    formulas.

    The mark in front tells Excel UTF-8. A number is one of ours and stays as it is, also below 0.

    >>> list(csv_lines([["＝1+1", -2, dt.date(2026, 11, 9), None]]))[1]
    '"\\'＝1+1","-2","2026-11-09",""\\r\\n'
    """
    writer = csv.writer(_Line(), quoting=csv.QUOTE_ALL)
    yield "\ufeff"
    for row in rows:
        yield writer.writerow([_as_text(cell) for cell in row])  # type: ignore[misc]


def _as_text(cell: Cell) -> str:
    if isinstance(cell, str):
        return formula_safe(cell)
    if isinstance(cell, dt.date):
        return cell.isoformat()
    return "" if cell is None else f"{cell:.10g}"
