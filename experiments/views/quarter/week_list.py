"""The calendar as a list, for phones and screen readers: this week first, then the weeks to come."""

from collections.abc import Sequence
from dataclasses import dataclass

from experiments.flows.quarter.sentences import day_words
from experiments.quarter.timeline import Timeline, Week
from experiments.views.quarter.bars import DrawnBar
from experiments.views.quarter.strips import Strip


@dataclass(frozen=True)
class WeekGroup:
    """A heading with its tests; `load` is what the strips say of the week."""

    title: str
    load: str
    bars: tuple[DrawnBar, ...]
    is_current: bool = False


def groups_of(bars: Sequence[DrawnBar], line: Timeline, strips: Sequence[Strip]) -> list[WeekGroup]:
    """Each test once: under this week if it runs or waits for its decision, else where it starts.

    What was before this week comes last. Where today is not in view, all stand where they start,
    and what has run since before the first week stands in that.
    """
    now = next((week for week in line.weeks if week.is_current), None)
    places = [(_place(bar, line, now), bar) for bar in bars]
    rows = []
    for week in line.weeks:
        here = tuple(bar for place, bar in places if place == week)
        if here or week is now:
            rows.append(WeekGroup(_title(week), _load(week, strips), here, week is now))
    over = tuple(bar for place, bar in places if place is None)
    return [*rows, WeekGroup("Before this week", "", over)] if over else rows


def _place(bar: DrawnBar, line: Timeline, now: Week | None) -> Week | None:
    """The week that it is listed under; None for what was before this week."""
    first, after = bar.test.starts_on, bar.test.ends_on
    if now and first and after and first < now.starts_on:
        return now if after > now.starts_on or bar.test.is_undecided else None
    started = [week for week in line.weeks if first and week.starts_on <= first]
    return started[-1] if started else line.weeks[0]


def _title(week: Week) -> str:
    if not week.is_current:
        return f"From {day_words(week.starts_on)}"
    first, last = week.starts_on, week.last_day
    start = f"{first:%-d}" if first.month == last.month else day_words(first)
    return f"This week, {start} to {day_words(last)}"


def _load(week: Week, strips: Sequence[Strip]) -> str:
    """“5 at once · 66 % booked”."""
    cells = [
        (strip.unit, cell) for strip in strips for cell in strip.cells if cell.column == week.column
    ]
    return " · ".join(
        f"{cell.words} {unit}{', over the limit' if cell.is_over else ''}" for unit, cell in cells
    )
