"""When a learning has to be tried again. Pure; dates only."""

from __future__ import annotations

import calendar
import datetime as dt
from typing import Final

YEAR: Final = 12
"""Months for which a learning holds if its metric has no season of its own."""


def expires_on(last_evidence_on: dt.date, season: int | None = None) -> dt.date:
    """The first day on which a learning has expired.

    It holds for one season of its metric after its newest evidence, because after that the same
    time of the year, or of a campaign, has come round once more.

    Args:
        last_evidence_on: the day of the newest decision behind it.
        season: of the metric, in whole months above zero; None for a year.

    Returns:
        The same day of the month, or the last one of a shorter month.

    Raises:
        ValueError: a season under one month.

    Source: Floe’s own rule.

    >>> expires_on(dt.date(2026, 8, 31), 6), expires_on(dt.date(2026, 11, 2))
    (datetime.date(2027, 2, 28), datetime.date(2027, 11, 2))
    """
    months = YEAR if season is None else season
    if months < 1:
        raise ValueError("a season has at least one month")
    year, month = divmod(last_evidence_on.year * 12 + last_evidence_on.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return dt.date(year, month + 1, min(last_evidence_on.day, last))


def days_left(expiry: dt.date, today: dt.date) -> int:
    """Days until a learning expires.

    Args:
        expiry: the first day on which it has expired.
        today: the day to count from.

    Returns:
        0 or less once it has expired.

    Raises:
        Nothing.

    Source: dates.

    >>> days_left(dt.date(2026, 12, 1), dt.date(2026, 11, 30))
    1
    """
    return (expiry - today).days
