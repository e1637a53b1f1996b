"""What people type before a launch: answers, a waiver, milestones."""

from typing import Any

from django import forms
from django.forms import formset_factory

from backlog.forms.days import DayField
from backlog.forms.merging import MergingForm
from experiments.flows.agreeing import LONGEST_ANSWER
from experiments.flows.guards import checklist_of
from experiments.flows.questions import RISKS, answers_of
from experiments.forms.plan_rows import RowForm, RowFormSet
from experiments.models import Experiment, Milestone, Waiver

YES_OR_NO = [("yes", "Yes"), ("no", "No")]
AS_SAID = {True: "yes", False: "no"}


class ReadyForm(MergingForm, forms.Form):
    """The nine questions, those about risk and the checklist; what the plan answers already stands as a
    hint."""

    def __init__(self, data: Any = None, *, experiment: Experiment) -> None:
        super().__init__(data)
        answers = answers_of(experiment)
        for number, answer in enumerate(answers, start=1):
            self.fields[answer.name] = forms.CharField(
                label=f"{number}. {answer.question}",
                required=False,
                max_length=LONGEST_ANSWER,
                initial=answer.written,
                widget=forms.Textarea(attrs={"rows": 1 if answer.known else 2}),
                help_text=f"From the plan: {answer.known}" if answer.known else "",
            )
            # May be saved empty. A launch still needs it unless the plan answers it.
            self.fields[answer.name].is_needed = not answer.known  # type: ignore[attr-defined]
        for name, question in RISKS:
            self.fields[f"risk_{name}"] = forms.ChoiceField(
                label=question,
                required=False,
                choices=YES_OR_NO,
                widget=forms.RadioSelect,
                initial=AS_SAID.get(experiment.risks.get(name)),  # type: ignore[arg-type]
            )
        self.nine = [answer.name for answer in answers]
        self.lines = {
            f"tick_{number}": line for number, line in enumerate(checklist_of(experiment), start=1)
        }
        for name, line in self.lines.items():
            is_ticked = line in experiment.ticked
            self.fields[name] = forms.BooleanField(label=line, required=False, initial=is_ticked)

    def checks(self) -> list[tuple[forms.BoundField, str]]:
        return [(self[name], line) for name, line in self.lines.items()]

    def questions(self) -> list[Any]:
        return [self[name] for name in self.nine]

    def risky(self) -> list[Any]:
        return [self[f"risk_{name}"] for name, _ in RISKS]

    def values(self) -> dict[str, Any]:
        """As the flow takes it."""
        values = self.cleaned_data
        risks = {name: {"yes": True, "no": False}.get(values[f"risk_{name}"]) for name, _ in RISKS}
        return {
            "answers": {name: values[name] for name in self.nine},
            "risks": risks,
            "items": [line for name, line in self.lines.items() if values[name]],
        }


class WaiverForm(forms.Form):
    standard = forms.ChoiceField(
        choices=Waiver.Standard.choices,
        error_messages={"required": "Choose a standard."},
    )
    reason = forms.CharField(
        label="Why?",
        max_length=500,
        widget=forms.TextInput(attrs={"placeholder": "Why this experiment is different"}),
        error_messages={"required": "A waiver needs a reason. Say why."},
    )


class MilestoneForm(RowForm):
    """A step on the way; a row without a name and a date is left out."""

    typed = ("name", "due_on")
    id = forms.IntegerField(required=False, widget=forms.HiddenInput)
    name = forms.CharField(
        max_length=80, error_messages={"required": "Name the milestone or remove the row."}
    )
    role = forms.ChoiceField(choices=Milestone.Role.choices)
    due_on = DayField(label="Due", required=False)


MilestoneFormSet = formset_factory(
    MilestoneForm, formset=RowFormSet, extra=1, max_num=30, validate_max=True, can_delete=True
)


class MilestonesForm(MergingForm, forms.Form):
    """The milestones of an experiment that are not reached yet."""

    def __init__(self, data: Any = None, *, experiment: Experiment) -> None:
        super().__init__(data)
        self.lists["steps"] = MilestoneFormSet(
            data, initial=milestone_rows(experiment), prefix="steps"
        )


def milestone_rows(experiment: Experiment) -> list[dict[str, Any]]:
    return [
        {"id": row.pk, "name": row.name, "role": row.role, "due_on": row.due_on}
        for row in experiment.milestones.filter(done_at=None)
    ]
