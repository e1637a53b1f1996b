"""Tables in random dialects with the values that they hold: what the reader must return, or ask.

A `Written` table is made from a seed alone. Half of the tables are *ordinary*: written as one country’s
programs write them, with enough rows to show how. The others are written to be hard.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import random
from dataclasses import dataclass, field
from pathlib import Path

from openpyxl import Workbook

from experiments.results_file import (
    FileProblem,
    Mapping,
    MetricColumns,
    read,
    unpacked,
)

MONTHS = {
    "en": "January February March April May June July August September October November December",
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "pt": "janeiro fevereiro março abril maio junho julho agosto setembro outubro novembro dezembro",
    "it": "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre",
    "nl": "januari februari maart april mei juni juli augustus september oktober november december",
    "sv": "januari februari mars april maj juni juli augusti september oktober november december",
    "pl": "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października listopada grudnia",
    "fi": "tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesäkuuta heinäkuuta elokuuta syyskuuta lokakuuta marraskuuta joulukuuta",
}
# Language: separator, decimal mark, mark between thousands, way of writing dates, yes and no, total.
COUNTRIES = {
    "en": (",", ".", ",", ("%Y-%m-%d", "%m/%d/%Y", "%d %B %Y", "%b %d, %Y"), ("yes", "no"), "Total"),
    "de": (";", ",", ".", ("%d.%m.%Y", "%Y-%m-%d", "%d. %B %Y"), ("ja", "nein"), "Gesamt"),
    "fr": (";", ",", "\u202f", ("%d/%m/%Y", "%d %B %Y"), ("oui", "non"), "Total général"),
    "es": (";", ",", ".", ("%d/%m/%Y", "%d-%m-%Y"), ("sí", "no"), "Total"),
    "pt": (";", ",", ".", ("%d/%m/%Y", "%d-%m-%Y"), ("sim", "não"), "Total geral"),
    "it": (";", ",", ".", ("%d/%m/%Y", "%d %B %Y"), ("sì", "no"), "Totale"),
    "nl": (";", ",", ".", ("%d-%m-%Y", "%d %B %Y"), ("ja", "nee"), "Totaal"),
    "sv": (";", ",", " ", ("%Y-%m-%d", "%d %B %Y"), ("ja", "nej"), "Totalt"),
    "pl": (";", ",", "\u00a0", ("%d.%m.%Y", "%d %B %Y"), ("tak", "nie"), "Razem"),
    "fi": (";", ",", "\u00a0", ("%d.%m.%Y", "%d. %B %Y"), ("kyllä", "ei"), "Yhteensä"),
}  # fmt: skip
LOGICAL = (("1", "0"), ("TRUE", "FALSE"), ("true", "false"), ("wahr", "falsch"), ("vrai", "faux"),
           ("y", "n"), ("t", "f"), ("verdadero", "falso"), ("waar", "onwaar"))  # fmt: skip
HARD_DATES = ("%d/%m/%y", "%m-%d-%Y", "%d.%m.%y", "%d-%b-%Y", "%A, %B %d, %Y", "%Y%m%d", "epoch",
              "epoch_ms", "serial", "%Y-%m-%dT%H:%M:%SZ", "%d/%m/%Y %H:%M", "%Y/%m/%d")  # fmt: skip
MONEY = ("", "", "", "€ {}", "{} €", "${}", "{} kr", "CHF {}", "£{}")
TITLES = ("Results of November", "Exported on 30 November", "Owner: the growth team", "# by the warehouse",
          "Report, all channels", "Audience: everybody")  # fmt: skip


@dataclass
class Dialect:
    """How one table is written."""

    language: str
    separator: str
    decimal: str
    thousands: str
    decimals: int
    date: str
    words: tuple[str, str]
    money: str = "{}"
    minus: str = "-{}"
    quotes: int = csv.QUOTE_MINIMAL
    encoding: str = "utf-8"
    end: str = "\n"
    above: list[str] = field(default_factory=list)
    total: str = ""
    is_workbook: bool = False
    has_twice: bool = False


@dataclass
class Written:
    """A table as bytes, and for each arm the units, conversions, mean and days it holds."""

    seed: int
    dialect: Dialect
    shape: str
    is_ordinary: bool
    content: bytes
    truth: dict[str, tuple[int, int, float]]
    days: set[str]


def written(seed: int) -> Written:
    """The table of a seed."""
    chance = random.Random(seed)
    is_ordinary = seed % 2 == 0
    dialect = _dialect(chance, is_ordinary=is_ordinary)
    shape = "totals" if chance.random() < 0.25 else "units"
    make = _totals if shape == "totals" else _units
    rows, truth, days = make(chance, dialect, is_ordinary=is_ordinary)
    return Written(seed, dialect, shape, is_ordinary, _bytes(chance, dialect, rows), truth, days)


def _dialect(chance: random.Random, *, is_ordinary: bool) -> Dialect:
    language = chance.choice(list(COUNTRIES))
    separator, decimal, thousands, dates, words, total = COUNTRIES[language]
    made = Dialect(language, separator, decimal, chance.choice(["", "", thousands]),
                   chance.choice([0, 2, 2, 2]), chance.choice(dates),
                   chance.choice([words, ("1", "0"), ("1", "0"), chance.choice(LOGICAL)]))  # fmt: skip
    made.encoding = chance.choice(["utf-8", "utf-8", "utf-8-sig", "utf-16"])
    made.end = chance.choice(["\n", "\r\n"])
    made.is_workbook = chance.random() < 0.04
    if is_ordinary:
        return made
    made.separator = chance.choice([",", ";", "\t", "|"])
    made.decimals = chance.choice([0, 1, 2, 3, 3, 4])
    made.thousands = chance.choice(["", thousands, " ", "\u00a0", "’", "'", ",", "."])
    if made.thousands == made.decimal:
        made.thousands = ""
    made.date = chance.choice([*dates, *HARD_DATES])
    made.money = chance.choice(MONEY) or "{}"
    made.quotes = chance.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
    is_western = language != "pl" and made.thousands != "\u202f"
    made.encoding = chance.choice([made.encoding, "cp1252" if is_western else "utf-8"])
    made.minus = chance.choice(
        ["-{}", "({})", "{}-", "-{}" if made.encoding == "cp1252" else "−{}"]
    )
    made.above = chance.choices(TITLES, k=chance.choice([0, 0, 1, 2, 3]))
    if chance.random() < 0.15:
        made.above = [f"sep={made.separator}"]
    elif made.above and chance.random() < 0.5:
        made.above.append("")
    made.total = total if chance.random() < 0.3 else ""
    made.has_twice = chance.random() < 0.2
    return made


def number(
    value: float, dialect: Dialect, *, is_money: bool = True, decimals: int | None = None
) -> str:
    """A number as the dialect writes it."""
    places = dialect.decimals if decimals is None else decimals
    text = f"{abs(value):,.{places}f}"
    text = (
        text.replace(",", "\x00").replace(".", dialect.decimal).replace("\x00", dialect.thousands)
    )
    text = dialect.money.format(text) if is_money else text
    return dialect.minus.format(text) if value < 0 else text


def date(day: dt.date, dialect: Dialect, chance: random.Random) -> str:
    at = dt.datetime.combine(day, dt.time(chance.randrange(24), chance.randrange(60)), dt.UTC)
    if dialect.date == "epoch":
        return str(int(at.timestamp()))
    if dialect.date == "epoch_ms":
        return str(int(at.timestamp() * 1000))
    if dialect.date == "serial":
        return str((day - dt.date(1899, 12, 30)).days)
    month = MONTHS[dialect.language].split()[day.month - 1]
    english = MONTHS["en"].split()[day.month - 1]
    pattern = dialect.date.replace("%B", english if "%A" in dialect.date else month)
    pattern = pattern.replace("%b", english[:3])
    return at.strftime(pattern)


def _days(chance: random.Random, *, is_ordinary: bool) -> list[dt.date]:
    first = dt.date(2026, chance.randrange(1, 13), chance.randrange(1, 29))
    length = chance.randrange(14, 40) if is_ordinary else chance.randrange(1, 40)
    return [first + dt.timedelta(days=n) for n in range(length)]


Made = tuple[list[list[str]], dict[str, tuple[int, int, float]], set[str]]


def _units(chance: random.Random, dialect: Dialect, *, is_ordinary: bool) -> Made:
    size = chance.randrange(40, 90) if is_ordinary else chance.randrange(6, 60)
    scale, days = chance.choice([5, 60, 900, 30_000]), _days(chance, is_ordinary=is_ordinary)
    has_zeros, has_refunds = chance.random() < 0.7, chance.random() < 0.2
    names = ["user", "group", "day", "Revenue", "Converted"]
    rows, amounts, hits, used = (
        [],
        {"Control": [], "Variant": []},
        {"Control": 0, "Variant": 0},
        set(),
    )
    for place in range(size):
        arm = ("Control", "Variant")[place % 2]
        value = round(chance.expovariate(1 / scale), dialect.decimals)
        value = 0.0 if has_zeros and chance.random() < 0.3 else value
        value = -value if has_refunds and chance.random() < 0.1 else value
        is_hit = place < 4 if place < 8 else chance.random() < 0.3
        day = chance.choice(days)
        amounts[arm].append(value)
        hits[arm] += is_hit
        used.add(day.isoformat())
        rows.append([f"u{place}", arm, date(day, dialect, chance), number(value, dialect),
                     dialect.words[0] if is_hit else dialect.words[1]])  # fmt: skip
    truth = {arm: (len(v), hits[arm], sum(v) / len(v)) for arm, v in amounts.items()}
    if dialect.total:
        total = sum(sum(v) for v in amounts.values())
        rows.append([dialect.total, "", "", number(total, dialect), ""])
    if dialect.has_twice:
        names.append("day")
        rows = [[*row, "again"] for row in rows]
    return [names, *rows], truth, used


def _totals(chance: random.Random, dialect: Dialect, *, is_ordinary: bool) -> Made:
    days = _days(chance, is_ordinary=is_ordinary)[: chance.randrange(14, 25) if is_ordinary else 12]
    names = ["day", "group", "users", "Converted", "Revenue", "sd"]
    rows, sums = [], {"Control": [0, 0, 0.0], "Variant": [0, 0, 0.0]}
    for day in days:
        text = date(day, dialect, chance)
        for arm, total in sums.items():
            users = chance.randrange(200, 4_000)
            hits = chance.randrange(users // 2)
            mean = round(chance.uniform(1, chance.choice([9, 400, 9_000])), dialect.decimals)
            spread = round(mean * 2 + 1, dialect.decimals)
            total[0], total[1], total[2] = (
                total[0] + users,
                total[1] + hits,
                total[2] + users * mean,
            )
            whole = [number(one, dialect, is_money=False, decimals=0) for one in (users, hits)]
            rows.append([text, arm, *whole, number(mean, dialect), number(spread, dialect)])
    if dialect.total:
        rows.append([dialect.total, "", number(sum(s[0] for s in sums.values()), dialect,
                                               is_money=False, decimals=0), "", "", ""])  # fmt: skip
    truth = {arm: (n, hits, total / n) for arm, (n, hits, total) in sums.items()}
    return [names, *rows], truth, {day.isoformat() for day in days}


def _bytes(chance: random.Random, dialect: Dialect, rows: list[list[str]]) -> bytes:
    if dialect.is_workbook:
        return _workbook(chance, dialect, rows)
    text = io.StringIO()
    for line in dialect.above:
        text.write(line + dialect.end)
    writer = csv.writer(
        text, delimiter=dialect.separator, quoting=dialect.quotes, lineterminator=dialect.end
    )
    writer.writerows(rows)
    return text.getvalue().encode(dialect.encoding)


def _workbook(chance: random.Random, dialect: Dialect, rows: list[list[str]]) -> bytes:
    book, data = Workbook(), io.BytesIO()
    book.active.title = "Notes"
    book.active.append(["Read me"])
    if chance.random() < 0.5:
        hidden = book.create_sheet("Old")
        hidden.sheet_state = "hidden"
        hidden.append(["user", "group"])
        hidden.append(["u1", "Control"])
    sheet = book.create_sheet("Data")
    for row in [[line] for line in dialect.above] + rows:
        sheet.append(row)
    book.save(data)
    return data.getvalue()


def outcome(table: Written, folder: Path) -> str:
    """ "same", "asked" or "refused" (a sentence or a problem); else what differs."""
    path = folder / f"{table.seed}.{'xlsx' if table.dialect.is_workbook else 'csv'}"
    path.write_bytes(table.content)
    metrics = (
        MetricColumns("Converted", "proportion", "Converted"),
        MetricColumns("Revenue", "mean", "Revenue", spread="sd" if table.shape == "totals" else ""),
    )
    unit, count = ("user", "") if table.shape == "units" else ("", "users")
    mapping = Mapping(table.shape, "group", unit, count=count, metrics=metrics, day="day",
                      accumulation="daily")  # fmt: skip
    try:
        with unpacked(path) as (csv_file, questions):
            reading = read(csv_file, mapping, labels={"Control": "Control", "Variant": "Variant"},
                           control="Control")  # fmt: skip
    except FileProblem:
        return "refused"
    finally:
        path.unlink()
    if any(question.is_open for question in questions) or reading.open_questions:
        return "asked"
    if reading.problems or reading.rejected_count:
        return "refused"
    return _difference(table, reading) or "same"


def _difference(table: Written, reading: object) -> str:
    days = {row["day"] for row in reading.by_day}  # type: ignore[attr-defined]
    if days != table.days:
        return f"days {sorted(days)[:3]} are not {sorted(table.days)[:3]}"
    for arm, (n, hits, mean) in table.truth.items():
        shares, amounts = (reading.samples[name][arm] for name in ("Converted", "Revenue"))  # type: ignore[attr-defined]
        if (shares.n, shares.successes) != (n, hits):
            return f"{shares} is not {hits} of {n}"
        if amounts.n != n or abs(amounts.mean - mean) > 1e-9 * max(abs(mean), 1):
            return f"{amounts} is not a mean of {mean!r} over {n}"
    return ""
