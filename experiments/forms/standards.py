"""Who owns a kind of standards, and what a look came to."""

from typing import Any

from django import forms

from backlog.forms.choices import with_present
from backlog.forms.merging import MergingForm
from backlog.models import User
from experiments.models import StandardOwner


class OwnerForm(MergingForm, forms.Form):
    """The owner may be anybody who can sign in."""

    owner = forms.ModelChoiceField(
        queryset=User.objects.none(), required=False, empty_label="Nobody yet"
    )

    def __init__(self, data: Any = None, *, instance: StandardOwner) -> None:
        super().__init__(data, initial={"owner": instance.owner_id})
        active = User.objects.filter(is_active=True).order_by("name")
        self.fields["owner"].queryset = with_present(active, instance.owner_id)  # type: ignore[attr-defined]
        if instance.pk is None:
            self.is_of_something_new()


class LookForm(forms.Form):
    note = forms.CharField(
        label="What you found",
        max_length=500,
        required=False,
        widget=forms.TextInput(attrs={"placeholder": "Such as: still right, Anna checked it too"}),
    )
