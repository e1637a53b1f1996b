"""What a cell says of time: a date however it is written, or how long ago the experiment began."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from backlog.tables.dates import DateStyle, date_part, style_of_dates
from backlog.tables.numbers import NumberStyle
from backlog.tables.questions import Choice, Question, QuestionCode

from .problems import FileProblem, listed

MOST_DAYS = 400
_EXCEL = dt.date(1899, 12, 30)
_NUMBERS = NumberStyle()
_LABELS = {"dmy": "day first", "mdy": "month first", "ymd": "year first"}


@dataclass(frozen=True)
class Days:
    """Reads the cells of one column. `from_zero`: days since the start are counted from 0;
    `questions`: which part of a date comes first, where the column does not show it."""

    style: DateStyle = field(default_factory=DateStyle)
    starts_on: dt.date | None = None
    from_zero: bool = False
    questions: tuple[Question, ...] = ()

    def day(self, text: str) -> dt.date | None:
        """The day of a cell; None where it says none.

        A number is a time in days since the start: 0.5 and 1 are the first day, 1.5 the second.

        >>> reader = Days(DateStyle("dmy"), dt.date(2026, 11, 2), False)
        >>> [str(reader.day(text)) for text in ("2026-11-03 08:00", "3.11.2026", "1.5")]
        ['2026-11-03', '2026-11-03', '2026-11-03']
        """
        return self.style.date(text) or self._since(_NUMBERS.value(date_part(text)))

    def moment(self, text: str) -> tuple[float, str]:
        """What orders cells of one day."""
        since = None if self.style.date(text) else _NUMBERS.value(text)
        return (since or 0.0, "" if since is not None else text.strip()[len(date_part(text)) :])

    def _since(self, value: float | None) -> dt.date | None:
        if value is None or value < 0:
            return None
        if 30_000 < value < 60_000:
            return _EXCEL + dt.timedelta(days=int(value))
        if self.starts_on is None or value > 3_000:
            return None
        value = round(value, 6)
        place = int(value) if self.from_zero else max(math.ceil(value) - 1, 0)
        return self.starts_on + dt.timedelta(days=place)


def days_of(
    column: str,
    texts: Iterable[str],
    *,
    order: str,
    starts_on: dt.date | None,
    answers: Mapping[str, str] | None = None,
) -> Days:
    """A reader for a column that holds these texts. `order` is a choice made beforehand.

    Raises:
        FileProblem: nothing in it is a day, or it writes dates in two ways.
    """
    parts = {date_part(text) for text in texts if text.strip()}
    style = style_of_dates(parts)
    if style.readings and order not in style.readings:
        order = ""  # the column itself shows another one: it was chosen for another file
    questions = _questions(column, parts, style, answers or {}) if not order else ()
    order = order or (questions[0].reading if questions else style.order)
    numbers = [value for part in parts if (value := _NUMBERS.value(part)) is not None]
    whole = all(value == int(value) for value in numbers)
    reader = Days(style_of_dates(parts, answer=order), starts_on, whole and 0 in numbers, questions)
    if parts and not any(reader.day(part) for part in parts):
        raise FileProblem(
            f"“{column}” has no days: it holds {listed(sorted(parts), 3)}. Choose the "
            "column with the date, or export it as 2026-11-30."
        )
    _check_mixture(column, parts)
    return reader


def _questions(
    column: str, parts: set[str], style: DateStyle, answers: Mapping[str, str]
) -> tuple[Question, ...]:
    if not style.is_unsure:
        return ()
    styles = [DateStyle(order) for order in style.readings]
    example = min(part for part in parts if len({one.date(part) for one in styles}) > 1)
    choices = tuple(
        Choice(
            order, f"{example} is {_written(DateStyle(order).date(example))}", _span(parts, order)
        )
        for order in style.readings
    )
    first = " or ".join(_LABELS[order].removesuffix(" first") for order in style.readings)
    question = Question(
        f"dates:{column}", QuestionCode.DATES, column,
        f"Does {example} in “{column}” start with the {first}?",
        "Every date in the column can be read in both ways.", choices,
    )  # fmt: skip
    return (question.answered(answers),)


def _span(parts: set[str], order: str) -> str:
    days = sorted({date for part in parts if (date := DateStyle(order).date(part))})
    count = f"{len(days):,} day{'' if len(days) == 1 else 's'}"
    return f"{_written(days[0])} to {_written(days[-1])}, {count}" if len(days) > 1 else count


def _written(day: dt.date | None) -> str:
    return f"{day.day} {day:%b %Y}" if day else "not a day"


def _check_mixture(column: str, parts: set[str]) -> None:
    """A column in which one date only begins with its day, and another only with its month."""
    day_first = {
        part
        for part in parts
        if DateStyle("mdy").date(part) is None and DateStyle("dmy").date(part)
    }
    month_first = {
        part
        for part in parts
        if DateStyle("dmy").date(part) is None and DateStyle("mdy").date(part)
    }
    if day_first and month_first:
        raise FileProblem(
            f"“{column}” mixes two ways of writing dates: {listed([min(day_first)])} and "
            f"{listed([min(month_first)])}. Export it as 2026-11-30."
        )
