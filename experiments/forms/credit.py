"""A table of credit that somebody pastes or sends as a small file."""

from typing import Any

from django import forms

from backlog.file_kinds import Unreadable
from backlog.forms.files import TableField, text_in
from backlog.models import Pod, User
from experiments.models import Metric

LONGEST = 200_000  # letters


class CreditForm(forms.Form):
    """Whose credit it is, which metric was credited, and the table; a file fills the table."""

    pod = forms.ModelChoiceField(Pod.objects.none(), label="For", empty_label=None)
    metric = forms.ModelChoiceField(
        Metric.objects.none(),
        label="The conversions are",
        help_text="Only experiments that measured this metric are held against the credit.",
        error_messages={"required": "Choose what was credited."},
    )
    table = forms.CharField(
        label="Table",
        max_length=LONGEST,
        required=False,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text="From your spreadsheet, with the columns segment, channel, model (first touch, last touch or another), from, to and conversions.",
    )
    file = TableField(
        setting="IMPORT_FILE_MAX_BYTES", required=False, label="Or a CSV file",
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,.tsv"}),
    )  # fmt: skip

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        pods, metrics = self.fields["pod"], self.fields["metric"]
        pods.queryset = Pod.objects.worked_in_by(by)  # type: ignore[attr-defined]
        pods.required = not by.stands_above_pods
        pods.empty_label = None if pods.required else "Every pod"  # type: ignore[attr-defined]
        usable = Metric.objects.visible_to(by).filter(direction=Metric.Direction.INCREASE)
        metrics.queryset = usable  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if file := values.get("file"):
            try:
                values["table"] = text_in(file)
            except Unreadable as error:
                self.add_error("file", str(error))
            if len(values.get("table", "")) > LONGEST:
                self.add_error("file", f"At most {LONGEST:,} characters. Split the table.")
        metric, pod = values.get("metric"), values.get("pod")
        if metric and "pod" in values and metric.pod_id not in (None, pod and pod.pk):
            self.add_error("metric", f"“{metric}” belongs to another pod. Choose another.")
        if not self.errors and not values.get("table", "").strip():
            self.add_error("table", "Paste the table, or choose a file.")
        return values

    def with_table(self, by: User) -> "CreditForm":
        """The same form, the text of its file in the place of the file."""
        data = {name: self.data.get(name, "") for name in ("pod", "metric")}
        return type(self)({**data, "table": self.cleaned_data["table"]}, by=by)
