"""Blackouts and deadlines, as people type them."""

import datetime as dt
from typing import Any, ClassVar

from django import forms

from backlog.forms.choices import with_present
from backlog.forms.days import DayField
from backlog.forms.merging import MergingForm
from backlog.models import Pod, User
from experiments.models import Blackout, Deadline


class _OfAPodForm(MergingForm, forms.ModelForm):  # type: ignore[type-arg]
    """A form of something of a pod, or of every pod for programme owners; the flow checks it."""

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        pods: Any = self.fields["pod"]
        pods.queryset = with_present(Pod.objects.led_by(by), self.instance.pod_id)
        pods.required = not by.has_perm("experiments.change_blackout_of_all")
        pods.empty_label = None if pods.required else "Every pod"

    def _post_clean(self) -> None:
        """The flow fills in and checks the object."""


class BlackoutForm(_OfAPodForm):
    """People name the last day; the flow takes the first day after."""

    last_day = DayField(label="Last day")
    keeps_running = forms.BooleanField(label="Yes, they keep running", required=False)
    field_order = ("name", "starts_on", "last_day", "pod", "channel", "is_hard", "keeps_running")

    class Meta:
        model = Blackout
        fields = ("name", "starts_on", "pod", "channel", "is_hard")
        help_texts = {
            "name": "For example “Christmas freeze”.",
            "channel": "For example “E-mail”. Leave it empty if nothing may run on any channel.",
            "is_hard": "Without the tick, the calendar warns and asks for a reason.",
        }
        error_messages = {"name": {"required": "Enter a name."}}
        field_classes: ClassVar[dict[str, Any]] = {"starts_on": DayField}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["last_day"] = self.instance.last_day

    def fields_shown(self) -> list[forms.BoundField]:
        """The tick only where experiments run on those days, or somebody has set it."""
        tick = self["keeps_running"]
        is_needed = bool(tick.errors or tick.value())
        return [f for f in self.visible_fields() if f.name != "keeps_running" or is_needed]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        first, last = values.get("starts_on"), values.pop("last_day", None)
        if first and last:
            if last < first:
                self.add_error("last_day", "The last day is before the first. Choose a later one.")
            else:
                values["ends_on"] = last + dt.timedelta(days=1)
        return values


class DeadlineForm(_OfAPodForm):
    class Meta:
        model = Deadline
        fields = ("name", "day", "pod")
        help_texts = {"name": "For example “Last day for edits”."}
        error_messages = {"name": {"required": "Enter a name."}}
        field_classes: ClassVar[dict[str, Any]] = {"day": DayField}

    def fields_shown(self) -> list[forms.BoundField]:
        return self.visible_fields()
