"""How the columns of a table of past experiments are read, and what of it has to be asked."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from backlog.tables import Choice, Question, QuestionCode
from backlog.tables.date_questions import question_about_dates
from backlog.tables.dates import DateStyle, style_of_dates
from backlog.tables.numbers import NumberStyle, style_of, taken_apart
from experiments.past.figures import ends_in
from experiments.past.headings import CONVERSIONS, UNITS, level_in
from experiments.stats.tails import CONFIDENCE

DATES = ("started", "ended", "decided")
LIFTS = ("lift", "low", "high")
DAYS = ("days_planned", "days_taken")
COUNTS = (*UNITS, *CONVERSIONS)
LEVELS = ("0.95", "0.9", "0.8", "0.99")


@dataclass
class Columns:
    """`place` of each field; its number or date style; and what is open about them.

    `is_percent`: lifts without a sign are per cent. `level`: the confidence of the intervals.
    """

    place: dict[str, int]
    numbers: dict[str, NumberStyle] = field(default_factory=dict)
    dates: dict[str, DateStyle] = field(default_factory=dict)
    is_percent: bool = True
    level: float = CONFIDENCE
    questions: list[Question] = field(default_factory=list)

    def text(self, cells: Sequence[str], name: str) -> str:
        place = self.place.get(name)
        return cells[place].strip() if place is not None and place < len(cells) else ""

    def date(self, cells: Sequence[str], name: str) -> dt.date | None:
        text = self.text(cells, name)
        return self.dates[name].date(text) if text else None

    def number(self, cells: Sequence[str], name: str) -> float | None:
        text = self.text(cells, name)
        return self.numbers[name].value(text) if text else None

    def lift(self, text: str, name: str) -> float | None:
        """A lift as a fraction."""
        value = self.numbers[name].value(text) if text else None
        cell = taken_apart(text)
        if value is None or cell is None:
            return None
        return value / 100 if self.is_percent and not cell.is_per_cent else value


def columns_of(
    mapping: Mapping[int, str],
    names: Sequence[str],
    rows: Sequence[Sequence[str]],
    answers: Mapping[str, str],
) -> Columns:
    """The styles of the columns from all their cells, and the answers to what is open."""
    columns = Columns({what: place for place, what in mapping.items()})
    cells = {
        name: [row[place].strip() for row in rows if place < len(row) and row[place].strip()]
        for name, place in columns.place.items()
    }
    _read_dates(columns, names, cells, answers)
    for name in (*LIFTS, *DAYS, *COUNTS):
        if name in cells:
            _read_numbers(columns, name, names, cells[name], answers)
    if "interval" in cells:
        ends = list(chain.from_iterable(filter(None, map(ends_in, cells["interval"]))))
        _read_numbers(columns, "interval", names, ends, answers)
    _read_lifts(columns, names, cells, answers)
    return columns


def _read_dates(
    columns: Columns,
    names: Sequence[str],
    cells: Mapping[str, list[str]],
    answers: Mapping[str, str],
) -> None:
    """Each column by itself; those that can be read in two ways are asked about together."""
    columns.dates = {name: style_of_dates(cells[name]) for name in DATES if name in cells}
    unsure = [name for name, style in columns.dates.items() if style.is_unsure]
    together = [text for name in unsure for text in cells[name]]
    style = style_of_dates(together)
    if style.is_unsure:
        question = question_about_dates(
            [names[columns.place[name]] for name in unsure], together, style
        )
        question = question.answered(answers)
        columns.questions.append(question)
        style = style_of_dates(together, answer=question.reading)
    columns.dates |= dict.fromkeys(unsure, style)


def _read_numbers(
    columns: Columns, name: str, names: Sequence[str], cells: list[str], answers: Mapping[str, str]
) -> None:
    place = columns.place[name]
    has_rates = any(cell.is_per_cent for cell in map(taken_apart, cells) if cell)
    is_count = name in COUNTS and not has_rates
    style = style_of(cells, is_count=is_count)
    if style.unsure:
        example = next(
            text for text in cells if (cell := taken_apart(text)) and len(cell.kind) == 2
        )
        plain = NumberStyle(frozenset(style.unsure)).plain(example) or example
        decimal = NumberStyle().plain(example) or example
        question = Question(
            f"number:{place}", QuestionCode.NUMBERS, names[place],
            f"What does the “{style.unsure}” in “{names[place]}” stand for?",
            "Each of its numbers has three digits behind it.",
            (
                Choice("thousands", "Thousands", f"“{example[:20]}” is {plain}"),
                Choice("decimals", "Decimals", f"“{example[:20]}” is {decimal}"),
            ),
        ).answered(answers)  # fmt: skip
        columns.questions.append(question)
        style = style_of(cells, is_count=is_count, answer=question.reading)
    columns.numbers[name] = style


def _read_lifts(
    columns: Columns,
    names: Sequence[str],
    cells: Mapping[str, list[str]],
    answers: Mapping[str, str],
) -> None:
    """Whether plain lifts are per cent, and the level of the intervals: asked where no sign says it."""
    plain: list[tuple[str, str]] = []
    for name in LIFTS:
        if name in columns.place and not _has_percent_sign(names[columns.place[name]]):
            plain += [(name, text) for text in cells[name] if _is_plain(text)]
    if "interval" in columns.place and not _has_percent_sign(names[columns.place["interval"]]):
        ends = chain.from_iterable(filter(None, map(ends_in, cells["interval"])))
        plain += [("interval", text) for text in ends if _is_plain(text)]
    if plain:
        _ask_unit(columns, plain, answers)
    places = [columns.place[name] for name in ("low", "high", "interval") if name in columns.place]
    if not places or not any(cells[name] for name in ("low", "high", "interval") if name in cells):
        return
    known = {level for place in places if (level := level_in(names[place]))}
    if len(known) == 1:
        columns.level = known.pop()
        return
    question = Question(
        "level", QuestionCode.NUMBERS, names[places[0]],
        "How sure are the intervals of the sheet?",
        "No name of a column says it, and it decides how wide Floe takes an experiment to be.",
        tuple(Choice(level, f"{float(level):.0%}".replace("%", "\N{NO-BREAK SPACE}%"))
              for level in LEVELS),
    ).answered(answers)  # fmt: skip
    columns.questions.append(question)
    columns.level = float(question.reading)


def _ask_unit(
    columns: Columns, plain: Iterable[tuple[str, str]], answers: Mapping[str, str]
) -> None:
    name, example = next(iter(plain))
    value = columns.numbers[name].value(example) or 0.0
    space = "\N{NO-BREAK SPACE}"
    question = Question(
        "unit", QuestionCode.NUMBERS, name, "Are the lifts of the sheet per cent or fractions?",
        "Some of its numbers have no % sign.",
        (
            Choice("percent", "Per cent", f"“{example[:20]}” is {value:g}{space}%"),
            Choice("fraction", "Fractions", f"“{example[:20]}” is {value * 100:g}{space}%"),
        ),
    ).answered(answers)  # fmt: skip
    columns.questions.append(question)
    columns.is_percent = question.reading == "percent"


def _has_percent_sign(name: str) -> bool:
    plain = name.casefold()
    without_level = plain.replace(" ", "")
    for level in ("80%", "90%", "95%", "99%"):
        without_level = without_level.replace(level, "")
    return "%" in without_level or "percent" in plain or "per cent" in plain or "prozent" in plain


def _is_plain(text: str) -> bool:
    cell: Any = taken_apart(text)
    return bool(cell) and not cell.is_per_cent and bool(cell.digits.strip("0."))
