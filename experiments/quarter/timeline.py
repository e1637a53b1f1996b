"""A range of days as a timeline of whole weeks, and the place of a bar in them. Pure.

A quarter, a half-year and six weeks differ only in their range.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Final

WEEK: Final = dt.timedelta(days=7)


@dataclass(frozen=True)
class Week:
    """One column group of the timeline; `column` counts days from 1."""

    starts_on: dt.date
    column: int
    is_current: bool

    @property
    def last_day(self) -> dt.date:
        return self.starts_on + dt.timedelta(days=6)

    @property
    def names_month(self) -> bool:
        """Whether a narrow heading has the month: the first of a month, or of the range if it has room."""
        following = self.starts_on + dt.timedelta(days=7)
        is_first = self.column == 1 and following.month == self.starts_on.month
        return is_first or self.starts_on.day <= 7


@dataclass(frozen=True)
class Span:
    """Where a bar stands: first day's column (from 1) and how many days of it are seen."""

    column: int
    days: int
    starts_before: bool
    ends_after: bool


@dataclass(frozen=True)
class Timeline:
    """The whole weeks that hold a range, from `starts_on` to before `ends_on`."""

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
            Week(day, (day - self.starts_on).days + 1, day <= self.today < day + WEEK)
            for day in starts
        ]

    @property
    def today_column(self) -> int | None:
        """The column of today, or None where today lies in another range."""
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


def week_start(day: dt.date, *, first_weekday: int = 0) -> dt.date:
    """The first day of the week that holds `day`.

    Args:
        day: any day.
        first_weekday: the weekday that begins a week, 0 for Monday to 6 for Sunday.

    >>> week_start(dt.date(2026, 11, 21)).isoformat()
    '2026-11-16'
    >>> week_start(dt.date(2026, 11, 21), first_weekday=6).isoformat()
    '2026-11-15'
    """
    return day - dt.timedelta(days=(day.weekday() - first_weekday) % 7)


def weeks_of(
    starts_on: dt.date, ends_on: dt.date, *, first_weekday: int = 0
) -> tuple[dt.date, ...]:
    """The first days of all weeks that have a day in the half-open range.

    Args:
        starts_on, ends_on: the range; none of its days means no week.
        first_weekday: as for `week_start`.

    >>> [day.isoformat() for day in weeks_of(dt.date(2026, 12, 20), dt.date(2027, 1, 1))]
    ['2026-12-14', '2026-12-21', '2026-12-28']
    """
    first = week_start(starts_on, first_weekday=first_weekday)
    count = max(0, -((first - ends_on).days // 7)) if starts_on < ends_on else 0
    return tuple(first + n * WEEK for n in range(count))


def six_weeks(day: dt.date, *, first_weekday: int = 0) -> tuple[dt.date, dt.date]:
    """The range of six weeks that begins with the week of `day`, half-open.

    >>> [end.isoformat() for end in six_weeks(dt.date(2026, 11, 21))]
    ['2026-11-16', '2026-12-28']
    """
    first = week_start(day, first_weekday=first_weekday)
    return first, first + 6 * WEEK


def timeline_of(
    starts_on: dt.date, ends_on: dt.date, *, today: dt.date, first_weekday: int = 0
) -> Timeline:
    """The timeline of a half-open range, stretched to whole weeks.

    Args:
        starts_on, ends_on: a quarter, two of them, six weeks; at least one day.
        today: marks its column and its week, where they are in the range.
        first_weekday: as for `week_start`.

    Raises:
        ValueError: the range has no day.

    >>> line = timeline_of(dt.date(2026, 10, 1), dt.date(2027, 1, 1), today=dt.date(2026, 11, 21))
    >>> line.starts_on.isoformat(), line.ends_on.isoformat(), len(line.weeks)
    ('2026-09-28', '2027-01-04', 14)
    """
    weeks = weeks_of(starts_on, ends_on, first_weekday=first_weekday)
    if not weeks:
        raise ValueError("a timeline has at least one day")
    return Timeline(weeks[0], weeks[-1] + WEEK, today)
