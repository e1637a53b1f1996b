"""Forms of process experiments: the draft, its units, outcomes, the decision."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils import timezone

from backlog.forms.choices import with_present
from backlog.forms.merging import MergingForm
from backlog.models import Idea, Pod, Quarter, User
from experiments.flows.process.outcomes import Outcome
from experiments.forms.numbers import FigureField
from experiments.models import ProcessExperiment, ProcessExperimentUnit

WEEK = dt.timedelta(days=7)
MOST_WEEKS = 30
MOST_IDEAS = 200
OPEN_IDEAS = (Idea.State.OPEN, Idea.State.SCORING, Idea.State.PROMOTED)
TEXT = "Enter what you measure, such as “days from idea to score”."


class ProcessExperimentForm(MergingForm, forms.ModelForm):  # type: ignore[type-arg]
    """The draft; the flow fills it in and checks it."""

    class Meta:
        model = ProcessExperiment
        fields = (
            "title", "pod", "hypothesis", "as_now", "other_way", "measure", "measure_unit",
            "direction", "unit", "clusters",
        )  # fmt: skip
        labels = {"pod": "For", "as_now": "The way it is now", "other_way": "The other way",
                  "measure": "What is measured", "measure_unit": "Counted in",
                  "direction": "Direction"}  # fmt: skip
        help_texts = {
            "hypothesis": "What you expect of the other way, and why.",
            "measure": "On each unit, as one number.",
            "measure_unit": "Such as days. It may stay empty.",
            "unit": "Never a single person. Half of the units, chosen at random, work the other way.",
            "clusters": "Units that influence each other go together, and count once.",
        }
        widgets = {"hypothesis": forms.Textarea(attrs={"rows": 3})}
        error_messages = {
            "title": {"required": "Give it a title."},
            "hypothesis": {"required": "Write what you expect of the other way."},
            "as_now": {"required": "Describe the way it is now."},
            "other_way": {"required": "Describe the other way."},
            "measure": {"required": TEXT},
        }

    def __init__(
        self, data: Any = None, *, by: User, instance: ProcessExperiment, initial: Any = None
    ) -> None:
        super().__init__(data, instance=instance, initial=initial)
        pods: Any = self.fields["pod"]
        pods.queryset = with_present(Pod.objects.worked_in_by(by), instance.pod_id)
        pods.required = not by.stands_above_pods
        pods.empty_label = None if pods.required else "Every pod"

    def _post_clean(self) -> None:
        """The flow fills in and checks the experiment."""

    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.Meta.fields}


class ProcessUnitsForm(MergingForm, forms.Form):
    """The units of a draft, of the kind that it names; only what the person sees."""

    def __init__(self, data: Any = None, *, by: User, experiment: ProcessExperiment) -> None:
        units = list(experiment.units.all())
        super().__init__(data, initial={
            "pods": [*{unit.pod_id: None for unit in units if unit.pod_id}],
            "weeks": sorted({unit.starts_on.isoformat() for unit in units if unit.starts_on}),
            "ideas": [unit.idea_id for unit in units if unit.idea_id],
        })  # fmt: skip
        boxes = forms.CheckboxSelectMultiple
        kind = experiment.unit
        if kind == ProcessExperiment.Unit.IDEAS:
            self.fields["ideas"] = forms.ModelMultipleChoiceField(
                _ideas(by, experiment, [unit.idea_id for unit in units]), widget=boxes,
                required=False, help_text=f"Open ideas, the newest first, at most {MOST_IDEAS}.",
            )  # fmt: skip
        elif experiment.pod is None:
            self.fields["pods"] = forms.ModelMultipleChoiceField(
                Pod.objects.worked_in_by(by).order_by("name"), widget=boxes, required=False
            )
        if kind == ProcessExperiment.Unit.WEEKS:
            self.fields["weeks"] = forms.MultipleChoiceField(
                choices=_weeks([unit.starts_on for unit in units]), widget=boxes, required=False,
                help_text="Weeks of the open quarters that begin today or later.",
            )  # fmt: skip

    def values(self) -> dict[str, Any]:
        values = dict(self.cleaned_data)
        if "weeks" in values:
            values["weeks"] = [dt.date.fromisoformat(week) for week in values["weeks"]]
        if "pods" in values:
            values["pods"] = list(values["pods"])
        return values


def _ideas(by: User, experiment: ProcessExperiment, present: list[int | None]) -> Any:
    ideas = Idea.objects.visible_to(by).filter(state__in=OPEN_IDEAS)
    if experiment.pod:
        ideas = ideas.filter(pod=experiment.pod)
    newest = list(ideas.order_by("-created_at").values_list("pk", flat=True)[:MOST_IDEAS])
    chosen = [pk for pk in present if pk]
    return Idea.objects.visible_to(by).filter(pk__in=[*newest, *chosen]).order_by("-created_at")


def _weeks(present: list[dt.date | None]) -> list[tuple[str, str]]:
    """Mondays that are still to come in open quarters, and those that are chosen already."""
    today = timezone.localdate()
    monday = today + dt.timedelta(days=-today.weekday() % 7)
    ends_on = max(
        Quarter.objects.filter(ends_on__gt=today).values_list("ends_on", flat=True),
        default=monday + 13 * WEEK,
    )
    weeks = {monday + at * WEEK for at in range(MOST_WEEKS) if monday + at * WEEK < ends_on}
    weeks |= {day for day in present if day}
    return [(day.isoformat(), f"{day:%-d %b %Y}") for day in sorted(weeks)]


class OutcomesForm(MergingForm, forms.Form):
    """A value for each unit, or why there is none."""

    def __init__(self, data: Any = None, *, by: User, experiment: ProcessExperiment) -> None:
        self.units = list(
            ProcessExperimentUnit.objects.visible_to(by).filter(experiment=experiment)
        )
        values = {f"value_{unit.pk}": unit.value for unit in self.units}
        reasons = {f"why_{unit.pk}": unit.why_missing for unit in self.units}
        super().__init__(data, initial={**values, **reasons})
        for unit in self.units:
            self.fields[f"value_{unit.pk}"] = FigureField(label=f"{unit}: value", required=False)
            self.fields[f"why_{unit.pk}"] = forms.CharField(
                label=f"{unit}: why there is no value", max_length=200, required=False
            )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        for unit in self.units:
            value, why = values.get(f"value_{unit.pk}"), values.get(f"why_{unit.pk}")
            if value is not None and why:
                self.add_error(
                    f"why_{unit.pk}",
                    "Enter a value, or why there is none. Leave one of them empty.",
                )
        return values

    def filled(self, values: Mapping[int, str]) -> "OutcomesForm":
        """The same form as if somebody had typed these values into it."""
        shown = {bound.html_name: bound.value() for bound in self}
        typed = {f"value_{pk}": value for pk, value in values.items()}
        emptied = {f"why_{pk}": "" for pk in values}
        return type(self)({**shown, **typed, **emptied}, **self._made_with)

    @property
    def rows(self) -> list[tuple[ProcessExperimentUnit, Any, Any]]:
        return [(unit, self[f"value_{unit.pk}"], self[f"why_{unit.pk}"]) for unit in self.units]

    def outcomes(self) -> Mapping[int, Outcome]:
        return {
            unit.pk: Outcome(
                self.cleaned_data[f"value_{unit.pk}"], self.cleaned_data[f"why_{unit.pk}"]
            )
            for unit in self.units
        }


class ProcessDecisionForm(forms.Form):
    """What follows from it."""

    choice = forms.ChoiceField(
        choices=ProcessExperiment.Choice,
        widget=forms.RadioSelect,
        label="What follows",
        error_messages={"required": "Choose what follows from it."},
    )
    conclusion = forms.CharField(
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="A sentence that somebody can read in the quarter report without having been here.",
        error_messages={"required": "Write in a sentence what follows from it, and why."},
    )


class CancelForm(forms.Form):
    reason = forms.CharField(
        label="Why it is cancelled", max_length=500,
        error_messages={"required": "Write why it is cancelled."},
    )  # fmt: skip


class ProcessNoteForm(forms.Form):
    text = forms.CharField(
        label="Note",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="What is done differently from what was sealed.",
        error_messages={"required": "Write what is different, then add the note."},
    )
