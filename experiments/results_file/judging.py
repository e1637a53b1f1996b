# ruff: noqa: S608 - every name and label that reaches SQL went through `database.quoted`
"""Whether what a reading rejects is like what stays, and whether ids are what they were: judgements
that forbid confirming a file as if all were well."""

from __future__ import annotations

import re
import statistics
from collections.abc import Iterator
from typing import Any, Final

from scipy.special import chdtrc

from backlog.tables.numbers import POINT as NUMBERS

from .problems import listed
from .unit_samples import UnitsFile

_FEW: Final = 4  # rejected rows, under which no pattern can be told
_RARE: Final = 1e-4  # the chance of a pattern that is worth a sentence
_RARE_FOR_ALL: Final = 1 / 80  # … of all rejected rows in one arm
_MOST_LOOKED_AT: Final = 2_000
_SHORTENED: Final = "'[0-9]([.,][0-9]+)?[eE]\\+?[0-9]{2}'"
_LONG_ID: Final = "'[1-9][0-9]{15,}'"


def problems_of(file: UnitsFile) -> Iterator[str]:
    """A sentence for each judgement: what is wrong, and what to do."""
    if file.mapping.unit:
        yield from _shortened_ids(file)
    yield from _most_without_arm_or_day(file)
    total = file.all("SELECT count(*) FROM rows WHERE wrong IS NOT NULL AND reason <> ''")[0][0]
    for place, metric in enumerate(file.mapping.metrics):
        wrong = f"reason <> '' AND arm IS NOT NULL AND wrong.metric = {place}"
        rejected = file.all(f"SELECT count(*) FROM rows WHERE {wrong}")[0][0] if total else 0
        if rejected:
            yield from _unlike(file, place, metric.column, rejected, wrong)


def _most_without_arm_or_day(file: UnitsFile) -> Iterator[str]:
    """Labels that stand only in the first row of each arm, or days that most rows lack."""
    kept, rejected = file.all(
        "SELECT count(*) FILTER (reason IS NULL), "
        "count(*) FILTER (reason <> '' AND wrong IS NULL) FROM rows"
    )[0]
    if kept and rejected >= max(_FEW, kept):
        reason = file.all(
            "SELECT reason FROM rows WHERE reason <> '' AND wrong IS NULL "
            "GROUP BY reason ORDER BY count(*) DESC, reason LIMIT 1"
        )[0][0]
        yield (
            f"{rejected:,} rows are rejected, as many as stay or more, most of them because: "
            f"{reason} Fill in what is missing, and send the file again."
        )


def _shortened_ids(file: UnitsFile) -> Iterator[str]:
    rows, shortened, long, rounded = file.all(
        f"SELECT count(*), count(*) FILTER (regexp_full_match(unit, {_SHORTENED})), "
        f"count(*) FILTER (regexp_full_match(unit, {_LONG_ID})), "
        f"count(*) FILTER (regexp_full_match(unit, {_LONG_ID}) AND unit LIKE '%0') FROM rows WHERE reason IS NULL"
    )[0]
    remedy = "Export the file again and do not open it in a spreadsheet on the way."
    if shortened and shortened * 20 >= rows:
        example = file.all(
            f"SELECT min(unit) FROM rows WHERE regexp_full_match(unit, {_SHORTENED})"
        )[0][0]
        yield (
            f"{shortened:,} ids look like {example}: a spreadsheet has shortened them, so that several "
            f"people have the same id. {remedy}"
        )
    elif long >= 20 and rounded * 20 >= long * 19 and long * 20 >= rows:
        yield (
            f"{rounded:,} ids have 16 digits or more and end in 0: a spreadsheet has rounded them, so "
            f"that several people may have the same id. {remedy}"
        )


