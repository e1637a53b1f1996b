"""How good “Plan my quarter” is: `taskset -c 1 python benchmarks/optimiser.py`.

It makes random quarters (`benchmarks/quarters.py`) from roomy to over-booked. Small ones are compared with a
second solver that tries everything, and with the best idea first (greedy). Large ones, 200 ideas × 13 weeks ×
10 pods, show the gap to the bound after 20 seconds, and that the same quarter has the same plan. Faults are
planted to see whether each is named. `--plain` also lets the plain solver work for 120 seconds on each.
"""

import argparse
import dataclasses
import datetime as dt
import platform
import random
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import scipy

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.quarters import LEVELS, make_problem, with_faults
from experiments.quarter.solver.exhaustive import best_of_all
from experiments.quarter.solver.greedy import greedy
from experiments.quarter.solver.grid import Grid
from experiments.quarter.solver.highs import silence
from experiments.quarter.solver.milp import WORK, solve
from experiments.quarter.solver.problem import QuarterProblem, QuarterSolution, gap_of
from experiments.quarter.solver.rows import model_of

SECONDS, PLAIN_SECONDS = 20.0, 120.0
MOST_GAP = {"roomy": 0.02, "usual": 0.03, "tight": 0.07, "over-booked": 0.11}


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", type=int, default=500, help="quarters of up to 12 ideas")
    parser.add_argument("--large", type=int, default=3, help="quarters of 200 ideas per level")
    parser.add_argument("--faults", type=int, default=100, help="quarters with planted faults")
    parser.add_argument("--plain", action="store_true", help="compare with 120 s of plain HiGHS")
    options = parser.parse_args(arguments)
    print(f"{dt.date.today():%-d %B %Y}, Python {platform.python_version()}, scipy {scipy.__version__}, "
          f"{WORK:.0f} units of work.\n")  # fmt: skip
    failures = small(options.small) + faults(options.faults) + gains()
    failures += large(options.large, is_plain=options.plain)
    print(f"\n{failures} broken promises." if failures else "\nAll promises are kept.")
    return int(failures > 0)


def small(count: int) -> int:
    """Equal to the second solver, and never below greedy."""
    unequal = below = 0
    seconds, gains = [0.0, 0.0], []
    for seed in range(count):
        dice = random.Random(seed)
        problem = make_problem(
            seed, ideas=dice.randrange(1, 13), weeks=dice.choice((5, 6, 7, 8)),
            pods=dice.randrange(1, 4), level=LEVELS[seed % 4],
        )  # fmt: skip
        solution, first = timed(lambda problem=problem: solve(problem))
        (_, value), second = timed(lambda problem=problem: best_of_all(problem))
        seconds = [seconds[0] + first, seconds[1] + second]
        by_value = greedy(Grid(problem)).value
        unequal += abs(solution.value - value) > 1e-6 or not solution.is_optimal
        below += solution.value < by_value - 1e-9
        if by_value > 0:
            gains.append(solution.value / by_value - 1)
    print(f"{count} quarters of up to 12 ideas: {unequal} differ from the second solver, {below} are below "
          f"greedy. Mean gain {statistics.mean(gains):.1%}. {seconds[0] / count * 1000:.0f} ms each; the "
          f"second solver {seconds[1] / count * 1000:.0f}.")  # fmt: skip
    return unequal + below


def gains() -> int:
    """Mean gain over greedy at 50 ideas, five quarters per level."""
    rows, below = [], 0
    for seed in range(20):
        problem = make_problem(seed, ideas=50, pods=4, level=LEVELS[seed % 4])
        board, solution = greedy(Grid(problem)), solve(problem)
        below += board.is_enough and solution.value < board.value - 1e-9
        rows.append(solution.value / board.value - 1)
    print(
        f"20 quarters of 50 ideas × 4 pods: {below} below greedy, mean gain {statistics.mean(rows):.1%}."
    )
    return below


def faults(count: int) -> int:
    """Every planted fault is named, and nothing else."""
    missed = extra = planted = 0
    for seed in range(count):
        problem, expected = with_faults(seed)
        names = {name for one in solve(problem, rounds=0).conflicts for name in names_of(one)}
        planted += len(expected)
        missed += len(expected - names)
        extra += len(names - expected)
    print(
        f"{planted} faults planted in {count} quarters of 40 ideas: {missed} not named, {extra} others named."
    )
    return missed + extra


def names_of(conflict):
    """The rules of a conflict, as `with_faults` writes them."""
    for rule in (conflict.rule, *conflict.against):
        subject = (
            rule.pod or rule.segment or rule.objective or rule.name or tuple(sorted(rule.keys))
        )
        yield rule.code, subject


def large(count: int, *, is_plain: bool) -> int:
    """200 ideas × 13 weeks × 10 pods, level by level."""
    print(f"\n| 200 ideas × 13 weeks × 10 pods | gap | at most | over greedy | placed | of processor, s | "
          f"same again | plain, {PLAIN_SECONDS:.0f} s |\n|---|--:|--:|--:|--:|--:|---|---|")  # fmt: skip
    failures = 0
    for level in LEVELS:
        for seed in range(count):
            problem = make_problem(seed, level=level)
            (solution, seconds) = timed(lambda problem=problem: solve(problem))
            again = solve(problem)
            by_value = greedy(Grid(problem)).value
            rival = plain(problem, solution) if is_plain else ("", True)
            kept = [
                solution.gap is not None and solution.gap <= MOST_GAP[level.name],
                seconds <= SECONDS,
                repr(bare(again)) == repr(bare(solution)),
                solution.value >= by_value,
                rival[1],
            ]
            failures += kept.count(False)
            print(f"| {level.name} {seed} | {solution.gap:.2%} | {MOST_GAP[level.name]:.0%} | "
                  f"{solution.value / by_value - 1:.1%} | {len(solution.placements)} | {seconds:.1f} | "
                  f"{'yes' if kept[2] else 'NO'} | {rival[0]} |", flush=True)  # fmt: skip
    return failures


def plain(problem: QuarterProblem, solution: QuarterSolution) -> tuple[str, bool]:
    """The same rows given to the solver at once; its gap, and whether it found nothing better."""
    model = model_of(Grid(problem))
    with silence():
        result = scipy.optimize.milp(
            -model.gain,
            integrality=(np.arange(len(model.gain)) < model.columns).astype(np.int64),
            bounds=scipy.optimize.Bounds(0, model.upper),
            constraints=scipy.optimize.LinearConstraint(model.matrix, -np.inf, model.most),
            options={"time_limit": PLAIN_SECONDS},
        )
    if result.x is None:
        return "no plan", True
    value, bound = -float(result.fun), -float(result.mip_dual_bound)
    return (
        f"{gap_of(value, bound):.2%}, {solution.value / value - 1:+.2%}",
        solution.value >= value - 1e-6,
    )


def bare(solution: QuarterSolution) -> QuarterSolution:
    return dataclasses.replace(solution, seconds=0.0)


def timed(work: Callable):
    """What it returns, and seconds of processor."""
    start = time.process_time()
    answer = work()
    return answer, time.process_time() - start


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
