"""The bytes of a stranger's file, made sure to be text: encoding, NUL bytes, number of lines."""

from __future__ import annotations

import codecs
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from .problems import FileProblem

_CHUNK: Final = 1 << 20

_NOT_TEXT: Final = (
    (b"PK\x03\x04", "an Excel workbook or a ZIP archive", "save the sheet as CSV (UTF-8)"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook", "save the sheet as CSV (UTF-8)"),
    (b"\x89PNG", "a picture (PNG)", "choose the file with the results"),
    (b"\xff\xd8\xff", "a picture (JPEG)", "choose the file with the results"),
    (b"GIF8", "a picture (GIF)", "choose the file with the results"),
    (b"%PDF", "a PDF", "export the table behind it as CSV"),
    (b"\x1f\x8b", "compressed (gzip)", "unpack it"),
    (b"PAR1", "a Parquet file", "export it as CSV"),
    (b"SQLite format 3", "a database (SQLite)", "export the table as CSV"),
    (b"{", "JSON", "export it as CSV"),
    (b"[{", "JSON", "export it as CSV"),
    (b"<", "HTML or XML", "export the table as CSV"),
)
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


@dataclass(frozen=True)
class Text:
    """A file that is sure to be UTF-8 text with even line ends: the user's own, or a copy."""

    path: Path
    encoding: str
    lines: int

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
                yield Text(path, encoding, scan.lines)
                return
        else:
            encoding = "windows-1252"
    with tempfile.TemporaryDirectory(prefix="results-") as folder:
        copy = Path(folder) / "results.csv"
        lines = _copy_as_utf8(path, encoding, copy, max_rows)
        yield Text(copy, encoding, lines)


def _encoding_of(path: Path) -> str:
    """By the mark at the start, or by where the NULs of UTF-16 stand."""
    with path.open("rb") as file:
        head = file.read(4096)
    if not head.strip():
        raise FileProblem("The file is empty. Export it again and check that it has rows.")
    for magic, what, remedy in _NOT_TEXT:
        if head.lstrip().startswith(magic):
            raise FileProblem(f"This is not a CSV file but {what}. Please {remedy}.")
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding
    even, odd = head[::2].count(0), head[1::2].count(0)
    if max(even, odd) > len(head) * 0.3 and min(even, odd) < len(head) * 0.02:
        return "utf-16-le" if odd > even else "utf-16-be"
    controls = sum(byte < 9 or 13 < byte < 32 for byte in head) - head.count(0)
    if controls > len(head) * 0.05 or head.count(0) > len(head) * 0.05:
        raise FileProblem("This is not a CSV file: it does not hold text. Export it as CSV.")
    return "utf-8"


class _Scan:
    """One pass over the bytes: how many lines, what ends them, and nothing that can't be text."""

    def __init__(self, max_rows: int) -> None:
        self.max_rows = max_rows
        self.feeds = self.returns = self.pairs = 0
        self.is_last_open = False

    @property
    def lines(self) -> int:
        return max(self.feeds, self.returns) + self.is_last_open

    @property
    def has_even_ends(self) -> bool:
        return self.returns in (0, self.pairs)

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
        self.feeds += chunk.count(b"\n")
        self.returns += chunk.count(b"\r")
        self.pairs += chunk.count(b"\r\n")
        self.is_last_open = not chunk.endswith((b"\n", b"\r"))
        if max(self.feeds, self.returns) > self.max_rows + 1:
            raise FileProblem(
                f"The file has more than {self.max_rows:,} rows, the most that are read at once. "
                "Send totals for each variant instead, or only the columns and days needed."
            )


def _copy_as_utf8(path: Path, encoding: str, copy: Path, max_rows: int) -> int:
    scan = _Scan(max_rows)
    errors = "replace" if encoding == "windows-1252" else "strict"
    with path.open(encoding=encoding, errors=errors) as source, copy.open("wb") as target:
        try:
            while chunk := source.read(_CHUNK):
                data = chunk.encode("utf-8")
                scan.add(data)
                target.write(data)
        except UnicodeError as error:
            raise FileProblem(
                f"The text could not be read as {encoding.upper()}: the file was damaged on its "
                "way. Export it again, as CSV (UTF-8)."
            ) from error
    return scan.lines
