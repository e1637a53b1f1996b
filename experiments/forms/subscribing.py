"""Which calendar somebody subscribes to."""

from typing import Any

from django import forms

from backlog.models import Pod, User
from experiments.models import CalendarFeed


class FeedForm(forms.Form):
    """What the feed holds; a pod only where it is the calendar of a pod."""

    kind = forms.ChoiceField(
        label="What it holds",
        choices=CalendarFeed.Kind.choices,
        initial=CalendarFeed.Kind.PERSONAL,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what the calendar holds."},
    )
    pod = forms.ModelChoiceField(
        Pod.objects.none(), required=False, empty_label="Choose a pod",
        help_text="Only for the calendar of a pod.",
    )  # fmt: skip

    def __init__(self, data: Any = None, *, by: User, initial: Any = None) -> None:
        super().__init__(data, initial=initial)
        pods: Any = self.fields["pod"]
        pods.queryset = Pod.objects.visible_to(by)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if values.get("kind") != CalendarFeed.Kind.POD:
            values["pod"] = None
        elif "pod" in values and values["pod"] is None:
            self.add_error("pod", "Choose the pod.")
        return values
