"""Rules that no plan can keep together, each by its name.

Fixed bars may break a rule by themselves; then the plan adds nothing to it. What has to be placed may not
fit: then as much of it is placed as fits, and an elastic program, in which each rule may be broken at a
cost, tells which rules stand against the rest.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np
from scipy.sparse import csr_array, eye_array, hstack

from experiments.quarter.bars import days_shared, in_order
from experiments.quarter.collisions import colliding_pairs
from experiments.quarter.solver.greedy import greedy
from experiments.quarter.solver.grid import TINY, Column, Grid, Need
from experiments.quarter.solver.highs import Answer, maximise
from experiments.quarter.solver.problem import Conflict, Rule
from experiments.quarter.solver.rows import Model, model_of
from experiments.quarter.timeline import WEEK

NODES = 500
RESOURCES = ("capacity", "tests-at-once", "audience", "pressure", "namespace")


def reachable(grid: Grid) -> tuple[Need, ...]:
    """The needs of a grid, each lowered to what can be placed together with the others."""
    if greedy(grid).is_enough:
        return grid.needs
    model = model_of(grid)
    is_need = np.array([_is_need(rule, grid) for rule in model.rules])
    answer = maximise(
        _elastic(model, is_need, np.ones(len(is_need)), 0 * model.gain), nodes=NODES, gap=1e-6
    )
    chosen = _chosen(grid, answer)
    placed = {column.idea for column in chosen}
    return tuple(
        replace(need, least=min(need.least, len(placed & need.ideas))) for need in grid.needs
    )


def conflicts_of(grid: Grid, reached: Iterable[Need]) -> tuple[Conflict, ...]:
    """All rules that cannot be kept, in a fixed order.

    Args:
        grid: with its needs as they are wanted.
        reached: the same needs as `reachable` lowers them.
    """
    rules = [
        *(Rule("circle", keys=keys) for keys in sorted(set(grid.circle.values()))),
        *merge_rules(_of_fixed(grid)),
    ]
    rows = [Conflict(rule) for rule in rules]
    short = [
        (need, after)
        for need, after in zip(grid.needs, reached, strict=True)
        if after.least < need.least
    ]
    for need, after in short:
        serving = (need.rule.limit or need.least) - need.least
        rule = replace(need.rule, amount=serving + after.least)
        rows.append(Conflict(rule, tuple(merge_rules(_standing_against(grid, need, reached)))))
    return tuple(rows)


def merge_rules(rules: Iterable[Rule]) -> list[Rule]:
    """Each rule once, with all its weeks and the largest amount; in the order in which they come."""
    merged: dict[Rule, Rule] = {}
    for rule in rules:
        plain = replace(rule, weeks=(), amount=None, limit=None)
        old = merged.get(plain)
        if old is None:
            merged[plain] = rule
            continue
        worse = rule if (rule.amount or 0) > (old.amount or 0) else old
        merged[plain] = replace(worse, weeks=tuple(sorted({*old.weeks, *rule.weeks})))
    return list(merged.values())


def _of_fixed(grid: Grid) -> Iterator[Rule]:
    """What the fixed bars break among themselves, within the weeks."""
    problem, bars = grid.problem, in_order(grid.problem.bars)
    start, end = problem.weeks[0], problem.weeks[-1] + WEEK
    for first, second in colliding_pairs(bars, problem.overlaps):
        weeks = grid.weeks(second.starts_on, min(first.ends_on, second.ends_on))
        if weeks:
            yield Rule("collision", keys=(first.key, second.key), weeks=weeks)
    for resource, limit in grid.limits.items():
        if (over := grid.taken.get(resource, 0.0) - limit) > TINY:
            yield grid.rule_of(resource, over)
    for bar in bars:
        for blackout in problem.blackouts:
            if blackout.binds(bar) and (
                days_shared(blackout.starts_on, blackout.ends_on, max(start, bar.starts_on),
                            min(end, bar.ends_on))
            ):  # fmt: skip
                yield Rule("blackout", keys=(bar.key,), name=blackout.name,
                           weeks=grid.weeks(blackout.starts_on, blackout.ends_on))  # fmt: skip
        for key in sorted(bar.after - problem.done - grid.at.keys()):
            other = grid.fixed_by_key.get(key)
            if other is None or other.ends_on > bar.starts_on:
                yield Rule("after", keys=(bar.key, key))


def _standing_against(grid: Grid, need: Need, reached: Iterable[Need]) -> Iterator[Rule]:
    """The rules that would have to be broken for the need, as few as possible."""
    problem = grid.problem
    wide = Grid(problem, keep_all=True)
    yield from (
        _without_start(grid, idea) for idea in sorted(need.ideas) if not wide.columns_of[idea]
    )
    wide.needs = tuple(
        need if other.rule == need.rule else after
        for other, after in zip(grid.needs, reached, strict=True)
    )
    if sum(bool(wide.columns_of[idea]) for idea in need.ideas) < need.least:
        return
    model = model_of(wide)
    kept = {"once", "crowding"}
    is_elastic = np.array(
        [rule.code not in kept and not _is_need(rule, wide) for rule in model.rules]
    )
    size = np.maximum(abs(model.matrix).max(axis=1).toarray().ravel(), 1e-9)
    gain = np.zeros(len(model.gain))
    gain[: model.columns] = [-0.001 - _forbidden(wide, column) for column in wide.columns]
    answer = maximise(_elastic(model, is_elastic, 1 / size, gain), nodes=NODES, gap=1e-6)
    yield from _broken(wide, _chosen(wide, answer))


def _without_start(grid: Grid, idea: int) -> Rule:
    """Why an idea has no week to start in at all."""
    run, weeks = grid.ideas[idea].weeks, len(grid.problem.weeks)
    if run > weeks:
        return Rule("too-long", keys=(grid.ideas[idea].key,), amount=float(run), limit=float(weeks))
    return Rule("no-start", keys=(grid.ideas[idea].key,))


def _broken(grid: Grid, chosen: list[Column]) -> Iterator[Rule]:
    """The rules that these columns break together."""
    used: dict[tuple[str, str, int, int], float] = {}
    for column in chosen:
        yield from (rule for rule in grid.always_against(column) if rule.code not in RESOURCES)
        for resource, amount in column.uses:
            used[resource] = used.get(resource, 0.0) + amount
    for resource, amount in sorted(used.items()):
        if amount > grid.left[resource] + 1e-6:
            yield grid.rule_of(resource, amount - grid.left[resource])
    at = {column.idea: column for column in chosen}
    for idea, column in sorted(at.items()):
        keys = grid.ideas[idea].key
        for other in sorted(grid.pairs[idea] & at.keys()):
            first, last = max(column.start, at[other].start), min(column.end, at[other].end)
            if other < idea and first < last:
                yield Rule(
                    "collision",
                    keys=(grid.ideas[other].key, keys),
                    weeks=grid.problem.weeks[first:last],
                )
        for other in grid.after[idea]:
            if other not in at or at[other].end > column.start:
                yield Rule("after", keys=(keys, grid.ideas[other].key))


def _forbidden(grid: Grid, column: Column) -> int:
    return sum(rule.code not in RESOURCES for rule in grid.always_against(column))


def _is_need(rule: Rule, grid: Grid) -> bool:
    return any(rule is need.rule for need in grid.needs)


def _chosen(grid: Grid, answer: Answer) -> list[Column]:
    values = answer.values
    if values is None:
        return []
    return [column for column in grid.columns if values[column.index] > 0.5]


def _elastic(model: Model, is_elastic: np.ndarray, cost: np.ndarray, gain: np.ndarray) -> Model:
    """The model with a variable for each elastic row: by how much it is broken, at a cost."""
    rows = np.flatnonzero(is_elastic)
    slack = csr_array(eye_array(len(is_elastic)).tocsr()[:, rows])
    return Model(
        np.concatenate([gain, -cost[rows]]),
        csr_array(hstack([model.matrix, -slack])),
        model.most,
        np.concatenate([model.upper, np.full(len(rows), np.inf)]),
        model.columns,
        model.rules,
    )
