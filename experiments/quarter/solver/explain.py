"""Why a plan is as it is: for each placed idea why there, for each one left out what stopped it.

Codes and numbers only. Rules are named as in `problem.Rule`.
"""

import datetime as dt
from dataclasses import dataclass, replace

from experiments.quarter.solver.board import Board
from experiments.quarter.solver.grid import TINY, Column, Grid
from experiments.quarter.solver.infeasible import merge_rules
from experiments.quarter.solver.problem import QuarterProblem, QuarterSolution, Rule, Start

LATER = 2  # weeks in which another start is tried, to say what it would push out


@dataclass(frozen=True)
class Ending:
    """What begins after the run: a blackout by name, or a bar that it would collide with by key."""

    starts_on: dt.date
    name: str = ""
    key: int | None = None


@dataclass(frozen=True)
class Swap:
    """What a start in another week would push out: keys, and their value in this plan."""

    starts_on: dt.date
    keys: tuple[int, ...]
    value: float


@dataclass(frozen=True)
class Why:
    """Why an idea is where it is.

    Args:
        start: its place.
        is_earliest: whether no earlier week is free beside the others. Otherwise an earlier one is
            free, but more crowded.
        earlier: what stands against starting one week earlier; empty in the first week it may start.
        weeks: of the run; `weeks_needed`: that its size needs, None if unknown.
        ends_before: what begins next, in the plan's weeks; None if nothing does.
        swap: what starting up to two weeks later would push out; None if nothing or no such week.
        objective: that would miss an experiment without it; None if none would.
    """

    start: Start
    is_earliest: bool
    earlier: tuple[Rule, ...]
    weeks: int
    weeks_needed: float | None
    ends_before: Ending | None
    swap: Swap | None
    objective: int | None


@dataclass(frozen=True)
class WhyNot:
    """What stopped an idea.

    Args:
        key: whose.
        stopped_by: as few rules as stop it in every week, each with the weeks in which it bites; empty
            if it would fit, but adds less than the crowding takes.
        is_outbid: whether it would have a place if no other idea had one. Then it is only worth less
            than what is placed instead.
        rivals: the cheapest placed ideas to take away for it, and `rivals_value`, what they are worth
            here; empty if that does not help.
        fits_next: whether it would fit an empty quarter as long as this one, with the same limits.
    """

    key: int
    stopped_by: tuple[Rule, ...]
    is_outbid: bool
    rivals: tuple[int, ...]
    rivals_value: float
    fits_next: bool


@dataclass(frozen=True)
class Explanation:
    """`placed`: in the order of the placements; `left_out`: by value, the best first."""

    placed: tuple[Why, ...]
    left_out: tuple[WhyNot, ...]


def explain(problem: QuarterProblem, solution: QuarterSolution) -> Explanation:
    """Why each idea is where it is, or nowhere.

    Args:
        problem, solution: that belong together.

    >>> from experiments.quarter.bars import Bar
    >>> from experiments.quarter.solver.milp import solve
    >>> from experiments.quarter.solver.problem import Candidate
    >>> monday = dt.date(2027, 1, 4)
    >>> ideas = tuple(Candidate(Bar(key=n, segment=5, channel="email", value=n, starts_on=monday,
    ...     ends_on=monday), weeks=2) for n in (5, 6, 7))
    >>> problem = QuarterProblem(weeks=tuple(monday + n * dt.timedelta(7) for n in range(4)), candidates=ideas)
    >>> answer = explain(problem, solve(problem))
    >>> answer.placed[1].earlier[0].code, answer.placed[1].earlier[0].keys
    ('collision', (7,))
    >>> [(one.key, one.is_outbid, one.rivals) for one in answer.left_out]
    [(5, True, (6,))]
    """
    grid = Grid(problem)
    board = Board(grid, (grid.column(grid.at[s.key], s.week) for s in solution.placements))
    left_out = sorted(solution.left_out, key=lambda key: (-grid.ideas[grid.at[key]].bar.value, key))
    return Explanation(
        tuple(_why(board, start) for start in solution.placements),
        tuple(_why_not(board, grid.at[key]) for key in left_out),
    )


def _why(board: Board, start: Start) -> Why:
    grid = board.grid
    idea = grid.at[start.key]
    candidate, column = grid.ideas[idea], board.at[idea]
    objective = _needing(board, idea)
    board.take(idea)
    earlier = [grid.column(idea, at) for at in grid.problem.starts_of(candidate) if at < start.week]
    why = Why(
        start=start,
        is_earliest=not any(_is_free(board, one) for one in earlier),
        earlier=tuple(merge_rules(board.against(earlier[-1]))) if earlier else (),
        weeks=candidate.weeks,
        weeks_needed=candidate.bar.weeks_needed,
        ends_before=_ending(board, column),
        swap=_swap(board, column),
        objective=objective,
    )
    board.put(column)
    return why


def _needing(board: Board, idea: int) -> int | None:
    for need in board.grid.needs:
        placed = sum(one in board.at for one in need.ideas)
        if idea in need.ideas and placed <= need.least and need.rule.objective is not None:
            return need.rule.objective
    return None


def _is_free(board: Board, column: Column) -> bool:
    return not any(board.grid.always_against(column)) and board.fits(column)


