"""How it stood at the end of each day: daily samples add up, running totals do not."""

import datetime as dt
import doctest

import pytest

from experiments.engine import days
from experiments.engine.days import complete_days, running_totals
from experiments.forms import guessing
from experiments.results_file import days as day_rows
from experiments.stats import Mean

FIRST, SECOND, THIRD = ("2026-11-02", "2026-11-03", "2026-11-04")


def row(day, arm, **values):
    return {"day": day, "metric": "Read", "variant": arm, **values}


def test_daily_samples_add_up_by_the_formula_for_disjoint_samples():
    first, second = [1.0, 2.0, 4.0], [8.0, 9.0]
    rows = [
        row(SECOND, "A", n=2, mean=8.5, variance=0.5),
        row(FIRST, "A", n=3, mean=7 / 3, variance=7 / 3),
        {"metric": "Read", "variant": "A", "n": 99, "mean": 0, "variance": 0},
    ]
    one, two = running_totals(rows, "daily")
    assert (one.day, one.units) == (dt.date(2026, 11, 2), {"A": 3})
    whole, added = Mean.from_units(first + second), two.samples["Read"]["A"]
    assert (added.n, round(added.mean, 12)) == (5, round(whole.mean, 12))
    assert abs(added.variance - whole.variance) < 1e-12


def test_running_totals_stand_as_they_are_and_an_arm_that_is_late_as_the_day_before():
    rows = [row(FIRST, arm, n=100, successes=10) for arm in "AB"]
    rows += [row(SECOND, "A", n=180, successes=21), row(THIRD, "B", n=260, successes=30)]
    days = running_totals(rows, "cumulative")
    assert [standing.units for standing in days] == [
        {"A": 100, "B": 100}, {"A": 180, "B": 100}, {"A": 180, "B": 260}]  # fmt: skip
    assert complete_days(rows)[1] == [SECOND, THIRD]
    assert running_totals(rows, "total") == []


@pytest.mark.parametrize("module", [days, day_rows, guessing])
def test_the_examples_are_true(module):
    assert doctest.testmod(module).failed == 0
