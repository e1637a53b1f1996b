"""The rules of a grid as the rows of a linear program.

Variables: one per column, 0 or 1; one per namespace, group and week, which is 1 while any of the
namespace's ideas runs; one per pod and week for each experiment too many.

A group is a set of ideas that all collide with each other unless a namespace keeps them apart: segments
that overlap pairwise, one channel or surface, one country. Each group has one row per week, which bounds
far better than a row per pair. `tests/quarter` checks that the groups hold exactly the pairs of the rule.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from experiments.quarter.bars import word_of
from experiments.quarter.collisions import places_of
from experiments.quarter.solver.grid import Column, Grid, Resource
from experiments.quarter.solver.problem import Rule

MOST_CLIQUES = 400


@dataclass(frozen=True)
class Group:
    """Ideas that collide with each other: by namespace, and those without one."""

    apart: frozenset[int]
    together: tuple[frozenset[int], ...]


@dataclass
class Rows:
    """`matrix` @ variables ≤ `most`, row by row, with the rule of each."""

    entries: list[list[tuple[int, float]]] = field(default_factory=list)
    most: list[float] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    columns: int = 0
    extra: int = 0

    def add(self, entries: Iterable[tuple[int, float]], most: float, rule: Rule) -> None:
        self.entries.append(list(entries))
        self.most.append(most)
        self.rules.append(rule)

    def variable(self) -> int:
        """A new one, between 0 and 1, or from 0 up for crowding; behind all columns."""
        self.extra += 1
        return self.columns + self.extra - 1


@dataclass(frozen=True)
class Model:
    """A maximisation: `gain` @ v, with `matrix` @ v ≤ `most` and 0 ≤ v ≤ `upper`; the first `columns`
    variables are whole numbers. `rules` has one entry per row."""

    gain: NDArray[np.float64]
    matrix: csr_array
    most: NDArray[np.float64]
    upper: NDArray[np.float64]
    columns: int
    rules: tuple[Rule, ...]


def model_of(grid: Grid) -> Model:
    """All the rules of a grid."""
    rows = Rows(columns=len(grid.columns))
    _once(grid, rows)
    _resources(grid, rows)
    _collisions(grid, rows)
    _order(grid, rows)
    _needs(grid, rows)
    whole = rows.columns + rows.extra
    crowded = _crowding(grid, rows)
    count = rows.columns + rows.extra
    gain = np.zeros(count)
    gain[: rows.columns] = [column.value for column in grid.columns]
    gain[crowded] = -grid.crowding
    upper = np.ones(count)
    upper[whole:] = np.inf
    lengths = [len(row) for row in rows.entries]
    matrix = csr_array(
        (
            np.array([amount for row in rows.entries for _, amount in row]),
            np.array([at for row in rows.entries for at, _ in row], dtype=np.int32),
            np.concatenate([[0], np.cumsum(lengths)]).astype(np.int32),
        ),
        shape=(len(rows.entries), count),
    )
    return Model(gain, matrix, np.array(rows.most), upper, rows.columns, tuple(rows.rules))


def with_extras(model: Model, chosen: NDArray[np.float64]) -> NDArray[np.float64]:
    """The variables for chosen columns: those behind them as small as the rows allow."""
    values = np.zeros(len(model.gain))
    values[: model.columns] = chosen
    demand = model.matrix @ values - model.most
    entries = model.matrix.tocoo()
    is_count = (entries.coords[1] >= model.columns) & (entries.data < 0)
    at, row = entries.coords[1][is_count], entries.coords[0][is_count]
    np.maximum.at(values, at, demand[row])
    return values


def _once(grid: Grid, rows: Rows) -> None:
    for idea, columns in zip(grid.ideas, grid.columns_of, strict=True):
        if columns:
            rows.add(((one.index, 1.0) for one in columns), 1.0, Rule("once", keys=(idea.key,)))


def _resources(grid: Grid, rows: Rows) -> None:
    """Only those that all ideas together could use up."""
    entries: dict[Resource, list[tuple[int, float]]] = {}
    most: dict[Resource, dict[int, float]] = {}
    for column in grid.columns:
        for resource, amount in column.uses:
            entries.setdefault(resource, []).append((column.index, amount))
            ideas = most.setdefault(resource, {})
            ideas[column.idea] = max(amount, ideas.get(column.idea, 0.0))
    for resource, listed in sorted(entries.items()):
        if sum(most[resource].values()) > grid.left[resource]:
            rows.add(listed, grid.left[resource], grid.rule_of(resource))


def _collisions(grid: Grid, rows: Rows) -> None:
    running: dict[tuple[int, int], list[int]] = {}
    for column in grid.columns:
        for week in range(column.start, column.end):
            running.setdefault((column.idea, week), []).append(column.index)
    for group in groups_of(grid):
        keys = tuple(grid.ideas[idea].key for idea in sorted(group.apart.union(*group.together)))
        for number, first_day in enumerate(grid.problem.weeks):
            parties = [[(at, 1.0) for at in running.get((idea, number), ())]
                       for idea in sorted(group.apart)]  # fmt: skip
            rule = Rule("collision", keys=keys, weeks=(first_day,))
            for members in group.together:
                runs = [one for idea in sorted(members) if (one := running.get((idea, number)))]
                if len(runs) == 1:
                    parties.append([(at, 1.0) for at in runs[0]])
                elif runs:
                    common = rows.variable()
                    parties.append([(common, 1.0)])
                    for run in runs:
                        rows.add([*((at, 1.0) for at in run), (common, -1.0)], 0.0, rule)
            if sum(bool(party) for party in parties) > 1:
                rows.add([entry for party in parties for entry in party], 1.0, rule)


def _order(grid: Grid, rows: Rows) -> None:
    """Whatever has started by a week, what it waits for has ended by then."""
    for idea, others in enumerate(grid.after):
        for other in others:
            rule = Rule("after", keys=(grid.ideas[idea].key, grid.ideas[other].key))
            for last in grid.columns_of[idea]:
                begun = [
                    (one.index, 1.0) for one in grid.columns_of[idea] if one.start <= last.start
                ]
                over = [
                    (one.index, -1.0) for one in grid.columns_of[other] if one.end <= last.start
                ]
                rows.add(begun + over, 0.0, rule)


def _needs(grid: Grid, rows: Rows) -> None:
    for need in grid.needs:
        listed = [(one.index, -1.0) for idea in sorted(need.ideas) for one in grid.columns_of[idea]]
        rows.add(listed, -float(need.least), need.rule)


def _crowding(grid: Grid, rows: Rows) -> list[int]:
    """Variables that count what a pod runs in a week beyond its first; in the order of pod and week."""
    running: dict[tuple[int, int], list[Column]] = {}
    for column in grid.columns if grid.crowding else ():
        for week in range(column.start, column.end):
            running.setdefault((grid.ideas[column.idea].bar.pod, week), []).append(column)
    variables = []
    for (pod, week), columns in sorted(running.items()):
        free = 0.0 if grid.fixed_running.get((pod, week), 0) else 1.0
        if len({column.idea for column in columns}) > free:
            more = rows.variable()
            variables.append(more)
            entries = [(column.index, 1.0) for column in columns]
            rows.add([*entries, (more, -1.0)], free, Rule("crowding", pod=pod))
    return variables


def groups_of(grid: Grid) -> list[Group]:
    """Sets of ideas of which every two collide or share a namespace; all colliding pairs are in one."""
    seen: dict[frozenset[int], Group] = {}
    for members in _memberships(grid):
        if len(members) < 2 or members in seen:
            continue
        spaces: dict[int, set[int]] = {}
        for idea in members:
            if (space := grid.ideas[idea].bar.namespace) is not None:
                spaces.setdefault(space, set()).add(idea)
        shared = tuple(frozenset(ideas) for _, ideas in sorted(spaces.items()) if len(ideas) > 1)
        seen[members] = Group(members.difference(*shared), shared)
    largest = sorted(seen, key=lambda one: (-len(one), sorted(one)))
    kept: list[frozenset[int]] = []
    for members in largest:
        if not any(members < other for other in kept):
            kept.append(members)
    return [seen[members] for members in kept]


def _memberships(grid: Grid) -> Iterator[frozenset[int]]:
    bars = [idea.bar for idea in grid.ideas]
    segments = sorted({bar.segment for bar in bars if bar.segment is not None})
    for clique in _cliques(segments, grid):
        here = [at for at, bar in enumerate(bars) if bar.segment in clique]
        places = sorted({place for at in here for place in places_of(bars[at])})
        countries = sorted({word_of(bars[at].country) for at in here} | {""})
        for place in places:
            for country in countries:
                yield frozenset(
                    at
                    for at in here
                    if {place, ""} & set(places_of(bars[at]))
                    and word_of(bars[at].country) in (country, "")
                )


def _cliques(segments: list[int], grid: Grid) -> list[frozenset[int]]:
    """The largest sets of segments that overlap pairwise (Bron & Kerbosch 1973 CACM 16:575, with the
    pivot of Tomita et al. 2006); pairs, where there are too many."""
    near = {
        one: {other for other in grid.problem.overlaps.neighbours(one) if other in segments}
        for one in segments
    }
    cliques: list[frozenset[int]] = []

    def grow(clique: frozenset[int], open_: set[int], closed: set[int]) -> None:
        if len(cliques) > MOST_CLIQUES:
            return
        if not open_ and not closed:
            cliques.append(clique)
            return
        pivot = max(sorted(open_ | closed), key=lambda one: len(near[one] & open_))
        for one in sorted(open_ - near[pivot]):
            grow(clique | {one}, open_ & near[one], closed & near[one])
            open_.discard(one)
            closed.add(one)

    grow(frozenset(), set(segments), set())
    if len(cliques) <= MOST_CLIQUES:
        return cliques
    pairs = [
        frozenset({one, other}) for one in segments for other in sorted(near[one]) if one < other
    ]
    return [*pairs, *(frozenset({one}) for one in segments)]
