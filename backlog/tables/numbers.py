"""How a column writes its numbers: decided by the whole column, or by an answer where two readings
are possible.

A cell is known by its *shape*: the text with 9 for each digit. The shapes of a column with their
counts are all that is needed, so that a database can list them for millions of rows.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

MISSING: Final = ("", "na", "n/a", "#n/a", "null", "none", "nan", "nil", "-", "–", "—", "\\n", "n.a.", "k.a.", ".", "#null!")  # fmt: skip
# Signs that stand for another one: blanks of all widths, apostrophes, minus signs.
BLANKS: Final = "\u00a0\u202f\u2009\u2007\u2002\u2003\u200a\u3000\t"
APOSTROPHES: Final = "’‘ʼ´`′"
MINUS: Final = "−–‒—﹣－"
_SAME_SIGN: Final = str.maketrans(
    {**dict.fromkeys(BLANKS, " "), **dict.fromkeys(APOSTROPHES, "'"), **dict.fromkeys(MINUS, "-")}
)
_CODES: Final = (
    "usd eur gbp chf jpy cny inr sek nok dkk pln czk huf ron bgn brl mxn ars clp cop pen cad aud nzd"
    " zar sgd hkd krw try ils aed sar thb idr myr php vnd uah kwd bhd omr jod tnd isk"
)
_SIGNS: Final = (
    r"us\$|a\$|c\$|r\$|nz\$|hk\$|s/|[$€£¥₹₽₩₪₫₴₺฿₦₱]|zł|kč|kr\.?|ft|lei|fr\.?|rs\.?|eur[o]?s?|tl|лв"
)
_CURRENCY: Final = rf"(?:{_SIGNS}|{'|'.join(_CODES.split())})"
_POWERS: Final = {
    "%": -2, "٪": -2, "pct": -2, "‰": -3, "k": 3, "tsd": 3, "tsd.": 3, "m": 6, "mn": 6,
    "mio": 6, "mio.": 6, "mln": 6, "mill.": 6, "b": 9, "bn": 9, "mrd": 9, "mrd.": 9, "md": 9,
}  # fmt: skip
_END: Final = "|".join(re.escape(end) for end in sorted(_POWERS, key=len, reverse=True))
_CELL: Final = re.compile(
    rf"(?P<open>\()? ?(?P<sign>[-+])? ?(?:(?P<before>{_CURRENCY}) ?)?(?P<sign2>[-+])? ?(?P<core>\d[\d.,' ]*|[.,]\d+)"
    rf"(?P<exponent>e[-+]?\d{{1,3}})? ?(?P<end>{_END})? ?(?P<behind>{_CURRENCY})? ?(?P<back>-)? ?(?P<close>\))?",
    re.IGNORECASE,
)
_NO_CENTS: Final = re.compile(r"(?<=\d)([.,])-{1,2}(?=[^-\d]*$)")
"""The dash that stands for no cents, as in "12,-" and "CHF 12.–"; it is not a minus sign."""
_GROUPED: Final = re.compile(
    r"\d{1,3}(?:(?P<group>[ '])\d{3})(?:(?P=group)\d{3})*(?P<rest>[.,]\d*)?"
)
_LONGEST: Final = 60
_SAME_CURRENCY: Final = {
    "$": "usd", "us$": "usd", "€": "eur", "euro": "eur", "euros": "eur", "£": "gbp", "¥": "jpy",
    "₹": "inr", "rs": "inr", "r$": "brl", "zł": "pln", "kč": "czk", "ft": "huf", "lei": "ron",
    "₺": "try", "tl": "try", "fr": "chf", "sek": "kr", "nok": "kr", "dkk": "kr", "a$": "aud", "c$": "cad",
}  # fmt: skip


class Cell(NamedTuple):
    """A cell taken apart: its `digits` with a point at most, the `power` of ten that its end stands
    for, the `kind` of its marks (see `taken_apart`), and its `unit`: "%", a currency, or ""."""

    digits: str
    power: int
    is_negative: bool
    kind: str
    unit: str = ""

    @property
    def is_per_cent(self) -> bool:
        return self.unit == "%"


def taken_apart(text: str) -> Cell | None:
    """A cell that may be a number, by its marks; None where it is not a number.

    `kind` is "whole" (no mark), " " (blanks or apostrophes part thousands), "." or "," (that is the decimal mark, and sure of it), ".3" or
    ",3" (one mark before exactly three digits: it may part thousands or decimals), or "bad".

    >>> taken_apart("1.250").kind, taken_apart("$1,250.50").kind, taken_apart("1 237,65").kind
    ('.3', '.', ',')
    >>> taken_apart("1.250,- €")[:4]
    ('1250.00', 0, False, ',')
    >>> taken_apart("(12.5 %)")[1:4], taken_apart("12 apples")
    ((-2, True, '.'), None)
    """
    text = text.translate(_SAME_SIGN).strip()
    is_short = len(text) <= _LONGEST
    match = _CELL.fullmatch(_NO_CENTS.sub(r"\g<1>00", text)) if is_short else None
    if match is None or bool(match["open"]) != bool(match["close"]):
        return None
    signs = [sign for sign in (match["open"], match["sign"], match["sign2"], match["back"]) if sign]
    if len(signs) > 1:
        return None
    core = match["core"].rstrip(" ")
    end = (match["end"] or "").lower()
    exponent = int(match["exponent"][1:]) if match["exponent"] else 0
    digits, kind = _marks(core, has_exponent=bool(match["exponent"]))
    if kind == "bad":
        return None
    return Cell(
        digits,
        _POWERS.get(end, 0) + exponent,
        bool(signs) and signs[0] != "+",
        kind,
        "%" if end in ("%", "٪", "pct") else _currency(match["before"] or match["behind"] or ""),
    )


def _currency(text: str) -> str:
    """A currency by one name, however it is written.

    >>> _currency("US$"), _currency("euros"), _currency("kr.")
    ('usd', 'eur', 'kr')
    """
    name = text.casefold().rstrip(".")
    return _SAME_CURRENCY.get(name, name)


def mixture(cells: Iterable[str], *, has_plain: bool = False) -> tuple[str, str] | None:
    """Two cells of one column that can't be added up: a per cent and a plain number, or amounts in two
    currencies. `has_plain`: there are plain numbers besides, other than 0.

    >>> mixture(["12 %", "5"]), mixture(["$5", "€ 5"]), mixture(["12 %", "0"])
    (('12 %', '5'), ('$5', '€ 5'), None)
    """
    examples: dict[str, str] = {}
    for text in cells:
        cell = taken_apart(text)
        if cell and cell.digits.strip("0."):
            examples.setdefault(cell.unit, text)
    if has_plain:
        examples.setdefault("", "plain numbers")
    currencies = [text for unit, text in examples.items() if unit not in ("", "%")]
    if len(currencies) > 1:
        return currencies[0], currencies[1]
    others = [text for unit, text in examples.items() if unit != "%"]
    return (examples["%"], others[0]) if "%" in examples and others else None


def _marks(core: str, *, has_exponent: bool) -> tuple[str, str]:
    """The digits with the marks that are left (at most one), and what is known of it."""
    if grouped := _GROUPED.fullmatch(core):
        core = re.sub(r"[ ']", "", core)
        if grouped["rest"]:
            return core.replace(",", "."), grouped["rest"][0]
        return core, " "
    points, commas = core.count("."), core.count(",")
    if " " in core or "'" in core or (points and commas):
        return _both(core)
    if not points and not commas:
        return core, "whole"
    mark = "." if points else ","
    if points + commas > 1:
        return (core.replace(mark, ""), mark * 2) if _is_grouped(core, mark) else (core, "bad")
    whole, part = core.split(mark)
    plain = core.replace(",", ".")
    is_open = len(part) == 3 and 1 <= len(whole) <= 3 and whole[0] != "0" and not has_exponent
    return plain, f"{mark}3" if is_open else mark


def _both(core: str) -> tuple[str, str]:
    """Points and commas: the last one is the decimal mark, if it is the only one of its kind."""
    mark = max(".,", key=core.rfind)
    other = "," if mark == "." else "."
    whole, _, part = core.rpartition(mark)
    if mark in whole or not part.isdigit() or not _is_grouped(whole, other):
        return core, "bad"
    return f"{whole.replace(other, '')}.{part}", mark


def _is_grouped(digits: str, mark: str) -> bool:
    """Whether a mark parts groups of three digits, or in India of two above the last three.

    >>> _is_grouped("1.234.567", "."), _is_grouped("1,23,456", ","), _is_grouped("1,23", ",")
    (True, True, False)
    """
    if mark not in digits:
        return False
    first, *middle, last = digits.split(mark)
    return (
        1 <= len(first) <= 3
        and len(last) == 3
        and all(2 <= len(part) <= 3 for part in middle)
        and digits.replace(mark, "").isdigit()
    )


@dataclass(frozen=True)
class NumberStyle:
    """`thousands` are the marks (".", ",") that part thousands where three digits follow;
    `unsure`: the mark for which the column has two readings, "" where it has one."""

    thousands: frozenset[str] = frozenset()
    unsure: str = ""

    def plain(self, text: str) -> str | None:
        """A cell as the text of a number that Python and databases read; None where it is not one.

        >>> NumberStyle(frozenset(".")).plain("1.250"), NumberStyle().plain("−1.250 €")
        ('1250', '-1.250')
        """
        cell = taken_apart(text)
        if cell is None:
            return None
        digits = cell.digits
        if cell.kind in (".3", ",3") and cell.kind[0] in self.thousands:
            digits = digits.replace(".", "")
        power = f"e{cell.power}" if cell.power else ""
        return f"{'-' if cell.is_negative else ''}{digits}{power}"

    def value(self, text: str) -> float | None:
        """A cell as a number; None where it is not one.

        >>> NumberStyle().value("12.5 %"), NumberStyle().value("(1 237,65)"), NumberStyle().value("x")
        (0.125, -1237.65, None)
        """
        plain = self.plain(text)
        value = float("inf") if plain is None else float(plain)
        return value if math.isfinite(value) else None


POINT: Final = NumberStyle(frozenset(","))
"""Where nothing is known: 1.250 is one and a quarter, 1,250 a thousand."""


def style_of(cells: Iterable[str], *, answer: str = "", is_count: bool = False) -> NumberStyle:
    """The style of a column that holds these cells (or one cell for each of its shapes).

    Args:
        answer: "thousands" or "decimals", where somebody said what a mark before three digits is.
        is_count: of people or things, which have no decimals other than zeros.

    >>> style_of(["1.250", "900"]).unsure, style_of(["1.250", "12.5"]).unsure
    ('.', '')
    >>> style_of(["1.250", "3,5"]).value("1.250"), style_of(["12.345"], is_count=True).value("12.345")
    (1250.0, 12345.0)
    """
    known = [cell for cell in map(taken_apart, cells) if cell]
    kinds = {cell.kind for cell in known}
    # 12.345 people are never twelve and a bit, but 12.000 may be twelve.
    is_whole = is_count and any(len(c.kind) == 2 and not c.digits.endswith("000") for c in known)
    thousands: set[str] = set()
    unsure = ""
    for mark, other in ((".", ","), (",", ".")):
        if f"{mark}3" not in kinds:
            continue
        is_decimal = not kinds.isdisjoint((mark, other * 2, " "))
        is_other = not kinds.isdisjoint((other, mark * 2))
        if not is_decimal and (is_whole or is_other):
            thousands.add(mark)
        elif not (is_decimal and not is_other):
            unsure = mark
            if answer != "decimals":
                thousands.add(mark)
    return NumberStyle(frozenset(thousands), unsure)
