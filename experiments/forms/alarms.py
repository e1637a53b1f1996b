"""Muting an alarm."""

from django import forms


class MuteForm(forms.Form):
    """For how long, and why."""

    days = forms.TypedChoiceField(
        label="For",
        choices=[(1, "a day"), (7, "a week"), (30, "30 days")],
        coerce=int,
        initial=7,
    )
    reason = forms.CharField(
        label="Why you mute it",
        max_length=300,
        error_messages={"required": "Say why you mute it."},
    )
