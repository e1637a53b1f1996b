"""Ideas as rows for a spreadsheet: the filtered list, in words that the import can read."""

from collections.abc import Iterable, Iterator, Sequence
from typing import IO, Any

from django.db.models import QuerySet
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from backlog.csv_guard import Cell
from backlog.flows.exported import HEADERS, fit_for_a_cell, stamp_of, texts_of
from backlog.models import Idea

HEAD = tuple(HEADERS.values())


def rows_of(ideas: "QuerySet[Idea]") -> Iterator[list[str]]:
    """The header and a row for each idea. Ideas in a blind round have no numbers."""
    yield list(HEAD)
    joined = ideas.select_related("pod", "objective__quarter", "owner", "author")
    for idea in joined.prefetch_related("tags").iterator(chunk_size=1000):
        texts = texts_of(idea)
        yield [*texts.values(), stamp_of(texts)]


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
    cell = WriteOnlyCell(page, value=fit_for_a_cell(value))
    cell.data_type = "s"
    return cell
