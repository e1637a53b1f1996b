"""The write-up, what was learned, what follows."""

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone

from backlog.forms.days import DayField
from backlog.forms.merging import MergingForm
from experiments.models import Learning, PostMortem


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


class LearningForm(forms.Form):
    """One claim; it is looked at again in nine months unless another day is given."""

    claim = forms.CharField(
        max_length=300,
        label="What we know now",
        error_messages={"required": "Say what you learned."},
    )
    scope = forms.CharField(
        max_length=200,
        label="Where it holds",
        help_text="For whom, where and when.",
        error_messages={"required": "Say where it holds."},
    )
    grade = forms.TypedChoiceField(
        label="How sure", choices=Learning.Grade.choices, coerce=int, initial=2
    )
    expires_on = DayField(
        label="Look at it again on",
        initial=lambda: timezone.localdate() + dt.timedelta(days=270),
    )


class FollowUpForm(forms.Form):
    title = forms.CharField(
        max_length=200,
        label="Follow-up idea",
        error_messages={"required": "Give the idea a title."},
    )
