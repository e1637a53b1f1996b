# ruff: noqa: S608 - every name and label that reaches SQL went through `database.quoted`
"""How the columns of a file of units write their values: decided by the whole column, as SQL.

One look at the file finds the columns that need no thought: numbers that DuckDB itself reads, with a
point that can only be a decimal one. Of the others the shapes of the cells are listed, and each shape
is understood once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from backlog.tables.numbers import NumberStyle, style_of, taken_apart
from backlog.tables.yes_no import is_yes, meanings

from .database import is_missing, quoted, table_of

_MOST_SHAPES: Final = 5_000
_MOST_WORDS: Final = 1_000
_NINES: Final = "translate({text}, '012345678', '999999999')"
_POWER: Final = re.compile(r"(?<=\d)[eE][-+]?\d")
_ZERO_IN_FRONT: Final = "regexp_matches({text}, '(^|[^0-9])0[.,][0-9]{{3}}')"


@dataclass
class Column:
    """What the whole column holds. Counts are over the rows of known arms: `blank` (`blank_word` is a
    word that stands for it, such as NULL), `zeros`, and `present` by arm; `total` counts what every row holds, `formulas` those of them; `has_plain`: numbers other than 0
    without a sign. `shapes`: an example for each shape of the cells that are not plain numbers;
    `words`: the values of a column of few, where it is asked for yes and no."""

    place: int
    is_plain: bool = True
    is_yes_or_no: bool = True
    has_numbers: bool = True
    has_plain: bool = False
    formulas: int = 0
    total: int = 0
    blank: int = 0
    blank_word: str = ""
    zeros: int = 0
    present: dict[Any, int] = field(default_factory=dict)
    shapes: dict[str, str] = field(default_factory=dict)
    words: dict[str, int] = field(default_factory=dict)
    style: NumberStyle = field(default_factory=NumberStyle)
    meant: dict[str, bool] = field(default_factory=dict)
    blank_means_zero: bool = False

    @property
    def examples(self) -> list[str]:
        return list(self.shapes.values())

    @property
    def table(self) -> str:
        return f"shapes{self.place}"


def look_at(file: Any, arm: str, columns: dict[int, bool]) -> dict[int, Column]:
    """The columns at these places; the value says whether yes and no are expected there.

    `arm` is an expression that is NULL for rows that are not of a known arm.
    """
    source = table_of(file.path, file.layout, keeps_rejects=False)
    counted = ", ".join(_counts(place) for place in columns)
    cast = ", ".join(f"c{place}, TRY_CAST(c{place} AS DOUBLE) AS v{place}" for place in columns)
    rows = file.all(
        f"SELECT arm, {counted} FROM (SELECT {arm} AS arm, {cast} FROM {source}) GROUP BY arm"
    )
    seen = {}
    for number, place in enumerate(columns):
        counts = {row[0]: row[1 + number * 8 : 9 + number * 8] for row in rows}
        seen[place] = _column(file, source, place, counts, has_words=columns[place])
    return seen


def _column(
    file: Any, source: str, place: int, counts: dict[Any, Sequence[int]], *, has_words: bool
) -> Column:
    known = [row for arm, row in counts.items() if arm is not None]
    present, plain, points, thirds, bits = (
        sum(row[at] for row in counts.values()) for at in range(5)
    )
    column = Column(
        place,
        is_plain=present == plain and (not thirds or points > thirds),
        is_yes_or_no=present == bits,
        has_numbers=plain > 0,
        has_plain=plain > sum(row[6] for row in counts.values()),
        total=present,
        blank=sum(row[5] for row in known),
        blank_word=max((str(row[7] or "") for row in known), default=""),
        zeros=sum(row[6] for row in known),
        present={arm: row[0] for arm, row in counts.items() if arm is not None},
    )
    if not column.is_plain:
        _read_shapes(file, source, column)
        if points > thirds:
            column.shapes["9.9"] = "0.5"
        style = style_of(column.examples)
        column.is_plain = present == plain and not style.thousands and not style.unsure
    if has_words and not column.is_yes_or_no:
        column.words = _words_in(file, source, place)
    return column


def _counts(place: int) -> str:
    c, v = f"c{place}", f"v{place}"
    present = f"(isfinite({v}) OR NOT {is_missing(place)})"
    point = f"contains({c}, '.') AND isfinite({v})"
    return ", ".join((
        f"count(*) FILTER ({present})", f"count(*) FILTER (isfinite({v}) AND {present})",
        f"count(*) FILTER ({point})", f"count(*) FILTER ({point} AND substr(trim({c}), -4, 1) = '.')",
        f"count(*) FILTER ({v} IN (0, 1))", f"count(*) FILTER ({is_missing(place)})",
        f"count(*) FILTER ({v} = 0)", f"max(trim({c})) FILTER ({is_missing(place)})",
    ))  # fmt: skip


def _read_shapes(file: Any, source: str, column: Column) -> None:
    """An example of each shape among the cells that may be read in more than DuckDB's way."""
    text = f"trim(c{column.place})"
    rows = file.all(
        f"SELECT {shape_of(column.place)} AS shape, max({text}), count(*) AS n FROM {source} "
        f"WHERE NOT {is_missing(column.place)} AND {_is_slow(column.place)} "
        f"GROUP BY shape ORDER BY n DESC, shape LIMIT {_MOST_SHAPES}"
    )
    column.shapes = {str(shape): str(example) for shape, example, _ in rows}
    column.formulas = sum(n for _, example, n in rows if str(example).startswith("="))


