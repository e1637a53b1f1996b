"""Plans are equal to a second solver, keep every rule of the calendar, and are the same each time."""

import dataclasses
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings

from benchmarks.quarters import LEVELS, make_problem
from experiments.quarter.bars import Blackout
from experiments.quarter.capacity import PodCapacity, loads
from experiments.quarter.collisions import collisions, reasons
from experiments.quarter.ledger import ledger, pressure, sharings
from experiments.quarter.solver import milp
from experiments.quarter.solver.exhaustive import best_of_all
from experiments.quarter.solver.greedy import greedy
from experiments.quarter.solver.grid import Grid
from experiments.quarter.solver.highs import silence
from experiments.quarter.solver.milp import solve
from experiments.quarter.solver.problem import Candidate, QuarterProblem, gap_of
from experiments.quarter.solver.rows import groups_of
from tests.quarter.worlds import MONDAY, WEEKS, bars, make_bar, overlaps

ROOT = Path(__file__).parents[2]


def small(seed):
    dice = random.Random(seed)
    return make_problem(
        seed,
        ideas=dice.randrange(1, 13),
        weeks=dice.choice((5, 6, 7, 8)),
        pods=dice.randrange(1, 4),
        level=LEVELS[seed % 4],
    )


def middle(seed):
    return make_problem(seed, ideas=45, weeks=10, pods=4, level=LEVELS[seed % 4])


def runs_of(problem, solution):
    """The plan as bars, beside the fixed ones."""
    by_key = {idea.key: idea for idea in problem.candidates}
    placed = [problem.run(by_key[start.key], start.week) for start in solution.placements]
    return placed, [*placed, *problem.fixed]


def check(problem, solution):
    """Every rule, by the arithmetic of the calendar and not by that of the solver."""
    placed, everything = runs_of(problem, solution)
    keys = {bar.key for bar in placed}
    assert keys | set(solution.left_out) == {idea.key for idea in problem.candidates}
    own = [p for p in collisions(everything, problem.overlaps) if {p.first, p.second} & keys]
    assert own == []
    alone = loads(problem.fixed, problem.weeks, problem.capacities, limit=problem.at_once)
    before = {(row.pod, row.week): row for row in alone}
    for row in loads(everything, problem.weeks, problem.capacities, limit=problem.at_once):
        old = before.get((row.pod, row.week))
        assert not row.is_over_days or row.days <= (old.days if old else 0) + 1e-9
        assert not row.is_over_limit or row.at_once <= (old.at_once if old else 0)
    if problem.booked_limit is not None:
        for row in ledger(everything, problem.weeks, problem.overlaps, holdout=problem.holdout):
            mine = [part for part in row.parts if part.key in keys and part.amount > 0]
            assert row.total <= problem.booked_limit + 1e-9 or not mine
    for row in pressure(everything, problem.weeks, problem.overlaps, caps=problem.caps):
        assert not row.is_over or not any(
            part.key in keys and part.amount > 0 for part in row.parts
        )
    taken = {(row.namespace, row.week): row.share for row in sharings(problem.fixed, problem.weeks)}
    for row in sharings(everything, problem.weeks):
        assert not row.is_over or row.share == taken.get((row.namespace, row.week))
    ends = {bar.key: bar.ends_on for bar in everything}
    for bar in placed:
        assert not any(b.binds(bar) and b.days_in(bar.placement) for b in problem.blackouts)
        for key in bar.after - problem.done:
            assert ends[key] <= bar.starts_on
    for idea in problem.candidates:
        week = [start.week for start in solution.placements if start.key == idea.key]
        assert not week or idea.starts is None or week[0] in idea.starts


@pytest.mark.parametrize("seed", range(40))
def test_a_small_plan_is_as_good_as_the_best_of_all(seed):
    problem = small(seed)
    solution = solve(problem)
    check(problem, solution)
    _, value = best_of_all(problem)
    assert solution.value == pytest.approx(value, abs=1e-6)
    assert solution.is_optimal
    assert solution.ended_by == "optimal"
    assert solution.bound >= value - 1e-6


