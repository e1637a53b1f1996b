"""A problem as columns and resources: each idea in each week, with what it takes of what is limited.

All amounts come from the calendar's own arithmetic: what a column takes of a resource is what its bar adds
there, and what is left is the limit without the fixed bars.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from experiments.quarter.bars import Bar, word_of
from experiments.quarter.capacity import PodCapacity, loads, spread
from experiments.quarter.collisions import collides, reasons
from experiments.quarter.dependencies import circle_in
from experiments.quarter.ledger import EVERYBODY, ledger, pressure, sharings
from experiments.quarter.solver.problem import Candidate, QuarterProblem, Rule
from experiments.quarter.timeline import WEEK

# Code, name (channel), number (pod, segment or namespace; −1 for all pods), index of the week.
Resource = tuple[str, str, int, int]
EVERYWHERE = -1
TINY = 1e-9


@dataclass(frozen=True)
class Column:
    """One idea in one week. `idea`: its index among `problem.ideas`; `uses`: amounts of resources."""

    index: int
    idea: int
    start: int
    end: int
    value: float
    uses: tuple[tuple[Resource, float], ...]


@dataclass(frozen=True)
class Need:
    """So many of these ideas have to be placed, by this rule."""

    rule: Rule
    ideas: frozenset[int]
    least: int


class Grid:
    """Columns, resources and pairs of a problem. What can never hold has no column."""

    def __init__(self, problem: QuarterProblem, *, keep_all: bool = False) -> None:
        self.problem = problem
        self.keep_all = keep_all
        self.ideas = problem.ideas
        self.at = {idea.key: number for number, idea in enumerate(self.ideas)}
        self.by_pod = {capacity.pod: capacity for capacity in problem.capacities}
        self.fixed_by_key = {bar.key: bar for bar in problem.bars}
        self.number_of = {week: number for number, week in enumerate(problem.weeks)}

    @cached_property
    def mean_value(self) -> float:
        return sum(idea.bar.value for idea in self.ideas) / len(self.ideas) if self.ideas else 0.0

    @property
    def crowding(self) -> float:
        """What one experiment too many costs in one week of a pod."""
        return self.problem.crowding * max(0.0, self.mean_value)

    @cached_property
    def left(self) -> dict[Resource, float]:
        """What the fixed bars leave of each limited resource, never below 0."""
        return {
            key: max(0.0, limit - self.taken.get(key, 0.0)) for key, limit in self.limits.items()
        }

    @cached_property
    def limits(self) -> dict[Resource, float]:
        """The limits of all weeks; what has none is not listed."""
        problem, limits = self.problem, {}
        segments = {idea.bar.segment for idea in self.ideas} | {bar.segment for bar in problem.bars}
        known = {one for segment in segments if segment is not None
                 for one, _ in problem.overlaps.of(segment)}  # fmt: skip
        spaces = {bar.namespace for bar in (*(idea.bar for idea in self.ideas), *problem.bars)}
        caps = sorted((word_of(channel), cap) for channel, cap in problem.caps.items())
        for number, week in enumerate(problem.weeks):
            for capacity in problem.capacities:
                if (days := capacity.days_in(week)) is not None:
                    limits["capacity", "", capacity.pod, number] = days
                if capacity.at_once is not None:
                    limits["tests-at-once", "", capacity.pod, number] = float(capacity.at_once)
            if problem.at_once is not None:
                limits["tests-at-once", "", EVERYWHERE, number] = float(problem.at_once)
            for segment in sorted(known):
                if problem.booked_limit is not None:
                    booked = max(0.0, problem.booked_limit - problem.holdout)
                    limits["audience", "", segment, number] = booked
                limits |= {("pressure", channel, segment, number): cap for channel, cap in caps}
            for space in sorted(one for one in spaces if one is not None):
                limits["namespace", "", space, number] = EVERYBODY
        return limits

    @cached_property
    def taken(self) -> dict[Resource, float]:
        """What the fixed bars take."""
        problem, number_of = self.problem, self.number_of
        taken: dict[Resource, float] = {}
        for load in loads(problem.bars, problem.weeks, problem.capacities):
            pod = EVERYWHERE if load.pod is None else load.pod
            taken["capacity", "", pod, number_of[load.week]] = load.days
            taken["tests-at-once", "", pod, number_of[load.week]] = float(load.at_once)
        for booking in ledger(problem.bars, problem.weeks, problem.overlaps):
            taken["audience", "", booking.segment, number_of[booking.week]] = booking.booked
        for one in pressure(problem.bars, problem.weeks, problem.overlaps, caps=problem.caps):
            taken["pressure", one.channel, one.segment, number_of[one.week]] = one.messages
        for shared in sharings(problem.bars, problem.weeks):
            taken["namespace", "", shared.namespace, number_of[shared.week]] = shared.share
        return taken

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """By idea and start."""
        rows: list[Column] = []
        for number, idea in enumerate(self.ideas):
            for start in self.problem.starts_of(idea):
                column = self.column(number, start, index=len(rows))
                if self.keep_all or not any(self.always_against(column)):
                    rows.append(column)
        return tuple(rows)

    @cached_property
    def columns_of(self) -> tuple[tuple[Column, ...], ...]:
        """The columns of each idea."""
        listed: list[list[Column]] = [[] for _ in self.ideas]
        for column in self.columns:
            listed[column.idea].append(column)
        return tuple(tuple(one) for one in listed)

    def column(self, number: int, start: int, *, index: int = -1) -> Column:
        idea = self.ideas[number]
        value = idea.bar.value * max(0.0, 1 - self.problem.late * start)
        uses = tuple((key, amount) for key, amount in self._uses(idea, start) if key in self.limits)
        return Column(index, number, start, start + idea.weeks, value, uses)

    def _uses(self, idea: Candidate, start: int) -> Iterator[tuple[Resource, float]]:
        bar, problem = self.problem.run(idea, start), self.problem
        capacity = self.by_pod.get(bar.pod, PodCapacity(bar.pod))
        for week, days in spread(bar, problem.weeks, factor=capacity.factor).items():
            yield ("capacity", "", bar.pod, self.number_of[week]), days
        channel = word_of(bar.channel)
        reached = self._reached(bar)
        for week_at in range(start, start + idea.weeks):
            yield ("tests-at-once", "", bar.pod, week_at), 1.0
            yield ("tests-at-once", "", EVERYWHERE, week_at), 1.0
            if bar.namespace is not None:
                yield ("namespace", "", bar.namespace, week_at), bar.share
            for segment, share in reached:
                yield ("audience", "", segment, week_at), bar.share * share
                if channel and bar.messages_per_week:
                    messages = bar.messages_per_week * bar.share * share
                    yield ("pressure", channel, segment, week_at), messages

    def _reached(self, bar: Bar) -> list[tuple[int, float]]:
        if bar.segment is None or not bar.share:
            return []
        shares = self.problem.overlaps
        near = [(one, shares.share(one, bar.segment)) for one, _ in shares.of(bar.segment)]
        return [(one, share) for one, share in near if share > 0]

    @cached_property
    def pairs(self) -> tuple[frozenset[int], ...]:
        """For each idea those with which it collides where they run at once."""
        beside: list[set[int]] = [set() for _ in self.ideas]
        for one, idea in enumerate(self.ideas):
            for other in range(one):
                if reasons(idea.bar, self.ideas[other].bar, self.problem.overlaps):
                    beside[one].add(other)
                    beside[other].add(one)
        return tuple(frozenset(one) for one in beside)

    @cached_property
    def after(self) -> tuple[tuple[int, ...], ...]:
        """For each idea the ideas that must end before it starts."""
        return tuple(
            tuple(sorted(self.at[key] for key in idea.bar.after if key in self.at))
            for idea in self.ideas
        )

    @cached_property
    def before(self) -> tuple[tuple[int, ...], ...]:
        """For each idea the ideas that wait for it."""
        waiting: list[list[int]] = [[] for _ in self.ideas]
        for idea, others in enumerate(self.after):
            for other in others:
                waiting[other].append(idea)
        return tuple(tuple(one) for one in waiting)

    @cached_property
    def circle(self) -> dict[int, tuple[int, ...]]:
        """Ideas that can never have their turn → the circle that they are in, or wait for."""
        waiting = {idea.key: idea.bar.after & self.at.keys() for idea in self.ideas}
        while free := [key for key, others in waiting.items() if not others & waiting.keys()]:
            waiting = {key: others for key, others in waiting.items() if key not in free}
        return {key: circle_in(_behind(key, waiting)) for key in sorted(waiting)}

    @cached_property
    def fixed_running(self) -> dict[tuple[int, int], int]:
        """(pod, index of a week) → fixed bars that run in it."""
        running: dict[tuple[int, int], int] = {}
        for bar in self.problem.bars:
            for week in self.weeks(bar.starts_on, bar.ends_on):
                place = (bar.pod, self.number_of[week])
                running[place] = running.get(place, 0) + 1
        return running

    @cached_property
    def needs(self) -> tuple[Need, ...]:
        """What has to be placed: enough for each objective, and what fixed bars wait for."""
        rows = []
        for objective, number in sorted(self.problem.objectives.items()):
            serving = sum(bar.objective == objective for bar in self.problem.bars)
            ideas = frozenset(
                at for at, idea in enumerate(self.ideas) if idea.bar.objective == objective
            )
            if number > serving:
                rule = Rule("objective", objective=objective, limit=float(number))
                rows.append(Need(rule, ideas, number - serving))
        for bar in self.problem.bars:
            for key in sorted(bar.after & self.at.keys()):
                rule = Rule("after", keys=(bar.key, key))
                rows.append(Need(rule, frozenset({self.at[key]}), 1))
        return tuple(rows)

    def always_against(self, column: Column) -> Iterator[Rule]:
        """Rules that forbid this column whatever else is placed."""
        problem, idea = self.problem, self.ideas[column.idea]
        bar = problem.run(idea, column.start)
        if bar.key in self.circle:
            yield Rule("circle", keys=self.circle[bar.key])
        for blackout in problem.blackouts:
            if blackout.binds(bar) and blackout.days_in(bar.placement):
                yield Rule("blackout", keys=(bar.key,), name=blackout.name, weeks=self.weeks(
                    blackout.starts_on, blackout.ends_on))  # fmt: skip
        for other in problem.bars:
            if collides(bar, other, problem.overlaps):
                first, last = max(bar.starts_on, other.starts_on), min(bar.ends_on, other.ends_on)
                yield Rule("collision", keys=(other.key,), weeks=self.weeks(first, last))
            if other.key in bar.after and other.ends_on > bar.starts_on:
                yield Rule("after", keys=(bar.key, other.key))
            if bar.key in other.after and bar.ends_on > other.starts_on:
                yield Rule("after", keys=(other.key, bar.key))
        for key in sorted(bar.after - problem.done):
            if key not in self.at and key not in self.fixed_by_key:
                yield Rule("after", keys=(bar.key, key))
        for resource, amount in column.uses:
            if amount > self.left[resource] + TINY:
                yield self.rule_of(resource, amount - self.left[resource])

    def weeks(self, starts_on: dt.date, ends_on: dt.date) -> tuple[dt.date, ...]:
        """The weeks of the problem that have a day in this range."""
        return tuple(
            week for week in self.problem.weeks if week < ends_on and week + WEEK > starts_on
        )

    def rule_of(self, resource: Resource, amount: float | None = None) -> Rule:
        """The rule of a limit, with by how much it is broken."""
        code, name, number, week = resource
        rule = Rule(
            code,
            name=name,
            weeks=(self.problem.weeks[week],),
            amount=amount,
            limit=self.limits[resource] + (self.problem.holdout if code == "audience" else 0.0),
        )
        if code in ("audience", "pressure"):
            return replace(rule, segment=number)
        if code == "namespace":
            return replace(rule, namespace=number)
        return rule if number == EVERYWHERE else replace(rule, pod=number)


def _behind(key: int, after: Mapping[int, Iterable[int]]) -> dict[int, frozenset[int]]:
    """What this one waits for, directly or through others, itself included."""
    listed: dict[int, frozenset[int]] = {}
    new = [key]
    while new:
        one = new.pop()
        if one not in listed and one in after:
            listed[one] = frozenset(after[one])
            new += sorted(listed[one])
    return listed
