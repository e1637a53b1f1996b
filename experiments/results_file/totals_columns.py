"""How the columns of totals write their numbers: decided by all rows, or by an answer."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from backlog.tables.numbers import NumberStyle, mixture, style_of, taken_apart
from backlog.tables.questions import Choice, Question, QuestionCode

from .figures import figure
from .mixtures import check_mixture
from .shapes import Mapping

_RATE_WORDS: Final = re.compile(
    r"%|(?:rate|quote|quota|grad|ratio|procent|prozent|prosentti|percentage|percentual)\b|\b(?:pct|percent|share|rato|anteil|taux|part|tasa|porcentaje|taxa|"
    r"percentual|tasso|percentuale|quota|aandeel|andel|procent|udzial|wskaznik|osuus|prosentti|ctr|cvr|cr)\b",
    re.IGNORECASE,
)
_MARKS: Final = {".": "point", ",": "comma"}


class HasText(Protocol):
    """A row that answers by the name of a column."""

    def text(self, column: str) -> str: ...


@dataclass
class TotalsColumns:
    """`rates` are columns of per cents where counts belong; `count` the column of units."""

    styles: dict[str, NumberStyle]
    labels: dict[str, str]
    count: str = ""
    rates: set[str] = field(default_factory=set)
    questions: list[Question] = field(default_factory=list)


def columns_of_totals(
    rows: Sequence[HasText], mapping: Mapping, labels: dict[str, str]
) -> TotalsColumns:
    """The style of each mapped column. A count has no decimals, so its marks part thousands."""
    columns = TotalsColumns({}, labels, mapping.count)
    counts = {mapping.count, mapping.other_count}
    for metric in mapping.metrics:
        sides = {metric.column, metric.other_column} - {""}
        if metric.kind == "proportion":
            counts |= sides
            columns.questions += _about_rates(rows, sides, mapping, columns)
        else:
            sides |= {metric.spread, metric.other_spread} - {""}
            for column in sorted(sides):
                columns.questions += _style(rows, column, mapping, columns)
    for column in sorted(counts - {""}):
        columns.questions += _style(rows, column, mapping, columns, is_count=True)
    return columns


def _style(
    rows: Sequence[HasText],
    column: str,
    mapping: Mapping,
    columns: TotalsColumns,
    *,
    is_count: bool = False,
) -> Iterator[Question]:
    cells = [row.text(column) for row in rows]
    if not is_count:
        check_mixture(column, mixture(cells))
    key = f"numbers:{column}"
    answer = mapping.answers.get(key, "")
    columns.styles[column] = style_of(cells, answer=answer, is_count=is_count)
    mark = columns.styles[column].unsure
    if not mark:
        return
    example = next(
        text for text in cells if (cell := taken_apart(text)) and cell.kind == f"{mark}3"
    )
    choices = []
    for answer in ("thousands", "decimals"):
        values = [
            value
            for text in cells
            if (value := style_of(cells, answer=answer).value(text)) is not None
        ]
        value = style_of(cells, answer=answer).value(example) or 0.0
        effect = f"{figure(min(values))} to {figure(max(values))} over all rows"
        choices.append(Choice(answer, f"{example} is {figure(value)}", effect))
    which = " or ".join(choice.label.rpartition(" is ")[2] for choice in choices)
    question = Question(
        key, QuestionCode.NUMBERS, column, f"Is {example} in “{column}” {which}?",
        f"Every {_MARKS[mark]} in the column is followed by three digits.", tuple(choices),
    )  # fmt: skip
    yield question.answered(mapping.answers)


def _about_rates(
    rows: Sequence[HasText], sides: set[str], mapping: Mapping, columns: TotalsColumns
) -> Iterator[Question]:
    """Whether numbers up to 100 under a name such as “Conversion rate” are per cents."""
    for column in sorted(sides):
        cells = [taken_apart(row.text(column)) for row in rows]
        values = [NumberStyle().value(row.text(column)) for row in rows]
        numbers = [value for value in values if value is not None]
        has_sign = any(cell and cell.is_per_cent for cell in cells)
        if has_sign or not numbers or max(numbers) > 100 or not _RATE_WORDS.search(column):
            continue
        if max(numbers) <= 1:
            continue
        example = next(row.text(column) for row in rows if row.text(column))
        choices = (
            Choice("rates", f"{example} is {example} %", "counts are worked out from the rates"),
            Choice("counts", f"{example} is a count", f"{figure(sum(numbers))} over all rows"),
        )
        question = Question(
            f"rates:{column}", QuestionCode.NUMBERS, column,
            f"Is {example} in “{column}” a rate in per cent, or a count?",
            "The name speaks of a rate, and no number is above 100.", choices,
        ).answered(mapping.answers)  # fmt: skip
        if question.reading == "rates":
            columns.rates.add(column)
        yield question
