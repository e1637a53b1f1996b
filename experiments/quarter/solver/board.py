"""A plan in the making: what is placed, what is left, and what stands against one more."""

from collections.abc import Iterable, Iterator

from experiments.quarter.solver.grid import TINY, Column, Grid, Resource
from experiments.quarter.solver.problem import Rule, Start


class Board:
    """Columns that keep all rules together. Put one on it only if it fits."""

    def __init__(self, grid: Grid, columns: Iterable[Column] = ()) -> None:
        self.grid = grid
        self.at: dict[int, Column] = {}
        self.used: dict[Resource, float] = dict.fromkeys(grid.left, 0.0)
        self.running: dict[tuple[int, int], int] = {}
        for column in columns:
            self.put(column)

    def put(self, column: Column) -> None:
        self.at[column.idea] = column
        self._add(column, 1)

    def take(self, idea: int) -> Column:
        column = self.at.pop(idea)
        self._add(column, -1)
        return column

    def _add(self, column: Column, sign: int) -> None:
        for resource, amount in column.uses:
            self.used[resource] += sign * amount
        pod = self.grid.ideas[column.idea].bar.pod
        for week in range(column.start, column.end):
            self.running[pod, week] = self.running.get((pod, week), 0) + sign

    def fits(self, column: Column) -> bool:
        """Whether it can be put; its own idea must not be on the board."""
        left, used = self.grid.left, self.used
        if any(used[key] + amount > left[key] + TINY for key, amount in column.uses):
            return False
        return not any(self._against(column))

    def _against(self, column: Column) -> Iterator[Rule]:
        """Rules about other ideas: collisions and order."""
        grid, ideas = self.grid, self.grid.ideas
        for other in sorted(grid.pairs[column.idea] & self.at.keys()):
            beside = self.at[other]
            if beside.start < column.end and column.start < beside.end:
                first, last = max(beside.start, column.start), min(beside.end, column.end)
                yield Rule(
                    "collision", keys=(ideas[other].key,), weeks=grid.problem.weeks[first:last]
                )
        for other in grid.after[column.idea]:
            if other not in self.at or self.at[other].end > column.start:
                yield Rule("after", keys=(ideas[column.idea].key, ideas[other].key))
        for other in grid.before[column.idea]:
            if other in self.at and self.at[other].start < column.end:
                yield Rule("after", keys=(ideas[other].key, ideas[column.idea].key))

    def against(self, column: Column) -> list[Rule]:
        """All that stands against this column here, what is always so included."""
        grid = self.grid
        full = [
            grid.rule_of(key, self.used[key] + amount - grid.left[key])
            for key, amount in column.uses
            if grid.left[key] + TINY >= amount > grid.left[key] - self.used[key] + TINY
        ]
        return [*grid.always_against(column), *full, *self._against(column)]

    def crowd(self, column: Column) -> float:
        """What one more here costs in crowded weeks."""
        pod = self.grid.ideas[column.idea].bar.pod
        number = sum(self.is_crowded(pod, week) for week in range(column.start, column.end))
        return self.grid.crowding * number

    def is_crowded(self, pod: int, week: int) -> bool:
        """Whether the pod runs something in this week already, fixed bars included."""
        return self.running.get((pod, week), 0) + self.grid.fixed_running.get((pod, week), 0) >= 1

    @property
    def value(self) -> float:
        """Of all that is placed, less what crowding takes."""
        grid = self.grid
        crowded = sum(
            max(0, number - (0 if grid.fixed_running.get(place, 0) else 1))
            for place, number in sorted(self.running.items())
        )
        worth = sum(self.at[idea].value for idea in sorted(self.at))
        return worth - grid.crowding * crowded

    def is_needed(self, idea: int) -> bool:
        """Whether something on the board must wait for it, or an objective would miss it."""
        if any(other in self.at for other in self.grid.before[idea]):
            return True
        return any(
            idea in need.ideas and sum(one in self.at for one in need.ideas) <= need.least
            for need in self.grid.needs
        )

    @property
    def is_enough(self) -> bool:
        """Whether every objective has the experiments that it needs."""
        return all(
            sum(one in self.at for one in need.ideas) >= need.least for need in self.grid.needs
        )

    def starts(self) -> tuple[Start, ...]:
        """What is placed, by start and key."""
        grid = self.grid
        rows = []
        for column in self.at.values():
            bar = grid.problem.run(grid.ideas[column.idea], column.start)
            rows.append(Start(bar.key, column.start, bar.starts_on, bar.ends_on))
        return tuple(sorted(rows, key=lambda row: (row.week, row.key)))


def improve(board: Board, *, passes: int = 3) -> None:
    """Fill what is left: earlier places for what is on the board, and places for more ideas.

    It never lowers the value. The most valuable ideas are tried first.
    """
    for _ in range(passes):
        changes = [_settle(board, idea) for idea in by_value(board.grid)]
        if not any(changes):
            return


def by_value(grid: Grid) -> list[int]:
    """All ideas, the most valuable first."""
    return sorted(range(len(grid.ideas)), key=lambda idea: (-grid.ideas[idea].bar.value, idea))


def _settle(board: Board, idea: int) -> bool:
    """Put the idea where it adds most; whether that is better than before."""
    held = board.take(idea) if idea in board.at else None
    before = held.value - board.crowd(held) if held else 0.0
    best, gain = held, before + TINY
    for column in board.grid.columns_of[idea]:
        worth = column.value - board.crowd(column)
        if worth > gain and board.fits(column):
            best, gain = column, worth
    if best is not None:
        board.put(best)
    return best is not held
