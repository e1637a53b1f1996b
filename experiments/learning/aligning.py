"""Which words two texts have in common, in order, within a bound of work. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Final, NamedTuple

MOST_PAIRS: Final = 50_000
"""Up to so many pairs of equal words `SequenceMatcher` aligns a stretch in one go, so that texts of n words
cost about n√`MOST_PAIRS` steps per pass at most. Longer stretches are cut first, at words that occur
once on both sides, or at the shortest of `RUNS` that do. A stretch without any such run is taken as one
change, which loses nothing."""

RUNS: Final = (1, 4, 16)
"""How many words in a row have to be unique."""


class Block(NamedTuple):
    """A stretch of equal words: where it begins in each text, and its length."""

    low: int
    other: int
    size: int

    def moved(self, by: int, other_by: int) -> Block:
        return Block(self.low + by, self.other + other_by, self.size)


def equal_stretches(a: list[str], b: list[str]) -> list[Block]:
    """Stretches of words that two texts share, in the order of both.

    Args:
        a: words of one text.
        b: words of the other.

    Returns:
        Blocks that rise in both texts; the last one, of length 0, is at the ends.

    Raises:
        Nothing.

    Source: Ratcliff & Metzener 1988 Dr Dobb's Journal 13(7):46 (`difflib`); anchors at unique words
    as in the patience diff of Bazaar (B. Cohen).

    >>> equal_stretches("we sent it late".split(), "we posted it late".split())
    [Block(low=0, other=0, size=1), Block(low=2, other=2, size=2), Block(low=4, other=4, size=0)]
    """
    return [*_aligned(a, b), Block(len(a), len(b), 0)]


def _aligned(a: list[str], b: list[str]) -> Iterator[Block]:
    """Equal stretches: the common beginning and end first, then what lies between them."""
    least = min(len(a), len(b))
    start = next((at for at in range(least) if a[at] != b[at]), least)
    least -= start
    tail = next((at for at in range(least) if a[-1 - at] != b[-1 - at]), least)
    if start:
        yield Block(0, 0, start)
    a_end, b_end = len(a) - tail, len(b) - tail
    if start < min(a_end, b_end):
        for block in _between(a[start:a_end], b[start:b_end]):
            yield block.moved(start, start)
    if tail:
        yield Block(a_end, b_end, tail)


def _between(a: list[str], b: list[str]) -> Iterator[Block]:
    counts = Counter(b)
    if sum(counts[word] for word in a) <= MOST_PAIRS:
        matcher = SequenceMatcher(None, a, b, autojunk=False)
        yield from (Block(*match) for match in matcher.get_matching_blocks() if match.size)
        return
    anchors = next((pairs for run in RUNS if (pairs := _anchors(a, b, run))), [])
    if not anchors:
        return
    stops = [(-1, -1), *anchors, (len(a), len(b))]
    for (one, other), (next_one, next_other) in pairwise(stops):
        if one >= 0:
            yield Block(one, other, 1)
        for block in _aligned(a[one + 1 : next_one], b[other + 1 : next_other]):
            yield block.moved(one + 1, other + 1)


def _anchors(a: list[str], b: list[str], run: int) -> list[tuple[int, int]]:
    """Places of runs of words that occur once in both, as many as keep their order."""
    places: list[dict[tuple[str, ...], int]] = []
    for words in (a, b):
        keys = list(zip(*(words[step:] for step in range(run)), strict=False))
        counts = Counter(keys)
        places.append({key: index for index, key in enumerate(keys) if counts[key] == 1})
    return _rising([(at, places[1][key]) for key, at in places[0].items() if key in places[1]])


def _rising(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest run of pairs whose second numbers rise too (patience sorting)."""
    tops: list[int] = []
    piles: list[int] = []  # indices of pairs
    before: list[int] = []
    for index, (_, value) in enumerate(pairs):
        pile = bisect_left(tops, value)
        tops[pile : pile + 1] = [value]
        piles[pile : pile + 1] = [index]
        before.append(piles[pile - 1] if pile else -1)
    chain: list[tuple[int, int]] = []
    index = piles[-1] if piles else -1
    while index >= 0:
        chain.append(pairs[index])
        index = before[index]
    return chain[::-1]
