"""How a file is written: what separates its columns, and how it writes numbers, yes and nothing."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from backlog.delimiters import delimiter_of

from .problems import FileProblem, listed
from .text import Text

MISSING: Final = ("", "na", "n/a", "#n/a", "null", "none", "nan", "nil", "-", "\\n")
TRUE_WORDS: Final = (
    "true",
    "yes",
    "t",
    "y",
    "on",
    "wahr",
    "ja",
    "vrai",
    "oui",
    "sí",
    "si",
    "verdadero",
)
FALSE_WORDS: Final = ("false", "no", "f", "n", "off", "falsch", "nein", "faux", "non", "falso")

_POINT = re.compile(r"[-+−]?(\d+(?:\.\d*)?|\.\d+|\d{1,3}(,\d{3})+(\.\d+)?)([eE][-+]?\d+)?")
_COMMA = re.compile(r"[-+−]?(\d+(?:,\d*)?|,\d+|\d{1,3}(\.\d{3})+(,\d+)?|\d+\.\d+)([eE][-+]?\d+)?")
_DECIMAL_COMMA = re.compile(r"[-+−]?\d+,(\d{1,2}|\d{4,})|[-+−]?\d{1,3}(\.\d{3})+,\d+|[-+−]?0,\d+")
_DECIMAL_POINT = re.compile(r"[-+−]?\d+\.(\d{1,2}|\d{4,})|[-+−]?0\.\d+")
_DATE = re.compile(r"\d{4}-\d\d?-\d\d?([ T].*)?|\d\d?[./]\d\d?[./]\d{2,4}([ ,].*)?")


_SAMPLE = 10_000
_SAMPLE_CELLS = 500_000
_MOST_COLUMNS = 1_000
_LONGEST_NAME = 1_000


@dataclass(frozen=True)
class Dialect:
    """`names` are those of the header, made complete; `skipped` lines stand above it."""

    delimiter: str
    decimal: str
    names: tuple[str, ...]
    sample: tuple[tuple[str, ...], ...]
    skipped: int

    def place(self, name: str) -> int:
        """Where a column stands.

        Raises:
            FileProblem: it is not in the file.
        """
        if name not in self.names:
            raise FileProblem(
                f"There is no column “{name}” in this file. It has {listed(self.names)}."
            )
        return self.names.index(name)


def dialect_of(text: Text) -> Dialect:
    """From the first ten thousand lines, a megabyte at most.

    Raises:
        FileProblem: no header, two columns of one name, or one column only.
    """
    start = text.read_start().splitlines(keepends=True)
    skipped, delimiter = _announced(start)
    start = start[skipped : skipped + _SAMPLE]
    delimiter = delimiter or delimiter_of(start[:400])
    header, *sample = _parse(start, delimiter) or [[]]
    names = _names(header)
    sample = sample[: max(_SAMPLE_CELLS // len(names), 100)]
    rows = tuple(tuple(row[: len(names)]) + ("",) * (len(names) - len(row)) for row in sample)
    return Dialect(delimiter, _decimal_of(rows, delimiter), names, rows, skipped)


def rows_below(path: Path, dialect: Dialect) -> Iterator[tuple[int, list[str]]]:
    """Each row below the header with the number of its first line.

    Raises:
        FileProblem: a row that can't be split into cells.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.reader(file, delimiter=dialect.delimiter)
        line = 0
        try:
            for number, cells in enumerate(rows):
                if number > dialect.skipped:
                    yield line + 1, cells
                line = rows.line_num
        except csv.Error as error:
            raise FileProblem(
                f"Row {line + 1:,} could not be split into columns ({error}). Look for a quotation "
                "mark that is not closed, and export the file again."
            ) from error


def _announced(lines: list[str]) -> tuple[int, str]:
    """Excel's own first line, "sep=;"."""
    first = lines[0].strip().strip('"') if lines else ""
    if first.lower().startswith("sep=") and len(first) == 5:
        return 1, first[4]
    return 0, ""


