"""Lists of ids in a CSV: the ids, the columns beside them, and the same rows given back with more.

Pure: the file is read twice and never kept. Whatever stands in the way is a `FileProblem`.
"""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from backlog.delimiters import delimiter_of
from backlog.tables.text import Text, as_text
from experiments.results_file.problems import FileProblem, listed

MOST_ROWS = 2_000_000
MOST_COLUMNS = 1_000
LONGEST_ID = 400


@dataclass(frozen=True)
class IdList:
    """`units` in the order of the file; `strata` and `others` beside them, one value per row."""

    units: list[str]
    strata: list[str]
    others: list[str]


@dataclass(frozen=True)
class Layout:
    """How the file is written: what separates its columns, what they are called."""

    delimiter: str
    names: tuple[str, ...]

    def place(self, name: str) -> int:
        if name not in self.names:
            raise FileProblem(f"There is no column “{name}”. The file has {listed(self.names)}.")
        return self.names.index(name)


def read_ids(
    path: str | Path, *, unit: str = "", strata: Sequence[str] = (), other: str = ""
) -> IdList:
    """The ids of column `unit` (the first one where it is empty), what `strata` say of each row,
    joined, and the column `other`.

    Raises:
        FileProblem: no such column, a row without an id, not text, too long, no rows.
    """
    with as_text(path, max_rows=MOST_ROWS) as text:
        layout = _layout(text)
        at = layout.place(unit) if unit else 0
        beside = [layout.place(name) for name in strata]
        further = layout.place(other) if other else None
        listed = IdList([], [], [])
        for line, row in _rows(text, layout):
            listed.units.append(_unit(row, at, line))
            if beside:
                cells = (_in_one_line(_cell(row, place)) for place in beside)
                listed.strata.append("\x1f".join(cells))
            if further is not None:
                listed.others.append(_in_one_line(_cell(row, further)))
    if not listed.units:
        raise FileProblem("The file has a row of names, but no row with an id below it.")
    return listed


def keep_ids(
    path: str, *, target: str, unit: str = "", strata: Sequence[str] = (), other: str = ""
) -> list[int]:
    """Write what `read_ids` finds to `target`, a line each, one list after the other; their lengths."""
    listed = read_ids(path, unit=unit, strata=strata, other=other)
    lists = (listed.units, listed.strata, listed.others)
    with Path(target).open("w", encoding="utf-8", newline="\n") as file:
        for one in lists:
            file.writelines(f"{text}\n" for text in one)
    return [len(one) for one in lists]


def kept_ids(target: str | Path, lengths: Sequence[int]) -> IdList:
    """What `keep_ids` wrote."""
    with Path(target).open(encoding="utf-8", newline="\n") as file:
        return IdList(*([line[:-1] for line in islice(file, length)] for length in lengths))


def with_columns(path: str | Path, more: dict[str, Sequence[str]]) -> Iterator[str]:
    """The file again as CSV text, row by row, with further columns at its end."""
    with as_text(path, max_rows=MOST_ROWS) as text:
        layout = _layout(text)
        buffer = io.StringIO()
        writer = csv.writer(buffer, delimiter=layout.delimiter, lineterminator="\r\n")
        writer.writerow([*layout.names, *more])
        values = zip(*more.values(), strict=True)
        for (_, row), added in zip(_rows(text, layout), values, strict=True):
            filled = row[: len(layout.names)] + [""] * (len(layout.names) - len(row))
            writer.writerow([*filled, *added])
            if buffer.tell() > 1 << 16:
                yield buffer.getvalue()
                buffer.seek(0)
                buffer.truncate()
        yield buffer.getvalue()


def on_disk(chunks: Iterable[bytes], *, folder: str | Path) -> Any:
    """An upload as a file with a `name`, gone as soon as it is closed or forgotten."""
    file = tempfile.NamedTemporaryFile(suffix=".csv", dir=folder)  # noqa: SIM115  (whoever asked closes it)
    for chunk in chunks:
        file.write(chunk)
    file.flush()
    return file


def _layout(text: Text) -> Layout:
    lines = text.read_start().splitlines()[:400]
    first, delimiter = lines[0] if lines else "", delimiter_of(lines)
    try:
        names = next(csv.reader([first], delimiter=delimiter), [])
    except csv.Error as error:
        raise FileProblem(f"Row 1 can’t be split into columns ({error}).") from error
    names = [name.strip() for name in names]
    if not any(names):
        raise FileProblem("The first row is empty. Enter the names of the columns there.")
    if len(set(names)) < len(names):
        raise FileProblem("Two columns have the same name. Rename one of them.")
    if len(names) > MOST_COLUMNS:
        raise FileProblem(
            f"The list has {len(names):,} columns, and at most {MOST_COLUMNS:,} are allowed. Leave out those "
            "you don’t need."
        )
    return Layout(delimiter, tuple(names))


def _rows(text: Text, layout: Layout) -> Iterator[tuple[int, list[str]]]:
    with text.path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file, delimiter=layout.delimiter)
        before = 0
        try:
            for number, row in enumerate(reader):
                if number and any(row):
                    yield reader.line_num, row
                before = reader.line_num
        except csv.Error as error:
            raise FileProblem(
                f"Row {before + 1:,} can’t be split into columns ({error}). Look for a quotation mark there "
                "that is not closed."
            ) from error


def _unit(row: list[str], at: int, line: int) -> str:
    unit = _cell(row, at)
    if not unit:
        raise FileProblem(f"Row {line:,} has no id. Fill it in or leave out the row.")
    if len(unit) > LONGEST_ID:
        raise FileProblem(
            f"Row {line:,}: an id can have at most {LONGEST_ID} characters. Look for a quotation mark near it "
            "that is not closed."
        )
    if "\n" in unit or "\r" in unit:
        raise FileProblem(
            f"The id that ends in row {line:,} contains a line break. Look above it for a quotation mark "
            "that is not closed."
        )
    return unit


def _cell(row: list[str], place: int) -> str:
    return row[place].strip() if place < len(row) else ""


def _in_one_line(text: str) -> str:
    return " ".join(text.splitlines()) if "\n" in text or "\r" in text else text