def _unlike(file: UnitsFile, place: int, column: str, rejected: int, wrong: str) -> Iterator[str]:
    """What tells the rejected values of a metric from those that stay."""
    kept = file.all(
        f"SELECT count(*), min(m{place}), max(m{place}) FROM rows WHERE reason IS NULL AND m{place} IS NOT NULL"
    )[0]
    what = f"{rejected:,} row{' is' if rejected == 1 else 's are'} rejected for “{column}”"
    is_yes = file.mapping.metrics[place].kind == "proportion"
    if is_yes and kept[0] and kept[1] == kept[2] and rejected >= kept[0]:
        word = "yes" if kept[1] else "no"
        yield f"{what}, and all that stay say {word}. Correct the words for yes and no in the file."
        return
    if rejected < _FEW:
        return
    cells = _rejected_cells(file, wrong)
    counts = [cell for cell in cells if (NUMBERS.value(cell) or 0) > 1]
    if is_yes and len(counts) * 2 > len(cells):
        yield (
            f"{what}: they hold numbers above 1, such as {listed(counts[:2])}. Read the column as a mean, "
            "or write 1 for everybody who did it at all."
        )
        return
    if _are_larger(cells, kept[1], kept[2]):
        yield (
            f"{what}, and they hold the largest amounts, such as {listed(cells[:2])}. Without them every "
            "mean is too small. Correct how they are written, and send the file again."
        )
        return
    if arm := _in_one_arm(file, wrong, rejected):
        yield f"{what}, {arm}. Without them the arms can’t be compared. Correct them in the file."
    elif day := _on_one_day(file, wrong, rejected):
        yield f"{what}, all of them on {day}. Correct them in the file, or leave out that day."
    elif rejected > kept[0]:
        yield f"{what}, more than stay. Check that this is the right column."


def _rejected_cells(file: UnitsFile, wrong: str) -> list[str]:
    rows = file.all(f"SELECT wrong.cell FROM rows WHERE {wrong} LIMIT {_MOST_LOOKED_AT}")
    return [str(row[0]) for row in rows]


def _are_larger(cells: list[str], low: Any, high: Any) -> bool:
    """Whether the rejected cells that look like amounts are larger than all that stay."""
    amounts = [amount for cell in cells if (amount := likely_amount(cell))]
    if low is None or len(amounts) < max(_FEW, len(cells) // 2):
        return False
    return bool(statistics.median(amounts) > max(abs(low), abs(high)))


def likely_amount(cell: str) -> int:
    """What a damaged amount comes to, without its decimals; 0 where it is not an amount.

    >>> likely_amount("1~237,65"), likely_amount("12.50 ?"), likely_amount("10-20"), likely_amount("soon")
    (1237, 12, 0, 0)
    """
    whole = re.sub(r"[.,]\d{1,2}(?!\d)", "", cell)
    digits = re.sub(r"[^0-9]", "", whole)[:15]
    is_amount = sum(sign.isalpha() for sign in cell) <= 4 and not re.search(r"\d[-/:]\d", cell)
    return int(digits or 0) if is_amount else 0


def _in_one_arm(file: UnitsFile, wrong: str, rejected: int) -> str:
    """Which part of the rejected rows one arm has, where that is more than chance; over the veil it
    is not said which arm."""
    rows = file.all(
        f"SELECT arm, count(*) FILTER ({wrong}), count(*) FROM rows WHERE arm IS NOT NULL GROUP BY arm"
    )
    table = [[bad, all_rows - bad] for _, bad, all_rows in rows if all_rows]
    if len(table) < 2 or not any(good for _, good in table):
        return ""
    most = max(bad for bad, _ in table)
    if chance_of(table) >= (_RARE if most < rejected else _RARE_FOR_ALL):
        return ""
    return "all of them in one arm" if most == rejected else f"{most:,} of them in one arm"


def chance_of(table: list[list[int]]) -> float:
    """The p-value of Pearson's chi-square test of a table with two columns."""
    rows, columns = (
        [sum(row) for row in table],
        [sum(column) for column in zip(*table, strict=True)],
    )
    whole = sum(rows)
    statistic = sum(
        (seen - mean) ** 2 / mean
        for row, total in zip(table, rows, strict=True)
        for seen, column in zip(row, columns, strict=True)
        for mean in (total * column / whole,)
    )
    return float(chdtrc(len(rows) - 1, statistic))


def _on_one_day(file: UnitsFile, wrong: str, rejected: int) -> str:
    if not file.mapping.day:
        return ""
    rows = file.all(
        f"SELECT day, count(*) FROM rows WHERE {wrong} AND day IS NOT NULL GROUP BY day"
    )
    days = file.all("SELECT count(DISTINCT day) FROM rows WHERE day IS NOT NULL")[0][0]
    if len(rows) == 1 and days > 2 and rows[0][1] == rejected:
        return f"{rows[0][0]:%-d %b %Y}"
    return ""
