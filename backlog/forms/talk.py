"""Forms for comments and notification settings."""

from typing import Any

from django import forms
from django.urls import reverse

from backlog.forms.merging import MergingForm
from backlog.models import Comment, Notification, User, Wish


def offer_people(field: forms.Field, pod: int) -> None:
    """Let a text offer the people of a pod while an @ is typed."""
    field.widget.attrs["data-people"] = reverse("backlog:pod_people", args=[pod])


class CommentForm(MergingForm, forms.Form):
    text = forms.CharField(
        label="Comment",
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="You can use Markdown. Type @ and a name to notify somebody.",
        error_messages={
            "required": "Write something first.",
            "max_length": "A comment can have at most 5,000 characters. This one has %(show_value)d.",
        },
    )

    def __init__(
        self,
        data: Any = None,
        *,
        draft: str = "",
        comment: Comment | None = None,
        quote: str = "",
        pod: int,
    ) -> None:
        super().__init__(data, initial={"text": comment.text if comment else quote})
        if not comment:
            self.is_of_something_new()
        if draft:
            self.fields["text"].widget.attrs["data-draft"] = draft
        offer_people(self.fields["text"], pod)


class WishesForm(MergingForm, forms.Form):
    """How often mail comes, and where each kind of notification goes."""

    digest = forms.ChoiceField(label="E-mail digest", choices=User.Digest.choices)

    def __init__(self, data: Any = None, *, of: User) -> None:
        super().__init__(data)
        self.initial["digest"] = of.digest
        for kind in Notification.Kind:
            self.fields[kind.value] = forms.ChoiceField(
                label=kind.label,
                choices=Wish.choices,
                initial=of.notification_wishes.get(kind.value, Wish.DIGEST),
            )

    def wishes(self) -> dict[str, str]:
        return {kind.value: self.cleaned_data[kind.value] for kind in Notification.Kind}
