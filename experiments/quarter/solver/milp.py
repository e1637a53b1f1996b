"""The search for the best plan: the root of the search tree for the bound, then fix and optimise.

The root gives a bound and a first plan. From the better of it and a greedy one, each round frees an idea
with its neighbours, in turn by weeks and by pod and segment, keeps all others where they are, and solves that
part. Parts grow while they are solved, and shrink when they are not. Nodes are limited, time is not, so the
same problem has the same plan to the bit. A limit of time or a stop only counts between two rounds.
"""

import math
import random
import time
from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from experiments.quarter.solver.board import Board, improve
from experiments.quarter.solver.greedy import greedy
from experiments.quarter.solver.grid import Column, Grid
from experiments.quarter.solver.highs import maximise
from experiments.quarter.solver.infeasible import conflicts_of, reachable
from experiments.quarter.solver.parts import part_of
from experiments.quarter.solver.problem import Progress, QuarterProblem, QuarterSolution, gap_of
from experiments.quarter.solver.rows import Model, model_of, with_extras

# What all rounds may cost together; on one core of 2026 a unit takes about 0.4 seconds.
WORK: Final = 23.0
# Up to so many columns, so many nodes of the whole tree are searched; with more columns its root alone.
TREES: Final = ((250, 20_000), (600, 400))
FEWEST, FIRST, MOST = 60.0, 200.0, 600.0  # free columns of a round
NODES: Final = 12
GAP: Final = 5e-5

OnRound = Callable[[Progress], bool]


