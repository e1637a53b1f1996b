"""Ideas as rows for a spreadsheet: the filtered list, in words that the import can read."""

from collections.abc import Iterable, Iterator, Sequence
from typing import IO, Any

from django.db.models import QuerySet
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from backlog.csv_guard import Cell
from backlog.flows.exported import HEADERS, fit_for_a_cell, own_written, stamp_of, texts_of
from backlog.models import Idea, OwnField

HEAD = tuple(HEADERS.values())


def rows_of(ideas: "QuerySet[Idea]") -> Iterator[list[str]]:
    """The header and a row for each idea. Ideas in a blind round have no numbers."""
    fields = list(OwnField.objects.all())
    yield [*HEAD[:-1], *(field.name for field in fields), HEAD[-1]]
    joined = ideas.select_related("pod", "objective__quarter", "owner", "author")
    parts = ("tags", "own_values") if fields else ("tags",)
    for idea in joined.prefetch_related(*parts).iterator(chunk_size=1000):
        texts = texts_of(idea)
        values = {row.field_id: row.value for row in idea.own_values.all()} if fields else {}
        own = {field.slug: own_written(values.get(field.pk)) for field in fields}
        yield [*texts.values(), *own.values(), stamp_of(texts, own)]


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