@settings(max_examples=settings().max_examples // 2)
@given(bars(7), overlaps())
def test_no_plan_gives_more_of_a_namespace_than_there_is(listed, shared):
    """Any bars, whose namespaces reach over several segments; both solvers keep to it."""
    fixed = tuple(bar for bar in listed if bar.is_fixed)
    ideas = tuple(
        Candidate(dataclasses.replace(bar, value=bar.key + bar.share), 1 + bar.key % 3)
        for bar in listed if not bar.is_fixed
    )  # fmt: skip
    problem = QuarterProblem(weeks=WEEKS[:4], candidates=ideas, fixed=fixed, overlaps=shared)
    solution = solve(problem)
    check(problem, solution)
    placements, value = best_of_all(problem)
    assert solution.value == pytest.approx(value, abs=1e-6)
    check(problem, dataclasses.replace(solution, placements=placements, left_out=tuple(
        {idea.key for idea in ideas} - {start.key for start in placements})))  # fmt: skip


@pytest.mark.parametrize("seed", range(6))
def test_a_larger_plan_keeps_all_rules_is_above_greedy_and_below_its_bound(seed):
    problem = middle(seed)
    solution = solve(problem, rounds=4)
    check(problem, solution)
    board = greedy(Grid(problem))
    assert solution.value >= board.value - 1e-9 or not board.is_enough
    assert solution.value <= solution.bound + 1e-6
    assert solution.gap == pytest.approx(gap_of(solution.value, solution.bound), abs=1e-6)
    for objective, number in problem.objectives.items():
        serving = [bar for bar in runs_of(problem, solution)[1] if bar.objective == objective]
        assert len(serving) >= number or solution.conflicts


def test_the_same_problem_has_the_same_plan_to_the_bit_in_whatever_order_it_comes(monkeypatch):
    monkeypatch.setattr(milp, "TREES", ())  # only the root, so that the rounds decide
    problem = make_problem(12, ideas=36, weeks=10, pods=3, level=LEVELS[2])
    dice = random.Random(1)
    shuffled = dataclasses.replace(
        problem,
        candidates=tuple(dice.sample(problem.candidates, len(problem.candidates))),
        fixed=problem.fixed[::-1],
        capacities=problem.capacities[::-1],
        blackouts=problem.blackouts[::-1],
        objectives=dict(reversed(problem.objectives.items())),
    )
    steps = ([], [], [])
    first, again, other = (
        solve(one, rounds=8, on_round=lambda progress, seen=seen: seen.append(progress) or True)
        for one, seen in zip((problem, problem, shuffled), steps, strict=True)
    )
    assert first.rounds == 8
    assert steps[0] == steps[1] == steps[2]
    assert repr(dataclasses.replace(first, seconds=0)) == repr(
        dataclasses.replace(again, seconds=0)
    )
    assert first == again == other


PRINT = """
from benchmarks.quarters import LEVELS, make_problem
from experiments.quarter.solver.highs import silence
from experiments.quarter.solver.milp import solve
plan = solve(make_problem(5, ideas=30, weeks=9, pods=3, level=LEVELS[1]), rounds=3)
print([(start.key, start.week) for start in plan.placements], plan.value.hex(), plan.bound.hex())
"""


def test_processes_with_other_hashes_make_the_same_plan():
    plans = {
        subprocess.run(
            [sys.executable, "-c", PRINT], env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": "."},
            cwd=ROOT, check=True, capture_output=True, text=True,
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert len(plans) == 1
    assert "(" in plans.pop()


def test_a_stop_or_the_clock_ends_between_rounds_with_the_best_so_far(monkeypatch):
    monkeypatch.setattr(milp, "TREES", ())  # only the root, as of a large quarter
    problem = make_problem(8, ideas=36, weeks=10, pods=3, level=LEVELS[3])
    seen = []

    def stop_after_two(progress):
        seen.append(progress)
        return progress.rounds < 2

    stopped = solve(problem, rounds=9, on_round=stop_after_two)
    assert (stopped.ended_by, stopped.rounds) == ("stop", 2)
    assert [one.rounds for one in seen] == [0, 1, 2]
    assert [one.value for one in seen] == sorted(one.value for one in seen)
    assert [one.bound for one in seen] == sorted((one.bound for one in seen), reverse=True)
    check(problem, stopped)
    at_once = solve(problem, on_round=lambda progress: False)
    assert (at_once.ended_by, at_once.rounds) == ("stop", 0)
    check(problem, at_once)
    ticks = iter(range(0, 1000, 10))
    late = solve(problem, seconds=15, clock=lambda: next(ticks))
    assert late.ended_by == "time"
    check(problem, late)


def test_nothing_is_written_to_the_screen(capfd):
    solve(middle(1), rounds=2)
    with silence():
        os.write(1, b"a stray line")
    assert capfd.readouterr() == ("", "")
    os.write(1, b"a line of ours")
    assert capfd.readouterr().out == "a line of ours"


def test_it_works_in_a_process_without_output():
    kept = os.dup(1)
    os.close(1)
    try:
        assert solve(small(3)).is_optimal
    finally:
        os.dup2(kept, 1)
        os.close(kept)


@settings(max_examples=2 * settings().max_examples)
@given(bars(8), overlaps())
def test_the_groups_of_the_solver_hold_exactly_the_pairs_of_the_collision_rule(listed, shared):
    problem = QuarterProblem(
        weeks=WEEKS, candidates=tuple(Candidate(bar, 2) for bar in listed), overlaps=shared
    )
    grid = Grid(problem)
    paired = set()
    for group in groups_of(grid):
        parties = [{idea} for idea in group.apart] + [set(one) for one in group.together]
        for at, party in enumerate(parties):
            for other in parties[at + 1 :]:
                paired |= {frozenset((a, b)) for a in party for b in other}
    expected = {
        frozenset((at, other))
        for at, one in enumerate(problem.ideas)
        for other, two in enumerate(problem.ideas)
        if at < other and reasons(one.bar, two.bar, shared)
    }
    assert paired == expected


def plain(key, value=5.0, weeks=2, starts=None, **parts):
    return Candidate(make_bar(key, value=value, **parts), weeks, starts)


def plan(*candidates, weeks=4, **parts):
    return solve(QuarterProblem(weeks=WEEKS[:weeks], candidates=candidates, **parts))


def places(solution):
    return {start.key: start.week for start in solution.placements}


def test_ideas_of_one_segment_and_channel_follow_each_other_and_a_namespace_lets_them_share():
    assert places(plan(plain(1), plain(2, 6.0), plain(3, 4.0))) == {2: 0, 1: 2}
    shared = [plain(n, namespace=1, share=0.3, pod=n) for n in (1, 2, 3)]
    assert places(plan(*shared)) == {1: 0, 2: 0, 3: 0}
    assert places(plan(*shared, booked_limit=0.65)) == {1: 0, 2: 0, 3: 2}


def test_experiments_of_a_namespace_never_take_more_than_all_of_it_whatever_their_segments_are():
    shared = [plain(n, 9.0 - n, namespace=1, share=0.4, pod=n, segment=n) for n in (1, 2, 3)]
    assert places(plan(*shared)) == {1: 0, 2: 0, 3: 2}
    fixed = make_bar(9, days=10, segment=8, namespace=1, share=0.7, is_fixed=True)
    assert places(plan(shared[0], fixed=(fixed,))) == {1: 2}


@pytest.mark.parametrize(("value", "weeks"), [(5.0, {1: 0, 2: 0}), (7.0, {3: 0})])
def test_a_namespace_counts_as_one_against_others_and_the_bound_knows_it(value, weeks):
    shared = [plain(n, 3.0, namespace=1, share=0.3, pod=n) for n in (1, 2)]
    solution = plan(*shared, plain(3, value, pod=3), weeks=2)
    assert places(solution) == weeks
    assert solution.is_optimal


def test_fixed_bars_blackouts_and_the_weeks_an_idea_may_start_in_are_respected():
    fixed = make_bar(9, days=10, is_fixed=True)
    assert places(plan(plain(1), fixed=(fixed,))) == {1: 2}
    freeze = Blackout("Freeze", WEEKS[1], WEEKS[2])
    assert places(plan(plain(1), blackouts=(freeze,))) == {1: 2}
    assert places(plan(plain(1, starts=(1, 9)))) == {1: 1}
    assert places(plan(plain(1, weeks=5))) == {}


def test_what_waits_comes_behind_and_is_left_out_with_what_it_waits_for():
    later = plain(1, 9.0, after=frozenset({2}), segment=2)
    assert places(plan(later, plain(2, 1.0))) == {2: 0, 1: 2}
    assert places(plan(later, plain(2, 1.0, weeks=3))) == {2: 0}
    assert places(plan(later)) == {}
    assert places(plan(later, done=frozenset({2}))) == {1: 0}
    assert places(plan(later, fixed=(make_bar(2, days=7, is_fixed=True),))) == {1: 1}


def test_an_objective_gets_its_experiments_although_others_are_worth_more():
    two = (plain(1, 9.0, weeks=4), plain(2, 1.0, weeks=4, objective=7))
    assert places(plan(*two)) == {1: 0}
    served = plan(*two, objectives={7: 1})
    assert (places(served), served.conflicts) == ({2: 0}, ())


def test_people_days_and_experiments_at_once_bound_a_pod():
    two = [plain(n, 9.0 - n, pod=1, segment=n, people_days=5, build_days=5) for n in (1, 2)]
    # Work on the first week's start lies before the quarter, so only the second idea takes days in it.
    assert places(plan(*two, capacities=(PodCapacity(1, 0.0),), crowding=0)) == {1: 0, 2: 0}
    assert places(plan(*two, capacities=(PodCapacity(1, at_once=1),))) == {1: 0, 2: 2}
    assert places(plan(*two, at_once=1)) == {1: 0, 2: 2}


def test_late_starts_and_crowding_cost_value():
    late = plan(plain(1, 5.0, starts=(2,)))
    assert late.value == pytest.approx(5.0 * 0.98)
    crowd = [plain(n, pod=1, segment=n) for n in (1, 2)]
    assert plan(*crowd, weeks=2, crowding=0.1).value == pytest.approx(10 - 2 * 0.1 * 5)
    assert sorted(places(plan(*crowd, crowding=0.1)).values()) == [0, 2]
    assert places(plan(*crowd, weeks=2, crowding=0.6)) in ({1: 0}, {2: 0})


def test_an_empty_problem_is_an_empty_plan():
    nothing = plan()
    assert (nothing.placements, nothing.value, nothing.gap, nothing.is_optimal) == ((), 0, 0, True)


@pytest.mark.parametrize(("parts", "sentence"), [
    ({"candidates": (plain(1), plain(1))}, "same key"),
    ({"candidates": (plain(1),), "fixed": (make_bar(1),)}, "same key"),
    ({"candidates": (), "weeks": ()}, "at least one week"),
    ({"candidates": (), "weeks": (WEEKS[0], WEEKS[2])}, "follow each other"),
    ({"candidates": (plain(1, weeks=0),)}, "at least one week"),
])  # fmt: skip
def test_a_problem_without_sense_is_refused(parts, sentence):
    with pytest.raises(ValueError, match=sentence):
        QuarterProblem(**{"weeks": WEEKS} | parts)


def test_a_fixed_bar_that_waits_for_an_idea_has_it_placed_before():
    fixed = make_bar(9, first=21, segment=3, is_fixed=True, after=frozenset({1}))
    solution = plan(plain(1, 1.0), plain(2, 9.0, weeks=4), fixed=(fixed,))
    assert (places(solution), solution.conflicts) == ({1: 0}, ())


def test_gaps_are_fractions_of_the_value():
    assert gap_of(100, 103) == pytest.approx(0.03)
    assert gap_of(100, 99.9999999999) == 0
    assert gap_of(0, 5) is None


def test_week_numbers_and_days_of_a_place_agree():
    (start,) = plan(plain(1, starts=(2,))).placements
    assert (start.starts_on, start.ends_on) == (WEEKS[2], WEEKS[4])
    assert start.starts_on == MONDAY + 2 * (WEEKS[1] - WEEKS[0])
