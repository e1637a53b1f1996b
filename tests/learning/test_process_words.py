"""What an experiment on how people work says: never a direction that its units can't show."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.learning.process import ProcessUnit, Strength, process_result, strength_of
from experiments.learning.process_words import (
    ProcessVerdict,
    before_the_start,
    difference_text,
    fewest_clusters,
    process_verdict,
    result_sentences,
)

values = st.floats(-1e6, 1e6).map(lambda x: round(x, 3))


def result_of(now, other):
    return process_result(
        [ProcessUnit(f"now {at}", False, value) for at, value in enumerate(now)]
        + [ProcessUnit(f"other {at}", True, value) for at, value in enumerate(other)]
    )


@given(st.lists(values, max_size=5), st.lists(values, max_size=5), st.booleans())
def test_a_direction_needs_units_that_can_show_it_and_a_small_p(now, other, is_good):
    result = result_of(now, other)
    verdict = process_verdict(result, is_increase_good=is_good)
    if result.strength in (Strength.NO_COMPARISON, Strength.CANNOT_SHOW):
        assert verdict == ProcessVerdict.CANNOT_TELL
    if verdict in (ProcessVerdict.BETTER, ProcessVerdict.WORSE):
        assert result.p_value <= 0.05
        assert (verdict == ProcessVerdict.BETTER) == ((result.difference > 0) == is_good)
    first, second = result_sentences(result, noun="weeks", unit="days", is_increase_good=is_good)
    assert "nan" not in first + second
    assert "None" not in first + second


@given(st.lists(values, min_size=4, max_size=5), st.lists(values, min_size=4, max_size=5))
def test_more_is_better_or_worse_are_mirror_images(now, other):
    one = process_verdict(result_of(now, other), is_increase_good=True)
    turned = process_verdict(result_of(other, now), is_increase_good=True)
    mirror = {
        ProcessVerdict.BETTER: ProcessVerdict.WORSE,
        ProcessVerdict.WORSE: ProcessVerdict.BETTER,
    }
    assert turned == mirror.get(one, one)


def test_the_fewest_clusters_are_the_first_that_can_show_something():
    fewest = fewest_clusters()
    for count in range(2, 40):
        can_show = strength_of(count - count // 2, count // 2) in (Strength.WEAK, Strength.USABLE)
        assert can_show == (count >= fewest)
        assert ("too few to show anything" in before_the_start(count, "pods")) == (not can_show)
        assert ("This will be weak evidence" in before_the_start(count, "pods")) == (
            8 <= count < 12
        )


@pytest.mark.parametrize(("now", "other", "text"), [
    ([9.0] * 4, [3.5] * 4, "−5.5 (−5.5 to −5.5) days"),
    ([0.0] * 4, [0.0] * 4, "0 (0 to 0) days"),
    ([9, 7, 12, 8], [3, 2, 5, 4], "−5.5 (−10.0 to −2.0) days"),
    ([9.0], [], "–"),
])  # fmt: skip
def test_a_difference_stands_with_its_interval(now, other, text):
    assert difference_text(result_of(now, other), "days") == text


def test_three_units_call_nothing_however_far_apart_they_are():
    first, second = result_sentences(result_of([1.0], [9e5, 9e5]), noun="pods")
    assert first.startswith(
        "1 and 2 pods are too few to show anything: even the clearest difference"
    )
    assert second.endswith("It may be chance alone.")
    assert math.isclose(result_of([1.0], [9e5, 9e5]).smallest_p, 2 / 3)