def _words_in(file: Any, source: str, place: int) -> dict[str, int]:
    word = f"lower(trim(c{place}))"
    rows = file.all(
        f"SELECT {word} AS word, count(*) AS n FROM {source} WHERE NOT {is_missing(place)} "
        f"GROUP BY word ORDER BY n DESC, word LIMIT {_MOST_WORDS}"
    )
    return {str(word): int(n) for word, n in rows}


def shape_of(place: int) -> str:
    text = f"trim(c{place})"
    zero = _ZERO_IN_FRONT.format(text=text)
    return f"{_NINES.format(text=text)} || CASE WHEN {zero} THEN '0' ELSE '' END"


def _is_slow(place: int) -> str:
    text = f"trim(c{place})"
    return f"(TRY_CAST(c{place} AS DOUBLE) IS NULL OR substr({text}, -4, 1) = '.')"


def decide(column: Column, *, answer: str = "") -> None:
    """The style of its numbers and the meaning of its words, by all of them and an answer."""
    column.style = style_of(column.examples, answer=answer)
    column.meant = meanings(column.words)
    for word in column.words:
        value = column.style.value(word)
        if word not in column.meant and value in (0.0, 1.0):
            column.meant[word] = bool(value)


def keep_shapes(
    file: Any, column: Column, *, name: str = "", style: NumberStyle | None = None
) -> None:
    """A table in which the value of a cell is found by its shape: where its digits are, and what to
    put around them."""
    table, style = name or column.table, style or column.style
    file.all(
        f"CREATE TEMP TABLE {table} (shape VARCHAR, start INT, size INT, mark VARCHAR, sign VARCHAR, power VARCHAR, known DOUBLE)"
    )
    rows = [
        row
        for shape, example in column.shapes.items()
        if example and (row := _row(column, shape, example, style))
    ]
    if rows:
        file.all(f"INSERT INTO {table} VALUES {', '.join(rows)}")


