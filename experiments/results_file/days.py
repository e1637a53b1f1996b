"""What a cell says of time: a date however it is written, or how long ago the experiment began."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass

from .dialect import number
from .problems import FileProblem, listed

MOST_DAYS = 400
_YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d\d?)[-/.](\d\d?)|(\d{4})(\d\d)(\d\d)")
_YEAR_LAST = re.compile(r"(\d\d?)([./-])(\d\d?)[./-](\d{4})")
_EXCEL = dt.date(1899, 12, 30)


@dataclass(frozen=True)
class Days:
    """Reads the cells of one column. `order`: "dmy" or "mdy" where the year stands last;
    `from_zero`: days since the start are counted from 0."""

    order: str
    decimal: str
    starts_on: dt.date | None
    from_zero: bool

    def day(self, text: str) -> dt.date | None:
        """The day of a cell; None where it says none.

        A number is a time in days since the start: 0.5 and 1 are the first day, 1.5 the second.

        >>> reader = Days("dmy", ".", dt.date(2026, 11, 2), False)
        >>> [str(reader.day(text)) for text in ("2026-11-03 08:00", "3.11.2026", "1.5")]
        ['2026-11-03', '2026-11-03', '2026-11-03']
        """
        part = date_part(text)
        try:
            if match := _YEAR_FIRST.fullmatch(part):
                return dt.date(*(int(one) for one in match.groups() if one))
            if match := _YEAR_LAST.fullmatch(part):
                first, _, second, year = match.groups()
                month_first = match[2] == "/" and self.order == "mdy"
                day, month = (second, first) if month_first else (first, second)
                return dt.date(int(year), int(month), int(day))
        except ValueError:
            return None
        return self._since(number(part, self.decimal))

    def moment(self, text: str) -> tuple[float, str]:
        """What orders cells of one day."""
        since = number(text, self.decimal)
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


def date_part(text: str) -> str:
    """Without the time of day.

    >>> date_part("2026-11-03T08:00"), date_part("3.11.2026, 8:00"), date_part("1.5")
    ('2026-11-03', '3.11.2026', '1.5')
    """
    return (
        re.split(r"[T ,]", text.strip(), maxsplit=1)[0]
        if re.search(r"\d[T ]|, ", text)
        else text.strip()
    )


def days_of(
    column: str, texts: Iterable[str], *, order: str, decimal: str, starts_on: dt.date | None
) -> Days:
    """A reader for a column that holds these texts.

    Raises:
        FileProblem: nothing in it is a day, or 3/4/2026 can be read in two ways.
    """
    parts = {date_part(text) for text in texts if text.strip()}
    numbers = [value for part in parts if (value := number(part, decimal)) is not None]
    whole = all(value == int(value) for value in numbers)
    reader = Days(order or _order_of(column, parts), decimal, starts_on, whole and 0 in numbers)
    if parts and not any(reader.day(part) for part in parts):
        raise FileProblem(
            f"“{column}” has no days: it holds {listed(sorted(parts), 3)}. Choose the "
            "column with the date, or export it as 2026-11-30."
        )
    return reader


def _order_of(column: str, parts: set[str]) -> str:
    pairs = [
        (int(match[1]), int(match[3]), part)
        for part in parts
        if (match := _YEAR_LAST.fullmatch(part)) and match[2] == "/"
    ]
    day_first = [part for first, _, part in pairs if first > 12]
    month_first = [part for _, second, part in pairs if second > 12]
    if day_first and month_first:
        raise FileProblem(
            f"“{column}” mixes two ways of writing dates: {listed([day_first[0]])} and "
            f"{listed([month_first[0]])}. Export it as 2026-11-30."
        )
    if pairs and not day_first and not month_first:
        raise FileProblem(
            f"{listed([pairs[0][2]])} in “{column}” can start with the day or with the "
            "month. Choose which under “How dates are written”."
        )
    return "mdy" if month_first else "dmy"
