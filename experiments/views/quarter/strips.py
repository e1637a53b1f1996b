"""The load above the lanes: tests at once, the fullest audience, people-days, messages, week by week."""

import datetime as dt
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from experiments.flows.quarter.facts import CalendarFacts
from experiments.flows.quarter.sentences import Names, number_words, share_words
from experiments.quarter.capacity import Load, loads
from experiments.quarter.ledger import Booking, Pressure, pressure
from experiments.quarter.timeline import Timeline

Figure = TypeVar("Figure", Load, Booking, Pressure)
Key = TypeVar("Key", bound=Hashable)
HEIGHT = 18  # px of a full column, at the limit or at the largest week


@dataclass(frozen=True)
class Cell:
    """One week: its words, its height of `HEIGHT`, and whether it is over the limit."""

    column: int
    words: str
    title: str
    height: int = 0
    is_over: bool = False
    is_empty: bool = False

    @property
    def top(self) -> int:
        return 24 - self.height


@dataclass(frozen=True)
class Strip:
    """`unit` is what a cell counts, where it stands alone."""

    label: str
    note: str
    unit: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class LoadRow:
    """A row of the table behind the strips: who, and one cell a week."""

    label: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class LoadTable:
    title: str
    note: str
    rows: tuple[LoadRow, ...]


def strips_of(known: CalendarFacts, line: Timeline, names: Names) -> list[Strip]:
    """Two strips that are always there, and those of messages and people-days where limits are set."""
    columns = {week.starts_on: week.column for week in line.weeks}
    weeks = list(columns)
    load = [
        row for row in loads(known.bars, weeks, (), limit=known.facts.at_once) if row.pod is None
    ]
    limit = known.facts.at_once
    at_once = tuple(_at_once(row, columns, limit) for row in load)
    note = f"limit {limit}" if limit is not None else ""
    strips = [Strip("Experiments at once", note, "at once", at_once)]
    if known.booked:
        most = known.facts.booked_limit
        note = f"limit {share_words(most)}" if most else ""
        cells = tuple(_fullest(known.booked, week, columns, names, most) for week in weeks)
        strips.append(Strip("Fullest segment", note, "booked", cells))
    return strips


def _at_once(load: Load, columns: Mapping[dt.date, int], limit: int | None) -> Cell:
    top = max(limit or 0, load.at_once, 1)
    return Cell(
        columns[load.week],
        str(load.at_once),
        f"Week of {load.week:%-d %b}: {load.at_once} at once",
        round(HEIGHT * load.at_once / top),
        load.is_over_limit,
        not load.at_once,
    )


def _fullest(
    booked: Iterable[Booking],
    week: dt.date,
    columns: Mapping[dt.date, int],
    names: Names,
    limit: float | None,
) -> Cell:
    here = [one for one in booked if one.week == week]
    one = max(here, key=lambda row: (row.total, -row.segment))
    return _booked(one, columns, names, limit)


def _booked(
    one: Booking, columns: Mapping[dt.date, int], names: Names, limit: float | None
) -> Cell:
    kept = f", {share_words(one.holdout)} of it held out" if one.holdout else ""
    return Cell(
        columns[one.week],
        share_words(one.total),
        f"Week of {one.week:%-d %b}: {share_words(one.total)} of {names.segment(one.segment)} booked{kept}",
        min(HEIGHT, round(HEIGHT * one.total)),
        limit is not None and one.total > limit + 1e-9,
        not one.booked,
    )


def load_tables(known: CalendarFacts, line: Timeline, names: Names) -> list[LoadTable]:
    """Everything that the strips sum up: by pod, by segment, by channel."""
    columns = {week.starts_on: week.column for week in line.weeks}
    weeks = list(columns)
    tables = []
    work = [
        row for row in loads(known.bars, weeks, known.facts.capacities) if row.pod in names.pods
    ]
    if any(row.days or row.capacity is not None for row in work):
        rows = _rows(work, lambda row: row.pod, names.pod, lambda row: _work(row, columns), columns)
        tables.append(LoadTable("People-days by pod", _corrections(known, names), tuple(rows)))
    booked = [row for row in known.booked if row.segment in names.segments]
    if booked:
        limit = known.facts.booked_limit
        rows = _rows(
            booked, lambda row: row.segment, names.segments.__getitem__,
            lambda row: _booked(row, columns, names, limit), columns,
        )  # fmt: skip
        note = f"Up to {share_words(limit)} of a segment may be booked." if limit else ""
        tables.append(LoadTable("Audience by segment", note, tuple(rows)))
    sent = [
        row
        for row in pressure(known.bars, weeks, known.facts.overlaps, caps=known.facts.caps)
        if row.segment in names.segments
    ]
    if sent:
        rows = _rows(
            sent,
            lambda row: (row.channel, row.segment),
            lambda key: f"{key[0][:1].upper()}{key[0][1:]}, {names.segments[key[1]]}",
            lambda row: _messages(row, columns),
            columns,
        )
        tables.append(LoadTable("Messages per person by channel", "", tuple(rows)))
    return tables


def _work(load: Load, columns: Mapping[dt.date, int]) -> Cell:
    of = f" of {number_words(load.capacity)}" if load.capacity is not None else ""
    words = f"{number_words(load.days)}{of}"
    title = f"Week of {load.week:%-d %b}: {words} people-days"
    return Cell(columns[load.week], words, title, is_over=load.is_over_days, is_empty=not load.days)


def _messages(row: Pressure, columns: Mapping[dt.date, int]) -> Cell:
    of = f" of {number_words(row.cap)}" if row.cap is not None else ""
    words = f"{number_words(row.messages)}{of}"
    title = f"Week of {row.week:%-d %b}: {words} messages per person"
    return Cell(columns[row.week], words, title, is_over=row.is_over, is_empty=not row.messages)


def _rows(
    figures: Iterable[Figure],
    key_of: Callable[[Figure], Key],
    label_of: Callable[[Key], str],
    cell_of: Callable[[Figure], Cell],
    columns: Mapping[dt.date, int],
) -> list[LoadRow]:
    """A row per key with a cell for every week, empty where there is no figure."""
    cells: dict[Key, dict[dt.date, Cell]] = {}
    for figure in figures:
        cells.setdefault(key_of(figure), {})[figure.week] = cell_of(figure)
    rows = [
        LoadRow(label_of(key), tuple(row.get(week) or _nothing(week, columns) for week in columns))
        for key, row in cells.items()
    ]
    return sorted(rows, key=lambda row: row.label.casefold())


def _nothing(week: dt.date, columns: Mapping[dt.date, int]) -> Cell:
    return Cell(columns[week], "0", f"Week of {week:%-d %b}: nothing", is_empty=True)


def _corrections(known: CalendarFacts, names: Names) -> str:
    """What pods took over what they forecast, where enough is known."""
    sentences = [
        f"{names.pods[pod]} takes {number_words(one.factor)} times its forecasts "
        f"({number_words(one.low or 0)} to {number_words(one.high or 0)}, from {one.past} experiments)."
        for pod, one in sorted(known.corrections.items())
        if one.factor and pod in names.pods
    ]
    return " ".join(sentences) or (
        "Forecasts count as they are. From three experiments with days taken on, Floe corrects them."
    )
