"""A quarter as the solver takes it, and its answer as codes that can be kept."""

import datetime as dt
import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from typing import Any

from django.utils import timezone

from backlog.models import Objective
from experiments.flows.quarter.facts import CalendarFacts, facts_of_quarter
from experiments.models import Experiment, Scenario
from experiments.quarter.bars import Bar
from experiments.quarter.solver.explain import explain
from experiments.quarter.solver.problem import Candidate, QuarterProblem, QuarterSolution
from experiments.quarter.timeline import weeks_of

EXPECTED = "expected"  # what the limit `worth` says where ideas count by their expected value


def problem_for(scenario: Scenario) -> QuarterProblem:
    """What is to be planned: the tests without a place of this pod (or of all), around what is placed."""
    quarter, limits = scenario.quarter, scenario.limits
    known = facts_of_quarter(quarter)
    facts = known.facts
    goals = goals_of(quarter.objectives.all(), known)
    mine = [
        replace(bar, objective=goals.get(bar.key))
        for bar in (*known.free, *_movable(known, scenario))
        if scenario.pod_id in (None, bar.pod)
    ]
    if scenario.limits.get("worth") == EXPECTED:
        worths = {bar.key: expected_worth(known.tests[bar.key]) for bar in mine}
        mine = [replace(bar, value=worths[bar.key]) for bar in mine]
    keys = {bar.key for bar in mine}
    return QuarterProblem(
        weeks=_weeks_left(known),
        candidates=tuple(Candidate(bar, max(1, math.ceil(bar.days / 7))) for bar in mine),
        fixed=tuple(
            replace(bar, objective=goals.get(bar.key)) for bar in known.bars if bar.key not in keys
        ),
        capacities=facts.capacities,
        overlaps=facts.overlaps,
        blackouts=facts.blackouts,
        caps=facts.caps,
        holdout=facts.holdout,
        booked_limit=limits.get("booked_limit") or facts.booked_limit,
        at_once=limits.get("at_once") or facts.at_once,
        objectives=_wanted(scenario),
        done=facts.done,
    )


def expected_worth(test: Experiment) -> float:
    """Lift × chance in per cent. Days are left out: the plan has to pay for them anyway."""
    idea = test.idea
    if idea.is_blind or idea.expected_lift is None or idea.expected_chance is None:
        return 0.0
    return float(100 * idea.expected_lift * idea.expected_chance)


def _weeks_left(known: CalendarFacts) -> tuple[dt.date, ...]:
    """The weeks of the quarter that have not begun; the last may end after it."""
    facts, today = known.facts, timezone.localdate()
    weeks = weeks_of(facts.starts_on, facts.ends_on, first_weekday=facts.weeks[0].weekday())
    return tuple(week for week in weeks if week >= max(facts.starts_on, today))


def _movable(known: CalendarFacts, scenario: Scenario) -> list[Bar]:
    """Drafts with a place, where the proposal may move them."""
    if not scenario.limits.get("moves_planned"):
        return []
    return [
        bar
        for bar in known.bars
        if known.tests[bar.key].state == Experiment.State.DRAFT
        and bar.starts_on > timezone.localdate()
    ]


def goals_of(objectives: Iterable[Objective], known: CalendarFacts) -> dict[int, int]:
    """Test → which of these objectives of a quarter it serves: its own, or the one of the same name.

    An objective that goes on has a row of its own in each quarter.
    """
    by_name = {(one.title.casefold(), one.pod_id): one.pk for one in objectives}
    return {
        key: by_name[name]
        for key, test in known.tests.items()
        if (goal := test.objective) and (name := (goal.title.casefold(), goal.pod_id)) in by_name
    }


def _wanted(scenario: Scenario) -> Mapping[int, int]:
    """How many tests each objective is to have."""
    least = scenario.limits.get("tests_per_objective") or 0
    if not least:
        return {}
    goals = scenario.quarter.objectives.all()
    if scenario.pod_id is not None:
        goals = goals.filter(pod__in=[None, scenario.pod_id]) | goals.filter(pod=None)
    return dict.fromkeys(goals.values_list("pk", flat=True), least)


def reasons_of(problem: QuarterProblem, solution: QuarterSolution) -> dict[int, list[Any]]:
    """Why each test is where it is, or what stopped it, as JSON that `reasons.reason_words` reads."""
    answer = explain(problem, solution)
    placed = {why.start.key: [plain(why)] for why in answer.placed}
    return placed | {why.key: [plain(why)] for why in answer.left_out}


def plain(value: Any) -> Any:
    """Dataclasses and days as JSON has them."""
    if isinstance(value, dict):
        return {key: plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one) for one in value]
    if hasattr(value, "__dataclass_fields__"):
        return plain(asdict(value))
    return value.isoformat() if isinstance(value, dt.date) else value