def _row(column: Column, shape: str, example: str, style: NumberStyle) -> str | None:
    """Where in a cell of this shape the digits are: all cells of a shape have them there."""
    cell = taken_apart(example)
    if cell is None:
        has_numbers = column.has_numbers or any(map(taken_apart, column.examples))
        word = None if has_numbers else is_yes(example)
        return None if word is None else f"({quoted(shape)}, 1, 0, '', '', '', {float(word)})"
    first = next(at for at, sign in enumerate(example) if sign.isdigit() or _leads(example, at))
    power = _POWER.search(example)
    head = example[: power.start()] if power else example
    last = max(at for at, sign in enumerate(head) if sign.isdigit())
    mark = cell.kind[0] if cell.kind in (".", ",", ".3", ",3") else ""
    if len(cell.kind) == 2 and cell.kind[0] in style.thousands:
        mark = ""
    end = "x" if power else f"e{cell.power}" if cell.power else ""
    sign = "-" if cell.is_negative else ""
    return f"({quoted(shape)}, {first + 1}, {last - first + 1}, '{mark}', '{sign}', '{end}', NULL)"


def _leads(example: str, at: int) -> bool:
    """A mark in front of all digits, as in ".5"."""
    return example[at] in ".," and example[at + 1 : at + 2].isdigit()


def amount(column: Column, *, table: str = "") -> str:
    """The column as a finite number, NULL where it is not one; yes and no as 1 and 0."""
    plain = f"TRY_CAST(c{column.place} AS DOUBLE)"
    finite = f"CASE WHEN isfinite({plain}) THEN {plain} END"
    if column.is_plain:
        return _with_blanks(column, finite)
    slow = _by_shape(column.place, table or column.table)
    return _with_blanks(column, f"CASE WHEN {_is_slow(column.place)} THEN {slow} ELSE {finite} END")


def _by_shape(place: int, s: str) -> str:
    """The value of a cell, where the row of its shape in table `s` is joined to it."""
    text = f"trim(c{place})"
    core = f"substr({text}, {s}.start, {s}.size)"
    digits = (
        f"CASE {s}.mark WHEN '.' THEN regexp_replace({core}, '[^0-9.]', '', 'g') "
        f"WHEN ',' THEN replace(regexp_replace({core}, '[^0-9,]', '', 'g'), ',', '.') "
        f"ELSE regexp_replace({core}, '[^0-9]', '', 'g') END"
    )
    power = (
        f"CASE {s}.power WHEN 'x' THEN regexp_extract({text}, '[eE][-+]?[0-9]+') ELSE {s}.power END"
    )
    return f"coalesce({s}.known, TRY_CAST({s}.sign || {digits} || {power} AS DOUBLE))"


def joined(source: str, columns: Iterable[Column], more: Sequence[str] = ()) -> str:
    """The table `source` with the row of each cell’s shape beside it; `place` keeps its order.

    `more` are further tables of shapes, called by the column’s table and a letter behind it.
    """
    slow = [column for column in columns if not column.is_plain]
    if not slow:
        return source
    heads = ", ".join(f"{shape_of(column.place)} AS h{column.place}" for column in slow)
    joins = "".join(
        f" LEFT JOIN {table} ON {table}.shape = h{column.place}"
        for column in slow
        for table in (column.table, *(one for one in more if one[:-1] == column.table))
    )
    return f"(SELECT *, row_number() OVER () AS place, {heads} FROM {source}){joins}"


def yes_or_no(column: Column) -> str:
    """The column as 1 or 0, NULL where it is neither."""
    if column.is_yes_or_no:
        plain = f"TRY_CAST(c{column.place} AS DOUBLE)"
        return _with_blanks(column, f"CASE WHEN {plain} IN (0, 1) THEN {plain} END")
    word = f"lower(trim(c{column.place}))"
    cases = [
        f"WHEN {word} IN ({', '.join(quoted(one) for one in words)}) THEN {value}"
        for value, words in ((1.0, _meaning(column, True)), (0.0, _meaning(column, False)))
        if words
    ]
    return _with_blanks(column, f"CASE {' '.join(cases)} END" if cases else "CAST(NULL AS DOUBLE)")


def _meaning(column: Column, meant: bool) -> Sequence[str]:
    return [word for word, one in column.meant.items() if one is meant]


def _with_blanks(column: Column, value: str) -> str:
    return (
        f"CASE WHEN {is_missing(column.place)} THEN 0.0 ELSE {value} END"
        if column.blank_means_zero
        else value
    )
