"""Numbers as the page prints them: formatted once, in Python, with a real minus and their unit.

Effects and shares are proportions in the code (0.092) and per cent on the screen. What cannot be
computed is `None` and prints as a dash.
"""

from django.utils.formats import number_format

MINUS = "\N{MINUS SIGN}"
DASH = "\N{EN DASH}"
SPACE = "\N{NO-BREAK SPACE}"

Number = float | int | None


def number(value: Number, places: int = 0) -> str:
    """The number in the reader's locale.

    >>> number(-0.04, 1), number(None), number(7.43, 1)
    ('0.0', '–', '7.4')
    """
    if value is None:
        return DASH
    rounded = round(float(value), places) + 0.0
    text = number_format(abs(rounded), decimal_pos=places, force_grouping=True)
    return f"{MINUS}{text}" if rounded < 0 else text


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


def could_be(low: Number, high: Number, places: int = 1) -> str:
    """The range in brackets, without its unit: (0.017, 0.173) is "(1.7 to 17.3)"."""
    if low is None or high is None:
        return "(no range)"
    return f"({number(low * 100, places)} to {number(high * 100, places)})"


def effect(
    value: Number, low: Number, high: Number, *, unit: str = "percent", places: int = 1
) -> str:
    """An effect with its range, the only way one is ever shown; `unit` is percent or points."""
    if value is None:
        return DASH
    one = points(value, places) if unit == "points" else signed_percent(value, places)
    return f"{one} {could_be(low, high, places)}"
