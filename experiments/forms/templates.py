"""A template's own fields; arms, metrics and rules come from the experiment it was kept from."""

from typing import Any

from django import forms

from backlog.forms.merging import MergingForm
from backlog.models import Pod, User
from experiments.models import PlanTemplate


class TemplateForm(MergingForm, forms.ModelForm):  # type: ignore[type-arg]
    checklist = forms.CharField(
        required=False,
        max_length=3000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="One tick per line. Leave it empty for the usual list.",
    )

    class Meta:
        model = PlanTemplate
        fields = (
            "name",
            "pod",
            "description",
            "weeks",
            "most_metrics",
            "milestone_set",
            "decision_table",
        )
        labels = {"pod": "For"}
        widgets = {"decision_table": forms.Textarea(attrs={"rows": 4})}
        error_messages = {"name": {"required": "Give the template a name."}}

    def __init__(
        self, data: Any = None, *, by: User, instance: PlanTemplate, initial: Any = None
    ) -> None:
        values = {"checklist": "\n".join(instance.checklist), **(initial or {})}
        super().__init__(data, instance=instance, initial=values)
        pods: Any = self.fields["pod"]
        pods.queryset = Pod.objects.led_by(by)
        pods.required = not by.has_perm("experiments.change_template_of_all")
        pods.empty_label = None if pods.required else "Every pod"
        self.fields["milestone_set"].empty_label = "The default ones"  # type: ignore[attr-defined]

    def clean_checklist(self) -> list[str]:
        lines = [line.strip()[:200] for line in self.cleaned_data["checklist"].splitlines()]
        return list(dict.fromkeys(line for line in lines if line))

    def _post_clean(self) -> None:
        """The flow fills in and checks the template."""

    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in (*self.Meta.fields, "checklist")}


class CloneForm(forms.Form):
    title = forms.CharField(max_length=200, error_messages={"required": "Give it a title."})
