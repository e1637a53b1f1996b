"""A second solver, to hold the first one against: every choice is tried that could still be the best.

It shares the columns with `milp`, and nothing of the search: no groups, no rows, no solver of others. Small
problems only; twelve ideas take up to a few seconds.
"""

from experiments.quarter.dependencies import in_turn
from experiments.quarter.solver.board import Board
from experiments.quarter.solver.grid import Grid
from experiments.quarter.solver.problem import QuarterProblem, Start


class _Tree:
    def __init__(self, grid: Grid, order: list[int]) -> None:
        self.grid = grid
        self.order = order
        self.board = Board(grid)
        self.best_value = float("-inf")
        self.best: tuple[Start, ...] | None = None

    def descend(self, depth: int) -> None:
        board = self.board
        value = board.value
        if depth == len(self.order):
            if value > self.best_value + 1e-9 and board.is_enough:
                self.best_value, self.best = value, board.starts()
            return
        if value + self._hope(depth) <= self.best_value + 1e-9:
            return
        idea = self.order[depth]
        for column in self.grid.columns_of[idea]:
            if board.fits(column):
                board.put(column)
                self.descend(depth + 1)
                board.take(idea)
        self.descend(depth + 1)

    def _hope(self, depth: int) -> float:
        """What the other ideas could add at most, each for itself beside what is placed."""
        return sum(self._most(idea) for idea in self.order[depth:])

    def _most(self, idea: int) -> float:
        board, others = self.board, self.grid.after[idea]
        if any(other not in board.at for other in others):
            # Those it waits for may still come.
            return max((column.value for column in self.grid.columns_of[idea]), default=0.0)
        worth = (
            column.value - board.crowd(column)
            for column in self.grid.columns_of[idea]
            if board.fits(column)
        )
        return max(0.0, max(worth, default=0.0))


def best_of_all(problem: QuarterProblem) -> tuple[tuple[Start, ...] | None, float]:
    """The plan with the most value, and its value; None where no plan serves all objectives.

    Args:
        problem: of a dozen ideas at most.

    >>> import datetime as dt
    >>> from experiments.quarter.bars import Bar
    >>> from experiments.quarter.solver.problem import Candidate
    >>> day = dt.date(2027, 1, 4)
    >>> idea = Candidate(Bar(key=1, value=7.0, starts_on=day, ends_on=day), weeks=1)
    >>> best_of_all(QuarterProblem(weeks=(day,), candidates=(idea,)))[1]
    7.0
    """
    grid = Grid(problem)
    by_value = sorted(range(len(grid.ideas)), key=lambda at: (-grid.ideas[at].bar.value, at))
    rank = {idea: place for place, idea in enumerate(by_value)}
    after = {
        rank[idea]: [rank[other] for other in grid.after[idea]]
        for idea in by_value
        if grid.columns_of[idea]
    }
    tree = _Tree(grid, [by_value[place] for place in in_turn(after)])
    tree.descend(0)
    return tree.best, tree.best_value
