"""Comparisons made many at a time: each is to the bit what it is alone."""

from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.engine.batching import BEFORE, Request, effects_of, effects_one_by_one
from experiments.stats import CovariateMean, Mean, Proportion, Ratio

values = st.floats(-1e6, 1e6)
spreads = st.one_of(st.just(0.0), st.floats(1e-6, 1e9))
counts = st.one_of(st.integers(0, 60), st.integers(0, 10**7))


@st.composite
def proportions(draw):
    n = draw(counts)
    return Proportion(n, draw(st.integers(0, n)))


KINDS = (
    proportions(),
    st.builds(Mean, counts, values, spreads),
    st.builds(Ratio, counts, values, values, spreads, spreads, values),
    st.builds(CovariateMean, counts, values, spreads, values, spreads, values),
)


@st.composite
def questions(draw):
    kind = draw(st.sampled_from(KINDS))
    side = draw(st.sampled_from(["two-sided", "greater", "less"]))
    margin = 0.0 if side == "two-sided" else draw(st.sampled_from([0.0, 0.01]))
    tuned = draw(st.sampled_from([None, 500.0, 12_345.0]))
    return Request(draw(kind), draw(kind), draw(st.sampled_from([0.95, 0.9])), side, margin, tuned)


@given(st.lists(questions(), min_size=1, max_size=12), st.randoms(use_true_random=False))
@settings(max_examples=settings().max_examples * 3 // 2)
def test_an_answer_has_the_same_bits_whatever_is_asked_along_with_it(requests, dice):
    alone = [effects_of([one])[0] for one in requests]
    order = [*range(len(requests)), *range(len(requests))]
    dice.shuffle(order)
    together = effects_of([requests[place] for place in order])
    assert [repr(one) for one in together] == [repr(alone[place]) for place in order]


@given(st.lists(questions(), min_size=1, max_size=6))
@settings(max_examples=60, deadline=None)
def test_the_way_of_the_engines_before_says_the_same(requests):
    together = effects_of(requests, BEFORE)
    for now, before in zip(together, effects_one_by_one(requests), strict=True):
        assert (now.method, now.why_not) == (before.method, before.why_not)
