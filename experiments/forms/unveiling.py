"""Opening results before their planned end."""

from django import forms


class UnveilForm(forms.Form):
    """Why it can't wait."""

    reason = forms.CharField(
        label="Why can’t it wait for its planned end?",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Everybody who reads this experiment sees your reason.",
        error_messages={"required": "Say why this can’t wait for its planned end."},
    )
