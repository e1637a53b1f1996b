"""The steps of reading that are given to a process of their own: plain values in, plain values out."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from backlog.tables.questions import plain_question

from .formats import unpack
from .reading import read
from .shapes import Mapping, MetricColumns, Progress, say_nothing
from .sniffing import sniff, values_of
from .stacking import stack
from .summary import summary_of

UNPACKED: Final = "unpacked.csv"
STACKED: Final = "stacked.csv"


def look(
    path: str, *, work_folder: str, max_rows: int, max_bytes: int,
    answers: dict[str, str] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Unpack, put arms side by side below each other, look at the columns.

    Returns `sniffed`, `note`, which says what the table was, and `made`, the name of the file in
    `work_folder` that is to be kept; "" where it is `path` itself. While the question which sheet
    to read is open, nothing is made: look at the same file again with the answer.

    Raises:
        Unreadable
    """
    folder, given = Path(work_folder), answers or {}
    done = unpack(path, folder / UNPACKED, answers=given, max_rows=max_rows, max_bytes=max_bytes)
    made, notes = (UNPACKED, [done.note]) if done.note else ("", [])
    table = str(folder / made) if made else path
    if note := stack(table, str(folder / STACKED), answers=given, max_rows=max_rows):
        made, table = STACKED, str(folder / STACKED)
        notes.append(note)
    seen = sniff(table, answers=given, max_rows=max_rows)
    questions = [plain_question(question) for question in (*done.questions, *seen.questions)]
    sniffed = asdict(seen) | {"questions": questions}
    is_open = any(question.is_open for question in done.questions)
    return {"made": "" if is_open else made, "sniffed": sniffed, "note": ", ".join(notes)}


def labels(path: str, *, column: str, answers: dict[str, str] | None = None) -> list[str]:
    """The labels in a column. Raises Unreadable."""
    return list(values_of(path, column, answers=answers))


def sum_up(
    path: str, *, mapping: dict[str, Any], labels: dict[str, str], control: str, max_rows: int,
    progress: Progress = say_nothing,
) -> dict[str, Any]:  # fmt: skip
    """The file by its mapping, as `summary_of` has it. Raises Unreadable."""
    metrics = tuple(MetricColumns(**metric) for metric in mapping["metrics"])
    lists = {name: tuple(mapping.get(name, ())) for name in ("ignored", "segments")}
    columns = Mapping(**{**mapping, **lists, "metrics": metrics})
    return summary_of(
        read(path, columns, labels=labels, control=control, max_rows=max_rows, progress=progress)
    )
