"""Rounds of blind scoring: open, score, reveal, re-vote, close. Live or until a deadline.

Authors abstain: they are not asked for a score of their own idea, and can't give one.
"""

from backlog.flows.scoring.conducting import may_conduct, require_conductor
from backlog.flows.scoring.giving import asked_for, submit_score, why_no_score
from backlog.flows.scoring.opening import add_to_round, admit, open_round, reorder, without_seat
from backlog.flows.scoring.revealing import (
    KEEP,
    REVEAL,
    ask_again,
    close_round,
    hidden_in,
    keep_note,
    reveal,
    take_along,
)
from backlog.flows.scoring.session import go_to, hand_over, pause_timer, set_timer, take_over

__all__ = [
    "KEEP",
    "REVEAL",
    "add_to_round",
    "admit",
    "ask_again",
    "asked_for",
    "close_round",
    "go_to",
    "hand_over",
    "hidden_in",
    "keep_note",
    "may_conduct",
    "open_round",
    "pause_timer",
    "reorder",
    "require_conductor",
    "reveal",
    "set_timer",
    "submit_score",
    "take_along",
    "take_over",
    "why_no_score",
    "without_seat",
]
