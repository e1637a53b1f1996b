"""The looks of a plan: when they are due, and that all of them together err as seldom as promised."""

import numpy as np
import pytest
import scipy
from hypothesis import given
from hypothesis import strategies as st

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


@given(
    shares=st.lists(st.floats(0.01, 3.0), min_size=1, max_size=8),
    looks=st.integers(2, 6),
    is_over=st.booleans(),
)
def test_no_file_after_another_can_stop_the_reading(shares, looks, is_over):
    """F2: one more file after the last planned look, and the analysis failed on every try."""
    plan = Plan.from_json({"planned_units": 1_000, "statistics": {"looks": looks}})
    units = sorted(round(share * 1_000) or 1 for share in shares)
    earlier = []
    for seen in units:
        look = due_look(plan, earlier, seen, is_over=is_over and seen == units[-1])
        if look:
            assert 1.5 < bound_at(look, 0.05) < 40
            earlier.append(seen)


@pytest.mark.parametrize(
    "units", [[400, 800, 1_050, 1_100], [500, 1_000, 1_001], [360, 700, 1_020, 1_050]]
)
def test_data_after_the_last_look_are_read_in_its_place(units):
    plan = Plan.from_json({"planned_units": 1_000, "statistics": {"looks": 3}})
    look = due_look(plan, units[:-1], units[-1], is_over=True)
    assert look.is_final
    assert sum(share >= 1 for share in look.fractions) == 1
    assert 0 < p_at(look, 0.03) < 1
