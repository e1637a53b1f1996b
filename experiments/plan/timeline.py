"""A quarter as a timeline: whole weeks from Monday, and the place of a bar in them. Pure."""

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True)
class Week:
    """One column group of the timeline; `column` counts days from 1."""

    starts_on: dt.date
    column: int
    is_current: bool

    @property
    def last_day(self) -> dt.date:
        return self.starts_on + dt.timedelta(days=6)


@dataclass(frozen=True)
class Span:
    """Where a bar stands: first day's column (from 1) and how many days of it are seen."""

    column: int
    days: int
    starts_before: bool
    ends_after: bool


@dataclass(frozen=True)
class Timeline:
    """The whole weeks that hold a quarter, from `starts_on` to before `ends_on`."""

    starts_on: dt.date
    ends_on: dt.date
    today: dt.date

    @property
    def days(self) -> int:
        return (self.ends_on - self.starts_on).days

    @property
    def weeks(self) -> list[Week]:
        starts = [self.starts_on + dt.timedelta(days=n) for n in range(0, self.days, 7)]
        return [
            Week(day, (day - self.starts_on).days + 1, day <= self.today < day + dt.timedelta(7))
            for day in starts
        ]

    @property
    def today_column(self) -> int | None:
        """The column of today, or None where today lies in another quarter."""
        if self.starts_on <= self.today < self.ends_on:
            return (self.today - self.starts_on).days + 1
        return None

    def span(self, starts_on: dt.date, ends_on: dt.date) -> Span | None:
        """The place of the half-open range, cut at the edges; None where no day of it is seen.

        >>> line = timeline_of(dt.date(2026, 10, 1), dt.date(2027, 1, 1), today=dt.date(2026, 11, 21))
        >>> line.span(dt.date(2026, 11, 9), dt.date(2026, 12, 7))
        Span(column=43, days=28, starts_before=False, ends_after=False)
        """
        first, after = max(starts_on, self.starts_on), min(ends_on, self.ends_on)
        if first >= after:
            return None
        return Span(
            column=(first - self.starts_on).days + 1,
            days=(after - first).days,
            starts_before=starts_on < self.starts_on,
            ends_after=ends_on > self.ends_on,
        )


def timeline_of(starts_on: dt.date, ends_on: dt.date, *, today: dt.date) -> Timeline:
    """The timeline of a quarter (half-open), stretched to whole weeks from Monday to Sunday.

    >>> line = timeline_of(dt.date(2026, 10, 1), dt.date(2027, 1, 1), today=dt.date(2026, 11, 21))
    >>> line.starts_on.isoformat(), line.ends_on.isoformat(), len(line.weeks)
    ('2026-09-28', '2027-01-04', 14)
    """
    monday = starts_on - dt.timedelta(days=starts_on.weekday())
    last = ends_on - dt.timedelta(days=1)
    return Timeline(monday, last + dt.timedelta(days=7 - last.weekday()), today)
