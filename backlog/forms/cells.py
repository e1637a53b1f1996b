"""One cell of the list, edited in place."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from backlog.flows.moves import IDEA_MOVES
from backlog.flows.transitions import Transition
from backlog.forms.ideas import IdeaForm, RejectForm, SnoozeForm
from backlog.forms.merging import Both, plain
from backlog.models import Idea, User

CELLS = ("title", "objective", "owner", "lever", "channel", "tags")
STATUS = "status"
STATUS_MOVES = {"snooze": "Snoozed until", "reject": "Rejected because", "reopen": "Open again"}


class CellForm(IdeaForm):
    """One field of an idea. If it has changed meanwhile, the person sees its new value."""

    def __init__(self, *args: Any, by: User, idea: Idea, cell: str, **kwargs: Any) -> None:
        super().__init__(*args, by=by, idea=idea, **kwargs)
        for name in list(self.fields):
            if name not in (cell, "version"):
                del self.fields[name]
        self.cell = cell
        widget = self.fields[cell].widget
        widget.attrs.pop("data-draft", None)
        widget.attrs |= {
            "aria-label": f"{self.bound.label} of {idea.key}", "autocomplete": "off",
            "data-was": str(plain(self.fields[cell], self[cell].initial)),
        }  # fmt: skip

    def _keep_drafts(self) -> None:
        """A cell is saved or undone at once."""

    @property
    def bound(self) -> forms.BoundField:
        return self[self.cell]

    def tell_of_conflict(self, both: list[Both]) -> None:
        """In a line below the cell, where a table has no room."""
        raise ValidationError({self.cell: (
            f"Somebody has changed it to “{both[0].theirs or 'nothing'}”. Save again to replace it "
            "with yours, or press Esc to keep theirs."
        )})  # fmt: skip

    def values(self) -> dict[str, Any]:
        value = self.cleaned_data[self.cell]
        if self.cell in self.own_slugs:
            return {"own": {self.cell: value}}
        return {self.cell: value.split(",") if self.cell == "tags" else value}


class StatusCellForm(SnoozeForm, RejectForm):
    """The state of an idea: which move to make, with what that move takes."""

    move = forms.CharField(required=False, max_length=20)
    reason = forms.CharField(
        max_length=1000, error_messages=dict(RejectForm.base_fields["reason"].error_messages)
    )
    field_order = ("move", "snoozed_until", "reason")

    def __init__(self, data: Any = None, *, idea: Idea) -> None:
        super().__init__(data)
        self.idea = idea
        for name, label in (("snoozed_until", "Snoozed until"), ("reason", "Reason")):
            self.fields[name].widget.attrs |= {
                "aria-label": f"{label}, {idea.key}", "placeholder": label,
            }  # fmt: skip
            self.fields[name].required = name in self._taken()

    @property
    def moves(self) -> list[tuple[Transition, str]]:
        """Those that lead on from where the idea is, each with its word in the cell."""
        moves = [(IDEA_MOVES[name], word) for name, word in STATUS_MOVES.items()]
        return [(move, word) for move, word in moves if self.idea.state in move.sources]

    @property
    def chosen(self) -> str:
        return str(self.data.get("move", ""))

    def _taken(self) -> tuple[str, ...]:
        move = IDEA_MOVES[self.chosen] if self.chosen in STATUS_MOVES else None
        return move.takes if move else ()

    def clean_move(self) -> str:
        name: str = self.cleaned_data["move"]
        if name and name not in STATUS_MOVES:
            raise ValidationError("Choose one of the states.")
        return name

    def values(self) -> dict[str, Any]:
        """What the move takes."""
        return {name: self.cleaned_data[name] for name in self._taken()}
