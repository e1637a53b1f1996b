"""The formats that a results file may have. One that is not text is converted to CSV once and read as such."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

from backlog.file_kinds import HEAD, OLE, PARQUET, ZIP, Unreadable, kind_of
from backlog.tables.questions import Question

from .parquet import unpack_parquet
from .problems import FileProblem
from .shapes import MAX_ROWS
from .workbook import unpack_workbook

MOST_BYTES: Final = 200 << 20
Unpack = Callable[[Path, Path, int, Mapping[str, str]], tuple[str, tuple[Question, ...]]]


class Format(NamedTuple):
    """`kinds` are codes of backlog.file_kinds; `unpack` writes the table as CSV and says what it was."""

    name: str
    suffixes: tuple[str, ...]
    kinds: tuple[str, ...] = ()
    unpack: Unpack | None = None


FORMATS: Final = (
    Format("CSV", (".csv", ".tsv", ".txt")),
    Format(".xlsx", (".xlsx",), (ZIP, OLE), unpack_workbook),  # an old .xls is told what to do
    Format("Parquet", (".parquet",), (PARQUET,), unpack_parquet),
)
KINDS: Final = tuple(kind for each in FORMATS for kind in each.kinds)
SUFFIXES: Final = tuple(suffix for each in FORMATS for suffix in each.suffixes)
NAMES: Final = ", ".join(each.name for each in FORMATS[:-1]) + f" or {FORMATS[-1].name}"


class Unpacked(NamedTuple):
    """`note`: what the file was, "" where it is text and nothing was written; `questions`: which
    sheet counts, where several have a table."""

    note: str
    questions: tuple[Question, ...] = ()


def unpack(
    path: str | Path,
    target: str | Path,
    *,
    answers: Mapping[str, str] | None = None,
    max_rows: int = MAX_ROWS,
    max_bytes: int = MOST_BYTES,
) -> Unpacked:
    """Write the table in `path` to `target` as CSV, where it is in a format that has to be unpacked.

    Raises:
        FileProblem: damaged, too large, no table in it.
    """
    path, target = Path(path), Path(target)
    with path.open("rb") as file:
        kind = kind_of(file.read(HEAD))
    write = next((each.unpack for each in FORMATS if kind and kind.code in each.kinds), None)
    if write is None:
        return Unpacked("")
    try:
        done = Unpacked(*write(path, target, max_rows, answers or {}))
    except Unreadable as problem:
        raise FileProblem(str(problem)) from problem
    if target.stat().st_size > max_bytes:
        raise FileProblem(
            f"Unpacked, the table has {target.stat().st_size / 1048576:,.0f} MB; up to "
            f"{max_bytes >> 20:,} MB are read. Leave out columns that are not needed, or send totals "
            "for each arm."
        )
    return done


@contextmanager
def unpacked(
    path: str | Path, *, answers: Mapping[str, str] | None = None
) -> Iterator[tuple[Path, tuple[Question, ...]]]:
    """The file as CSV, unpacked for as long as it is read, and the question which sheet counts.

    Raises FileProblem as `unpack` does.
    """
    with TemporaryDirectory() as folder:
        table = Path(folder) / "table.csv"
        done = unpack(path, table, answers=answers)
        yield (table if done.note else Path(path)), done.questions
