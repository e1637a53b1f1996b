"""A set of milestones as people type it: each step with its role and its distance from a day."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.forms import formset_factory

from backlog.forms.merging import MergingForm
from experiments.flows.milestones import STEP, floes_own
from experiments.forms.plan_rows import RowForm, RowFormSet
from experiments.forms.ready import MilestoneForm
from experiments.models import MilestoneSet


class StandardMilestoneForm(RowForm):
    """A milestone of every new experiment; its date as so many days before or after a day."""

    typed = ("name", "days")

    name = MilestoneForm.base_fields["name"]
    role = MilestoneForm.base_fields["role"]
    days = forms.IntegerField(
        min_value=0,
        max_value=365,
        required=False,
        error_messages={
            "max_value": "Enter at most 365 days.",
            "min_value": "Enter 0 or more, and choose before or after.",
        },
    )
    when = forms.ChoiceField(
        choices=[
            ("before start", "days before the first day"),
            ("after start", "days after the first day"),
            ("before end", "days before the end"),
            ("after end", "days after the end"),
        ]
    )

    @staticmethod
    def step(row: Mapping[str, Any]) -> dict[str, Any]:
        """A row as the flow takes it."""
        side, anchor = row["when"].split()
        days = row["days"] or 0
        return {"name": row["name"], "role": row["role"], "anchor": anchor,
                "offset_days": -days if side == "before" else days}  # fmt: skip


StandardMilestoneFormSet = formset_factory(
    StandardMilestoneForm,
    formset=RowFormSet,
    extra=1,
    max_num=30,
    validate_max=True,
    can_delete=True,
)


class MilestoneSetForm(MergingForm, forms.ModelForm):  # type: ignore[type-arg]
    """A set under its name; a new one begins with Floe's own milestones."""

    class Meta:
        model = MilestoneSet
        fields = ("name", "note")
        labels = {"note": "What it is for"}
        error_messages = {"name": {"required": "Give the set a name, such as “E-mail campaign”."}}

    def __init__(self, data: Any = None, *, instance: MilestoneSet) -> None:
        super().__init__(data, instance=instance)
        steps = list(instance.steps.values(*STEP)) if instance.pk else floes_own()
        self.lists["steps"] = StandardMilestoneFormSet(
            data, initial=standard_rows(steps), prefix="steps"
        )

    def _post_clean(self) -> None:
        """The flow fills in and checks the set."""

    def values(self) -> dict[str, Any]:
        """As the flow takes them."""
        rows: Any = self.lists["steps"]
        fields = {name: self.cleaned_data[name] for name in self.Meta.fields}
        return {**fields, "rows": [StandardMilestoneForm.step(row) for row in rows.rows()]}


def standard_rows(steps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Standard milestones as the form shows them."""
    return [
        {"name": step["name"], "role": step["role"], "days": abs(step["offset_days"]),
         "when": f"{'before' if step['offset_days'] < 0 else 'after'} {step['anchor']}"}
        for step in steps
    ]  # fmt: skip
