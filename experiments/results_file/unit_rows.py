# ruff: noqa: S608 - every name and label that reaches SQL went through `database.quoted`
"""The rows of a file of units as SQL: typed, with the reason why one does not count."""

from __future__ import annotations

import datetime as dt

from backlog.tables.dates import TIME_OF_DAY

from .database import is_missing, quoted, table_of, trimmed
from .days import MOST_DAYS, Days, days_of
from .problems import FileProblem, listed
from .shapes import MetricColumns
from .styles import amount, joined, yes_or_no
from .unit_columns import UnitColumns, arm_of
from .unit_samples import UnitsFile
from .words import TOTAL_SIGNS, TOTAL_WORDS

MOST_VALUE_DAYS = 1_500
_LEFT_OUT = "''"  # a reason that is empty: the row is of something else, so nobody is told


def select_rows(file: UnitsFile, columns: UnitColumns) -> str:
    """The mapped columns, typed, with the reason why a row does not count (NULL: it counts).

    `wrong` is the place of the metric whose value is the reason, and `cell` what stands there.
    """
    mapping = file.mapping
    variant = trimmed(file.layout.place(mapping.variant))
    typed = [f"{arm_of(file)} AS arm"]
    reasons = [
        *_left_out(file, variant),
        f"WHEN arm IS NULL AND {variant} = '' THEN 'No arm is given.'",
        f"WHEN arm IS NULL THEN '“' || left({variant}, 200) || '” is not an arm of this plan.'",
    ]
    if mapping.unit:
        typed.append(f"{trimmed(file.layout.place(mapping.unit))} AS unit")
        reasons.append(f"WHEN unit = '' THEN 'No {plain(mapping.unit)} is given.'")
    if mapping.second:
        reasons += _disagreeing(file)
    if mapping.day:
        entry = _day_of(file, mapping.day, columns.reader, columns.day_texts, MOST_DAYS)
        typed.append(f"{entry} AS day")
        text = trimmed(file.layout.place(mapping.day))
        what = f"” in “{plain(mapping.day)}” is not a day."
        reasons.append(f"WHEN day IS NULL THEN '“' || left({text}, 60) || '{what}'")
    for name, column in known_before(file):
        typed.append(f"{trimmed(file.layout.place(column))} AS {name}")
    values, wrong = _values(file, columns, reasons)
    values += _value_days(file, columns, reasons)
    source = joined(table_of(file.path, file.layout), columns.all())
    kept = ["arm", *(["unit"] if mapping.unit else []), *(["day"] if mapping.day else [])]
    kept += [name for name, _ in known_before(file)] + [
        value.rpartition(" ")[2] for value in values
    ]
    order = " ORDER BY place" if columns.has_slow else ""
    what = f"CASE {' '.join(wrong)} END" if wrong else "NULL"
    return (
        f"SELECT {', '.join(kept)}, CASE {' '.join(reasons)} END AS reason, {what} AS wrong "
        f"FROM (SELECT *, {', '.join([*typed, *values])} FROM {source}){order}"
    )


def _values(
    file: UnitsFile, columns: UnitColumns, reasons: list[str]
) -> tuple[list[str], list[str]]:
    """Each metric’s values as typed columns, and where a cell can’t be read."""
    values, wrong = [], []
    for place, metric in enumerate(file.mapping.metrics):
        for side, name in (
            ("m", metric.column),
            ("d", metric.denominator),
            ("x", metric.covariate),
        ):
            if not name:
                continue
            column = columns.of(name)
            is_yes = metric.kind == "proportion" and side == "m"
            values.append(f"{yes_or_no(column) if is_yes else amount(column)} AS {side}{place}")
            if side != "x":
                is_wrong = f"{side}{place} IS NULL AND NOT {is_missing(column.place)}"
                reasons.append(_reason(metric, name, column.place, is_wrong))
                text = f"left({trimmed(column.place)}, 60)"
                wrong.append(f"WHEN {is_wrong} THEN {{'metric': {place}, 'cell': {text}}}")
    return values, wrong


def known_before(file: UnitsFile) -> list[tuple[str, str]]:
    """Stratum and segments: their name in the table of units and their column in the file."""
    mapping = file.mapping
    stratum = [("stratum", mapping.stratum)] if mapping.stratum else []
    return stratum + [(f"g{place}", column) for place, column in enumerate(mapping.segments)]


def _left_out(file: UnitsFile, variant: str) -> list[str]:
    mapping, reasons = file.mapping, []
    if mapping.only_column:
        column = trimmed(file.layout.place(mapping.only_column))
        reasons.append(f"WHEN {column} <> {quoted(mapping.only_value)} THEN {_LEFT_OUT}")
    if mapping.ignored:
        labels = ", ".join(quoted(label) for label in mapping.ignored)
        reasons.append(f"WHEN {variant} IN ({labels}) THEN {_LEFT_OUT}")
    plain = f"translate(lower(strip_accents({trimmed(0)})), 'łø', 'lo')"
    letters = f"regexp_replace({plain}, '[^a-z0-9]', '', 'g')"
    words = ", ".join(quoted(word) for word in sorted(TOTAL_WORDS))
    signs = ", ".join(quoted(sign) for sign in TOTAL_SIGNS)
    is_total = f"({letters} IN ({words}) OR {trimmed(0)} IN ({signs}))"
    reasons.append(f"WHEN arm IS NULL AND {is_total} THEN {_LEFT_OUT}")
    return reasons


