"""Opening results before their planned end."""

from django import forms


class UnveilForm(forms.Form):
    """Why it can't wait."""

    reason = forms.CharField(
        label="Why can it not wait for its planned end?",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Goes on record, for everybody who reads this test.",
        error_messages={"required": "Say why it can’t wait for its planned end."},
    )
