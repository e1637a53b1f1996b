"""Dates of quarters: pure arithmetic on days. Ends are the first day after (half-open)."""

import calendar
import datetime as dt

MONTHS = [(number, calendar.month_name[number]) for number in range(1, 13)]
WEEKDAYS = list(enumerate(calendar.day_name))
OUT_OF_BOUNDS = "Choose a day between 2000 and 2200."


def is_in_bounds(day: dt.date) -> bool:
    """A day that somebody can mean. Weeks and quarters around any other one may not exist.

    >>> is_in_bounds(dt.date(2026, 11, 21)), is_in_bounds(dt.date.max)
    (True, False)
    """
    return 2000 <= day.year <= 2200


def quarter_around(day: dt.date, *, start_month: int = 1) -> tuple[dt.date, dt.date]:
    """The first day of the quarter that holds `day`, and the first day of the next.

    >>> quarter_around(dt.date(2026, 11, 21))
    (datetime.date(2026, 10, 1), datetime.date(2027, 1, 1))
    >>> quarter_around(dt.date(2026, 1, 15), start_month=2)
    (datetime.date(2025, 11, 1), datetime.date(2026, 2, 1))
    """
    months_in = (day.month - start_month) % 3
    starts_on = months_later(day.replace(day=1), -months_in)
    return starts_on, months_later(starts_on, 3)


def months_later(day: dt.date, months: int) -> dt.date:
    """The same day of the month, `months` on (or back); `day` is a first of a month.

    >>> months_later(dt.date(2026, 11, 1), 3)
    datetime.date(2027, 2, 1)
    """
    index = day.year * 12 + day.month - 1 + months
    return day.replace(year=index // 12, month=index % 12 + 1)


def quarter_name(starts_on: dt.date, *, start_month: int = 1) -> str:
    """What people call it. Where the year starts in another month, the year is the one it ends in.

    >>> quarter_name(dt.date(2026, 10, 1))
    'Q4 2026'
    >>> quarter_name(dt.date(2026, 4, 1), start_month=4)
    'Q1 2026/27'
    """
    months_in = (starts_on.month - start_month) % 12
    first_year = starts_on.year - (1 if starts_on.month < start_month else 0)
    year = str(first_year) if start_month == 1 else f"{first_year}/{(first_year + 1) % 100:02d}"
    return f"Q{months_in // 3 + 1} {year}"
