"""Dates however they are written: in numbers of any order, in words of ten languages, with a time."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, NamedTuple

from .folding import folded

# Starts of the months’ names, without accents, in English, German, French, Spanish, Portuguese,
# Italian, Dutch, Swedish with Danish and Norwegian, Polish and Finnish.
MONTH_NAMES: Final = (
    "jan january januar janvier enero ene janeiro gennaio gen januari stycznia styczen sty tammi",
    "feb february februar fevrier fevr fev febrero fevereiro febbraio februari lutego luty lut helmi",
    "mar march marz maerz mrz mars marzo marco maart mrt marca marzec maalis",
    "apr april avril avr abril abr aprile kwietnia kwiecien kwi huhti",
    "may mai mayo maio maggio mag mei maj maja touko",
    "jun june juni juin junio junho giugno giu czerwca czerwiec cze kesa",
    "jul july juli juillet juil julio julho luglio lug lipca lipiec lip heina",
    "aug august aout agosto ago augustus augusti sierpnia sierpien sie elo",
    "sep sept september septembre septiembre setiembre setembro set settembre wrzesnia wrzesien wrz syys",
    "oct october oktober okt octobre octubre outubro out ottobre ott pazdziernika pazdziernik paz loka",
    "nov november novembre noviembre novembro listopada listopad lis marras",
    "dec december dezember dez decembre diciembre dic dezembro dicembre desember des grudnia grudzien gru joulu",
)
_MONTH_OF: Final = {
    name: number for number, names in enumerate(MONTH_NAMES, 1) for name in names.split()
}
# Also a pattern of DuckDB: no look-around.
TIME_OF_DAY: Final = r"(?:[T,]| at| um| om| à| às| a las| alle| klo?\.?| )[ ]?\d{1,2}(?:[:h]\d{2}|\.\d{2}(?:\.\d{2})?$).*"
_TIME: Final = re.compile(TIME_OF_DAY)
_NUMBERS: Final = re.compile(r"(\d{1,4})([-/. ])[ ]?(\d{1,2})([-/. ])[ ]?(\d{1,4})\.?")
_WEEKDAY: Final = re.compile(r"[^\W\d_]{2,15}[.,]{0,2} ?(?=\d)")
_COMPACT: Final = re.compile(r"(\d{4})(\d\d)(\d\d)")
_COMPACT_TIME: Final = re.compile(r"(20[1-4]\d)(\d\d)(\d\d)(?:[01]\d|2[0-3])(?:[0-5]\d){0,2}")
_TUESDAY: Final = 3  # "mar" is March, but also Tuesday in French, Italian and Spanish
_WORD: Final = re.compile(r"[a-z]+")
_EPOCH: Final = {10: 1, 13: 1_000, 16: 1_000_000}
_YEARS: Final = range(1990, 2100)
_LONGEST: Final = 80
_LIKELY: Final = range(2015, 2045)  # of an experiment whose years have two digits


class Parts(NamedTuple):
    """Three numbers in their order, `mark` between them."""

    first: int
    second: int
    third: int
    mark: str
    has_long_year: bool


@dataclass(frozen=True)
class DateStyle:
    """`order` of the parts where they are numbers: "dmy", "mdy" or "ymd"; `readings` those that the
    whole column allows: with more than one it is a question. `has_year_first`: in front of months in
    words, as in 26-Nov-30."""

    order: str = "dmy"
    readings: tuple[str, ...] = ()
    has_year_first: bool = False

    @property
    def is_unsure(self) -> bool:
        return len(self.readings) > 1

    def date(self, text: str) -> dt.date | None:
        """The date in a cell; None where there is none.

        >>> style = DateStyle("mdy")
        >>> [str(style.date(text)) for text in ("11/13/26", "30 November 2026", "2026-11-30T08:00")]
        ['2026-11-13', '2026-11-30', '2026-11-30']
        """
        if len(text) > _LONGEST:
            return None
        part = date_part(text)
        if match := _COMPACT.fullmatch(part):
            return _date(*map(int, match.groups()))
        match = _COMPACT_TIME.fullmatch(part)
        if match and (date := _date(*map(int, match.groups()))):
            return date
        if parts := parts_of(part):
            return _by_order(parts, self.order)
        return _in_words(part, self.has_year_first) or _since_1970(part)


def date_part(text: str) -> str:
    """Without the time of day, and without the day of the week in front of numbers.

    >>> date_part("2026-11-03T08:00"), date_part("Di, 3.11.2026, 8:00"), date_part("30 Nov 2026 at 8:00")
    ('2026-11-03', '3.11.2026', '30 Nov 2026')
    """
    part = _TIME.sub("", " ".join(text.split())).strip(" ,")
    weekday = _WEEKDAY.match(part)
    rest = part[weekday.end() :] if weekday else ""
    return rest if parts_of(rest) or _COMPACT.fullmatch(rest) else part


def parts_of(text: str) -> Parts | None:
    """The three numbers of a date that has no words.

    >>> parts_of("3/4/2026")[:4], parts_of("3/4-2026")
    ((3, 4, 2026, '/'), None)
    """
    match = _NUMBERS.fullmatch(text)
    if match is None or match[2] != match[4]:
        return None
    first, last = match[1], match[5]
    if len(first) == 3 or len(last) == 3 or (len(first) == 4 and len(last) > 2):
        return None
    return Parts(int(first), int(match[3]), int(last), match[2], max(len(first), len(last)) == 4)


def style_of_dates(texts: Iterable[str], *, answer: str = "") -> DateStyle:
    """How a column writes its dates. `answer` ("dmy", "mdy", "ymd") decides where numbers don’t.

    >>> style_of_dates(["3/4/2026", "13/4/2026"]).order, style_of_dates(["3/4/2026"]).is_unsure
    ('dmy', True)
    >>> style_of_dates(["11/13/26"]).order, style_of_dates(["30.11.26", "1.12.26"]).readings
    ('mdy', ('dmy',))
    """
    year_first = _are_years_first(texts := list(texts))
    all_parts = [parts for text in texts if (parts := parts_of(date_part(text)))]
    short = [parts for parts in all_parts if parts.first < 1_000]
    readings = (
        tuple(order for order in ("dmy", "mdy", "ymd") if _fits(short, order)) if short else ()
    )
    if set(readings) >= {"dmy", "mdy"} and all(_is_same(parts) for parts in short):
        readings = tuple(order for order in readings if order != "mdy")
    if answer:
        return DateStyle(answer, readings, year_first)
    has_points = all(parts.mark == "." for parts in short)
    if has_points and set(readings) >= {"dmy", "mdy"} and _is_dense(short):
        readings = ("dmy",)
    return DateStyle(readings[0] if readings else "dmy", readings, year_first)


def _are_years_first(texts: list[str]) -> bool:
    """Of two short numbers around a month in words, years vary less than days."""
    pairs = [
        pair for text in texts if len(pair := re.findall(r"\d+", date_part(text[:_LONGEST]))) == 2
    ]
    short = [(first, last) for first, last in pairs if max(len(first), len(last)) < 3]
    return len({first for first, _ in short}) < len({last for _, last in short})


def _is_same(parts: Parts) -> bool:
    return parts.first == parts.second


def _fits(column: list[Parts], order: str) -> bool:
    """Whether every date is one in this order. Years vary less than days, and by one at most."""
    if any(parts.has_long_year for parts in column):
        return order != "ymd" and None not in [_by_order(parts, order) for parts in column]
    firsts, thirds = len({parts.first for parts in column}), len({parts.third for parts in column})
    if (firsts > thirds) if order == "ymd" else (thirds > firsts):
        return False
    years = [date.year if (date := _by_order(parts, order)) else 0 for parts in column]
    return min(years) in _LIKELY and max(years) in _LIKELY and max(years) - min(years) <= 1


def _is_dense(column: list[Parts]) -> bool:
    """Day first gives days close together, month first gives them far apart: nobody writes months
    first with points, so three such days are enough to be sure."""
    spans = []
    for order in ("dmy", "mdy"):
        dates = [date for parts in column if (date := _by_order(parts, order))]
        spans.append((max(dates) - min(dates)).days)
    return len(set(column)) >= 3 and spans[0] <= 31 and spans[1] >= 45


def _by_order(parts: Parts, order: str) -> dt.date | None:
    first, second, third = parts[:3]
    if first >= 1_000:
        return _date(first, second, third)
    by = {
        "dmy": (third, second, first),
        "mdy": (third, first, second),
        "ymd": (first, second, third),
    }
    return _date(*by[order])


def _date(year: int, month: int, day: int) -> dt.date | None:
    year += 2_000 if year < 70 else 1_900 if year < 100 else 0
    try:
        return dt.date(year, month, day) if year in _YEARS else None
    except ValueError:
        return None


def _in_words(text: str, has_year_first: bool = False) -> dt.date | None:
    """A day and a year around the name of a month."""
    plain = folded(text)
    months = list({month for word in _WORD.findall(plain) if (month := _month(word))})
    if len(months) == 2 and _TUESDAY in months:
        months.remove(_TUESDAY)
    numbers = [int(one) for one in re.findall(r"\d+", plain)]
    if len(months) != 1 or len(numbers) != 2:
        return None
    first, second = numbers
    if first > 31 or (has_year_first and second <= 31):
        return _date(first, months[0], second)
    return _date(second, months[0], first)


def _month(word: str) -> int:
    """The month of a word, 0 where it names none: whole, or cut after at least three letters.

    >>> _month("november"), _month("marraskuuta"), _month("monday")
    (11, 11, 0)
    """
    if word in _MONTH_OF:
        return _MONTH_OF[word]
    finnish = word.removesuffix("ta").removesuffix("kuu")
    return _MONTH_OF.get(finnish, 0) if finnish != word else 0


def _since_1970(text: str) -> dt.date | None:
    """Seconds, milliseconds or microseconds since 1970, in UTC."""
    digits, _, fraction = text.partition(".")
    per_second = _EPOCH.get(len(digits), 0) if digits.isascii() and digits.isdigit() else 0
    if not per_second or (fraction and not fraction.isdigit()):
        return None
    return dt.date(1970, 1, 1) + dt.timedelta(seconds=int(digits) // per_second)
