"""The question which part of a date comes first, with a date of the sheet read in each way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from .dates import DateStyle
from .problems import listed
from .questions import Choice, Question, QuestionCode

_ORDERS: Final = {"dmy": "Day first", "mdy": "Month first", "ymd": "Year first"}


def question_about_dates(names: list[str], cells: Sequence[str], style: DateStyle) -> Question:
    """Which part of the dates of these columns comes first, where their cells allow several."""
    example = next((text for text in cells if _reads_apart(text)), cells[0])
    choices = tuple(
        Choice(order, _ORDERS[order], f"“{example[:30]}” is {_day(example, order)}")
        for order in style.readings
    )
    return Question(
        "dates", QuestionCode.DATES, names[0], f"What comes first in the dates of {listed(names)}?",
        "All of them are dates either way.", choices,
    )  # fmt: skip


def _reads_apart(text: str) -> bool:
    return DateStyle("dmy").date(text) != DateStyle("mdy").date(text)


def _day(text: str, order: str) -> str:
    date = DateStyle(order).date(text)
    return f"{date:%-d %B %Y}" if date else "not a date"
