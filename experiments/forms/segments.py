"""A segment as people type it, and the lists of a dry run."""

from collections.abc import Sequence
from typing import Any

from django import forms

from backlog.file_kinds import Unreadable
from backlog.forms.files import TableField, text_in
from backlog.forms.merging import MergingForm
from backlog.models import Pod, User
from experiments.forms.plan_rows import RuleFormSet
from experiments.models import AudienceRule, Segment
from experiments.plan.audience import ids_in

SHORTER = "Leave out all columns except the id."


class SegmentForm(MergingForm, forms.ModelForm):  # type: ignore[type-arg]
    """A segment with its rules, which are a list of the form."""

    class Meta:
        model = Segment
        fields = ("name", "pod", "description", "stage", "size", "units_per_week")
        labels = {"pod": "For", "size": "How many they are", "units_per_week": "Units a week"}
        error_messages = {"name": {"required": "Give the segment a name."}}

    def __init__(
        self, data: Any = None, *, by: User, instance: Segment, initial: Any = None
    ) -> None:
        super().__init__(data, instance=instance, initial=initial)
        pods: Any = self.fields["pod"]
        pods.queryset = Pod.objects.led_by(by)
        pods.required = not by.has_perm("experiments.change_segment_of_all")
        pods.empty_label = None if pods.required else "Every pod"
        first: Sequence[dict[str, Any]] = [{}]
        if instance.pk:
            first = [{"kind": r.kind, "text": r.text, "reason": r.reason, "cost": r.cost}
                     for r in instance.rules.all()] or [{}]  # fmt: skip
        self.lists["rules"] = RuleFormSet(data, initial=first, prefix="rules")

    @property
    def rules(self) -> Any:
        return self.lists["rules"]

    def _post_clean(self) -> None:
        """The flow fills in and checks the segment."""

    def values(self) -> dict[str, Any]:
        return {**{n: self.cleaned_data[n] for n in self.Meta.fields}, "rules": self.rules.rows()}


class DryRunForm(forms.Form):
    """A list of ids, and one list for each rule: pasted, or as a file. Nothing of it is kept."""

    def __init__(
        self, data: Any = None, files: Any = None, *, rules: Sequence[AudienceRule]
    ) -> None:
        super().__init__(data, files)
        self.rules = rules
        self.ids_by_field: dict[str, list[str]] = {}
        self._add("ids", "The list you would send to", required=True)
        for rule in rules:
            self._add(f"rule_{rule.pk}", rule.text)

    def _add(self, name: str, label: str, *, required: bool = False) -> None:
        self.fields[name] = forms.CharField(
            label=label,
            required=False,
            widget=forms.Textarea(attrs={"rows": 4 if required else 2}),
            help_text="One id per line. In a CSV, only the first column counts."
            if required
            else "",
        )
        self.fields[f"{name}_file"] = TableField(
            setting="IMPORT_FILE_MAX_BYTES",
            advice=SHORTER,
            label=f"{label} (as a file)",
            required=False,
        )

    def lists(self) -> list[tuple[AudienceRule, Any, Any]]:
        """For the page: each rule with its two fields."""
        return [(r, self[f"rule_{r.pk}"], self[f"rule_{r.pk}_file"]) for r in self.rules]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        for name in [name for name in self.fields if not name.endswith("_file")]:
            sent = values.get(f"{name}_file")
            try:
                pasted, listed = ids_in(values.get(name, "")), ids_in(text_in(sent)) if sent else []
                self.ids_by_field[name] = [*pasted, *listed]
            except Unreadable as problem:
                self.add_error(name, str(problem))
        return values

    def ids_of(self, name: str) -> list[str]:
        """What was pasted and what was sent, together."""
        return self.ids_by_field[name]

    def forbidden(self) -> dict[str, list[str]]:
        lists = {rule.text: self.ids_of(f"rule_{rule.pk}") for rule in self.rules}
        return {text: ids for text, ids in lists.items() if ids}
