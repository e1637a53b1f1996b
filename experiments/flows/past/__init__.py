"""Past experiments from a spreadsheet: read, understood, added or not at all, undone in one step.

The importer is the backlog's. This is what it does with a table of experiments.
"""

from backlog.flows.imports.kinds import ImportKind
from experiments.flows.past.understanding import understand
from experiments.flows.past.undoing import take_out
from experiments.flows.past.writing import PERMISSION, put_in

PAST_EXPERIMENTS = ImportKind(
    "experiments.past.headings:keep_sheet", PERMISSION, 100, understand, put_in, take_out
)

__all__ = ["PAST_EXPERIMENTS"]
