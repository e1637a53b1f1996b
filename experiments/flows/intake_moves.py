"""The life of an intake of data, as one table. Who may is asked of the experiment by the flow."""

from backlog.flows.transitions import Transition, table_of
from experiments.models import Intake

S = Intake.State

INTAKE_MOVES = table_of((
    Transition("look_again", "Look again", "", (S.RECEIVED, S.UNDERSTOOD), S.RECEIVED),
    Transition("understand", "Read", "", (S.RECEIVED, S.UNDERSTOOD), S.UNDERSTOOD),
    Transition("queue", "Read by a worker", "", (S.RECEIVED, S.UNDERSTOOD), S.READING),
    Transition("finish_reading", "Read", "", (S.READING,), S.UNDERSTOOD),
    Transition("give_back", "Hand back to the person", "", (S.READING,), S.RECEIVED),
    Transition("count", "Count", "", (S.UNDERSTOOD,), S.COUNTED),
    Transition("analyse", "Analyse", "", (S.COUNTED,), S.ANALYSED),
    Transition("fail", "Give up", "", (S.COUNTED,), S.FAILED),
    Transition(
        "remove", "Remove", "", (S.RECEIVED, S.UNDERSTOOD, S.REPLACED, S.FAILED), S.REMOVED
    ),
    Transition("replace", "Replace", "", (S.COUNTED, S.ANALYSED), S.REPLACED),
))  # fmt: skip
