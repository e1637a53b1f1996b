"""The life of a proposal, as one table. Who may is asked by the flow, of the pod or of the workspace."""

from backlog.flows.transitions import Transition, table_of
from experiments.models import Scenario

S = Scenario.State

SCENARIO_MOVES = table_of((
    Transition("finish", "Show the proposal", "", (S.SOLVING,), S.SOLVED),
    Transition("fail", "Give up", "", (S.SOLVING,), S.FAILED),
    Transition("discard", "Discard", "", (S.SOLVING, S.SOLVED, S.FAILED), S.DISCARDED),
))  # fmt: skip
