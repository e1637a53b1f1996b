"""The write-up, and what follows."""

from typing import Any

from django import forms

from backlog.forms.merging import MergingForm
from experiments.models import PostMortem


class PostMortemForm(MergingForm, forms.ModelForm):  # type: ignore[type-arg]
    """The texts. It is never saved as a model form: the flow compares versions and writes."""

    class Meta:
        model = PostMortem
        fields = ("summary", "surprises", "went_well", "went_badly", "next_steps")
        widgets = {"summary": forms.Textarea(attrs={"rows": 12})} | {
            name: forms.Textarea(attrs={"rows": 4})
            for name in ("surprises", "went_well", "went_badly", "next_steps")
        }

    def __init__(self, data: Any = None, *, written: PostMortem) -> None:
        super().__init__(data, initial=self._said(written))
        for name in self.Meta.fields:
            self.fields[name].widget.attrs["data-draft"] = f"postmortem-{written.pk}-{name}"

    def _said(self, written: PostMortem) -> dict[str, Any]:
        return {name: getattr(written, name) for name in self.Meta.fields}

    def _post_clean(self) -> None:
        """The flow writes the texts and checks them."""


class FollowUpForm(forms.Form):
    title = forms.CharField(
        max_length=200,
        label="Follow-up idea",
        error_messages={"required": "Give the idea a title."},
    )
