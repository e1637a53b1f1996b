"""What two segments share, as people type it, and the lists that it is estimated from."""

from typing import Any

from django import forms

from backlog.file_kinds import Unreadable
from backlog.forms.files import TableField, text_in
from backlog.forms.merging import MergingForm
from backlog.models import User
from experiments.forms.numbers import PercentField
from experiments.forms.segments import SHORTER
from experiments.models import Segment, SegmentOverlap, SegmentSketch
from experiments.plan.audience import ids_in

RANGE = dict.fromkeys(("min_value", "max_value"), "Enter a share from 0 to 100 %%.")


class OverlapForm(MergingForm, forms.Form):
    """The share of the first segment that is in the second; shares are typed in per cent."""

    first = forms.ModelChoiceField(Segment.objects.none(), label="First segment")
    second = forms.ModelChoiceField(Segment.objects.none(), label="Second segment")
    share = PercentField(
        label="Share of the first that is in the second too, in %",
        min_value=0,
        max_value=100,
        error_messages=RANGE,
    )
    share_of_second = PercentField(
        label="Share of the second that is in the first, in %",
        required=False,
        min_value=0,
        max_value=100,
        error_messages=RANGE,
        help_text="Leave it empty, and Floe works it out from the sizes of both segments.",
    )

    def __init__(
        self, data: Any = None, *, by: User, overlap: SegmentOverlap | None = None
    ) -> None:
        first: dict[str, Any] = {}
        if overlap:
            first = {
                "first": overlap.first_id,
                "second": overlap.second_id,
                "share": overlap.share_of_first * 100,
                "share_of_second": overlap.share_of_second * 100,
            }
        super().__init__(data, initial=first)
        for name in ("first", "second"):
            field: Any = self.fields[name]
            field.queryset = Segment.objects.visible_to(by)
            field.empty_label = "Choose a segment"
            field.disabled = overlap is not None
        if overlap is None:
            self.is_of_something_new()


class EstimateForm(forms.Form):
    """A list of ids for each of two segments; nothing of the lists is kept but a sketch."""

    first = forms.ModelChoiceField(Segment.objects.none(), label="First segment")
    first_list = TableField(
        setting="IMPORT_FILE_MAX_BYTES", advice=SHORTER, label="List of the first", required=False
    )
    second = forms.ModelChoiceField(Segment.objects.none(), label="Second segment")
    second_list = TableField(
        setting="IMPORT_FILE_MAX_BYTES",
        advice=SHORTER,
        label="List of the second",
        required=False,
        help_text="A text file or CSV with one id per line; only the first column counts. Leave a list out if you have sent one for this segment before.",
    )

    def __init__(self, data: Any = None, files: Any = None, *, by: User) -> None:
        super().__init__(data, files)
        self.ids: dict[str, list[str]] = {"first_list": [], "second_list": []}
        seen = Segment.objects.visible_to(by)
        for name in ("first", "second"):
            field: Any = self.fields[name]
            field.queryset, field.empty_label = seen, "Choose a segment"
        self.kept = SegmentSketch.objects.filter(segment__in=seen).select_related("segment")

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        for name in self.ids:
            try:
                sent = values.pop(name, None)
                self.ids[name] = ids_in(text_in(sent)) if sent else []
            except Unreadable as problem:
                self.add_error(name, str(problem))
            else:
                if sent and not self.ids[name]:
                    self.add_error(name, "The list has no ids. Add at least one.")
        return values

    def values(self) -> dict[str, Any]:
        """As the flow takes it."""
        return {
            **{name: self.cleaned_data[name] for name in ("first", "second")},
            "first_ids": self.ids["first_list"],
            "second_ids": self.ids["second_list"],
        }
