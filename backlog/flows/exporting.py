"""Ideas as rows for a spreadsheet: the filtered list, in words that the import can read."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import IO, Any

from django.db.models import QuerySet
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from backlog.csv_guard import Cell
from backlog.models import Idea

HEAD = (
    "Title", "Pod", "Objective", "Owner", "Observation", "Change", "Audience", "Outcome",
    "Expected effect", "Lever", "Channel", "Tags", "Impact", "Confidence", "Ease", "ICE",
    "Scorers", "Status", "Key", "Author", "Submitted on", "Description",
)  # fmt: skip
_NOT_IN_A_WORKBOOK = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_STATUS = {"in_round": "In round"}


def rows_of(ideas: "QuerySet[Idea]") -> Iterator[list[str]]:
    """The header and a row for each idea. Ideas in a blind round have no numbers."""
    yield list(HEAD)
    ready = ideas.select_related("pod", "objective", "owner", "author").prefetch_related("tags")
    for idea in ready.iterator(chunk_size=1000):
        yield _row(idea)


def _row(idea: Idea) -> list[str]:
    numbers: tuple[Any, ...] = (idea.impact, idea.confidence, idea.ease, idea.ice)
    if idea.is_blind:
        numbers = (None,) * 4
    return [
        idea.title, idea.pod.name, idea.objective.title if idea.objective else "",
        str(idea.owner or ""), idea.observation, idea.change, idea.audience, idea.outcome,
        idea.expected_effect, idea.lever, idea.channel,
        ", ".join(tag.name for tag in idea.tags.all()),
        *(f"{number:.4g}" if number is not None else "" for number in numbers),
        "" if idea.is_blind else str(idea.scorer_count),
        _STATUS.get(idea.status, idea.status.capitalize()), idea.key, str(idea.author or ""),
        idea.created_at.date().isoformat(), idea.description,
    ]  # fmt: skip


def write_workbook(rows: Iterable[Sequence[Cell]], out: IO[bytes], *, sheet: str) -> None:
    """An .xlsx of text, numbers and days: nothing in it is a formula, whatever it begins with."""
    book = Workbook(write_only=True)
    page = book.create_sheet(sheet)
    for row in rows:
        page.append([_cell(page, value) for value in row])
    book.save(out)


def _cell(page: Any, value: Cell) -> Any:
    if not isinstance(value, str):
        return value
    cell = WriteOnlyCell(page, value=_allowed(value))
    cell.data_type = "s"
    return cell


def _allowed(text: str) -> str:
    """Remove control characters, which a workbook can't hold, and cut to the 32,767 letters of a
    cell."""
    return _NOT_IN_A_WORKBOOK.sub("", text[:32_000])
