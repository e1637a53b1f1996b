"""The calendar for the screen of a room: the weeks, and this week in words."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils import timezone

from backlog.models import User
from experiments.flows.quarter.sentences import day_words
from experiments.models import Experiment, Milestone
from experiments.quarter.timeline import week_start
from experiments.views.quarter.bars import DrawnBar
from experiments.views.quarter.page import CalendarPage, calendar_page
from experiments.views.quarter.window import Window

MOST_SHOWN = 4
WEEK = dt.timedelta(days=7)
NOT_LAUNCHED = (Experiment.State.DRAFT, Experiment.State.PLANNED)


@dataclass(frozen=True)
class WallLine:
    """An experiment, or a milestone of one, with the few words that a room needs."""

    shape: str
    edge: str
    title: str
    pod: str
    words: str


@dataclass(frozen=True)
class WallList:
    title: str
    lines: tuple[WallLine, ...]
    more: int
    nothing: str
    is_late: bool = False

    @property
    def count(self) -> int:
        return len(self.lines) + self.more


@dataclass(frozen=True)
class WallPage:
    """What the wall shows; `seen` changes with everything that can change on it."""

    page: CalendarPage
    today: dt.date
    lists: tuple[WallList, ...]
    seen: str


def mark_of(newest: int) -> str:
    """The newest change and the day: days count on, and things become late, without a change."""
    return f"{newest}-{timezone.localdate():%Y%m%d}"


def wall_page(window: Window, user: User) -> WallPage:
    """Built once for the page and for each time that the room’s screen asks."""
    page, today = calendar_page(window, user), timezone.localdate()
    bars = [bar for lane in page.lanes for bar in lane.bars]
    monday = week_start(today, first_weekday=window.first_weekday)
    after = monday + WEEK
    starts = [b for b in bars if b.test.starts_on and monday <= b.test.starts_on < after]
    ends = [b for b in bars if b.test.last_day and monday <= b.test.last_day < after]
    runs = [b for b in bars if b.test.state == Experiment.State.RUNNING and not b.test.is_over]
    lists = (
        _list("Runs now", [_line(b, b.tail) for b in runs], "Nothing runs today."),
        _list("Starts this week", [_line(b, _day(b.test.starts_on)) for b in starts], "Nothing starts this week."),
        _list("Ends this week", [_line(b, _day(b.test.last_day)) for b in ends], "Nothing ends this week."),
        _list("Late", _late(bars, today), "Nothing is late.", is_late=True),
    )  # fmt: skip
    return WallPage(page, today, lists, mark_of(page.seen))


def _list(
    title: str, lines: list[WallLine], nothing: str, *, is_late: bool = False
) -> WallList:  # fmt: skip
    more = max(0, len(lines) - MOST_SHOWN)
    return WallList(title, tuple(lines[:MOST_SHOWN]), more, nothing, is_late)


def _day(day: dt.date | None) -> str:
    return f"{day:%a} {day_words(day)}" if day else ""


def _line(bar: DrawnBar, words: str) -> WallLine:
    return WallLine(bar.look.shape, bar.look.edge, bar.test.title, str(bar.test.pod), words)


def _late(bars: list[DrawnBar], today: dt.date) -> list[WallLine]:
    """Experiments that wait for a decision or for their launch, then milestones; the oldest first."""
    lines = [_line(bar, "waits for a decision") for bar in bars if bar.test.is_overdue]
    for bar in bars:
        starts_on = bar.test.starts_on
        if bar.test.state in NOT_LAUNCHED and starts_on and starts_on < today:
            lines.append(_line(bar, f"was to start {day_words(starts_on)}"))
    return [*lines, *_late_milestones(bars)]


def _late_milestones(bars: Iterable[DrawnBar]) -> list[WallLine]:
    by_key = {bar.test.pk: bar for bar in bars if bar.test.state not in ("decided", "closed")}
    rows = list(Milestone.objects.filter(done_at=None, experiment__in=list(by_key)))
    for row in rows:
        row.experiment = by_key[row.experiment_id].test
    late = sorted((row for row in rows if row.is_late), key=lambda row: (row.due_on, row.pk))
    return [
        WallLine(
            "flag", "", f"{row.experiment.key}: {row}", str(row.experiment.pod),
            f"due {day_words(row.due_on)}" if row.due_on else "",
        )
        for row in late
    ]  # fmt: skip
