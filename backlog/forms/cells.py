"""One cell of the list, edited in place."""

from typing import Any

from django import forms

from backlog.forms.ideas import IdeaForm, said_by
from backlog.models import Idea, User

CELLS = ("title", "objective", "owner", "lever", "channel", "tags")


class CellForm(IdeaForm):
    """One field of an idea, and what it said when the cell was opened (`was`)."""

    was = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, by: User, idea: Idea, cell: str, **kwargs: Any) -> None:
        self.of = idea
        super().__init__(*args, by=by, idea=idea, **kwargs)
        for name in list(self.fields):
            if name not in (cell, "was"):
                del self.fields[name]
        self.cell = cell
        self.initial["was"] = self.now
        widget = self.fields[cell].widget
        widget.attrs.pop("data-draft", None)
        widget.attrs |= {"aria-label": f"{cell.capitalize()} of {idea.key}", "autocomplete": "off"}

    def _keep_drafts(self) -> None:
        """A cell is saved or undone at once."""

    @property
    def now(self) -> str:
        """What the field says in the database, as one line of text."""
        value = said_by(self.of)[self.cell]
        return str(getattr(value, "pk", value) or "")

    @property
    def told(self) -> str:
        """The same for a reader: the name of the objective or owner rather than its id."""
        return str(said_by(self.of)[self.cell] or "nothing")

    @property
    def bound(self) -> forms.BoundField:
        return self[self.cell]

    def changed_meanwhile(self) -> bool:
        """Whether somebody else wrote another value into this very field since it was opened."""
        return str(self.cleaned_data["was"]) != self.now

    def said(self) -> dict[str, Any]:
        value = self.cleaned_data[self.cell]
        return {self.cell: value.split(",") if self.cell == "tags" else value}
