"""What a person would do with a list by ICE: the best idea first, each in its first free week."""

from experiments.quarter.solver.board import Board, by_value
from experiments.quarter.solver.grid import TINY, Grid


def greedy(grid: Grid) -> Board:
    """A plan by value alone: each idea in the first week in which it fits and adds something.

    Objectives that need experiments get theirs first. An idea comes behind those that it waits for.

    Returns:
        A board that keeps all rules, but may leave an objective without enough experiments.
    """
    board, order = Board(grid), by_value(grid)
    for need in grid.needs:
        for idea in (one for one in order if one in need.ideas):
            if sum(one in board.at for one in need.ideas) < need.least:
                _place(board, idea, is_needed=True)
    waiting = [idea for idea in order if idea not in board.at]
    while True:
        before = len(waiting)
        waiting = [idea for idea in waiting if not _place(board, idea)]
        if len(waiting) == before:
            return board


def _place(board: Board, idea: int, *, is_needed: bool = False) -> bool:
    """Put it into its first week; with what it waits for, if it is needed. Whether it has a place."""
    if idea in board.at:
        return True
    if is_needed and board.grid.columns_of[idea]:
        for other in board.grid.after[idea]:
            _place(board, other, is_needed=True)
    for column in board.grid.columns_of[idea]:
        if (is_needed or column.value > board.crowd(column) + TINY) and board.fits(column):
            board.put(column)
            return True
    return False
