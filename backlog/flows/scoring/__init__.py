"""Rounds of blind scoring: open, score, reveal, re-vote, close. Live or until a deadline.

Authors abstain: they are not asked for a score of their own idea, and can't give one.
"""

from backlog.flows.scoring.conducting import may_conduct, require_conductor
from backlog.flows.scoring.giving import asked_for, submit_score, why_no_score
from backlog.flows.scoring.opening import admit, open_round, reorder
from backlog.flows.scoring.revealing import ask_again, close_round, keep_note, reveal
from backlog.flows.scoring.session import go_to, hand_over, set_timer, take_over

__all__ = [
    "admit",
    "ask_again",
    "asked_for",
    "close_round",
    "go_to",
    "hand_over",
    "keep_note",
    "may_conduct",
    "open_round",
    "reorder",
    "require_conductor",
    "reveal",
    "set_timer",
    "submit_score",
    "take_over",
    "why_no_score",
]
