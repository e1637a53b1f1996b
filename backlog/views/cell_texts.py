"""Numbers and days as the narrow cells of the list have room for them."""

import datetime as dt

from django.utils.formats import date_format

from backlog.models.own_fields import Value
from backlog.templatetags.figures import DASH, number


def score_text(value: float | None) -> str:
    """One decimal, but a plain 10: four characters don't fit the narrow column.

    >>> [score_text(value) for value in (10.0, 9.96, 7.25, None)]
    ['10', '10', '7.2', '–']
    """
    return number(value, 0 if value is not None and value >= 9.95 else 1)


def age_in_words(days: int) -> str:
    """Days, then months, then years: "12 d", "7 mo", "2 y".

    >>> [age_in_words(days) for days in (0, 12, 98, 99, 800)]
    ['0 d', '12 d', '98 d', '3 mo', '2 y']
    """
    if days < 99:
        return f"{days} d"
    return f"{days // 30} mo" if days < 720 else f"{days // 365} y"


def own_text(value: Value) -> str:
    """The value of an own field as people read it, with the decimals that it has.

    >>> own_text(2.50), own_text(-1200.0), own_text("North"), own_text(None)
    ('2.5', '−1,200', 'North', '–')
    """
    if value is None:
        return DASH
    if isinstance(value, float):
        decimals = f"{value:.6f}".rstrip("0").partition(".")[2]
        return number(value, len(decimals))
    return date_format(value, "j M Y") if isinstance(value, dt.date) else value
