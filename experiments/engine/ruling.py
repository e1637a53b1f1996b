"""Which of an experiment's readings its sealed rule decides by. Pure.

A rule that is held against new data again and again errs more often than it promises. So the first
reading that may decide is the one that does: of a fixed plan the first at its end, of one that may be
read on the way the first that crossed its bound. Newer data are shown beside it.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from experiments.engine.masking import SPOKEN

CLEAR: Final = ("ship", "roll-back")
FIXED: Final = "fixed-horizon"


class Past(NamedTuple):
    """One reading: `is_past_end` if the planned end had come, `has_gap` if something that decides was
    not measured."""

    outcome: str
    is_past_end: bool
    has_gap: bool = False


def ruling_of(readings: Sequence[Past], method: str) -> int | None:
    """The place of the reading that decides; None where none of them may.

    Args:
        readings: the newest one of each data that still counts or counted, oldest data first.
        method: how the sealed plan is read.

    What is found later does not change it, with two exceptions: data that must be mended first, and
    a “ship” whose arm has turned out to be clearly worse.

    >>> wait, win, open_end = Past("keep-running", False), Past("ship", False), Past("cannot-tell", True)
    >>> ruling_of([wait, win, wait], "planned-looks"), ruling_of([wait, wait], "any-time")
    (1, None)
    >>> ruling_of([win._replace(is_past_end=True), open_end], FIXED)
    0
    >>> ruling_of([win, Past("roll-back", True)], "any-time")
    1
    """
    if not readings or readings[-1].outcome == "fix-data":
        return None
    first = next((place for place, past in enumerate(readings) if _decides(past, method)), None)
    last = len(readings) - 1
    if first is not None and readings[first].outcome == "ship":
        worse = (at for at in range(first, last + 1) if readings[at].outcome == "roll-back")
        return next(worse, first)
    if first is None and readings[last].is_past_end and readings[last].outcome in SPOKEN:
        return last  # at its end, with a gap: nothing better has come
    return first


def _decides(past: Past, method: str) -> bool:
    if past.has_gap and past.outcome != "roll-back":
        return False
    if past.is_past_end:
        return past.outcome in SPOKEN
    return method != FIXED and past.outcome in CLEAR
