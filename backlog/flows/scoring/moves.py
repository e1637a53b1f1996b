"""The life of a round, and of an idea on its agenda, as tables."""

from dataclasses import replace

from backlog.flows.transitions import Transition, table_of
from backlog.models import Round, RoundIdea

BLIND, REVEALED, REVOTE = RoundIdea.Stage.BLIND, RoundIdea.Stage.REVEALED, RoundIdea.Stage.REVOTE
SETTLED, LEFT = RoundIdea.Stage.SETTLED, RoundIdea.Stage.LEFT

ROUND_MOVES = table_of((
    Transition("close", "Close the round", "{by} closed the round.", (Round.State.OPEN,),
               Round.State.CLOSED),
))  # fmt: skip

# Who may is asked of the round; history stands with the round and with the idea.
ITEM_MOVES = {
    name: replace(row, field="stage")
    for name, row in table_of((
        Transition("reveal", "Reveal", "", (BLIND,), REVEALED),
        Transition("ask_again", "Score again", "", (REVEALED,), REVOTE),
        Transition("reveal_again", "Reveal", "", (REVOTE,), SETTLED),
        Transition("leave", "Leave for later", "", (BLIND,), LEFT),
        Transition("settle", "Settle", "", (REVEALED, REVOTE), SETTLED),
    )).items()
}  # fmt: skip
