"""A small version of what `benchmarks/optimiser.py` proves, so that its promises are kept in between."""

import pytest

from benchmarks.optimiser import MOST_GAP, faults, large, small
from benchmarks.quarters import LEVELS, make_problem, with_faults
from experiments.quarter.solver.greedy import greedy
from experiments.quarter.solver.grid import Grid
from experiments.quarter.solver.milp import solve


def test_small_quarters_are_equal_to_the_second_solver_and_not_below_greedy(capsys):
    assert small(40) == 0
    assert "40 quarters of up to 12 ideas: 0 differ" in capsys.readouterr().out


def test_planted_faults_are_named_and_nothing_else(capsys):
    assert faults(8) == 0
    planted = sum(len(with_faults(seed)[1]) for seed in range(8))
    assert f"{planted} faults planted in 8 quarters" in capsys.readouterr().out


@pytest.mark.parametrize("level", LEVELS, ids=lambda level: level.name)
def test_quarters_of_thirty_ideas_are_within_the_gap_of_their_level(level):
    solution = solve(make_problem(1, ideas=30, pods=2, level=level), rounds=3)
    assert solution.gap <= MOST_GAP[level.name]


def test_the_levels_run_from_roomy_to_over_booked():
    values = [len(greedy(Grid(make_problem(4, level=level))).at) for level in LEVELS]
    assert values == sorted(values, reverse=True)
    assert values[0] > 1.5 * values[-1]


def test_the_table_of_large_quarters_may_be_left_out(capsys):
    assert large(0, is_plain=True) == 0
