"""Forms of planning: which quarter to open, what a quarter is for."""

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone

from backlog.calendar_days import quarter_around, quarter_name
from backlog.forms.choices import with_present
from backlog.forms.merging import MergingForm
from backlog.models import Objective, Pod, Quarter, User, Workspace

OFFERED = 6


class QuarterForm(forms.Form):
    """One of the next quarters that are not there yet, by the workspace's first month."""

    starts_on = forms.TypedChoiceField(
        label="Quarter",
        coerce=dt.date.fromisoformat,
        error_messages={"invalid_choice": "This quarter already exists. Choose another."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["starts_on"].choices = offered_quarters()  # type: ignore[attr-defined]


def offered_quarters() -> list[tuple[str, str]]:
    """The current quarter and those to come, as far as they are not there yet."""
    month = Workspace.current().quarter_start_month
    taken = list(Quarter.objects.values_list("starts_on", "ends_on"))
    offered, day = [], timezone.localdate()
    for _ in range(OFFERED):
        starts_on, ends_on = quarter_around(day, start_month=month)
        if not any(start < ends_on and end > starts_on for start, end in taken):
            last = ends_on - dt.timedelta(days=1)
            name = quarter_name(starts_on, start_month=month)
            offered.append(
                (starts_on.isoformat(), f"{name}: {starts_on:%-d %b} to {last:%-d %b %Y}")
            )
        day = ends_on
    return offered


class ObjectiveForm(MergingForm, forms.ModelForm):  # type: ignore[type-arg]
    """A goal of a quarter; the flow writes it."""

    class Meta:
        model = Objective
        fields = ("title", "quarter", "pod", "metric", "target")
        labels = {"pod": "For", "metric": "Target metric"}
        help_texts = {
            "title": "A few words, such as “Win back readers”.",
            "metric": "The metric that shows whether it was reached, such as “reactivated within 30 days”.",
            "pod": "",
        }
        error_messages = {"title": {"required": "Enter a title."}}

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        pods, quarter = self.fields["pod"], self.fields["quarter"]
        pods.queryset = Pod.objects.led_by(by)  # type: ignore[attr-defined]
        pods.required = not by.has_perm("backlog.change_quarter")
        pods.empty_label = None if pods.required else "Every pod"  # type: ignore[attr-defined]
        still_on = Quarter.objects.filter(ends_on__gt=timezone.localdate())
        quarter.queryset = still_on.order_by("starts_on")  # type: ignore[attr-defined]
        quarter.empty_label = None  # type: ignore[attr-defined]
        if not self.instance.pk:
            self.is_of_something_new()
        else:
            offered = with_present(still_on.order_by("starts_on"), self.instance.quarter_id)
            quarter.queryset = offered  # type: ignore[attr-defined]

    def _post_clean(self) -> None:
        """The flow fills in and checks the objective, with the permission for what it was."""
