"""A metric of the catalogue, as people type it."""

from typing import Any

from django import forms

from backlog.forms.choices import with_present
from backlog.forms.merging import MergingForm
from backlog.models import Pod, User
from experiments.forms.numbers import FigureField, PercentField
from experiments.forms.plan_rows import KINDS
from experiments.models import Metric


class CatalogueForm(MergingForm, forms.ModelForm):  # type: ignore[type-arg]
    """One metric. The margin of a share is typed in points and kept as a fraction."""

    usual_margin = FigureField(
        label="Usual margin",
        required=False,
        min_value=0,
        help_text="How much worse it may get as a guardrail. For a share, in percentage points.",
    )
    discount_rate = PercentField(
        label="Discount per year, in %",
        required=False,
        min_value=0,
        max_value=100,
        help_text="Of a lifetime value: later amounts count less. Leave it empty for none.",
    )
    cap_percentile = FigureField(
        label="Cap at percentile",
        required=False,
        min_value=50,
        max_value=99.99,
        help_text="Values above this percentile count as that percentile, such as 99. Leave it empty for no cap.",
    )

    class Meta:
        model = Metric
        fields = (
            "name", "pod", "definition", "kind", "numerator", "denominator", "direction", "unit",
            "did", "window_days", "is_lifetime_value", "discount_rate", "cap_percentile", "season_months", "usual_role", "usual_margin", "owner",
        )  # fmt: skip
        labels = {"pod": "For", "unit": "One unit is", "did": "In a sentence",
                  "definition": "What it means", "numerator": "Counts", "denominator": "Out of",
                  "window_days": "Days to count", "season_months": "Season in months"}  # fmt: skip
        help_texts = {"pod": "", "definition": "So that everybody counts it the same way."}
        error_messages = {"name": {"required": "Give the metric a name."}}

    def __init__(
        self, data: Any = None, *, by: User, instance: Metric, initial: Any = None
    ) -> None:
        initial_values: dict[str, Any] = {"owner": instance.owner_id if instance.pk else by.pk}
        if instance.kind == Metric.Kind.PROPORTION and instance.usual_margin is not None:
            initial_values["usual_margin"] = round(instance.usual_margin * 100, 10)
        if instance.discount_rate is not None:
            initial_values["discount_rate"] = round(instance.discount_rate * 100, 10)
        super().__init__(data, instance=instance, initial={**initial_values, **(initial or {})})
        self.fields["kind"].choices = KINDS  # type: ignore[attr-defined]
        self.fields["usual_role"].choices = [  # type: ignore[attr-defined]
            ("", "Any"), *Metric.UsualRole.choices]  # fmt: skip
        pods: Any = self.fields["pod"]
        pods.queryset = Pod.objects.led_by(by)
        pods.empty_label = "Every pod"
        pods.required = not by.has_perm("experiments.change_metric_of_all")
        if pods.required:
            pods.empty_label = None
        people = with_present(User.objects.working_with(by).order_by("name"), instance.owner_id)
        self.fields["owner"].queryset = people  # type: ignore[attr-defined]
        self.fields["owner"].empty_label = "Nobody yet"  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        is_share = values.get("kind") == Metric.Kind.PROPORTION
        if is_share and values.get("usual_margin") is not None:
            values["usual_margin"] /= 100
        if is_share and values.get("cap_percentile"):
            self.add_error("cap_percentile", "A share can’t be capped. Leave this empty.")
        return values

    def _post_clean(self) -> None:
        """The flow fills in and checks the metric."""

    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.Meta.fields}
