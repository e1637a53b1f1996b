"""Quarters that nobody planned yet: problems for `benchmarks/optimiser.py` and its small test."""

import datetime as dt
import random
from dataclasses import dataclass, replace

from experiments.quarter.bars import Bar, Blackout, overlaps_of
from experiments.quarter.capacity import PodCapacity
from experiments.quarter.solver.problem import Candidate, QuarterProblem

MONDAY, WEEK = dt.date(2027, 1, 4), dt.timedelta(days=7)
CHANNELS = ("email", "email", "push", "in-app", "web", "letter")


@dataclass(frozen=True)
class Level:
    """How much room there is: per pod experiments at once, people-days a week and segments; experiments
    at once per pod over all pods together; the share of a segment that may be booked."""

    name: str
    at_once: int
    days: float
    at_once_in_all: float
    booked: float
    segments: int


LEVELS = (
    Level("roomy", 8, 14.0, 7.0, 1.0, 6),
    Level("usual", 6, 9.0, 4.0, 0.9, 4),
    Level("tight", 4, 6.0, 3.0, 0.8, 3),
    Level("over-booked", 3, 4.0, 2.0, 0.6, 2),
)


def make_problem(
    seed: int, *, ideas: int = 200, weeks: int = 13, pods: int = 10, level: Level = LEVELS[1]
) -> QuarterProblem:
    """A quarter with so many ideas, ten percent of them behind another one."""
    dice = random.Random(seed)
    starts = tuple(MONDAY + number * WEEK for number in range(weeks))
    segments = range(1, level.segments * pods + 1)
    sizes: dict[int, int | None] = {one: dice.randrange(5, 200) * 1000 for one in segments}
    both = {
        (one, other): int(min(sizes[one] or 0, sizes[other] or 0) * dice.uniform(0.02, 0.35))
        for one in segments
        for other in segments
        if one < other and dice.random() < 0.4 / len(segments)
    }
    candidates = [_idea(dice, key, weeks, pods, level) for key in range(1, ideas + 1)]
    objectives = {one: dice.randrange(1, 1 + max(1, ideas // 40)) for one in range(1, 4)}
    return QuarterProblem(
        weeks=starts,
        candidates=tuple(candidates),
        fixed=tuple(_fixed(dice, 10_000 + number, pods) for number in range(pods // 2)),
        capacities=tuple(
            PodCapacity(pod, level.days * dice.uniform(0.7, 1.3), at_once=level.at_once)
            for pod in range(1, pods + 1)
        ),
        overlaps=overlaps_of(sizes, both, tolerated=0.1),
        blackouts=(
            Blackout("Freeze", starts[-1], starts[-1] + WEEK, pod=1 + dice.randrange(pods)),
            Blackout("No mail", starts[weeks // 2], starts[weeks // 2] + WEEK, channel="email",
                     pod=1 + dice.randrange(pods)),
        ),
        holdout=0.05,
        booked_limit=level.booked,
        at_once=max(2, round(level.at_once_in_all * pods)),
        objectives=objectives if ideas >= 40 else {},
    )  # fmt: skip


def _idea(dice: random.Random, key: int, weeks: int, pods: int, level: Level) -> Candidate:
    pod = dice.randrange(pods) + 1
    own = level.segments * pod - dice.randrange(level.segments)
    segment = own if dice.random() < 0.7 else dice.randrange(level.segments * pods) + 1
    length = dice.choice((2, 3, 3, 4, 4, 4, 5, 6)) if weeks > 8 else dice.choice((1, 2, 2, 3))
    earliest = dice.choice((0, 0, 0, 1, 2, 4)) if weeks > 8 else dice.choice((0, 0, 1))
    after = {dice.randrange(1, key)} if key > 3 and dice.random() < 0.1 else set()
    return Candidate(
        Bar(
            key=key,
            name=f"Idea {key}",
            pod=pod,
            segment=segment,
            channel=dice.choice(CHANNELS),
            surface=dice.choice(("", "", "", "home", "checkout")),
            namespace=segment if dice.random() < 0.3 else None,
            starts_on=MONDAY,
            ends_on=MONDAY + length * WEEK,
            share=dice.choice((0.2, 0.3, 0.4, 0.5)),
            build_days=dice.choice((3, 5, 5, 8, 10)),
            people_days=round(dice.uniform(1, 8), 1),
            objective=dice.choice((1, 2, 3, 4, None)),
            value=round(dice.triangular(2.0, 9.5, 6.0), 2),
            after=frozenset(after),
        ),
        length,
        tuple(range(earliest, weeks)),
    )


def _fixed(dice: random.Random, key: int, pods: int) -> Bar:
    """One that runs already, and ends in the first weeks."""
    return Bar(
        key=key,
        pod=key % pods + 1,
        segment=key % pods + 1,
        channel="push",
        starts_on=MONDAY - 2 * WEEK,
        ends_on=MONDAY + dice.randrange(1, 3) * WEEK,
        share=0.3,
        objective=1,
        is_fixed=True,
    )


def with_faults(seed: int) -> tuple[QuarterProblem, set[tuple[str, object]]]:
    """A quarter of 40 ideas with one to four rules that cannot be kept, and their names."""
    dice = random.Random(seed)
    problem = make_problem(seed, ideas=40, pods=4, level=LEVELS[0])
    problem = replace(problem, fixed=(), objectives={})
    names: set[tuple[str, object]] = set()
    for plant in dice.sample(FAULTS, dice.randrange(1, 5)):
        problem, more = plant(problem)
        names |= more
    return problem, names


def _bar(key: int, first: int, weeks: int, **parts: object) -> Bar:
    starts_on = MONDAY + first * WEEK
    return Bar(key=key, starts_on=starts_on, ends_on=starts_on + weeks * WEEK, **{  # type: ignore[arg-type]
        "segment": key, "pod": key, "channel": "fax", "share": 0.1, "value": 5.0} | parts)  # fmt: skip


def _more(
    problem: QuarterProblem, ideas=(), fixed=(), objectives=None, capacities=(), blackouts=()
):
    return replace(
        problem,
        candidates=(*problem.candidates, *ideas),
        fixed=(*problem.fixed, *fixed),
        objectives={**problem.objectives, **(objectives or {})},
        capacities=(*problem.capacities, *capacities),
        blackouts=(*problem.blackouts, *blackouts),
    )


def _collision(problem):
    bars = (_bar(901, 1, 3), _bar(902, 2, 3, segment=901))
    return _more(problem, fixed=bars), {("collision", (901, 902))}


def _full_pod(problem):
    ideas = [Candidate(_bar(key, 0, 2, pod=911, objective=91), 2) for key in (911, 912)]
    limits = (PodCapacity(911, at_once=0),)
    return (
        _more(problem, ideas, objectives={91: 2}, capacities=limits),
        {("objective", 91), ("tests-at-once", 911)},
    )


def _too_few(problem):
    idea = Candidate(_bar(921, 0, 2, objective=92), 2)
    return _more(problem, [idea], objectives={92: 3}), {("objective", 92)}


def _circle(problem):
    after = {931: 932, 932: 933, 933: 931}
    ideas = [
        Candidate(_bar(key, 0, 2, after=frozenset({other})), 2) for key, other in after.items()
    ]
    return _more(problem, ideas), {("circle", (931, 932, 933))}


def _order(problem):
    bars = (_bar(941, 3, 2, after=frozenset({942})), _bar(942, 2, 4))
    return _more(problem, fixed=bars), {("after", (941, 942))}


def _chain(problem):
    ideas = [
        Candidate(_bar(951, 0, 7, objective=95, after=frozenset({952})), 7),
        Candidate(_bar(952, 0, 7), 7),
    ]
    return _more(problem, ideas, objectives={95: 1}), {("objective", 95), ("after", (951, 952))}


def _overloaded(problem):
    bars = [_bar(key, 2, 2, pod=961, people_days=4.0, build_days=5) for key in (961, 962)]
    return _more(problem, fixed=bars, capacities=(PodCapacity(961, 5.0),)), {("capacity", 961)}


def _frozen(problem):
    freeze = Blackout("Rebuild", MONDAY + 5 * WEEK, MONDAY + 6 * WEEK, pod=971)
    return _more(problem, fixed=(_bar(971, 4, 3),), blackouts=(freeze,)), {("blackout", "Rebuild")}


FAULTS = (_collision, _full_pod, _too_few, _circle, _order, _chain, _overloaded, _frozen)
