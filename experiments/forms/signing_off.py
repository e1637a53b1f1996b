"""What is said with a baseline."""

from django import forms

from experiments.models import Baseline


class SignOffForm(forms.Form):
    note = forms.CharField(
        label="Note",
        required=False,
        max_length=Baseline._meta.get_field("note").max_length,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="For example who was there, and what is still open.",
    )
