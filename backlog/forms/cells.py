"""One cell of the list, edited in place."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from backlog.forms.ideas import IdeaForm
from backlog.forms.merging import Both, plain
from backlog.models import Idea, User

CELLS = ("title", "objective", "owner", "lever", "channel", "tags")


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
