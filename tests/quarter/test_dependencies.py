"""Circles of experiments that wait for each other, and an order for all others."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.quarter.dependencies import circle_in, in_turn

KEYS = st.integers(1, 7)
AFTER = st.dictionaries(KEYS, st.sets(KEYS, max_size=3), max_size=7)


@given(AFTER)
def test_either_there_is_a_circle_or_an_order(after):
    circle = circle_in(after)
    if not circle:
        order = in_turn(after)
        assert sorted(order) == sorted(after)
        for key, others in after.items():
            assert all(order.index(one) < order.index(key) for one in others if one in after)
        return
    for key, needed in zip(circle, (*circle[1:], circle[0]), strict=True):
        assert needed in after[key]
    assert circle[0] == min(circle)
    with pytest.raises(ValueError, match="in a circle"):
        in_turn(after)