def _parse(lines: Iterable[str], delimiter: str) -> list[list[str]]:
    rows = csv.reader(lines, delimiter=delimiter)
    parsed: list[list[str]] = []
    line = 1
    try:
        for row in rows:
            parsed += [row] if row else []
            line = rows.line_num + 1
    except csv.Error as error:
        raise FileProblem(
            f"From line {line:,} on the file could not be split into columns ({error}). Look there "
            "for a quotation mark that is not closed, and export the file again as CSV."
        ) from error
    return parsed


def _names(header: list[str]) -> tuple[str, ...]:
    if len(header) > _MOST_COLUMNS:
        raise FileProblem(
            f"The first row has {len(header):,} columns, and at most {_MOST_COLUMNS:,} are allowed. Leave "
            "out columns that you don’t need."
        )
    names = tuple(name.strip() or f"column {place}" for place, name in enumerate(header, 1))
    for place, name in enumerate(names, 1):
        if len(name) > _LONGEST_NAME:
            raise FileProblem(
                f"The name of column {place} has {len(name):,} characters, and at most {_LONGEST_NAME:,} "
                "are allowed. Look for a quotation mark in the first row that is not closed."
            )
    if len(names) < 2:
        raise FileProblem(
            "The file has one column only, or its columns are separated by something unusual. "
            "Export it as CSV with commas or semicolons."
        )
    if all(_POINT.fullmatch(name) or _COMMA.fullmatch(name) for name in names):
        raise FileProblem(
            f"The first row holds values ({listed(names, 3)}), not the names of columns. "
            "Add a row of names at the top."
        )
    for place, name in enumerate(names):
        if name in names[:place]:
            raise FileProblem(
                f"Two columns are called “{name}”: columns {names.index(name) + 1} and "
                f"{place + 1}. Rename one of them."
            )
    return names


def _decimal_of(rows: tuple[tuple[str, ...], ...], delimiter: str) -> str:
    cells = [cell.strip() for row in rows[:2000] for cell in row]
    commas = sum(bool(_DECIMAL_COMMA.fullmatch(cell)) for cell in cells)
    dots = sum(bool(_DECIMAL_POINT.fullmatch(cell)) for cell in cells)
    return "," if commas > dots else "."


def kind_of(values: Iterable[str], decimal: str) -> str:
    """What a column holds, if nine in ten of its values agree: "boolean", "number", "date", "text".

    >>> kind_of(["TRUE", "", "FALSE"], "."), kind_of(["1,5", "2"], ","), kind_of(["a"], ".")
    ('boolean', 'number', 'text')
    """
    present = [value for value in map(str.strip, values) if value.lower() not in MISSING]
    if not present:
        return "text"
    number = _COMMA if decimal == "," else _POINT
    words = {*TRUE_WORDS, *FALSE_WORDS, "0", "1"}
    looks = {
        "boolean": sum(value.lower() in words for value in present),
        "number": sum(bool(number.fullmatch(value)) for value in present),
        "date": sum(bool(_DATE.fullmatch(value)) for value in present),
    }
    return next((kind for kind, count in looks.items() if count >= 0.9 * len(present)), "text")


def number(value: str, decimal: str) -> float | None:
    """A cell as a number; None where it is not one.

    >>> number("1.234,5", ","), number("1,234.5", "."), number("1,5", "."), number("−3", ".")
    (1234.5, 1234.5, None, -3.0)
    """
    value = value.strip()
    if not (_COMMA if decimal == "," else _POINT).fullmatch(value):
        return None
    value = value.replace("−", "-")
    if decimal == "," and not re.fullmatch(r"[-+]?\d+\.\d{1,2}|[-+]?\d+\.\d{4,}", value):
        return float(value.replace(".", "").replace(",", "."))
    return float(value.replace(",", ""))
