"""An item of the operations roadmap, as people type it."""

import datetime as dt
import re
from typing import Any

from django import forms

from backlog.forms.choices import with_present
from backlog.forms.days import DayField
from backlog.forms.merging import MergingForm
from backlog.models import Idea, Pod, Quarter, User
from experiments.models import Experiment, RoadmapItem

OWN = ("title", "kind", "pod", "owner", "quarter", "note")


class RoadmapForm(MergingForm, forms.ModelForm):  # type: ignore[type-arg]
    """People name the last day, and the key of what needs it; the flow takes dates and objects."""

    starts_on = DayField(label="First day", required=False)
    last_day = DayField(
        label="Last day",
        required=False,
        help_text="Leave both days empty if only the quarter is known.",
    )
    needed_by = forms.CharField(
        label="Needed by",
        max_length=20,
        required=False,
        help_text="The key of an idea or an experiment, such as LIF-12 or EXP-018.",
    )

    class Meta:
        model = RoadmapItem
        fields = OWN
        labels = {"pod": "For"}
        error_messages = {"title": {"required": "Say what is to be done."}}

    field_order = ("title", "kind", "pod", "owner", "quarter", "starts_on", "last_day", "needed_by")

    def __init__(
        self, data: Any = None, *, by: User, instance: RoadmapItem, initial: Any = None
    ) -> None:
        needs = instance.experiment or instance.idea
        first = {"starts_on": instance.starts_on, "last_day": instance.last_day,
                 "needed_by": needs.key if needs else ""}  # fmt: skip
        super().__init__(data, instance=instance, initial={**first, **(initial or {})})
        self.by = by
        pods, owner = self.fields["pod"], self.fields["owner"]
        pods.queryset = Pod.objects.worked_in_by(by)  # type: ignore[attr-defined]
        pods.required = not by.has_perm("experiments.change_roadmap_of_all")
        pods.empty_label = None if pods.required else "Every pod"  # type: ignore[attr-defined]
        people = User.objects.working_with(by).order_by("name")
        owner.queryset = with_present(people, instance.owner_id)  # type: ignore[attr-defined]
        owner.empty_label = "Nobody yet"  # type: ignore[attr-defined]
        self.fields["quarter"].queryset = Quarter.objects.order_by("starts_on")  # type: ignore[attr-defined]
        self.fields["quarter"].empty_label = "By its days"  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        first, last = values.get("starts_on"), values.pop("last_day", None)
        if bool(first) != bool(last) and not self.errors:
            self.add_error("last_day", "Enter both days, or none of them.")
        if first and last and last < first:
            self.add_error("last_day", "The last day is before the first. Choose a later one.")
        values["ends_on"] = last + dt.timedelta(days=1) if last else None
        values |= self._needing(values.pop("needed_by", ""))
        return values

    def _needing(self, typed: str) -> dict[str, Any]:
        """The idea or the experiment of a key, if this person sees it."""
        key = typed.strip().upper()
        idea = experiment = None
        if numbered := re.fullmatch(r"EXP-([0-9]{1,9})", key):
            rows = Experiment.objects.visible_to(self.by)
            experiment = rows.filter(number=int(numbered[1])).first()
        elif key:
            idea = Idea.objects.visible_to(self.by).filter(key=key).first()
        if key and not (idea or experiment):
            self.add_error("needed_by", f"You can’t see any idea or experiment {key}.")
        return {"idea": idea, "experiment": experiment}

    def _post_clean(self) -> None:
        """The flow fills in and checks the item."""

    def values(self) -> dict[str, Any]:
        names = (*OWN, "starts_on", "ends_on", "idea", "experiment")
        return {name: self.cleaned_data[name] for name in names}
