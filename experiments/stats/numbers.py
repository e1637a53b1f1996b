"""Numbers as they are written: digits that the range calls for, a real minus sign, a p-value."""

from __future__ import annotations

import math


def figure(value: float) -> str:
    """A number with three significant digits, and none invented.

    >>> figure(1234.5), figure(0.27745), figure(1.5), figure(0.0)
    ('1,234', '0.277', '1.5', '0')
    """
    if value == 0:
        return "0"
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    if digits > 9:
        return f"{value:.3g}"
    text = f"{value:,.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def signed(value: float, *, plus: str = "", digits: int | None = None) -> str:
    """A number with a real minus sign; with three significant digits, or as many decimals as asked.

    >>> signed(-0.82), signed(3.8, plus="+")
    ('−0.82', '+3.8')
    """
    text = figure(abs(value)) if digits is None else f"{abs(value):,.{digits}f}"
    if not text.strip("0.,"):
        return text
    return ("−" if value < 0 else plus) + text


def digits_for(middle: float, low: float | None, high: float | None, *, scale: float = 1) -> int:
    """Decimals that show the range to two digits, or the value where there is none."""
    ends = [end for end in (low, high) if end is not None]
    reach = max((abs(end - middle) for end in ends), default=0.0) * 2
    reach = (reach or abs(middle)) * scale
    least = 0 if scale == 1 else 1  # points and per cent have a decimal, as in the tables
    return min(9, max(least, 1 - math.floor(math.log10(reach)))) if reach else 0


_TINY = 1e-9  # what binary fractions take off
BASES = (100, 1_000, 10_000, 100_000, 1_000_000)


def base_for(difference: float, low: float | None, high: float | None) -> int | None:
    """The smallest of 100, 1,000 … 1,000,000 units at which an effect is told in whole numbers.

    That is 2 or more of them for the difference, or for the wider end where there is none, and at
    least 1 for an end on the same side of zero. None where a million are too few.

    >>> base_for(-0.0082, -0.013, -0.003), base_for(0.04, 0.02, 0.06), base_for(1e-9, None, None)
    (1000, 100, None)
    """
    ends = [end for end in (low, high) if end is not None]
    if difference == 0:
        difference = max(map(abs, ends), default=0.0)
        ends = []
    same_side = [abs(end) for end in ends if end * difference > 0]
    for base in BASES:
        if abs(difference) * base >= 2 - _TINY and all(end * base >= 0.5 for end in same_side):
            return base
    return BASES[-1] if abs(difference) * BASES[-1] >= 1 else None


def base_of(difference: float) -> int | None:
    """The smallest of 100, 1,000 … 1,000,000 units of which at least one makes the difference.

    >>> base_of(-0.0082), base_of(0.0004), base_of(1e-9)
    (100, 10000, None)
    """
    return next((base for base in BASES if round(abs(difference) * base) >= 1), None)


def say_p(
    p_value: float | None, log10_p: float | None = None, *, digits: int = 2, least: float = 1e-300
) -> str:
    """A p-value with so many significant digits: for analysts, never in a verdict.

    Below `least`, or where a double can't hold it, it is only said to be smaller; a dash where
    there is no p.

    >>> say_p(0.0744), say_p(0.001554), say_p(2.3e-308, -400.2), say_p(1.0), say_p(None)
    ('.074', '.0016', '< 1e-300', '1', '–')
    >>> say_p(0.00155425, digits=5), say_p(0.0000042, digits=5), say_p(0.0000042, least=0.001)
    ('.0015543', '4.2e-06', '< .001')
    """
    if p_value is None:
        return "–"
    if p_value < least or (log10_p is not None and log10_p < -300):
        return f"< {least:g}".replace("< 0", "< ")
    return f"{p_value:.{digits}g}".removeprefix("0")
