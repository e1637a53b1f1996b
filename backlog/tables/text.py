"""The bytes of a stranger's file, made sure to be text: encoding, NUL bytes, number of lines."""

from __future__ import annotations

import codecs
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from backlog.file_kinds import HEAD, encoding_of, kind_of

from .problems import FileProblem

_CHUNK: Final = 1 << 20

_LONGEST_LINE: Final = 4 << 20
_MID_QUOTE: Final = re.compile(rb'[^,;\t|\n\r"]"[^,;\t|\n\r"]')


@dataclass(frozen=True)
class Text:
    """A file that is sure to be UTF-8 text with even line ends: the user's own, or a copy.

    `has_odd_quotes`: a line has an odd number of quotation marks, or one within its text, so that
    somebody has to look whether each of them is closed.
    """

    path: Path
    encoding: str
    lines: int
    has_odd_quotes: bool = False

    def read_start(self, size: int = _CHUNK) -> str:
        """Whole lines from the top of the file."""
        with self.path.open("rb") as file:
            start = file.read(size)
        start = start.removeprefix(codecs.BOM_UTF8)
        if self.path.stat().st_size > size and b"\n" in start:
            start = start[: start.rindex(b"\n") + 1]
        return start.decode("utf-8", errors="ignore")


@contextmanager
def as_text(path: str | Path, *, max_rows: int) -> Iterator[Text]:
    """The file as UTF-8; a copy of it for as long as it is needed where it is written otherwise.

    Raises:
        FileProblem: empty, not text, a NUL byte, or more than `max_rows` rows.
    """
    path = Path(path)
    encoding = _encoding_of(path)
    if encoding == "utf-8":
        scan = _Scan(max_rows)
        if scan.is_utf8(path):
            if scan.has_even_ends:
                yield Text(path, encoding, scan.lines, scan.are_quotes_odd)
                return
        else:
            encoding = "windows-1252"
    with tempfile.TemporaryDirectory(prefix="results-") as folder:
        copy = Path(folder) / "results.csv"
        scan = _copy_as_utf8(path, encoding, copy, max_rows)
        yield Text(copy, encoding, scan.lines, scan.are_quotes_odd)


def _encoding_of(path: Path) -> str:
    """By its first bytes, which also say what it is if it is not text."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    if not head.removeprefix(codecs.BOM_UTF8).strip(b"\xff\xfe \t\r\n"):
        raise FileProblem("The file is empty. Export it again and check that it has rows.")
    if kind := kind_of(head):
        raise FileProblem(kind.sentence)
    encoding = encoding_of(head)
    if encoding is None:
        raise FileProblem("This is not a CSV file: it does not hold text. Export it as CSV.")
    return "utf-8" if encoding == "utf-8-sig" else encoding


class _Scan:
    """One pass over the bytes: how many lines, what ends them, and nothing that can't be text."""

    def __init__(self, max_rows: int) -> None:
        self.max_rows = max_rows
        self.feeds = self.returns = self.pairs = 0
        self.is_last_open = False
        self.open_bytes = 0
        self.has_odd_quotes = False
        self._open_line = 0

    @property
    def lines(self) -> int:
        return max(self.feeds, self.returns) + self.is_last_open

    @property
    def are_quotes_odd(self) -> bool:
        return self.has_odd_quotes or bool(self._open_line & 1)

    @property
    def has_even_ends(self) -> bool:
        return self.returns in (0, self.pairs) and self.pairs in (0, self.feeds)

    def is_utf8(self, path: Path) -> bool:
        decoder = codecs.getincrementaldecoder("utf-8")()
        last = b""
        with path.open("rb") as file:
            try:
                while chunk := file.read(_CHUNK):
                    self.add(chunk)
                    self.pairs += last == b"\r" and chunk.startswith(b"\n")
                    last = chunk[-1:]
                    decoder.decode(chunk)
                decoder.decode(b"", final=True)
            except UnicodeDecodeError:
                return False
        return True

    def add(self, chunk: bytes) -> None:
        at = chunk.find(b"\0")
        if at >= 0:
            row = self.feeds + chunk.count(b"\n", 0, at) + 1
            raise FileProblem(
                f"There is a NUL byte (a character with the code zero) in row {row:,}. The file "
                "was damaged on its way, or is not text. Export it again."
            )
        self._measure(chunk)
        self._watch_quotes(chunk)
        self.feeds += chunk.count(b"\n")
        self.returns += chunk.count(b"\r")
        self.pairs += chunk.count(b"\r\n")
        self.is_last_open = not chunk.endswith((b"\n", b"\r"))
        if max(self.feeds, self.returns) > self.max_rows + 1:
            raise FileProblem(
                f"The file has more than {self.max_rows:,} rows, the most that Floe reads at once. "
                "Send totals for each arm instead, or only the columns and days you need."
            )

    def _watch_quotes(self, chunk: bytes) -> None:
        if self.has_odd_quotes or (b'"' not in chunk and not self._open_line):
            return
        *whole, last = chunk.split(b"\n")
        if whole:
            odd = (self._open_line + whole[0].count(b'"')) & 1
            self.has_odd_quotes = bool(odd) or any(line.count(b'"') & 1 for line in whole[1:])
            self._open_line = 0
        self._open_line += last.count(b'"')
        self.has_odd_quotes = self.has_odd_quotes or bool(_MID_QUOTE.search(chunk))

    def _measure(self, chunk: bytes) -> None:
        """How long the line is that is open: what splits lines keeps a whole one in memory."""
        first = min((at for at in (chunk.find(b"\n"), chunk.find(b"\r")) if at >= 0), default=-1)
        self.open_bytes += len(chunk) if first < 0 else first
        if self.open_bytes > _LONGEST_LINE:
            row = max(self.feeds, self.returns) + 1
            raise FileProblem(
                f"Row {row:,} is longer than {_LONGEST_LINE >> 20} MB. Its lines do not "
                "end as lines of a CSV do. Export it again as CSV (UTF-8)."
            )
        if first >= 0:
            self.open_bytes = len(chunk) - 1 - max(chunk.rfind(b"\n"), chunk.rfind(b"\r"))


def _copy_as_utf8(path: Path, encoding: str, copy: Path, max_rows: int) -> _Scan:
    scan = _Scan(max_rows)
    errors = "replace" if encoding == "windows-1252" else "strict"
    with path.open(encoding=encoding, errors=errors) as source, copy.open("wb") as target:
        try:
            mark = "\ufeff"
            while chunk := source.read(_CHUNK):
                data = chunk.removeprefix(mark).encode("utf-8")
                mark = ""
                scan.add(data)
                target.write(data)
        except UnicodeError as error:
            raise FileProblem(
                f"The text could not be read as {encoding.upper()}: the file was damaged on its "
                "way. Export it again, as CSV (UTF-8)."
            ) from error
    return scan
