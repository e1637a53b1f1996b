"""The objectives of a quarter, with the experiments that serve them."""

from collections.abc import Iterable
from dataclasses import dataclass

from backlog.claims import claim_at
from backlog.models import Objective
from experiments.flows.quarter.bars import Bands
from experiments.flows.quarter.facts import CalendarFacts
from experiments.flows.quarter.proposing import goals_of
from experiments.models import Experiment
from experiments.views.quarter.bars import Look, look_of

ENDS = ("won", "lost", "flat", "stopped")


@dataclass(frozen=True)
class Goal:
    """An objective with the tests that serve it: `looks` of those on the calendar, `waiting` without weeks.

    Expectations count tests, since lifts of different metrics do not add up.
    """

    objective: Objective
    looks: tuple[Look, ...]
    waiting: int
    expected: float | None

    @property
    def won(self) -> int:
        return sum(look.edge == "won" for look in self.looks)

    @property
    def decided(self) -> int:
        return sum(look.edge in ENDS for look in self.looks)

    @property
    def is_without(self) -> bool:
        return not self.looks and not self.waiting

    @property
    def words(self) -> str:
        """“3 experiments”, “3 placed, 1 not yet”, “1 experiment, not placed yet”."""
        if self.is_without:
            return "no experiment serves it yet"
        if not self.waiting:
            return _count(len(self.looks))
        if not self.looks:
            return f"{_count(self.waiting)}, not placed yet"
        return f"{len(self.looks)} placed, {self.waiting} not yet"

    @property
    def expectation(self) -> str:
        """How many have won, and how many more are likely to, where scorers have said how sure they are."""
        won = f"{self.won} of {self.decided} won" if self.decided else ""
        if not self.looks or self.expected is None:
            return won
        return (
            f"{won} · {self.expected:.1f} more expected"
            if won
            else f"{self.expected:.1f} expected to win"
        )


def _count(number: int) -> str:
    return f"{number} experiment{'' if number == 1 else 's'}"


def goals_with(
    objectives: Iterable[Objective],
    known: CalendarFacts,
    shown: Iterable[Experiment],
    free: Iterable[Experiment],
) -> list[Goal]:
    """Each objective with those `shown` on the calendar and those `free`, without weeks, that serve it."""
    objectives, shown, free = list(objectives), list(shown), list(free)
    goals = goals_of(objectives, known)
    return [
        _goal(
            one,
            [test for test in shown if goals.get(test.pk) == one.pk],
            sum(goals.get(test.pk) == one.pk for test in free),
            known.chances,
        )
        for one in objectives
    ]


def _goal(objective: Objective, tests: list[Experiment], waiting: int, bands: Bands | None) -> Goal:
    """How many are likely to win by what their scorers said of them: the Confidence of those undecided."""
    chances = [
        claim_at("confidence", test.idea.confidence, bands)
        for test in tests
        if bands
        and test.state not in ("decided", "closed")
        and not test.idea.is_blind
        and test.idea.confidence is not None
    ]
    looks = tuple(look_of(test) for test in tests)
    return Goal(objective, looks, waiting, sum(chances) if chances else None)
