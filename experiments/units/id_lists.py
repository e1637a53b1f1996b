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

from backlog.tables.layout import Layout, laid_out, rows_below
from backlog.tables.text import Text
from experiments.results_file.problems import FileProblem

MOST_ROWS = 2_000_000
LONGEST_ID = 400


@dataclass(frozen=True)
class IdList:
    """`units` in the order of the file; `strata` and `others` beside them, one value per row."""

    units: list[str]
    strata: list[str]
    others: list[str]


def read_ids(
    path: str | Path, *, unit: str = "", strata: Sequence[str] = (), other: str = ""
) -> IdList:
    """The ids of column `unit` (the first one where it is empty), what `strata` say of each row,
    joined, and the column `other`.

    Raises:
        FileProblem: no such column, a row without an id, not text, too long, no rows.
    """
    with laid_out(path, max_rows=MOST_ROWS, is_list=True) as (text, layout):
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
    with laid_out(path, max_rows=MOST_ROWS, is_list=True) as (text, layout):
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


def _rows(text: Text, layout: Layout) -> Iterator[tuple[int, list[str]]]:
    for line, row in rows_below(text.path, layout):
        if any(row):
            yield line, row


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
