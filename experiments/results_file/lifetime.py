# ruff: noqa: S608 - every name and label that reaches SQL went through `database.quoted`
"""Lifetime values in a file of units: what lies within the horizon counts, discounted by its day, and
only of units whose whole horizon is known. The arithmetic is that of `experiments.stats.lifetime`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from experiments.stats.lifetime import YEAR

from .judging import chance_of
from .problems import FileProblem
from .shapes import Mapping, MetricColumns
from .unit_samples import UnitsFile

UNEVEN: Final = 0.001
"""Chance under which different shares of left out units in the arms are worth a sentence."""


@dataclass(frozen=True)
class Horizon:
    """How a lifetime value was read: `left_out` and `units` by arm, of those whose `days` are not all
    known by `known_until`; `outside`: rows with an amount before the entry or after the horizon;
    `is_dated`: each amount had its day."""

    days: int
    known_until: str
    left_out: dict[str, int]
    units: dict[str, int]
    outside: int
    is_dated: bool
    discount: float = 0.0

    @property
    def is_uneven(self) -> bool:
        """Whether chance hardly explains that the arms differ in the share that is left out."""
        table = [[self.left_out[arm], n - self.left_out[arm]] for arm, n in self.units.items() if n]
        sums = [sum(column) for column in zip(*table, strict=True)]
        return len(table) > 1 and all(sums) and chance_of(table) < UNEVEN


def lifetimes(mapping: Mapping) -> Iterator[tuple[int, MetricColumns, int]]:
    """The lifetime values of a mapping: place, metric, days of the horizon."""
    for place, metric in enumerate(mapping.metrics):
        if metric.horizon:
            yield place, metric, metric.horizon


def require_entry(mapping: Mapping) -> None:
    """Raises FileProblem where nothing says when a unit entered."""
    for _, metric, days in lifetimes(mapping):
        if not mapping.day:
            raise FileProblem(
                f"“{metric.name}” is a lifetime value over {days:,} days, so Floe has to know on which "
                "day each unit entered. Choose the column with that day, or leave the metric out."
            )


def discount_rows(file: UnitsFile) -> dict[str, int]:
    """Discount each amount by its day and set those outside of the horizon to 0, in the table of rows.

    Returns for each metric how many rows have an amount outside of it.
    """
    outside = {}
    for place, metric, days in lifetimes(file.mapping):
        if not metric.value_day:
            outside[metric.name] = 0
            continue
        entered = "rows.day"
        source = ""
        if file.mapping.unit:
            entered = "entry.day"
            source = (
                " FROM (SELECT unit, min(day) AS day FROM rows WHERE reason IS NULL GROUP BY unit) "
                "AS entry WHERE rows.unit = entry.unit AND reason IS NULL"
            )
        since = f"date_diff('day', {entered}, rows.v{place})"
        file.all(f"ALTER TABLE rows ADD COLUMN o{place} BOOLEAN")
        factor = f"pow({1 + metric.discount!r}::DOUBLE, -({since}) / {YEAR!r}::DOUBLE)"
        is_outside = f"({since} < 0 OR {since} >= {days})"
        file.all(
            f"UPDATE rows SET o{place} = m{place} <> 0 AND {is_outside}, m{place} = CASE "
            f"WHEN m{place} IS NULL THEN NULL WHEN m{place} = 0 OR {is_outside} THEN 0 "
            f"ELSE m{place} * {factor} END{source}"
        )
        count = file.all(f"SELECT count(*) FROM rows WHERE o{place} AND reason IS NULL")[0][0]
        outside[metric.name] = int(count)
    return outside


def leave_out_unobserved(file: UnitsFile, outside: dict[str, int]) -> dict[str, Horizon]:
    """Take the values of units away whose horizon is not over, and count them by arm."""
    horizons = {}
    for place, metric, days in lifetimes(file.mapping):
        until = _known_until(file, place, metric)
        is_late = f"day + INTERVAL {days - 1} DAY > DATE '{until}'"
        counts = file.all(
            f"SELECT arm, count(*) FILTER ({is_late}), count(*) FROM units WHERE NOT is_in_two "
            f"AND m{place} IS NOT NULL GROUP BY arm"
        )
        file.all(f"UPDATE units SET m{place} = NULL WHERE {is_late}")
        late = {file.variants[arm]: n for arm, n, _ in counts}
        every = {file.variants[arm]: n for arm, _, n in counts}
        horizons[metric.name] = Horizon(
            days, until.isoformat(),
            {variant: late.get(variant, 0) for variant in file.variants},
            {variant: every.get(variant, 0) for variant in file.variants},
            outside[metric.name], bool(metric.value_day), metric.discount,
        )  # fmt: skip
    return horizons


def _known_until(file: UnitsFile, place: int, metric: MetricColumns) -> dt.date:
    """The last day whose amounts are known: as somebody said, else the last day in the file."""
    if metric.known_until:
        return dt.date.fromisoformat(metric.known_until)
    columns = ["max(day)", *([f"max(v{place})"] if metric.value_day else [])]
    last = file.all(f"SELECT {', '.join(columns)} FROM rows WHERE reason IS NULL")[0]
    return max((day for day in last if day), default=dt.date.min)


def horizon_sentences(horizons: dict[str, Horizon]) -> Iterator[str]:
    """What the page says of each lifetime value before it counts; arms are not named, because some
    readers may not know their sizes."""
    for name, one in horizons.items():
        out, units = sum(one.left_out.values()), sum(one.units.values())
        if out:
            until = dt.date.fromisoformat(one.known_until)
            yield (
                f"{out:,} of {units:,} units are not yet observed to the end of the {one.days:,} days of "
                f"“{name}” on {until:%-d %b %Y}. They are left out of it."
            )
        if one.is_uneven:
            yield (
                f"The share that is left out of “{name}” differs between the arms by more than chance: "
                "units entered the arms at different times. Compare with care."
            )
        if one.outside:
            rows = "1 row has" if one.outside == 1 else f"{one.outside:,} rows have"
            yield (
                f"{rows} an amount from before the entry or after the {one.days:,} days of “{name}”. "
                "Those amounts count as 0."
            )
        if not one.is_dated:
            more = ", and nothing is discounted" if one.discount else ""
            yield (
                f"The file gives no day for the amounts of “{name}”, so all of them count as within the "
                f"{one.days:,} days{more}. Choose the column with their day if there is one."
            )
