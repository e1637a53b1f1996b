"""What a column looks like from its first rows: kind, and which decimal mark the file writes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from backlog.tables.dates import DateStyle
from backlog.tables.numbers import MISSING, taken_apart
from backlog.tables.yes_no import is_yes

_DAYS = DateStyle()
_DAYS_MONTH_FIRST = DateStyle("mdy")
_EPOCHS = range(10, 17)  # digits


def kind_of(values: Iterable[str]) -> str:
    """What a column holds, if nine in ten of its values agree: "boolean", "number", "date", "text".

    >>> kind_of(["TRUE", "", "FALSE"]), kind_of(["1,5", "2"]), kind_of(["a"])
    ('boolean', 'number', 'text')
    >>> kind_of(["30 November 2026"]), kind_of(["0", "1", "3"])
    ('date', 'number')
    """
    counts: dict[str, int] = {}
    for value in map(str.strip, values):
        if value.lower() not in MISSING:
            counts[value] = counts.get(value, 0) + 1
    total = sum(counts.values())
    if not total:
        return "text"
    if all(is_yes(value) is not None for value in counts):
        return "boolean"
    for kind, looks in (("number", _is_number), ("date", _is_date)):
        if sum(count for value, count in counts.items() if looks(value)) >= 0.9 * total:
            return kind
    return "text"


def _is_number(value: str) -> bool:
    return taken_apart(value) is not None and not (len(value) in _EPOCHS and _is_date(value))


def _is_date(value: str) -> bool:
    if len(value) == 8 and value.isdigit():
        return False
    return (_DAYS.date(value) or _DAYS_MONTH_FIRST.date(value)) is not None


def decimal_of(rows: Sequence[Sequence[str]]) -> str:
    """The decimal mark that most cells show for certain: "." or ",".

    >>> decimal_of([("1,5", "2026-11-02"), ("1.234,5", "x")])
    ','
    """
    marks = {".": 0, ",": 0}
    for row in rows[:2_000]:
        for text in row:
            cell = taken_apart(text) if "," in text or "." in text else None
            if cell and cell.kind in marks:
                marks[cell.kind] += 1
    return "," if marks[","] > marks["."] else "."
