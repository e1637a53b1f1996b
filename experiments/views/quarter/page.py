"""The calendar as one frozen object, made by one function for the page, its part, the wall and the print."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Max, Q

from backlog.models import Event, Pod, User
from experiments.flows.agreements.terms import AgreementDeadline, deadlines_of_agreements
from experiments.flows.quarter.facts import CalendarFacts, calendar_facts
from experiments.flows.quarter.sentences import Names, days_words, may_see, names_in
from experiments.models import BaselineRow, Deadline, Experiment, Milestone, RoadmapItem
from experiments.quarter.timeline import Span, Timeline
from experiments.views.quarter.bars import Day, DrawnBar, drawn
from experiments.views.quarter.goals import Goal, goals_with
from experiments.views.quarter.lanes import Closed, Lane, close_days, fold, lanes_of, may_move_in
from experiments.views.quarter.pairs import PairCard, cards_of, pairs_seen
from experiments.views.quarter.strips import LoadTable, Strip, load_tables, strips_of
from experiments.views.quarter.tray import TrayRow, tray_of
from experiments.views.quarter.week_list import WeekGroup, groups_of
from experiments.views.quarter.window import Window

# History about these changes what the calendar shows.
SUBJECTS = ("experiment", "idea", "blackout", "deadline", "quarter", "objective", "pod", "segment",
            "segmentoverlap", "holdout", "rubric", "roadmapitem", "workspace")  # fmt: skip


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
    weeks: list[WeekGroup]
    seen: int
    may_plan: bool

    @property
    def folded(self) -> list[Lane]:
        return [lane for lane in self.lanes if lane.is_folded]

    @property
    def last_seen_day(self) -> dt.date:
        return self.line.ends_on - dt.timedelta(days=1)


def calendar_page(window: Window, user: User) -> CalendarPage:
    """Everything that the calendar shows this person of these days."""
    line, seen = window.line, newest_change(user)  # first: what changes from here on is news
    known = calendar_facts(
        line.starts_on,
        line.ends_on,
        quarter=window.quarter,
        with_free=True,
        first_weekday=window.first_weekday,
    )
    pods = list(Pod.objects.visible_to(user))
    names = names_in(known, user, pods)
    may_move = may_move_in(user, pods)
    pairs = pairs_seen(known, names)
    shared = {bar.key for pair in pairs for bar in pair}
    # Six weeks have room for the days of each experiment.
    tests = [known.tests[key] for key in names.tests] if window.view == "six-weeks" else []
    agreed = deadlines_of_agreements(line.starts_on, line.ends_on, tests)
    due = _due(tests, agreed) if tests else {}
    bars = _bars(known, line, names, may_move, shared, _baseline_days(window), due)
    tray = tray_of(known, names, may_move)
    lanes = lanes_of(window.by, bars, known, pods)
    fold(lanes, window, pods=user.pod_roles)
    open_bars = [bar for lane in lanes if not lane.is_folded for bar in lane.bars]
    blackouts = [one for one in known.blackouts if may_see(user, one.pod_id)]
    bands = close_days(lanes, blackouts, line, window.by)
    shown, free = [bar.test for bar in bars], [row.test for row in tray]
    objectives = window.quarter.objectives.visible_to(user)
    strips = strips_of(known, line, names)
    return CalendarPage(
        window=window,
        line=line,
        lanes=lanes,
        bands=bands,
        deadlines=_deadlines(user, line, agreed),
        work=_work(user, line),
        strips=strips,
        tables=load_tables(known, line, names),
        cards=cards_of(pairs, known, names, may_move),
        pair_count=len(pairs),
        goals=goals_with(objectives, known, shown, free),
        without_objective=sum(test.objective_id is None for test in shown),
        tray=tray,
        weeks=groups_of(open_bars, line, strips),
        seen=seen,
        may_plan=any(may_move.values()),
    )  # fmt: skip


def _bars(
    known: CalendarFacts,
    line: Timeline,
    names: Names,
    may_move: Mapping[int, bool],
    shared: set[int],
    before: Mapping[int, tuple[dt.date, dt.date]],
    due: Mapping[int, list[Day]],
) -> list[DrawnBar]:
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
            due=due.get(bar.key, ()),
        )
        if row:
            rows.append(row)
    return rows


def _due(tests: Sequence[Experiment], agreed: Iterable[AgreementDeadline]) -> dict[int, list[Day]]:
    """Milestones that are not reached and last days for edits, by experiment."""
    days: dict[int, list[Day]] = {}
    steps = Milestone.objects.filter(experiment__in=tests, done_at=None)
    for step in steps.select_related("experiment"):
        if step.due_on:
            days.setdefault(step.experiment_id, []).append(
                Day(step.due_on, str(step), step.is_late)
            )
    for one in agreed:
        if one.experiment:
            days.setdefault(one.experiment.pk, []).append(Day(one.day, "Last day for edits"))
    return days


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


def _deadlines(user: User, line: Timeline, agreed: Iterable[AgreementDeadline]) -> list[Mark]:
    """Deadlines that people entered, and the fixed days for edits that agreements set."""
    rows = Deadline.objects.visible_to(user).filter(day__gte=line.starts_on, day__lt=line.ends_on)
    days = [(row.day, row.name) for row in rows]
    days += [(one.day, one.name) for one in agreed if one.experiment is None]
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


def newest_change(user: User) -> int:
    """A number that grows with every change of what the calendar shows this person."""
    rows = Event.objects.filter(subject__in=SUBJECTS)
    if not user.stands_above_pods:
        rows = rows.filter(Q(pod=None) | Q(pod__in=list(user.pod_roles)))
    newest: int | None = rows.aggregate(newest=Max("pk"))["newest"]
    return newest or 0
