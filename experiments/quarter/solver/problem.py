"""What a solver is given, and what it gives back. Frozen, so that the same problem is the same plan."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from experiments.quarter.bars import Bar, Blackout, Overlaps
from experiments.quarter.capacity import PodCapacity
from experiments.quarter.timeline import WEEK


@dataclass(frozen=True)
class Candidate:
    """An idea that may get a place. `bar`: its dates do not matter. `weeks`: of its run. `starts`: the
    weeks in which it may start, as indices; None for all."""

    bar: Bar
    weeks: int
    starts: tuple[int, ...] | None = None

    @property
    def key(self) -> int:
        return self.bar.key


@dataclass(frozen=True, kw_only=True)
class QuarterProblem:
    """All that a plan depends on.

    Args:
        weeks: first days of the weeks, one after the other.
        candidates: ideas without a place; their order does not matter.
        fixed: bars that stay where they are.
        capacities, overlaps, blackouts, caps, holdout, booked_limit, at_once: as for `Facts`. A run
            never touches a blackout that binds it, hard or soft.
        objectives: objective → how many experiments have to serve it, fixed ones included.
        done: keys of experiments that are over, for those that come after them.
        late: the share of its value that an experiment loses with each week that it starts later.
        crowding: what each week costs in which a pod runs one more experiment than before, as a share
            of the mean value of the candidates. A pod's first experiment in a week is free.

    Raises:
        ValueError: two bars with one key, no weeks or weeks with gaps, or a run under one week.
    """

    weeks: tuple[dt.date, ...]
    candidates: tuple[Candidate, ...]
    fixed: tuple[Bar, ...] = ()
    capacities: tuple[PodCapacity, ...] = ()
    overlaps: Overlaps = field(default_factory=Overlaps)
    blackouts: tuple[Blackout, ...] = ()
    caps: Mapping[str, float] = field(default_factory=dict)
    holdout: float = 0.0
    booked_limit: float | None = None
    at_once: int | None = None
    objectives: Mapping[int, int] = field(default_factory=dict)
    done: frozenset[int] = frozenset()
    late: float = 0.01
    crowding: float = 0.005

    def __post_init__(self) -> None:
        keys = [one.key for one in self.candidates] + [bar.key for bar in self.fixed]
        if len(keys) != len(set(keys)):
            raise ValueError("two bars have the same key")
        if not self.weeks:
            raise ValueError("a plan has at least one week")
        if any(
            after - week != WEEK for week, after in zip(self.weeks, self.weeks[1:], strict=False)
        ):
            raise ValueError("the weeks of a plan follow each other")
        if any(one.weeks < 1 for one in self.candidates):
            raise ValueError("a run takes at least one week")

    @cached_property
    def ideas(self) -> tuple[Candidate, ...]:
        """The candidates by key."""
        return tuple(sorted(self.candidates, key=lambda one: one.key))

    @cached_property
    def bars(self) -> tuple[Bar, ...]:
        """The fixed bars by key."""
        return tuple(sorted(self.fixed, key=lambda bar: bar.key))

    def run(self, idea: Candidate, start: int) -> Bar:
        """The idea's bar, starting in this week."""
        first = self.weeks[0] + start * WEEK
        return idea.bar.at(first, first + idea.weeks * WEEK)

    def starts_of(self, idea: Candidate) -> tuple[int, ...]:
        """Weeks in which it may start and still end within the weeks."""
        last = len(self.weeks) - idea.weeks
        listed = range(last + 1) if idea.starts is None else sorted(set(idea.starts))
        return tuple(start for start in listed if 0 <= start <= last)


@dataclass(frozen=True)
class Start:
    """A place in a plan: the idea's key, and its run days (half-open)."""

    key: int
    week: int
    starts_on: dt.date
    ends_on: dt.date


@dataclass(frozen=True)
class Rule:
    """One rule, named by a code and what it is about:

    | code | parts |
    |---|---|
    | blackout | `name`, `keys`: the bar |
    | collision | `keys`: the other bar, or both |
    | capacity | `pod`, `amount`: people-days over, `limit` |
    | tests-at-once | `pod` (None: all pods), `amount`: over, `limit` |
    | audience | `segment`, `amount`: share over, `limit` |
    | pressure | `name`: the channel, `segment`, `amount`: messages over, `limit` |
    | namespace | `namespace`, `amount`: share over, `limit` |
    | after | `keys`: the one that must wait, and the one that it waits for |
    | circle | `keys`: in the order in which each waits for the next |
    | objective | `objective`, `amount`: experiments that can serve it, `limit`: that have to |
    | too-long | `amount`: weeks of the run, `limit`: weeks of the plan |
    | no-start | none of the weeks in which it may start is left |

    `weeks`: first days of the weeks in which it bites.
    """

    code: str
    keys: tuple[int, ...] = ()
    pod: int | None = None
    segment: int | None = None
    objective: int | None = None
    namespace: int | None = None
    name: str = ""
    weeks: tuple[dt.date, ...] = ()
    amount: float | None = None
    limit: float | None = None


@dataclass(frozen=True)
class Conflict:
    """A rule that no plan can keep, and the rules that stand against it."""

    rule: Rule
    against: tuple[Rule, ...] = ()


@dataclass(frozen=True)
class Progress:
    """How far the search is. `done`: the share of its work, 0 to 1. `bound`: no plan has more value. `gap`: how much more value is possible at
    most, as a fraction of the value; None while there is no value."""

    rounds: int
    done: float
    value: float
    bound: float
    gap: float | None
    placements: int


@dataclass(frozen=True)
class QuarterSolution:
    """A plan.

    Args:
        placements: by start and key.
        left_out: keys of the other candidates.
        value: of all placements, less what late starts and crowding take.
        bound: no plan under these rules has more value.
        gap: (bound − value) / value, or None where the value is 0 and the bound is not.
        is_optimal: whether the gap is nothing but rounding.
        rounds: of improvement.
        ended_by: "optimal", "rounds", "time" or "stop". A plan that ended by time or a stop may differ
            from run to run; the others never do.
        conflicts: rules that could not be kept together. Then the plan keeps all others.
        seconds: that it took; plans are equal without it.
    """

    placements: tuple[Start, ...]
    left_out: tuple[int, ...]
    value: float
    bound: float
    gap: float | None
    is_optimal: bool
    rounds: int
    ended_by: str
    conflicts: tuple[Conflict, ...] = ()
    seconds: float = field(default=0.0, compare=False)


def gap_of(value: float, bound: float) -> float | None:
    """How much more value is possible at most, as a fraction of the value.

    >>> gap_of(50.0, 51.0), gap_of(0.0, 0.0), gap_of(0.0, 1.0)
    (0.02, 0.0, None)
    """
    left = max(0.0, bound - value)
    if left <= 1e-9:
        return 0.0
    return left / value if value > 1e-9 else None
