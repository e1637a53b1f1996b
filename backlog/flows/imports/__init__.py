"""Rows from a spreadsheet: receive, understand, add all or none, undo in one step.

A small table is handled at once. A large table waits as a row with a lease: a task takes it, the
page polls its progress, and a sweep finds what was left behind.
"""

from backlog.flows.imports.asking import (
    answer,
    confirm,
    confirm_as_chosen,
    receive,
    take_choices,
    undo,
)
from backlog.flows.imports.working import work_on, work_on_left_behind

__all__ = [
    "answer",
    "confirm",
    "confirm_as_chosen",
    "receive",
    "take_choices",
    "undo",
    "work_on",
    "work_on_left_behind",
]
