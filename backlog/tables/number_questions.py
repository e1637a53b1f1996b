"""The question what a mark in numbers stands for, with a number of the sheet read in each way."""

from __future__ import annotations

from collections.abc import Iterable

from .numbers import NumberStyle, taken_apart
from .questions import Choice, Question, QuestionCode


def question_about_numbers(
    key: str, column: str, cells: Iterable[str], style: NumberStyle
) -> Question:
    """Whether the unsure mark of this style separates thousands or decimals in a column.

    >>> ask = question_about_numbers("n", "Cost", ["1,250", "12"], NumberStyle(unsure=","))
    >>> ask.text, [choice.effect for choice in ask.choices]
    ('What does the “,” in “Cost” stand for?', ['“1,250” is 1250', '“1,250” is 1.250'])
    """
    unsure = (one for one in cells if _is_unsure(one, style.unsure))
    example = min(unsure, key=lambda one: (len(one), one))
    readings = (
        ("thousands", "Thousands", NumberStyle(frozenset(style.unsure))),
        ("decimals", "Decimals", NumberStyle()),
    )
    return Question(
        key, QuestionCode.NUMBERS, column, f"What does the “{style.unsure}” in “{column}” stand for?",
        "No number of the column says whether it separates thousands or decimals.",
        tuple(
            Choice(name, word, f"“{example[:30]}” is {(read.plain(example) or example)[:30]}")
            for name, word, read in readings
        ),
    )  # fmt: skip


def _is_unsure(text: str, mark: str) -> bool:
    cell = taken_apart(text)
    return cell is not None and cell.kind == f"{mark}3"