def solve(
    problem: QuarterProblem,
    *,
    work: float = WORK,
    rounds: int | None = None,
    seconds: float | None = None,
    on_round: OnRound | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> QuarterSolution:
    """The best plan that is found, and how much more value is possible at most.

    Args:
        problem: what to plan.
        work: what the rounds may cost together, by the nodes that they look at; the same work gives the
            same plan.
        rounds: at most; None for as many as the work allows.
        seconds: stop before the next round once so many are over; None for no limit. The plan may then
            differ from run to run.
        on_round: is called with the progress before the root and after each round; False stops.
        clock: seconds, from any start.

    >>> import datetime as dt
    >>> from experiments.quarter.bars import Bar
    >>> from experiments.quarter.solver.problem import Candidate
    >>> monday = dt.date(2027, 1, 4)
    >>> ideas = [Candidate(Bar(key=n, segment=5, channel="email", value=n, starts_on=monday,
    ...     ends_on=monday), weeks=2) for n in (5, 6, 7)]
    >>> plan = solve(QuarterProblem(weeks=tuple(monday + n * dt.timedelta(7) for n in range(4)),
    ...     candidates=tuple(ideas)))
    >>> [(start.key, start.week) for start in plan.placements], plan.left_out, plan.ended_by
    ([(7, 0), (6, 2)], (5,), 'optimal')
    """
    began = clock()
    grid = Grid(problem)
    reached = reachable(grid)
    conflicts = conflicts_of(grid, reached)
    grid.needs = reached
    search = Search(grid, work, on_round, lambda: seconds is None or clock() - began < seconds)
    if rounds is not None:
        search.most_rounds = rounds
    ended_by = search.run()
    board = search.board
    return QuarterSolution(
        placements=board.starts(),
        left_out=tuple(idea.key for at, idea in enumerate(grid.ideas) if at not in board.at),
        value=board.value,
        bound=max(search.bound, board.value),
        gap=gap_of(board.value, search.bound),
        is_optimal=search.bound - board.value <= 1e-6 * max(1.0, abs(board.value)),
        rounds=search.rounds,
        ended_by=ended_by,
        conflicts=conflicts,
        seconds=clock() - began,
    )


class Search:
    """The best board so far, the bound, and how to go on."""

    def __init__(
        self, grid: Grid, work: float, on_round: OnRound | None, has_time: Callable[[], bool]
    ) -> None:
        self.grid = grid
        self.work, self.spent = work, 0.0
        self.most_rounds: float = math.inf
        self.on_round = on_round
        self.has_time = has_time
        self.rounds = 0
        self.free = [min(FIRST, most) for most in _most(len(grid.columns))]
        self.random = random.Random(0)  # noqa: S311  (the same in every run)
        self.board = greedy(grid)
        improve(self.board)
        self.bound = sum(
            max((column.value for column in columns), default=0.0) for columns in grid.columns_of
        )

    def run(self) -> str:
        """Search until the end; returns why it ended."""
        if not self._may_go_on():
            return "stop"
        model = model_of(self.grid)
        nodes = next((number for columns, number in TREES if model.columns <= columns), 1)
        answer = maximise(model, nodes=nodes, gap=GAP if nodes == 1 else 1e-9)
        self.bound = min(self.bound, answer.bound)
        self._take_over(answer.values)
        while self._has_work() and not self._is_optimal():
            if not self.has_time():
                return "time"
            self._round(model)
            self.rounds += 1
            if not self._may_go_on():
                return "stop"
        return "optimal" if self._is_optimal() else "rounds"

    def _has_work(self) -> bool:
        return self.spent < self.work and self.rounds < self.most_rounds

    def _round(self, model: Model) -> None:
        kind = self.rounds % 2
        columns = self._neighbourhood(kind)
        chosen = np.zeros(model.columns)
        chosen[[column.index for column in self._chosen()]] = 1
        values = with_extras(model, chosen)
        part = part_of(model, values, columns)
        answer = maximise(part.model, nodes=NODES, gap=GAP)
        self.spent += 0.5 * max(1, answer.nodes) - 0.2
        growth = (1.1 if answer.nodes <= 1 else 1.0) if answer.is_solved else 0.8
        most = _most(model.columns)[kind]
        self.free[kind] = min(max(self.free[kind] * growth, FEWEST), most)
        if answer.values is not None:
            values[part.order] = answer.values
            self._take_over(values)

    def _chosen(self) -> list[Column]:
        """The columns of the best board, as the grid numbers them."""
        return [self.board.at[idea] for idea in sorted(self.board.at)]

    def _neighbourhood(self, kind: int) -> NDArray[np.bool_]:
        """An idea with others near it, in weeks (kind 0) or in pod and segment (1), up to a size."""
        grid, free = self.grid, np.zeros(len(self.grid.columns), dtype=bool)
        movable = [idea for idea, columns in enumerate(grid.columns_of) if columns]
        centre = movable[int(self.random.random() * len(movable))]
        distance = self._distance if kind else self._weeks_between
        near = sorted(movable, key=lambda idea: (distance(centre, idea), self.random.random()))
        count = 0
        for idea in near:
            listed = grid.columns_of[idea]
            if count + len(listed) > self.free[kind] and count:
                break
            free[[column.index for column in listed]] = True
            count += len(listed)
        return free

    def _distance(self, one: int, other: int) -> int:
        """0 for itself and for what must end before or after it, 1 for its pod or segment, 2 else."""
        if one == other or other in self.grid.after[one] or other in self.grid.before[one]:
            return 0
        a, b = self.grid.ideas[one].bar, self.grid.ideas[other].bar
        is_near = other in self.grid.pairs[one] or a.pod == b.pod or a.segment == b.segment
        return 1 if is_near else 2

    def _weeks_between(self, one: int, other: int) -> int:
        """How far apart two ideas start on the best board; what has no place is near to all."""
        if one not in self.board.at or other not in self.board.at:
            return 0 if one == other else 1
        return abs(self.board.at[one].start - self.board.at[other].start)

    def _take_over(self, values: NDArray[np.float64] | None) -> None:
        """Replay a plan on a board, which holds the rules exactly, and keep it if it is better."""
        if values is None:
            return
        board = Board(self.grid)
        listed = [column for column in self.grid.columns if values[column.index] > 0.5]
        for column in sorted(listed, key=lambda one: (one.start, -one.value, one.idea)):
            if column.idea not in board.at and board.fits(column):
                board.put(column)
        improve(board)
        if _rank(board) > _rank(self.board):
            self.board = board

    def _is_optimal(self) -> bool:
        value = self.board.value
        return self.board.is_enough and self.bound - value <= 1e-7 * max(1.0, abs(value))

    def _may_go_on(self) -> bool:
        if self.on_round is None:
            return True
        value = self.board.value
        progress = Progress(
            self.rounds, min(1.0, self.spent / self.work), value, max(self.bound, value),
            gap_of(value, self.bound), len(self.board.at),
        )  # fmt: skip
        return self.on_round(progress)


def _most(columns: int) -> tuple[float, float]:
    """How many columns a round frees at most, near in weeks and near in pod and segment."""
    most = 0.8 * columns if columns <= MOST else max(0.8 * MOST, 0.55 * columns)
    return max(FEWEST, min(most, 2 * MOST)), max(FEWEST, min(most, MOST))


def _rank(board: Board) -> tuple[bool, float]:
    """Better first by what has to be, then by value; ignoring differences of rounding."""
    return board.is_enough, round(board.value, 9)
