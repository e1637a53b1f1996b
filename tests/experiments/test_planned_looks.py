"""The looks of a plan: when they are due, and that all of them together err as seldom as promised."""

import numpy as np
import pytest
import scipy

from experiments.engine.looks import Look, bound_at, due_look, next_look, nominal_confidence, p_at
from experiments.plan.document import Plan, Statistics
from experiments.stats import crossing_rate

PLAN = Plan(planned_units=900, statistics=Statistics(looks=3))


@pytest.mark.parametrize(
    ("earlier", "units", "is_over", "number"),
    [
        ([], 299, False, None), ([], 300, False, 1), ([300], 599, False, None),
        ([310], 700, False, 2), ([], 650, False, 2), ([310], 900, False, 3),
        ([310], 500, True, 3), ([], 0, True, None), ([300, 600, 900], 950, False, 3),
    ],
)  # fmt: skip
def test_a_look_is_due_at_its_share_and_at_the_end(earlier, units, is_over, number):
    look = due_look(PLAN, earlier, units, is_over=is_over)
    assert (look.number if look else None) == number


def test_without_planned_units_the_only_look_is_the_end():
    plan = Plan(statistics=Statistics(looks=3))
    assert due_look(plan, [], 500, is_over=False) is None
    assert due_look(plan, [], 500, is_over=True).is_final
    assert next_look(PLAN, 310) == (2, 600)


@pytest.mark.parametrize("last", [0.7, 1.0, 1.3])
def test_all_looks_together_err_with_five_per_cent(last):
    shares = (0.3, 0.55, last)
    bounds = [bound_at(Look(n + 1, 3, shares[: n + 1], n == 2), 0.05) for n in range(3)]
    assert crossing_rate(bounds, [share / last for share in shares]) == pytest.approx(
        0.05, abs=2e-6
    )


def test_the_p_of_a_look_is_under_alpha_where_its_bound_is_crossed():
    look = Look(2, 3, (0.35, 0.64), False)
    for alpha in (0.4, 0.05, 0.0125, 1e-5):
        p = 2 * scipy.special.ndtr(-bound_at(look, alpha))
        assert p_at(look, p) == pytest.approx(alpha, rel=1e-6)
    many = [p_at(look, p) for p in np.geomspace(1e-20, 1, 40)]
    assert many == sorted(many)
    assert (many[0], many[-1]) == (1e-12, 1.0)
    assert nominal_confidence(look, 0.95) > 0.95
