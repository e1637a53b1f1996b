"""Each placed idea says why there, and each one left out what stopped it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.quarters import LEVELS, make_problem
from experiments.quarter.bars import Blackout
from experiments.quarter.capacity import PodCapacity
from experiments.quarter.solver.board import Board
from experiments.quarter.solver.explain import Ending, explain
from experiments.quarter.solver.grid import Grid
from experiments.quarter.solver.milp import solve
from experiments.quarter.solver.problem import Candidate, QuarterProblem
from tests.quarter.worlds import WEEKS, make_bar


def idea(key, value=5.0, weeks=2, starts=None, **parts):
    return Candidate(make_bar(key, value=value, **parts), weeks, starts)


def explained(*candidates, weeks=4, **parts):
    problem = QuarterProblem(weeks=WEEKS[:weeks], candidates=candidates, **parts)
    answer = explain(problem, solve(problem))
    return {one.start.key: one for one in answer.placed}, {one.key: one for one in answer.left_out}


def test_the_earliest_free_week_says_what_stands_against_the_one_before():
    placed, _ = explained(idea(1, 6.0, units=3000, units_per_week=2000), idea(2))
    assert (placed[1].is_earliest, placed[1].earlier) == (True, ())
    assert (placed[1].weeks, placed[1].weeks_needed) == (2, 1.5)
    assert placed[2].is_earliest
    assert [(rule.code, rule.keys, rule.weeks) for rule in placed[2].earlier] == [
        ("collision", (1,), WEEKS[1:2])
    ]


def test_a_later_week_that_is_only_less_crowded_is_called_that():
    placed, _ = explained(*[idea(n, pod=1, segment=n) for n in (1, 2)], crowding=0.1)
    (late,) = [one for one in placed.values() if one.start.week == 2]
    assert (late.is_earliest, late.earlier) == (False, ())


def test_what_begins_after_the_run_is_said():
    freeze = Blackout("Campaign", WEEKS[2], WEEKS[3])
    placed, _ = explained(idea(1), blackouts=(freeze,))
    assert placed[1].ends_before == Ending(WEEKS[2], name="Campaign")
    placed, _ = explained(idea(1, 6.0), idea(2))
    assert placed[1].ends_before == Ending(WEEKS[2], key=2)
    assert placed[2].ends_before is None


def test_a_later_start_says_what_it_would_push_out():
    placed, _ = explained(idea(1, 6.0), idea(2, 5.0))
    swap = placed[1].swap
    assert (swap.starts_on, swap.keys, swap.value) == (WEEKS[1], (2,), pytest.approx(5 * 0.98))
    assert placed[2].swap is None


def test_an_experiment_that_an_objective_would_miss_says_so():
    placed, _ = explained(idea(1, objective=7), idea(2, segment=2), objectives={7: 1})
    assert (placed[1].objective, placed[2].objective) == (7, None)


def test_what_is_only_worth_less_says_which_ideas_are_in_its_place():
    _, left = explained(idea(1, 6.0), idea(2, 5.0), idea(3, 4.0))
    why = left[3]
    assert [(rule.code, rule.keys) for rule in why.stopped_by] == [
        ("collision", (1,)), ("collision", (2,)),
    ]  # fmt: skip
    assert (why.is_outbid, why.rivals, why.fits_next) == (True, (2,), True)
    assert why.rivals_value == pytest.approx(5 * 0.98)


def test_a_segment_that_is_sold_out_is_named_with_its_weeks():
    full = [idea(n, 9.0, weeks=4, channel=f"c{n}", share=0.4) for n in (1, 2)]
    _, left = explained(*full, idea(3, share=0.3, channel="push"), booked_limit=1.0)
    (rule,) = left[3].stopped_by
    assert (rule.code, rule.segment, rule.weeks) == ("audience", 1, WEEKS[:4])
    assert (rule.limit, rule.amount) == (1.0, pytest.approx(0.1))
    assert left[3].is_outbid


def test_what_no_plan_could_place_says_why():
    none = {"segment": 5, "pod": 4}
    _, left = explained(
        idea(1, weeks=5),
        idea(2, starts=(8,)),
        idea(3, after=frozenset({99}), **none),
        idea(4, people_days=9, build_days=5, starts=(1,), **none),
        idea(5, pod=6, segment=6),
        idea(6, after=frozenset({1}), segment=8),
        capacities=(PodCapacity(4, 2.0),),
        blackouts=(Blackout("Rebuild", WEEKS[0], WEEKS[3], pod=6),),
    )
    codes = {key: [rule.code for rule in why.stopped_by] for key, why in left.items()}
    assert codes == {
        1: ["too-long"],
        2: ["no-start"],
        3: ["after"],
        4: ["capacity"],
        5: ["blackout"],
        6: ["after"],
    }
    assert {key: why.fits_next for key, why in left.items()} == {
        1: False, 2: True, 3: True, 4: True, 5: True, 6: True,
    }  # fmt: skip
    assert not any(why.is_outbid or why.rivals for why in left.values())
    assert left[5].stopped_by[0].name == "Rebuild"
    assert (left[1].stopped_by[0].amount, left[1].stopped_by[0].limit) == (5, 4)


def test_what_would_fit_but_adds_less_than_it_crowds_is_stopped_by_no_rule():
    crowd = [idea(n, 5.0 + n, pod=1, segment=n) for n in (1, 2)]
    _, left = explained(*crowd, weeks=2, crowding=0.6)
    assert (left[1].stopped_by, left[1].is_outbid) == ((), True)


@given(st.integers(0, 10_000))
def test_reasons_hold_in_any_plan(seed):
    problem = make_problem(seed, ideas=14, weeks=7, pods=2, level=LEVELS[seed % 4])
    solution = solve(problem)
    answer = explain(problem, solution)
    grid = Grid(problem)
    board = Board(grid, (grid.column(grid.at[s.key], s.week) for s in solution.placements))
    before = board.value
    assert [one.start for one in answer.placed] == list(solution.placements)
    assert {one.key for one in answer.left_out} == set(solution.left_out)
    for why in answer.left_out:
        idea = grid.at[why.key]
        is_free = any(board.fits(column) for column in grid.columns_of[idea])
        assert bool(why.stopped_by) == (not is_free)
        for key in why.rivals:
            assert grid.at[key] in board.at
    for why in answer.placed:
        if why.swap:
            column = grid.column(grid.at[why.start.key], grid.number_of[why.swap.starts_on])
            held = board.take(column.idea)
            out = [board.take(grid.at[key]) for key in why.swap.keys]
            assert board.fits(column)
            for one in out:
                board.put(one)
            assert not board.fits(column)
            board.put(held)
    assert board.value == pytest.approx(before)
