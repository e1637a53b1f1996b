"""What was decided, and why."""

from typing import Any

from django import forms

from backlog.models import User
from experiments.flows.deciding import RECOMMENDS, wrote_it
from experiments.models import Decision, Experiment, departs


class DecisionForm(forms.Form):
    """The author is asked for a waiver; everybody else for a reason where they depart."""

    choice = forms.ChoiceField(
        label="We",
        choices=Decision.Choice.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose a decision."},
    )
    reason = forms.CharField(
        label="Why",
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Needed if you depart from the sealed rule. Somebody else then has to confirm the decision.",
    )
    waiver = forms.CharField(
        label="Why you decide on your own experiment",
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Somebody other than the author should decide. If nobody else can, say why. It goes on record.",
    )
    seen = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, experiment: Experiment, by: User) -> None:
        analysis = experiment.deciding_analysis
        self.recommended = RECOMMENDS.get(analysis.outcome, "") if analysis else ""
        initial = {"seen": experiment.state}
        if self.recommended:
            initial["choice"] = self.recommended
        super().__init__(data, initial=initial)
        if not wrote_it(experiment, by):
            del self.fields["waiver"]

    def clean(self) -> dict[str, Any]:
        """The flow asks the same; here it is said beside the field."""
        values = super().clean() or self.cleaned_data
        rule, choice = self.recommended, values.get("choice")
        if choice and departs(choice, rule) and not values.get("reason"):
            says = f"The sealed rule recommends “{Decision.Choice(rule).label.lower()}”." if rule else (
                "The sealed rule does not recommend this.")  # fmt: skip
            self.add_error("reason", f"{says} Say why you depart from it.")
        if "waiver" in self.fields and "waiver" in values and not values["waiver"].strip():
            self.add_error("waiver", "You are the author, so somebody else should "
                                     "decide. If nobody else can, say why. It goes on record.")  # fmt: skip
        return values
