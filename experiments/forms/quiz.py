"""The questions of a quiz: for each experiment a band and a chance."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import forms

from experiments.models import Experiment, QuizAnswer

CHANCES = tuple((n, f"{n}\u00a0%") for n in (10, 30, 50, 70, 90))


@dataclass(frozen=True)
class Question:
    experiment: Experiment
    band: forms.BoundField
    chance: forms.BoundField


class QuizForm(forms.Form):
    """Nothing of it says how an experiment ended."""

    def __init__(self, data: Any = None, *, experiments: Iterable[Experiment]) -> None:
        super().__init__(data)
        self.experiments = list(experiments)
        for one in self.experiments:
            self.fields[f"band-{one.pk}"] = forms.ChoiceField(
                label="How did its primary metric change?",
                choices=[("", "Choose"), *QuizAnswer.Band.choices],
                error_messages={"required": "Choose how the metric changed."},
            )
            self.fields[f"chance-{one.pk}"] = forms.TypedChoiceField(
                label="How likely is it that it won?",
                choices=[("", "Choose"), *CHANCES],
                coerce=int,
                error_messages={"required": "Choose how likely a win was."},
            )

    @property
    def questions(self) -> list[Question]:
        return [
            Question(one, self[f"band-{one.pk}"], self[f"chance-{one.pk}"])
            for one in self.experiments
        ]

    @property
    def answers(self) -> dict[int, tuple[str, int]]:
        given = self.cleaned_data
        return {
            one.pk: (given[f"band-{one.pk}"], given[f"chance-{one.pk}"]) for one in self.experiments
        }
