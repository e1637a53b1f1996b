"""Bars, segments and overlaps that nobody thought of."""

import datetime as dt

from hypothesis import strategies as st

from experiments.quarter.bars import Bar, overlaps_of

MONDAY = dt.date(2027, 1, 4)
WEEKS = tuple(MONDAY + dt.timedelta(days=7 * n) for n in range(13))
SIZES = {1: 1000, 2: 400, 3: 5000, 4: None}
DAYS = st.integers(-20, 100).map(lambda n: MONDAY + dt.timedelta(days=n))


def make_bar(key=1, first=0, days=28, **parts):
    """A bar of segment 1 by email, from day `first` of the quarter on."""
    starts_on = MONDAY + dt.timedelta(days=first)
    return Bar(
        key=key,
        starts_on=starts_on,
        ends_on=starts_on + dt.timedelta(days=days),
        **{"segment": 1, "channel": "email"} | parts,
    )


@st.composite
def bars(draw, max_size=12):
    count = draw(st.integers(0, max_size))
    return [draw(one_bar(key)) for key in range(1, count + 1)]


@st.composite
def one_bar(draw, key):
    return make_bar(
        key,
        draw(st.integers(-20, 90)),
        draw(st.integers(0, 45)),
        pod=draw(st.integers(1, 3)),
        segment=draw(st.sampled_from([None, 1, 2, 3, 4])),
        channel=draw(st.sampled_from(["", "email", "Email", "push"])),
        surface=draw(st.sampled_from(["", "", "home", "paywall"])),
        country=draw(st.sampled_from(["", "", "de", "fr"])),
        namespace=draw(st.sampled_from([None, None, 1, 2])),
        share=draw(st.floats(0, 1)),
        build_days=draw(st.integers(0, 12)),
        people_days=draw(st.floats(0, 20)),
        messages_per_week=draw(st.one_of(st.none(), st.floats(0, 5))),
        is_fixed=draw(st.booleans()),
    )


@st.composite
def overlaps(draw):
    pairs = [(one, other) for one in SIZES for other in SIZES if one < other]
    both = {pair: draw(st.integers(0, 400)) for pair in pairs if draw(st.booleans())}
    return overlaps_of(SIZES, both, tolerated=draw(st.sampled_from([0.0, 0.1])))