def _ending(board: Board, column: Column) -> Ending | None:
    """The first thing after the run that would stand against a longer one."""
    grid, problem = board.grid, board.grid.problem
    bar = problem.run(grid.ideas[column.idea], column.start)
    rows = [
        Ending(blackout.starts_on, name=blackout.name)
        for blackout in problem.blackouts
        if blackout.binds(bar) and bar.ends_on <= blackout.starts_on < _end_of(problem)
    ]
    for other in sorted(grid.pairs[column.idea] & board.at.keys()):
        if board.at[other].start >= column.end:
            beside = problem.run(grid.ideas[other], board.at[other].start)
            rows.append(Ending(beside.starts_on, key=beside.key))
    return min(rows, key=lambda row: (row.starts_on, row.name, row.key or 0), default=None)


def _end_of(problem: QuarterProblem) -> dt.date:
    return problem.weeks[-1] + dt.timedelta(days=7)


def _swap(board: Board, column: Column) -> Swap | None:
    grid = board.grid
    starts = grid.problem.starts_of(grid.ideas[column.idea])
    for start in (at for at in starts if column.start < at <= column.start + LATER):
        later = grid.column(column.idea, start)
        out = _pushed_out(board, later)
        if out:
            value = sum(board.at[idea].value for idea in out)
            keys = tuple(grid.ideas[idea].key for idea in out)
            return Swap(grid.problem.weeks[start], keys, value)
    return None


def _pushed_out(board: Board, column: Column) -> tuple[int, ...] | None:
    """Placed ideas without which the column fits, the cheapest first; None where none would help."""
    grid = board.grid
    if any(grid.always_against(column)) or column.idea in board.at:
        return None
    out: list[Column] = []
    while not board.fits(column):
        near = [one for one in board.at.values() if _is_in_the_way(board, one, column)]
        if not near:
            break
        gone = [min(near, key=lambda one: (one.value, one.idea)).idea]
        while gone:
            out.append(board.take(gone.pop()))
            # Whatever waits for it cannot stay either.
            gone += [
                one for one in grid.before[out[-1].idea] if one in board.at and one not in gone
            ]
    is_free = board.fits(column)
    # Those that need not go come back, the most valuable first.
    for one in sorted(out, key=lambda one: (-one.value, one.idea)):
        board.put(column)
        is_needless = board.fits(one)
        board.take(column.idea)
        if is_needless and is_free:
            board.put(one)
            out = [other for other in out if other is not one]
    for one in out:
        board.put(one)
    return tuple(one.idea for one in out) if is_free else None


def _is_in_the_way(board: Board, one: Column, column: Column) -> bool:
    """Whether it takes something that the column lacks, or must not run beside it."""
    grid = board.grid
    if one.idea in grid.pairs[column.idea]:
        return one.start < column.end and column.start < one.end
    if one.idea in grid.before[column.idea]:
        return one.start < column.end
    lacking = {
        key for key, amount in column.uses if board.used[key] + amount > grid.left[key] + TINY
    }
    return any(key in lacking for key, _ in one.uses)


def _why_not(board: Board, idea: int) -> WhyNot:
    grid = board.grid
    candidate = grid.ideas[idea]
    key, starts = candidate.key, grid.problem.starts_of(candidate)
    if not starts:
        run, weeks = float(candidate.weeks), float(len(grid.problem.weeks))
        rule = Rule("too-long", amount=run, limit=weeks) if run > weeks else Rule("no-start")
        return WhyNot(key, (rule,), False, (), 0.0, run <= weeks)
    columns = [grid.column(idea, start) for start in starts]
    rivals = [(out, column) for column in columns if (out := _pushed_out(board, column))]
    cheapest = min(
        rivals,
        key=lambda pair: (_worth(board, pair[0]) - pair[1].value, pair[1].start),
        default=None,
    )
    out = cheapest[0] if cheapest else ()
    return WhyNot(
        key,
        tuple(_cover([board.against(column) for column in columns])),
        is_outbid=bool(grid.columns_of[idea]) and not _is_waiting(board, idea),
        rivals=tuple(grid.ideas[other].key for other in out),
        rivals_value=_worth(board, out),
        fits_next=_fits_next(grid, idea),
    )


def _worth(board: Board, ideas: tuple[int, ...]) -> float:
    return sum(board.at[idea].value for idea in ideas)


def _is_waiting(board: Board, idea: int) -> bool:
    return any(other not in board.at for other in board.grid.after[idea])


def _cover(listed: list[list[Rule]]) -> list[Rule]:
    """As few rules as stop every start: always the one that stops most of those that are left."""
    merged = {
        _plain(rule): rule for rule in merge_rules([rule for rules in listed for rule in rules])
    }
    left = [{_plain(rule) for rule in rules} for rules in listed if rules]
    chosen = []
    while left:
        best = max(merged, key=lambda plain: sum(plain in one for one in left))
        chosen.append(merged.pop(best))
        left = [one for one in left if best not in one]
    return chosen


def _plain(rule: Rule) -> Rule:
    return replace(rule, weeks=(), amount=None, limit=None)


def _fits_next(grid: Grid, idea: int) -> bool:
    """Alone in an empty quarter under the same limits, when what it waits for is over."""
    candidate, problem = grid.ideas[idea], grid.problem
    if candidate.key in grid.circle or candidate.weeks > len(problem.weeks):
        return False
    starts = range(len(problem.weeks) - candidate.weeks + 1)
    return any(
        all(amount <= grid.limits[key] + TINY for key, amount in grid.column(idea, start).uses)
        for start in starts
    )
