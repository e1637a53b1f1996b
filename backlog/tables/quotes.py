"""Quotation marks that are not closed, or closed in the wrong place: rows held against lines.

A mark that is never closed swallows all lines below it, and a second stray one ends that again. Where
the lines between are whole rows by themselves, the mark is a stray one and is read as text.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import IO, Any, Final

from .problems import FileProblem
from .text import Text

_SURE: Final = 20  # whole rows below an open mark, after which nobody needs to read on
_LONGEST_CELL: Final = 2_000  # lines in one cell
_MOST_NAMED: Final = 3
_FEW_SHAPES: Final = 12
_LEARNT_FROM: Final = 2_000  # lines without a mark, which show what rows look like


@dataclass
class Mended:
    """The lines whose open mark is read as text, those with marks within a quoted text, and those
    whose cell holds what looks like another row."""

    stray: list[int] = field(default_factory=list)
    inner: list[int] = field(default_factory=list)
    doubtful: list[int] = field(default_factory=list)

    @property
    def is_changed(self) -> bool:
        return bool(self.stray or self.inner or self.doubtful)

    def notes(self) -> list[str]:
        notes = []
        if self.stray:
            is_one = len(self.stray) == 1
            marks = (
                f"mark in row {_numbers(self.stray)} is"
                if is_one
                else f"marks in rows {_numbers(self.stray)} are"
            )
            as_text = "it as text, so that it does" if is_one else "them as text, so that they do"
            notes.append(
                f"The quotation {marks} not closed. Floe read {as_text} not swallow the rows below."
            )
        if self.inner:
            notes.append(
                f"Quotation marks within the text of row {_numbers(self.inner)} are read as text."
            )
        if self.doubtful:
            notes.append(
                f"A text that begins in row {_numbers(self.doubtful)} holds what looks like another "
                "row. Check its quotation marks."
            )
        return notes


def _numbers(rows: list[int]) -> str:
    shown = ", ".join(f"{row:,}" for row in rows[:_MOST_NAMED])
    more = len(rows) - _MOST_NAMED
    return f"{shown} and {more:,} more" if more > 0 else shown


def mend(text: Text, target: Path, *, delimiter: str, width: int) -> Mended:
    """Write the file to `target`, line by line, with stray quotation marks as text.

    Each line stays a line, so rows keep their numbers. Raises:
        FileProblem: a mark is never closed, and the lines below it are no rows by themselves.
    """
    done = Mended()
    with (
        text.path.open(encoding="utf-8-sig", newline="") as source,
        target.open("w", encoding="utf-8", newline="") as file,
    ):
        mender = _Mender(delimiter, width, file, done)
        for line in islice((line for line in source if '"' not in line), _LEARNT_FROM):
            mender.learn(line)
        source.seek(0)
        mender.run(source)
    return done


class _Mender:
    """Goes through the lines; `held` are those of a cell that is open, from line `start` on."""

    def __init__(self, delimiter: str, width: int, file: IO[str], done: Mended) -> None:
        self.delimiter, self.width, self.done, self.file = delimiter, width, done, file
        self.writer: Any = csv.writer(file, delimiter=delimiter, lineterminator="")
        self.shapes: list[set[str]] = [set() for _ in range(width)]
        self.held: list[str] = []
        self.start = 0

    def run(self, source: IO[str]) -> None:
        for number, line in enumerate(source, 1):
            self._take(number, line)
        if self.held:
            self._judge(is_end=True)

    def _take(self, number: int, line: str) -> None:
        if not self.held and '"' not in line:
            self.file.write(line)
            return
        is_open, is_odd = scanned(line, self.delimiter, is_inside=bool(self.held))
        if not self.held and not is_open:
            self._write_whole(number, line, is_odd=is_odd)
            return
        if not self.held:
            self.start = number
        self.held.append(line)
        if not is_open or len(self.held) in (_SURE, _LONGEST_CELL):
            self._judge(
                is_closed=not is_open, is_odd=is_odd, is_end=len(self.held) == _LONGEST_CELL
            )

    def _judge(
        self, *, is_closed: bool = False, is_odd: bool = False, is_end: bool = False
    ) -> None:
        """Whether the lines that are held are one cell, or rows below a stray mark."""
        if self._are_rows(is_closed=is_closed, is_odd=is_odd, is_end=is_end):
            lines, start = self.held, self.start
            self.held = []
            self.done.stray.append(start)
            self._write_cells(lines[0])
            for place, line in enumerate(lines[1:], 1):
                self._take(start + place, line)
        elif is_closed:
            inner = [cells_of(line, self.delimiter) for line in self.held[1:]]
            if any(
                len(cells) == self.width and self._is_alike(cells, whole=True) for cells in inner
            ):
                self.done.doubtful.append(self.start)
            self.file.writelines(self.held)
            self.held = []
        elif is_end:
            raise FileProblem(
                f"The quotation mark in row {self.start:,} is never closed, so the rows below it "
                "can’t be told apart. Close or remove it, or export the file again."
            )

    def _are_rows(self, *, is_closed: bool, is_odd: bool, is_end: bool) -> bool:
        """Each line is a whole row. Where the mark is closed as it should be, the lines between have
        to look like all other rows, too: a text may be long."""
        rows = [cells_of(line, self.delimiter) for line in self.held if line.strip()]
        if any(len(cells) != self.width for cells in rows):
            return False
        if is_closed and not is_odd and self._is_whole_row():
            is_sure = len(rows) > 4 or self._are_few_shapes
            return is_sure and all(self._is_alike(cells, whole=True) for cells in rows[1:])
        if is_closed:
            return all(self._is_alike(cells) for cells in rows[1:])
        return is_end or (self.width > 2 and len(rows) > 2)

    def _is_whole_row(self) -> bool:
        """Whether the lines with their marks as they stand are one row of the table."""
        record = next(csv.reader(self.held, delimiter=self.delimiter), [])
        return len(record) == self.width

    @property
    def _are_few_shapes(self) -> bool:
        """No column is free text, in which lines may look like anything."""
        return all(len(known) <= _FEW_SHAPES for known in self.shapes)

    def _is_alike(self, cells: list[str], *, whole: bool = False) -> bool:
        """Whether half of the cells, the first among them, look as others in their columns do; or
        the whole of them."""
        alike = [shape(cell) in known for cell, known in zip(cells, self.shapes, strict=True)]
        return alike[0] and (all(alike) if whole else sum(alike) * 2 >= len(alike))

    def learn(self, line: str) -> None:
        """What the cells of a row look like, column by column."""
        cells = line.rstrip("\r\n").split(self.delimiter)
        if len(cells) == self.width:
            for known, cell in zip(self.shapes, cells, strict=True):
                known.add(shape(cell))

    def _write_whole(self, number: int, line: str, *, is_odd: bool) -> None:
        if is_odd and len(cells_of(line, self.delimiter)) == self.width:
            self.done.inner.append(number)
            self._write_cells(line)
        else:
            self.file.write(line)

    def _write_cells(self, line: str) -> None:
        self.writer.writerow(cells_of(line, self.delimiter))
        self.file.write(line[len(line.rstrip("\r\n")) :])


def shape(cell: str) -> str:
    """Letters and digits of a cell as one sign each run.

    >>> shape("u0012 AB"), shape("12.5")
    ('a9 a', '9.9')
    """
    return re.sub(r"[^\W\d_]+", "a", re.sub(r"\d+", "9", cell.replace('"', "").strip()[:40]))


def scanned(line: str, delimiter: str, *, is_inside: bool) -> tuple[bool, bool]:
    """Whether a quoted cell is open at the end of the line, and whether a mark was closed before
    the end of its cell.

    >>> scanned('a,"b', ",", is_inside=False), scanned('a,"b" c', ",", is_inside=False)
    ((True, False), (False, True))
    """
    at, is_odd = 0, False
    while True:
        if is_inside:
            end = line.find('"', at)
            if end < 0:
                return True, is_odd
            if line[end + 1 : end + 2] == '"':
                at = end + 2
                continue
            is_inside, at = False, end + 1
            is_odd = is_odd or line[at : at + 1] not in (delimiter, "\r", "\n", "")
        else:
            blanks = len(line) - len(line[at:].lstrip(" ")) - at if line[at : at + 1] == " " else 0
            if line[at + blanks : at + blanks + 1] == '"' and delimiter != " ":
                is_odd, is_inside, at = is_odd or blanks > 0, True, at + blanks + 1
                continue
        following = line.find(delimiter, at)
        if following < 0:
            return False, is_odd
        at = following + 1


def cells_of(line: str, delimiter: str) -> list[str]:
    """The cells of one line, whatever its quotation marks: a cell that is not closed is text.

    >>> cells_of('a,"b, c","d ""e"" f"', ",")
    ['a', 'b, c', 'd "e" f']
    >>> cells_of('"Big" sale,"open,1', ",")
    ['"Big" sale', 'open', '1']
    """
    return list(_cells(line.rstrip("\r\n"), delimiter))


def _cells(line: str, delimiter: str) -> Iterator[str]:
    at = 0
    while True:
        start = at
        while line[start : start + 1] == " ":
            start += 1
        end = _closing(line, start + 1, delimiter) if line[start : start + 1] == '"' else -1
        if end >= 0:
            yield line[start + 1 : end].replace('\\"', '"').replace('""', '"')
            at = line.find(delimiter, end)
        else:
            at = line.find(delimiter, start)
            cell = line[start : at if at >= 0 else None]
            yield cell[1:] if cell.startswith('"') and cell.count('"') == 1 else cell
        if at < 0:
            return
        at += 1


def _closing(line: str, at: int, delimiter: str) -> int:
    """Where the mark is that closes a cell: the first one before a delimiter or the end."""
    while (end := line.find('"', at)) >= 0:
        rest = line[end + 1 :].lstrip(" ")[:1]
        if line[end + 1 : end + 2] == '"':
            if end + 2 == len(line):
                return end + 1
            at = end + 2
        elif rest in ("", delimiter) and (line[end - 1] != "\\" or rest == ""):
            return end
        else:
            at = end + 1
    return -1
