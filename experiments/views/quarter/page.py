"""The calendar as one frozen object, made by one function for the page, its part, the wall and the print."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Max, Q
from django.utils import timezone

from backlog.claims import claim_at
from backlog.models import Event, Objective, Pod, User
from experiments.flows.agreements.terms import deadlines_of_agreements
from experiments.flows.quarter.facts import (
    CalendarFacts,
    calendar_facts,
    units_of,
    value_of,
)
from experiments.flows.quarter.sentences import Names, days_words, may_see
from experiments.models import (
    BaselineRow,
    CalendarMove,
    Deadline,
    Experiment,
    Milestone,
    RoadmapItem,
)
from experiments.quarter.timeline import Span, Timeline
from experiments.views.quarter.bars import DrawnBar, Look, drawn, look_of
from experiments.views.quarter.lanes import Closed, Lane, close_days, lanes_of, may_move_in
from experiments.views.quarter.pairs import PairCard, cards_of, pairs_of, worst
from experiments.views.quarter.strips import LoadTable, Strip, load_tables, strips_of
from experiments.views.quarter.window import Window

UNDO_WITHIN = dt.timedelta(minutes=15)
# History about these changes what the calendar shows.
SUBJECTS = ("experiment", "blackout", "deadline", "quarter", "objective", "podlimits", "segment",
            "segmentoverlap", "baseline", "roadmapitem")  # fmt: skip


LEGEND = (
    ("planned", "e-draft", "planned"), ("ready", "e-ready", "ready"),
    ("running", "e-running", "running"), ("veiled", "e-veiled", "running, veiled"),
    ("decide", "e-due", "decide"), ("won", "o-won", "won"), ("lost", "o-lost", "lost"),
    ("flat", "o-flat", "no clear difference"), ("stopped", "e-stopped", "stopped"),
)  # fmt: skip


@dataclass(frozen=True)
class TrayRow:
    """A promoted idea without a place."""

    test: Experiment
    ice: float | None
    days: int
    units: int | None
    is_movable: bool

    @property
    def weeks(self) -> int:
        return -(-self.days // 7)


@dataclass(frozen=True)
class Goal:
    """An objective with the tests that serve it; expectations count tests, since lifts of different
    metrics do not add up."""

    objective: Objective
    looks: tuple[Look, ...]
    expected: float | None
    won: int
    decided: int

    @property
    def words(self) -> str:
        if not self.looks:
            return "no experiment serves it yet"
        count = len(self.looks)
        words = [f"{count} experiment{'' if count == 1 else 's'}"]
        if self.decided:
            words.append(f"{self.won} of {self.decided} won")
        if self.expected is not None:
            words.append(f"about {self.expected:.1f} more expected to win")
        return " · ".join(words)


@dataclass(frozen=True)
class Mark:
    """A deadline in its column."""

    name: str
    day: dt.date
    column: int


@dataclass(frozen=True)
class Work:
    """An item of the operations roadmap."""

    item: RoadmapItem
    span: Span
    days: str


@dataclass(frozen=True)
class WeekList:
    """A week of the list for phones and screen readers."""

    week: Any
    bars: tuple[DrawnBar, ...]
    note: str = ""


@dataclass(frozen=True)
class CalendarPage:
    window: Window
    line: Timeline
    lanes: list[Lane]
    bands: list[Closed]
    deadlines: list[Mark]
    work: list[Work]
    strips: list[Strip]
    tables: list[LoadTable]
    cards: list[PairCard]
    pair_count: int
    goals: list[Goal]
    without_objective: int
    tray: list[TrayRow]
    weeks: list[WeekList]
    seen: int
    last_move: CalendarMove | None
    may_plan: bool
    baseline: Any = None
    hidden: int = 0

    @property
    def last_seen_day(self) -> dt.date:
        return self.line.ends_on - dt.timedelta(days=1)


def calendar_page(window: Window, user: User) -> CalendarPage:
    """Everything that the calendar shows this person of these days."""
    line = window.line
    known = calendar_facts(
        line.starts_on,
        line.ends_on,
        quarter=window.quarter,
        with_free=True,
        first_weekday=window.first_weekday,
    )
    pods = list(Pod.objects.visible_to(user))
    names = _names(known, user, pods)
    may_move = may_move_in(user)
    pairs = pairs_of(known)
    bars = _bars(
        known,
        line,
        names,
        may_move,
        {key for pair in pairs for key in (pair.first, pair.second)},
        window,
    )
    lanes = lanes_of(window.by, bars, known, pods)
    blackouts = [one for one in known.blackouts if may_see(user, one.pod_id)]
    bands = close_days(lanes, blackouts, line, window.by)
    own = [bar.test for bar in bars]
    return CalendarPage(
        window=window,
        line=line,
        lanes=lanes,
        bands=bands,
        deadlines=_deadlines(user, window, line),
        work=_work(user, line),
        strips=strips_of(known, line, names),
        tables=load_tables(known, line, names, known.facts.caps),
        cards=cards_of(worst(pairs), known, names, may_move),
        pair_count=len(pairs),
        goals=_goals(window, user, own, known.chances),
        without_objective=sum(test.objective_id is None for test in own),
        tray=_tray(known, names, may_move),
        weeks=_weeks(bars, line),
        seen=newest_change(user),
        last_move=_last_move(user),
        may_plan=any(may_move.values()),
        baseline=window.quarter.baselines.select_related("by").first(),
        hidden=len(known.bars) - len(bars),
    )  # fmt: skip


def _names(known: CalendarFacts, user: User, pods: Iterable[Pod]) -> Names:
    """What this reader may be told, from what is read already."""
    tests = {key: test.title for key, test in known.tests.items() if may_see(user, test.pod_id)}
    segments = {one.pk: one.name for one in known.segments if may_see(user, one.pod_id)}
    return Names(tests, {pod.pk: pod.name for pod in pods}, segments)


def _bars(
    known: CalendarFacts,
    line: Timeline,
    names: Names,
    may_move: Mapping[int, bool],
    shared: set[int],
    window: Window,
) -> list[DrawnBar]:
    before = _baseline_days(window)
    steps = _milestones(names.tests) if window.view == "six-weeks" else {}
    rows = []
    for bar in known.bars:
        test = known.tests[bar.key]
        if bar.key not in names.tests:
            continue
        row = drawn(
            test,
            bar,
            line,
            was=before.get(bar.key) or _sealed_days(test),
            may_move=may_move.get(test.pod_id or 0, False),
            is_shared=bar.key in shared,
            milestones=steps.get(bar.key, ()),
        )
        if row:
            rows.append(row)
    return rows


def _milestones(keys: Iterable[int]) -> dict[int, list[Milestone]]:
    """What is still to be reached, by experiment; six weeks have room for it."""
    steps: dict[int, list[Milestone]] = {}
    rows = Milestone.objects.filter(experiment__in=list(keys), done_at=None)
    for step in rows.select_related("experiment"):
        steps.setdefault(step.experiment_id, []).append(step)
    return steps


def _baseline_days(window: Window) -> dict[int, tuple[dt.date, dt.date]]:
    """Where tests stood when the quarter was signed off last."""
    newest = window.quarter.baselines.values("pk")[:1]
    rows = BaselineRow.objects.filter(baseline__in=newest)
    return {
        pk: (start, end)
        for pk, start, end in rows.values_list("experiment", "starts_on", "ends_on")
    }


def _sealed_days(test: Experiment) -> tuple[dt.date, dt.date] | None:
    """The days that a running test was sealed with, where nobody signed the quarter off."""
    plan = test.sealed_plan or {}
    try:
        return dt.date.fromisoformat(plan["starts_on"]), dt.date.fromisoformat(plan["ends_on"])
    except (KeyError, TypeError, ValueError):
        return None


def _tray(known: CalendarFacts, names: Names, may_move: Mapping[int, bool]) -> list[TrayRow]:
    """The best first; those without a score last."""
    rows = []
    for bar in known.free:
        test = known.tests[bar.key]
        if bar.key in names.tests:
            ice = value_of(test) or None
            rows.append(
                TrayRow(test, ice, bar.days, units_of(test), may_move.get(test.pod_id or 0, False))
            )
    return sorted(rows, key=lambda row: (-(row.ice or 0), row.test.number))


def _goals(window: Window, user: User, tests: list[Experiment], chances: Any) -> list[Goal]:
    objectives = window.quarter.objectives.visible_to(user)
    return [
        _goal(goal, [test for test in tests if _serves(test, goal)], chances) for goal in objectives
    ]


def _serves(test: Experiment, goal: Objective) -> bool:
    """Its own objective, or one of the same name and pod in another quarter: a goal that goes on."""
    own = test.objective
    return own is not None and (own.title.casefold(), own.pod_id) == (
        goal.title.casefold(), goal.pod_id,
    )  # fmt: skip


def _goal(objective: Objective, tests: list[Experiment], bands: Any) -> Goal:
    """How many are likely to win by what their scorers said of them: the Confidence of those undecided."""
    looks = tuple(look_of(test) for test in tests)
    open_ones = [test for test in tests if test.state not in ("decided", "closed")]
    chances = [
        claim_at("confidence", test.idea.confidence, bands)
        for test in open_ones
        if bands and not test.idea.is_blind and test.idea.confidence is not None
    ]
    decided = [look for look in looks if look.edge in ("won", "lost", "flat", "stopped")]
    return Goal(
        objective,
        looks,
        sum(chances) if chances else None,
        sum(look.edge == "won" for look in looks),
        len(decided),
    )


def _deadlines(user: User, window: Window, line: Timeline) -> list[Mark]:
    """Deadlines that people entered, and the fixed days for edits that agreements set."""
    rows = Deadline.objects.visible_to(user).filter(day__gte=line.starts_on, day__lt=line.ends_on)
    days = [(row.day, row.name) for row in rows]
    days += [(one.day, one.name) for one in deadlines_of_agreements(window.quarter)]
    return [Mark(name, day, (day - line.starts_on).days + 1) for day, name in sorted(days)]


def _work(user: User, line: Timeline) -> list[Work]:
    """The roadmap beside the experiments; an item without days has those of its quarter."""
    items = RoadmapItem.objects.visible_to(user).touching(line.starts_on, line.ends_on)
    rows = []
    for item in items.select_related("quarter", "pod"):
        days = item.starts_on, item.ends_on
        if days[0] is None and item.quarter:
            days = item.quarter.starts_on, item.quarter.ends_on
        span = line.span(days[0], days[1]) if days[0] and days[1] else None
        if span:
            rows.append(Work(item, span, days_words(*days)))
    return rows


def _weeks(bars: list[DrawnBar], line: Timeline) -> list[WeekList]:
    """Tests under the week in which they start; what runs since before stands in the first."""
    rows = []
    for week in line.weeks:
        until = week.starts_on + dt.timedelta(days=7)
        starting = tuple(
            bar for bar in bars
            if bar.test.starts_on and week.starts_on <= max(bar.test.starts_on, line.starts_on) < until
        )  # fmt: skip
        if starting:
            rows.append(WeekList(week, starting))
    return rows


def newest_change(user: User) -> int:
    """A number that grows with every change of what the calendar shows this person."""
    rows = Event.objects.filter(subject__in=SUBJECTS)
    if not user.stands_above_pods:
        rows = rows.filter(Q(pod=None) | Q(pod__in=list(user.pod_roles)))
    newest: int | None = rows.aggregate(newest=Max("pk"))["newest"]
    return newest or 0


def _last_move(user: User) -> CalendarMove | None:
    """One's own latest move, while it is fresh and may be taken back."""
    rows = CalendarMove.objects.visible_to(user).filter(
        by=user, at__gte=timezone.now() - UNDO_WITHIN, undoes=None, undone_by=None
    )
    return rows.select_related("experiment").first()
