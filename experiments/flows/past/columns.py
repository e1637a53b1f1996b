"""How the columns of a table of past experiments are read, and what of it has to be asked."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from backlog.tables import Choice, Question, QuestionCode
from backlog.tables.date_questions import question_about_dates
from backlog.tables.dates import DateStyle, style_of_dates
from backlog.tables.number_questions import question_about_numbers
from backlog.tables.numbers import NumberStyle, style_of, taken_apart
from experiments.past.figures import ends_in, middle_and_margin_in
from experiments.past.headings import CONVERSIONS, UNITS, level_in, names_rate, says_per_cent
from experiments.stats.tails import CONFIDENCE

DATES = ("started", "ended", "decided")
LIFTS = ("lift", "low", "high")
DAYS = ("days_planned", "days_taken")
COUNTS = (*UNITS, *CONVERSIONS)
LEVELS = ("0.95", "0.9", "0.8", "0.99")


@dataclass
class Columns:
    """`place` of each field; its number or date style; and what is open about them.

    `rates`: the conversions that are a rate, whatever their cells look like. `per_cent`: the lifts and
    rates whose numbers without a sign are per cent. `level`: the confidence of the intervals.
    """

    place: dict[str, int]
    numbers: dict[str, NumberStyle] = field(default_factory=dict)
    dates: dict[str, DateStyle] = field(default_factory=dict)
    rates: set[str] = field(default_factory=set)
    per_cent: set[str] = field(default_factory=set)
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

    def fraction(self, text: str, name: str) -> float | None:
        """A lift or a rate as a fraction."""
        value = self.numbers[name].value(text) if text else None
        if value is None:
            return None
        return value / 100 if name in self.per_cent and not _has_sign(text) else value

    def ends(self, text: str) -> tuple[float | None, float | None] | None:
        """The ends of an interval in one cell, as fractions; None where the cell has no interval."""
        parts = middle_and_margin_in(text)
        middle, margin = (self.fraction(part, "interval") for part in parts or ("", ""))
        if middle is not None and margin is not None:
            return middle - margin, middle + margin
        if ends := ends_in(text):
            return self.fraction(ends[0], "interval"), self.fraction(ends[1], "interval")
        return None

    def is_rate(self, text: str, name: str) -> bool:
        """Whether this cell of conversions is a rate."""
        return name in self.rates or _has_sign(text)


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
    columns.rates = {
        name for name in CONVERSIONS if name in cells and names_rate(names[columns.place[name]])
    }
    for name in (*LIFTS, *DAYS, *COUNTS):
        if name in cells:
            _read_numbers(columns, name, names, cells[name], answers)
    if "interval" in cells:
        _read_numbers(columns, "interval", names, _numbers_in(cells["interval"]), answers)
    _read_units(columns, names, cells, answers)
    _read_level(columns, names, cells, answers)
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
    if name in columns.rates:  # no rate is in the thousands
        columns.numbers[name] = style_of(cells, answer="decimals")
        return
    is_count = name in COUNTS and not has_rates
    style = style_of(cells, is_count=is_count)
    if style.unsure:
        question = question_about_numbers(f"number:{place}", names[place], cells, style).answered(
            answers
        )
        columns.questions.append(question)
        style = style_of(cells, is_count=is_count, answer=question.reading)
    columns.numbers[name] = style


def _read_units(
    columns: Columns,
    names: Sequence[str],
    cells: Mapping[str, list[str]],
    answers: Mapping[str, str],
) -> None:
    """Which lifts and rates are per cent: as their headers say, otherwise asked once for each kind."""
    texts = {name: cells[name] for name in (*LIFTS, *sorted(columns.rates)) if name in cells}
    if "interval" in cells:
        texts["interval"] = _numbers_in(cells["interval"])
    columns.per_cent = {name for name in texts if says_per_cent(names[columns.place[name]])}
    plain = {
        name: [text for text in cells if _is_plain(text)]
        for name, cells in texts.items()
        if name not in columns.per_cent
    }
    lifts = {name: cells for name, cells in plain.items() if name not in columns.rates}
    rates = {name: cells for name, cells in plain.items() if name in columns.rates}
    for key, noun, numbers in (("unit", "lifts", lifts), ("rates", "rates", rates)):
        if any(numbers.values()):
            _ask_unit(columns, key, noun, numbers, answers)
    for name in CONVERSIONS:
        if name in cells and name not in columns.rates:
            _ask_mixed(columns, name, names, cells[name], answers)


def _read_level(
    columns: Columns,
    names: Sequence[str],
    cells: Mapping[str, list[str]],
    answers: Mapping[str, str],
) -> None:
    """The level of the intervals: asked where no header says it."""
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
    columns: Columns,
    key: str,
    noun: str,
    plain: Mapping[str, Sequence[str]],
    answers: Mapping[str, str],
) -> None:
    """`plain`: column → its numbers that have no sign."""
    name, example = next((name, texts[0]) for name, texts in plain.items() if texts)
    value = columns.numbers[name].value(example) or 0.0
    space = "\N{NO-BREAK SPACE}"
    question = Question(
        key, QuestionCode.NUMBERS, name, f"Are the {noun} of the sheet per cent or fractions?",
        "Some of its numbers have no % sign.",
        (
            Choice("percent", "Per cent", f"“{example[:20]}” is {value:g}{space}%"),
            Choice("fraction", "Fractions", f"“{example[:20]}” is {value * 100:g}{space}%"),
        ),
    ).answered(answers)  # fmt: skip
    columns.questions.append(question)
    if question.reading == "percent":
        columns.per_cent.update(plain)


def _ask_mixed(
    columns: Columns, name: str, names: Sequence[str], cells: list[str], answers: Mapping[str, str]
) -> None:
    """A column without a word for a rate, of which some cells have a % sign and others don't."""
    plain = [text for text in cells if _is_plain(text)]
    if not plain or not any(_has_sign(text) for text in cells):
        return
    example = plain[0][:20]
    value = columns.numbers[name].value(plain[0]) or 0.0
    space = "\N{NO-BREAK SPACE}"
    question = Question(
        f"conversions:{columns.place[name]}", QuestionCode.NUMBERS, names[columns.place[name]],
        f"What are the numbers without a % sign in “{names[columns.place[name]]}”?",
        "Others in this column have the sign.",
        (
            Choice("count", "Counts", f"“{example}” is {value:g} conversions"),
            Choice("percent", "Per cent", f"“{example}” is {value:g}{space}%"),
            Choice("fraction", "Fractions", f"“{example}” is {value * 100:g}{space}%"),
        ),
    ).answered(answers)  # fmt: skip
    columns.questions.append(question)
    if question.reading != "count":
        columns.rates.add(name)
    if question.reading == "percent":
        columns.per_cent.add(name)


def _numbers_in(intervals: Iterable[str]) -> list[str]:
    """The numbers in cells with an interval each: their ends, or the middle and the margin."""
    pairs = (middle_and_margin_in(text) or ends_in(text) for text in intervals)
    return list(chain.from_iterable(filter(None, pairs)))


def _has_sign(text: str) -> bool:
    cell = taken_apart(text)
    return cell is not None and (cell.is_per_cent or "‰" in text)


def _is_plain(text: str) -> bool:
    cell: Any = taken_apart(text)
    return bool(cell) and not _has_sign(text) and bool(cell.digits.strip("0."))
