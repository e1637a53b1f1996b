"""How a text table is laid out: its delimiter, the row that names its columns, and what is above it."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from backlog.delimiters import delimiter_of

from .heading import Row, find_heading, folded_name
from .problems import FileProblem, listed
from .questions import Question
from .quotes import mend
from .text import Text, as_text

_SAMPLE: Final = 10_000
_SAMPLE_CELLS: Final = 500_000
_FIRST: Final = 400


@dataclass(frozen=True)
class Layout:
    """`names` are those of the header, made complete and different; `skipped` rows stand above it;
    `sample` holds the first rows, each as wide as the names. `notes` say what was passed over."""

    delimiter: str
    names: tuple[str, ...]
    sample: tuple[tuple[str, ...], ...]
    skipped: int
    questions: tuple[Question, ...] = ()
    notes: tuple[str, ...] = ()

    def place(self, name: str) -> int:
        """Where a column stands, whatever blanks its name is written with.

        Raises:
            FileProblem: it is not in the file.
        """
        name = folded_name(name)
        if name not in self.names:
            raise FileProblem(
                f"There is no column “{name}” in this file. It has {listed(self.names)}."
            )
        return self.names.index(name)


@contextmanager
def laid_out(
    path: str | Path,
    *,
    answers: Mapping[str, str] | None = None,
    max_rows: int,
    is_list: bool = False,
) -> Iterator[tuple[Text, Layout]]:
    """The file as text whose quotation marks are closed, and its layout.

    `is_list`: it may have one column only.

    Raises:
        FileProblem: not text, no header, one column only, a mark that is never closed.
    """
    with as_text(path, max_rows=max_rows) as text:
        layout = layout_of(text, answers, is_list=is_list)
        if not text.has_odd_quotes:
            yield text, layout
            return
        with TemporaryDirectory(prefix="results-") as folder:
            copy = Path(folder) / "mended.csv"
            width = len(layout.names)
            mended = mend(text, copy, delimiter=layout.delimiter, width=width)
            if not mended.is_changed:
                yield text, layout
                return
            whole = Text(copy, text.encoding, text.lines)
            layout = layout_of(whole, answers, is_list=is_list)
            yield whole, replace(layout, notes=(*mended.notes(), *layout.notes))


def layout_of(
    text: Text, answers: Mapping[str, str] | None = None, *, is_list: bool = False
) -> Layout:
    """From the first ten thousand lines, a megabyte at most.

    Raises:
        FileProblem: no header, too many columns, one column only.
    """
    lines = text.read_start().splitlines(keepends=True)
    announced, delimiter = _announced(lines)
    lines = lines[: announced + _SAMPLE]
    delimiter = delimiter or delimiter_of(lines[announced : announced + _FIRST])
    rows = _parse(lines, delimiter)
    heading = find_heading(rows[announced:_FIRST], answers or {}, is_list=is_list)
    width = len(heading.names)
    sample = [row.cells for row in rows if row.place > heading.place and row.cells]
    sample = sample[: max(_SAMPLE_CELLS // width, 100)]
    return Layout(
        delimiter,
        heading.names,
        tuple(tuple(cells[:width]) + ("",) * (width - len(cells)) for cells in sample),
        heading.place,
        heading.questions,
        heading.notes,
    )


def rows_below(path: Path, layout: Layout) -> Iterator[tuple[int, list[str]]]:
    """Each row below the header with the number of its first line.

    Raises:
        FileProblem: a row that can't be split into cells.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in _split(file, layout.delimiter):
            if row.place > layout.skipped:
                yield row.line, row.cells


def _announced(lines: list[str]) -> tuple[int, str]:
    """Excel's own first line, "sep=;"."""
    first = lines[0].strip().strip('"') if lines else ""
    if first.lower().startswith("sep=") and len(first.rstrip(",;")) in (4, 5):
        return 1, first[4:5]
    return 0, ""


def _parse(lines: Iterable[str], delimiter: str) -> list[Row]:
    return list(_split(lines, delimiter))


def _split(lines: Iterable[str], delimiter: str) -> Iterator[Row]:
    reader = csv.reader(lines, delimiter=delimiter)
    line = 1
    try:
        for place, cells in enumerate(reader):
            yield Row(place, line, cells)
            line = reader.line_num + 1
    except csv.Error as error:
        raise FileProblem(
            f"Row {line:,} could not be split into columns ({error}). Look for a quotation mark "
            "that is not closed, and export the file again as CSV."
        ) from error
