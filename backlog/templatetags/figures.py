"""Numbers as the page prints them: formatted once, in Python, with a real minus and their unit.

Effects and shares are proportions in the code (0.092) and per cent on the screen. What cannot be
computed is `None` and prints as a dash.
"""

from functools import lru_cache

from django.utils.formats import number_format
from django.utils.translation import get_language

MINUS = "\N{MINUS SIGN}"
DASH = "\N{EN DASH}"
SPACE = "\N{NO-BREAK SPACE}"

Number = float | int | None


def number(value: Number, places: int = 0) -> str:
    """The number in the reader's locale.

    >>> number(-0.04, 1), number(None), number(7.43, 1)
    ('0.0', '–', '7.4')
    """
    return DASH if value is None else _written(float(value), places, get_language())


@lru_cache(maxsize=4096)
def _written(value: float, places: int, language: str | None) -> str:
    """A page writes the same few hundred numbers again and again; `language` is part of the key."""
    rounded = round(value, places) + 0.0
    text = number_format(abs(rounded), decimal_pos=places, force_grouping=True)
    return f"{MINUS}{text}" if rounded < 0 else text


def with_minus(text: str) -> str:
    """A number that Python formatted, with a real minus.

    >>> with_minus(f"{-0.25:+.1f}")
    '−0.2'
    """
    return text.replace("-", MINUS)


def signed(value: Number, places: int = 1) -> str:
    """The same with its sign, as every difference has one.

    >>> signed(9.24), signed(-1.7), signed(0.0)
    ('+9.2', '−1.7', '0.0')
    """
    if value is None:
        return DASH
    return ("+" if round(float(value), places) > 0 else "") + number(value, places)


def percent(value: Number, places: int = 1) -> str:
    """A proportion in per cent: 0.412 is "41.2 %"."""
    return DASH if value is None else f"{number(value * 100, places)}{SPACE}%"


def signed_percent(value: Number, places: int = 1) -> str:
    """A lift in per cent: 0.092 is "+9.2 %"."""
    return DASH if value is None else f"{signed(value * 100, places)}{SPACE}%"


def points(value: Number, places: int = 1) -> str:
    """A difference of two proportions: 0.038 is "+3.8 points"."""
    return DASH if value is None else f"{signed(value * 100, places)}{SPACE}points"


def places_for(*values: Number) -> int:
    """Decimals that tell small effects apart: two where all stay under one per cent, else one."""
    known = [abs(value) for value in values if value is not None]
    return 2 if known and max(known) < 0.01 else 1


def effect(value: Number, low: Number, high: Number, unit: str = "percent") -> str:
    """An effect with its range, the only way one is ever shown.

    `unit` is "percent", "points", or "bare points" where the column's head names the unit.

    >>> effect(0.092, 0.017, 0.173), effect(0.0002, -0.0037, 0.0042, "points")
    ('+9.2\xa0% (1.7 to 17.3)', '+0.02\xa0points (−0.37 to 0.42)')
    """
    if value is None:
        return DASH
    places = places_for(value, low, high)
    name = {"percent": f"{SPACE}%", "points": f"{SPACE}points", "bare points": ""}[unit]
    one = f"{signed(value * 100, places)}{name}"
    if low is None or high is None:
        return f"{one} (no range)"
    return f"{one} ({number(low * 100, places)} to {number(high * 100, places)})"
