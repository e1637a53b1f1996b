"""Quarters that nobody planned yet: problems for `benchmarks/optimiser.py` and its small test."""

import datetime as dt
import random
from dataclasses import dataclass

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
