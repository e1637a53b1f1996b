"""How much people influence scores: pure arithmetic on revealed votes, without names.

Two questions. In re-votes: how far did people move toward the first score of the most senior, or of
the first speaker, compared with how far they moved toward the middle of the others? In the ranking:
whose absence would change the top ten?
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from backlog.ranking import aggregate_all

FEWEST_PEOPLE = 4
FEWEST_MOVES = 8


@dataclass(frozen=True)
class Move:
    """One person's two votes in one dimension of one idea, and the first votes of others.

    `lead` and `speaker` are None where that is the person themselves, or nobody.
    """

    idea: int
    person: int
    first: float
    second: float
    middle: float
    lead: float | None
    speaker: float | None


@dataclass(frozen=True)
class Pull:
    """The share of the distance that re-votes closed, averaged over ideas; ± one standard error."""

    share: float
    error: float | None
    moves: int
    people: int


def pull(moves: Sequence[Move], toward: str) -> Pull | None:
    """How far re-votes went toward "lead", "speaker" or "middle": 1 is all the way, 0 is not at all.

    Of a move (second − first) ÷ (target − first), cut to −1 … 1. People who were already there are
    left out. Each idea counts once, however many moved in it. None under eight moves or four
    people.

    >>> moved = [Move(idea, who, 3, 6, 5, 9, None) for idea in (1, 2) for who in range(4)]
    >>> pull(moved, "lead").share
    0.5
    >>> pull(moved[:4], "lead") is None
    True
    """
    shares: dict[int, list[float]] = {}
    people = set()
    for move in moves:
        target = getattr(move, toward)
        if target is None or target == move.first:
            continue
        share = (move.second - move.first) / (target - move.first)
        shares.setdefault(move.idea, []).append(min(1.0, max(-1.0, share)))
        people.add(move.person)
    count = sum(map(len, shares.values()))
    if count < FEWEST_MOVES or len(people) < FEWEST_PEOPLE:
        return None
    means = np.array([np.mean(values) for values in shares.values()])
    error = float(means.std(ddof=1) / np.sqrt(len(means))) if len(means) > 1 else None
    return Pull(float(means.mean()), error, count, len(people))


ScoreRow = tuple[int, int, float | None, float | None, float | None]


def rests_on(
    rows: Sequence[ScoreRow], *, formula: str = "mean", top: int = 10
) -> Mapping[int, set[int]]:
    """Ideas that would leave the top without one person's scores: idea → the people it depends on.

    `rows` are (idea, person, impact, confidence, ease) of the scores that count. An idea that nobody
    else scored in some dimension has no ICE without that person, so it rests on them.

    >>> rows = [(1, 1, 9, 9, 9), (1, 2, 2, 2, 2), (2, 1, 5, 5, 5), (2, 2, 5, 5, 5)]
    >>> dict(rests_on(rows, top=1))
    {1: {1}}
    """
    best = _top(rows, formula, top)
    people_of: dict[int, set[int]] = {}
    for person in sorted({row[1] for row in rows}):
        without = _top([row for row in rows if row[1] != person], formula, top)
        for idea in best - without:
            people_of.setdefault(idea, set()).add(person)
    return people_of


def _top(rows: Sequence[ScoreRow], formula: str, top: int) -> set[int]:
    if not rows:
        return set()
    ordered = sorted(rows, key=lambda row: row[0])
    ids, idea = np.unique([row[0] for row in ordered], return_inverse=True)
    table = np.array([row[2:] for row in ordered], dtype=float)
    ices = aggregate_all(idea, table, formula)
    ranked = [(-ice.value, int(pk)) for pk, ice in zip(ids, ices, strict=True) if ice]
    return {pk for _, pk in sorted(ranked)[:top]}
