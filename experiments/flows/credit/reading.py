"""A table of credit as rows, with questions where a cell has two readings. Nothing is written."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from backlog.calendar_days import is_in_bounds
from backlog.tables import FileProblem, Question, Table, TableRow, read_table
from backlog.tables.date_questions import question_about_dates
from backlog.tables.dates import DateStyle, style_of_dates
from backlog.tables.folding import folded
from backlog.tables.number_questions import question_about_numbers
from backlog.tables.numbers import NumberStyle, style_of
from experiments.learning.credit import TouchModel
from experiments.models import CreditRow, Segment
from experiments.models.credit import MOST_CONVERSIONS

MOST_ROWS = 2_000
LONGEST_WORD = 60
COLUMNS: dict[str, frozenset[str]] = {
    "segment": frozenset({"segment", "audience", "zielgruppe"}),
    "channel": frozenset({"channel", "kanal"}),
    "model": frozenset({"model", "touch model", "attribution model", "attribution", "modell"}),
    "starts_on": frozenset({"from", "start", "starts on", "first day", "von"}),
    "ends_on": frozenset({"to", "until", "end", "ends on", "last day", "bis"}),
    "conversions": frozenset({
        "conversions", "credited", "credit", "conversions credited", "credited conversions",
        "konversionen",
    }),
}  # fmt: skip
MODELS = {
    TouchModel.FIRST: frozenset({"first touch", "first", "first click", "erster kontakt"}),
    TouchModel.LAST: frozenset({"last touch", "last", "last click", "letzter kontakt"}),
}


@dataclass(frozen=True)
class CreditTable:
    """`rows` are unsaved and understood. `problems`: sentences about rows that are left out."""

    rows: tuple[CreditRow, ...]
    problems: tuple[str, ...]
    questions: tuple[Question, ...]

    @property
    def is_open(self) -> bool:
        return any(question.is_open for question in self.questions)


def read_credit(
    text: str, answers: Mapping[str, str], *, segments: "QuerySet[Segment]"
) -> CreditTable:
    """The rows of a pasted table; segments are looked for among these. Raises Unreadable."""
    if not text.strip():
        raise FileProblem("There is no table yet. Copy the cells in your sheet, then paste them.")
    table = read_table(
        text, answers, is_header=lambda cells: len(_places(cells)) > 1,
        most_rows=MOST_ROWS, most_columns=40,
    )  # fmt: skip
    at = _places(table.names)
    if missing := [name for name in COLUMNS if name not in at]:
        words = ", ".join({"starts_on": "from", "ends_on": "to"}.get(one, one) for one in missing)
        raise FileProblem(
            f"The table has no column {words}. Its first row must name the columns segment, channel, "
            "model, from, to and conversions."
        )
    numbers, number_question = _numbers(table, at, answers)
    dates, date_question = _dates(table, at, answers)
    # A pod's own segment stands before one of the same name for every pod.
    own_last = sorted(segments, key=lambda segment: segment.pod_id is not None)
    known = {folded(" ".join(segment.name.split())): segment for segment in own_last}
    rows, problems = [], []
    for row in table.rows:
        made = _row({name: _cell(row, place) for name, place in at.items()}, known, numbers, dates)
        if isinstance(made, CreditRow):
            rows.append(made)
        else:
            problems.append(f"Row {row.line:,}: {made}")
    open_or_answered = tuple(one for one in (number_question, date_question) if one)
    return CreditTable(tuple(rows), tuple(problems), (*table.questions, *open_or_answered))


def _places(cells: Sequence[str]) -> dict[str, int]:
    """Which column is which, by its name."""
    names = [folded(" ".join(cell.replace("_", " ").replace("-", " ").split())) for cell in cells]
    return {
        column: next(at for at, name in enumerate(names) if name in words)
        for column, words in COLUMNS.items()
        if not words.isdisjoint(names)
    }


def _cell(row: TableRow, place: int) -> str:
    return row.cells[place].strip() if len(row.cells) > place else ""


def _row(
    cells: Mapping[str, str],
    segments: Mapping[str, Segment],
    numbers: NumberStyle,
    dates: DateStyle,
) -> CreditRow | str:
    """The row, or the sentence that says why it is left out."""
    name, channel = " ".join(cells["segment"].split()), " ".join(cells["channel"].split())
    segment, conversions = segments.get(folded(name)), numbers.value(cells["conversions"])
    days = _days(dates.date(cells["starts_on"]), dates.date(cells["ends_on"]))
    if segment is None:
        return f"you see no segment “{name[:60]}”. Add it under Segments, or correct the name."
    if not (0 < len(channel) <= LONGEST_WORD and 0 < len(cells["model"]) <= LONGEST_WORD):
        return f"the channel or the model is empty, or has over {LONGEST_WORD} characters."
    if isinstance(days, str):
        return days
    if conversions is None or not 0 <= conversions <= MOST_CONVERSIONS:
        return f"“{cells['conversions'][:40]}” is not a number of conversions."
    code, named = _model(cells["model"])
    return CreditRow(
        segment=segment, channel=channel, model=code.value, model_name=named, starts_on=days[0],
        ends_on=days[1], conversions=conversions,
    )  # fmt: skip


def _days(first: dt.date | None, last: dt.date | None) -> tuple[dt.date, dt.date] | str:
    """Half-open days, or what is wrong with them."""
    if first is None or last is None or not (is_in_bounds(first) and is_in_bounds(last)):
        return "from and to must be days, such as 2026-10-01."
    return "the last day is before the first." if last < first else (first, last + dt.timedelta(1))


def _model(text: str) -> tuple[TouchModel, str]:
    """The touch model; of another one also its name."""
    words = folded(" ".join(text.replace("-", " ").replace("_", " ").split()))
    code = next((code for code, known in MODELS.items() if words in known), TouchModel.OTHER)
    return code, " ".join(text.split()) if code == TouchModel.OTHER else ""


def _numbers(
    table: Table, at: Mapping[str, int], answers: Mapping[str, str]
) -> tuple[NumberStyle, Question | None]:
    cells = [_cell(row, at["conversions"]) for row in table.rows]
    style = style_of(cells)
    if not style.unsure:
        return style, None
    question = question_about_numbers("numbers", "conversions", cells, style).answered(answers)
    return style_of(cells, answer=question.reading), question


def _dates(
    table: Table, at: Mapping[str, int], answers: Mapping[str, str]
) -> tuple[DateStyle, Question | None]:
    places = (at["starts_on"], at["ends_on"])
    cells = [cell for row in table.rows for place in places if (cell := _cell(row, place))]
    style = style_of_dates(cells)
    if not style.is_unsure:
        return style, None
    names = [table.names[place] for place in places]
    question = question_about_dates(names, cells, style).answered(answers)
    return style_of_dates(cells, answer=question.reading), question
