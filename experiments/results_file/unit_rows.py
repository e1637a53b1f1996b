# ruff: noqa: S608 - every name and label that reaches SQL went through `database.quoted`
"""The rows of a file of units as SQL: typed, with the reason why one does not count."""

from __future__ import annotations

import datetime as dt

from .database import as_amount, as_yes_or_no, is_missing, quoted, table_of, trimmed
from .days import MOST_DAYS, days_of
from .dialect import Dialect
from .problems import FileProblem, listed
from .shapes import MetricColumns
from .unit_samples import UnitsFile

_LEFT_OUT = "''"  # a reason that is empty: the row is of something else, so nobody is told


def select_rows(file: UnitsFile) -> str:
    """The mapped columns, typed, with the reason why a row does not count (NULL: it counts)."""
    dialect, mapping = file.dialect, file.mapping
    variant = trimmed(dialect.place(mapping.variant))
    columns = [f"{_arm_of(file)} AS arm"]
    reasons = [
        *_left_out(file, variant),
        f"WHEN arm IS NULL AND {variant} = '' THEN 'No arm is given.'",
        f"WHEN arm IS NULL THEN '“' || {variant} || '” is not an arm of this plan.'",
    ]
    if mapping.unit:
        columns.append(f"{trimmed(dialect.place(mapping.unit))} AS unit")
        reasons.append(f"WHEN unit = '' THEN 'No {plain(mapping.unit)} is given.'")
    if mapping.second:
        reasons += _disagreeing(file)
    if mapping.day:
        columns.append(f"{_day_of(file)} AS day")
        text = trimmed(dialect.place(mapping.day))
        what = f"” in “{plain(mapping.day)}” is not a day."
        reasons.append(f"WHEN day IS NULL THEN '“' || left({text}, 60) || '{what}'")
    for name, column in known_before(file):
        columns.append(f"{trimmed(dialect.place(column))} AS {name}")
    for place, metric in enumerate(mapping.metrics):
        sides = ("m", metric.column), ("d", metric.denominator), ("x", metric.covariate)
        for side, column in sides:
            if column:
                as_value = as_yes_or_no if metric.kind == "proportion" else as_amount
                value = as_value(dialect.place(column), dialect.decimal)
                columns.append(f"{value} AS {side}{place}")
                reasons.append(_reason(dialect, metric, column, f"{side}{place}"))
    return (
        f"SELECT * EXCLUDE ({', '.join(f'c{place}' for place in range(len(dialect.names)))}), "
        f"CASE {' '.join(reasons)} END AS reason "
        f"FROM (SELECT *, {', '.join(columns)} FROM {table_of(file.path, dialect)})"
    )


def known_before(file: UnitsFile) -> list[tuple[str, str]]:
    """Stratum and segments: their name in the table of units and their column in the file."""
    mapping = file.mapping
    stratum = [("stratum", mapping.stratum)] if mapping.stratum else []
    return stratum + [(f"g{place}", column) for place, column in enumerate(mapping.segments)]


def _arm_of(file: UnitsFile) -> str:
    variant = trimmed(file.dialect.place(file.mapping.variant))
    arms = [
        f"WHEN {quoted(label)} THEN {file.variants.index(name)}"
        for label, name in file.labels.items()
    ]
    return f"CASE {variant} {' '.join(arms)} END"


def _left_out(file: UnitsFile, variant: str) -> list[str]:
    mapping, reasons = file.mapping, []
    if mapping.only_column:
        column = trimmed(file.dialect.place(mapping.only_column))
        reasons.append(f"WHEN {column} <> {quoted(mapping.only_value)} THEN {_LEFT_OUT}")
    if mapping.ignored:
        labels = ", ".join(quoted(label) for label in mapping.ignored)
        reasons.append(f"WHEN {variant} IN ({labels}) THEN {_LEFT_OUT}")
    return reasons


def _disagreeing(file: UnitsFile) -> list[str]:
    """Rows whose second label goes with another arm, by what most rows of that label say."""
    mapping = file.mapping
    first, second = (
        trimmed(file.dialect.place(mapping.variant)),
        trimmed(file.dialect.place(mapping.second)),
    )
    rows = file.all(
        f"SELECT {second} AS label, {_arm_of(file)} AS arm, count(*) AS n "
        f"FROM {table_of(file.path, file.dialect)} WHERE arm IS NOT NULL AND label <> '' "
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


def _day_of(file: UnitsFile) -> str:
    """The day of a row: each way of writing one is read once, here, and looked up there."""
    mapping, dialect = file.mapping, file.dialect
    part = f"regexp_replace({trimmed(dialect.place(mapping.day))}, '([0-9])([T ]|, ).*', '\\1')"
    texts = [
        str(row[0])
        for row in file.all(
            f"SELECT DISTINCT {part} AS part FROM {table_of(file.path, dialect)} "
            "WHERE part <> '' LIMIT 5000"
        )
    ]
    starts_on = dt.date.fromisoformat(mapping.starts_on) if mapping.starts_on else None
    reader = days_of(
        mapping.day, texts, order=mapping.day_order, decimal=dialect.decimal, starts_on=starts_on
    )
    days = {text: day for text in texts if (day := reader.day(text))}
    if len(set(days.values())) > MOST_DAYS:
        raise FileProblem(
            f"“{mapping.day}” holds more than {MOST_DAYS} days, so it is probably not the day "
            "on which people entered the experiment. Choose another column, or none."
        )
    file.all("CREATE TEMP TABLE days (part VARCHAR, day DATE)")
    rows = ", ".join(f"({quoted(text)}, DATE '{day}')" for text, day in days.items())
    if rows:
        file.all(f"INSERT INTO days VALUES {rows}")
    return f"(SELECT any_value(days.day) FROM days WHERE days.part = {part})"


def _reason(dialect: Dialect, metric: MetricColumns, column: str, value: str) -> str:
    place = dialect.place(column)
    what = "neither yes nor no (1 or 0)" if metric.kind == "proportion" else "not a number"
    text = trimmed(place)
    return (
        f"WHEN {value} IS NULL AND NOT {is_missing(place)} "
        f"THEN '“' || left({text}, 60) || '” in “{plain(column)}” is ' || "
        f"CASE WHEN {text} LIKE '=%' THEN 'a formula, {what}.' ELSE '{what}.' END"
    )


def plain(name: str) -> str:
    """A column's name inside a literal of SQL."""
    return quoted(name)[1:-1]