def _disagreeing(file: UnitsFile) -> list[str]:
    """Rows whose second label goes with another arm, by what most rows of that label say."""
    mapping = file.mapping
    first, second = (
        trimmed(file.layout.place(mapping.variant)),
        trimmed(file.layout.place(mapping.second)),
    )
    rows = file.all(
        f"SELECT {second} AS label, {arm_of(file)} AS arm, count(*) AS n "
        f"FROM {table_of(file.path, file.layout, keeps_rejects=False)} WHERE arm IS NOT NULL AND label <> '' "
        "GROUP BY label, arm ORDER BY n DESC, arm LIMIT 1000"
    )
    goes_with: dict[str, int] = {}
    for label, arm, _ in rows:
        goes_with.setdefault(label, arm)
    if len(goes_with) > 50 or len(set(goes_with.values())) < len(file.variants):
        raise FileProblem(
            f"“{mapping.second}” does not match the arms of “{mapping.variant}”: "
            f"it holds {listed(list(goes_with), 3)}. Choose another second column, or none."
        )
    arms = " ".join(f"WHEN {quoted(label)} THEN {arm}" for label, arm in goes_with.items())
    what = f"” in “{plain(mapping.second)}” goes with another arm than “"
    return [
        f"WHEN CASE {second} {arms} END IS DISTINCT FROM arm "
        f"THEN '“' || left({second}, 60) || '{what}' || {first} || '”.'"
    ]


def _value_days(file: UnitsFile, columns: UnitColumns, reasons: list[str]) -> list[str]:
    """The day of each amount of a lifetime value; an amount that has none is a reason."""
    values = []
    for place, metric in enumerate(file.mapping.metrics):
        if not (metric.horizon and metric.value_day):
            continue
        reader, texts = read_days(file, metric.value_day)
        known = {question.key for question in columns.questions}
        columns.questions += [one for one in reader.questions if one.key not in known]
        values.append(
            f"{_day_of(file, metric.value_day, reader, texts, MOST_VALUE_DAYS)} AS v{place}"
        )
        text = trimmed(file.layout.place(metric.value_day))
        what = f"” in “{plain(metric.value_day)}” is not a day."
        is_wrong = f"v{place} IS NULL AND coalesce(m{place}, 0) <> 0"
        reasons.append(f"WHEN {is_wrong} THEN '“' || left({text}, 60) || '{what}'")
    return values


def read_days(file: UnitsFile, column: str) -> tuple[Days, list[str]]:
    """A reader for a column of days, and the different texts without their times."""
    mapping = file.mapping
    texts = [
        str(row[0])
        for row in file.all(
            f"SELECT DISTINCT {_day_part(file, column)} AS part "
            f"FROM {table_of(file.path, file.layout, keeps_rejects=False)} WHERE part <> '' LIMIT 5000"
        )
    ]
    starts_on = dt.date.fromisoformat(mapping.starts_on) if mapping.starts_on else None
    reader = days_of(
        column, texts, order=mapping.day_order, starts_on=starts_on, answers=mapping.answers
    )
    return reader, texts


def _day_part(file: UnitsFile, column: str) -> str:
    """The text of a day without the time of day; seconds since 1970 become dates here, because
    nearly each row has another one."""
    text = trimmed(file.layout.place(column))
    part = f"trim(regexp_replace({text}, {quoted(TIME_OF_DAY)}, ''), ' ,')"
    since = " ".join(
        rf"WHEN regexp_full_match({text}, '1[0-9]{{{digits - 1}}}(\.[0-9]+)?') "
        f"THEN strftime(make_timestamp(CAST(left({text}, {digits}) AS BIGINT) * {factor}), '%Y-%m-%d')"
        for digits, factor in ((10, 1_000_000), (13, 1_000), (16, 1))
    )
    serial = f"WHEN regexp_full_match({text}, '[3-5][0-9]{{4}}[.,][0-9]+') THEN left({text}, 5)"
    # Dates as most files write them need no pattern: a million patterns take a second.
    is_short = f"length({text}) <= 10 AND (contains({text}, '-') OR contains({text}, '/') OR substr({text}, 3, 1) = '.')"
    return f"CASE WHEN {is_short} THEN {text} {since} {serial} ELSE {part} END"


def _day_of(file: UnitsFile, column: str, reader: Days, texts: list[str], most: int) -> str:
    """The day of a row: each way of writing one is read once, here, and looked up there."""
    days = {text: day for text in texts if (day := reader.day(text))}
    meaning = "on which people entered the experiment" if most == MOST_DAYS else "of each amount"
    if len(set(days.values())) > most:
        raise FileProblem(
            f"“{column}” holds more than {most:,} days, so it is probably not the day "
            f"{meaning}. Choose another column, or none."
        )
    table = f"days{file.layout.place(column)}"
    file.all(f"CREATE TEMP TABLE IF NOT EXISTS {table} (part VARCHAR, day DATE)")
    file.all(f"DELETE FROM {table}")
    rows = ", ".join(f"({quoted(text)}, DATE '{day}')" for text, day in days.items())
    if rows:
        file.all(f"INSERT INTO {table} VALUES {rows}")
    part = _day_part(file, column)
    return f"(SELECT any_value({table}.day) FROM {table} WHERE {table}.part = {part})"


def _reason(metric: MetricColumns, name: str, place: int, is_wrong: str) -> str:
    what = "neither yes nor no (1 or 0)" if metric.kind == "proportion" else "not a number"
    text = trimmed(place)
    return (
        f"WHEN {is_wrong} THEN '“' || left({text}, 60) || '” in “{plain(name)}” is ' || "
        f"CASE WHEN {text} LIKE '=%' THEN 'a formula, {what}.' ELSE '{what}.' END"
    )


def plain(name: str) -> str:
    """A column's name inside a literal of SQL."""
    return quoted(name)[1:-1]
