"""Where the rows that were rejected stand in the file, and what stands there."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

from backlog.tables.layout import Layout

from .shapes import RejectedRow

_LONGEST = 500


def located(
    path: Path, layout: Layout, reasons: dict[int, str], *, is_straight: bool
) -> tuple[RejectedRow, ...]:
    """`reasons` by place among the rows that were read (from 0), as rejected rows of the file.

    `is_straight`: each row is a line, so the lines can be counted; otherwise (blank lines, line
    breaks in quotation marks, rows that could not be split) the file is parsed once more.
    """
    first = layout.skipped + 2
    if is_straight:
        lines = {place: place + first for place in reasons}
    else:
        starts = _starts(path, layout)
        lines = {place: line for place, line in enumerate(starts) if place in reasons}
    texts = texts_at(path, set(lines.values()))
    return tuple(
        RejectedRow(lines[place], reason, texts.get(lines[place], ""))
        for place, reason in sorted(reasons.items())
        if place in lines
    )


def _starts(path: Path, layout: Layout) -> Iterator[int]:
    """The line on which each row starts that can be split into no more columns than the header."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.reader(file, delimiter=layout.delimiter)
        for _ in range(layout.skipped):
            next(rows, None)
        is_header, line = True, rows.line_num + 1
        for row in rows:
            is_whole = bool(row) and len(row) <= len(layout.names)
            if is_whole and not is_header:
                yield line
            is_header = is_header and not row
            line = rows.line_num + 1


def texts_at(path: Path, lines: set[int]) -> dict[int, str]:
    """The text of some lines, numbered from 1; long ones are cut."""
    texts: dict[int, str] = {}
    if not lines:
        return texts
    with path.open(encoding="utf-8-sig") as file:
        for number, text in enumerate(file, 1):
            if number in lines:
                texts[number] = text.rstrip("\r\n")[:_LONGEST]
                if len(texts) == len(lines):
                    break
    return texts
