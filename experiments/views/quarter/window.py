"""Which days the calendar shows, and along what its lanes run: read from the address, kept in every link."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils import timezone

from backlog.calendar_days import months_later
from backlog.models import Quarter, Workspace
from experiments.quarter.timeline import WEEK, Timeline, six_weeks, timeline_of, week_start

VIEWS = {"quarter": "Quarter", "half-year": "Half-year", "six-weeks": "Six weeks"}
MOST_OPENED = 40
LANES = {
    "pod": "Pod",
    "objective": "Objective",
    "channel": "Channel",
    "segment": "Segment",
    "owner": "Owner",
}


@dataclass(frozen=True)
class Window:
    """The days shown (half-open), the quarter that they belong to, and how lanes are made."""

    quarter: Quarter
    view: str
    by: str
    starts_on: dt.date
    ends_on: dt.date
    first_weekday: int
    is_list: bool = False
    opened: tuple[str, ...] = ()

    @property
    def line(self) -> Timeline:
        today = timezone.localdate()
        return timeline_of(
            self.starts_on, self.ends_on, today=today, first_weekday=self.first_weekday
        )

    def query(self, *, opened: Iterable[str] | None = None, **changes: str) -> str:
        """The address of the same window with something else in it; other lanes are not opened."""
        values: dict[str, str | list[str]] = {
            "quarter": self.quarter.name,
            "view": self.view,
            "by": self.by,
        }
        if self.view == "six-weeks":
            values["from"] = self.starts_on.isoformat()
        if self.is_list:
            values["as"] = "list"
        if "by" not in changes:
            values["open"] = list(self.opened if opened is None else opened)
        values |= changes
        usual = {"view": "quarter", "by": "pod"}
        kept = {name: value for name, value in values.items() if value and usual.get(name) != value}
        return "?" + urlencode(kept, doseq=True)

    def with_lane(self, key: str) -> str:
        """The address of the same window with this lane opened."""
        return self.query(opened=[*self.opened, key])

    def without_lane(self, key: str) -> str:
        return self.query(opened=[one for one in self.opened if one != key])

    @property
    def views(self) -> list[tuple[str, str, bool]]:
        """Address, word and whether it is the present one."""
        return [
            (self.query(view=key, **{"from": ""}), word, key == self.view)
            for key, word in VIEWS.items()
        ]

    @property
    def lanes(self) -> list[tuple[str, str, bool]]:
        return [(self.query(by=key), word, key == self.by) for key, word in LANES.items()]

    @property
    def other_form(self) -> tuple[str, str]:
        """Address and word of the list, or of the timeline where the list is shown."""
        word = "As a timeline" if self.is_list else "As a list"
        return self.query(**{"as": "" if self.is_list else "list"}), word

    @property
    def week_words(self) -> str:
        """“week 8 of 14”, where today is among them."""
        weeks = self.line.weeks
        now = next((n for n, week in enumerate(weeks, 1) if week.is_current), None)
        return f"week {now} of {len(weeks)}" if now else f"{len(weeks)} weeks"

    def beside(self, quarters: list[Quarter], step: int) -> str:
        """The address of the window before (−1) or after (1), or "" where there is none."""
        if self.view == "six-weeks":
            return self.query(**{"from": (self.starts_on + step * 6 * WEEK).isoformat()})
        place = quarters.index(self.quarter) + step
        if not 0 <= place < len(quarters):
            return ""
        return replace(self, quarter=quarters[place]).query()


def window_of(asks: QueryDict, quarters: list[Quarter]) -> Window | None:
    """The window of an address; what it does not say, or says wrongly, is as usual. None without quarters.

    `quarters` in order of their days.
    """
    quarter = _quarter(quarters, asks.get("quarter", ""))
    if quarter is None:
        return None
    view, by = asks.get("view", ""), asks.get("by", "")
    view, by = view if view in VIEWS else "quarter", by if by in LANES else "pod"
    first = Workspace.current().first_weekday
    starts_on, ends_on = quarter.starts_on, quarter.ends_on
    if view == "half-year":
        ends_on = months_later(ends_on.replace(day=1), 3)
    elif view == "six-weeks":
        starts_on, ends_on = _six_weeks(asks.get("from", ""), quarter, first)
        quarter = next(
            (one for one in quarters if one.starts_on <= starts_on < one.ends_on), quarter
        )
    opened = tuple(dict.fromkeys(asks.getlist("open")[:MOST_OPENED]))
    return Window(quarter, view, by, starts_on, ends_on, first, asks.get("as") == "list", opened)


def _six_weeks(day: str, quarter: Quarter, first_weekday: int) -> tuple[dt.date, dt.date]:
    """Around the day that the address names, else today, else the start of the quarter."""
    today = timezone.localdate()
    usual = today if quarter.is_current else quarter.starts_on
    try:
        start = dt.date.fromisoformat(day)
    except ValueError:
        start = usual
    if not 2000 <= start.year <= 2200:
        start = usual
    return six_weeks(week_start(start, first_weekday=first_weekday), first_weekday=first_weekday)


def _quarter(quarters: list[Quarter], name: str) -> Quarter | None:
    """The quarter of this name, else the present one, else the newest."""
    chosen = next((quarter for quarter in quarters if quarter.name == name), None)
    current = next((quarter for quarter in quarters if quarter.is_current), None)
    return chosen or current or (quarters[-1] if quarters else None)
