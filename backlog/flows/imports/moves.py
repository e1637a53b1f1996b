"""The life of an import, as one table. The flow checks permission: only the person who started
it."""

from backlog.flows.transitions import Transition, table_of
from backlog.models import Import

S = Import.State

IMPORT_MOVES = table_of((
    Transition("understand", "Read", "", (S.RECEIVED,), S.UNDERSTOOD),
    Transition("answer", "Read again", "", (S.UNDERSTOOD,), S.RECEIVED),
    Transition("confirm", "Add", "", (S.UNDERSTOOD,), S.CONFIRMED),
    Transition("add", "Add", "", (S.CONFIRMED,), S.ADDED),
    Transition("undo", "Undo", "", (S.ADDED,), S.UNDOING),
    Transition("take_out", "Take out", "", (S.UNDOING,), S.UNDONE),
    # Where work was refused or failed, to where the person can go on from.
    Transition("fail", "Give up", "", (S.RECEIVED,), S.FAILED),
    Transition("fail_to_add", "Back to the rows", "", (S.CONFIRMED,), S.UNDERSTOOD),
    Transition("fail_to_undo", "Keep the ideas", "", (S.UNDOING,), S.ADDED),
))  # fmt: skip
BACK = ("fail", "fail_to_add", "fail_to_undo")
