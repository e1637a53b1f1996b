"""The form of the rubric: five bands for each of three dimensions, and a sentence on what changes."""

from typing import Any

from django import forms
from django.db.models import Model

from backlog.forms.merging import MergingForm
from backlog.models import Rubric
from backlog.models.rubrics import DIMENSIONS

BANDS = range(1, 6)
# What is typed is per cent for lift and chance, days for Ease; what is stored are fractions and days.
PER = {"impact": 100.0, "confidence": 100.0, "ease": 1.0}
UNIT = {"impact": "%", "confidence": "%", "ease": "days"}


class RubricForm(MergingForm, forms.Form):
    """The next version of the rubric, filled with the one in use."""

    note = forms.CharField(
        label="What changes, and why",
        max_length=200,
        required=False,
        help_text="Appears in the history of the rubric.",
    )

    def __init__(self, *args: Any, rubric: Rubric, **kwargs: Any) -> None:
        initial: dict[str, Any] = {}
        for dimension, bands in rubric.by_dimension().items():
            for band in bands:
                at = f"{dimension}-{band.band}"
                initial |= {
                    f"{at}-words": band.words,
                    f"{at}-range_words": band.range_words,
                    f"{at}-low": f"{band.low * PER[dimension]:g}",
                    f"{at}-high": f"{band.high * PER[dimension]:g}",
                }
        kwargs["initial"] = initial
        super().__init__(*args, **kwargs)
        for dimension in DIMENSIONS:
            for number in BANDS:
                self._add_band(dimension, number)

    def of_now(self, obj: Model, fresh: Model) -> "RubricForm":
        """Over the version that is in use by now: one is written, never changed."""
        return RubricForm(rubric=Rubric.objects.latest())

    def _add_band(self, dimension: str, band: int) -> None:
        scores, name = f"{band * 2 - 1}–{band * 2}", dimension.capitalize()
        at, missing = (
            f"{dimension}-{band}",
            f"{name} {scores}: fill in what it means and what it claims.",
        )
        errors = {"required": missing, "invalid": f"{name} {scores}: enter a number."}
        for part, longest in (("words", 80), ("range_words", 40)):
            label = f"{name} {scores}, {'in words' if part == 'words' else 'the range in words'}"
            self.fields[f"{at}-{part}"] = forms.CharField(
                label=label, max_length=longest, error_messages=errors
            )
        top = 366 if dimension == "ease" else 100
        for part in ("low", "high"):
            self.fields[f"{at}-{part}"] = forms.FloatField(
                label=f"{name} {scores}, {'from' if part == 'low' else 'to'}, {UNIT[dimension]}",
                min_value=0,
                max_value=top,
                error_messages=errors,
            )

    @property
    def bands(self) -> dict[str, list[dict[str, Any]]]:
        """What was typed, as the flow and the preview take it."""
        cleaned = self.cleaned_data
        return {
            dimension: [
                {
                    "words": cleaned[f"{dimension}-{band}-words"],
                    "range_words": cleaned[f"{dimension}-{band}-range_words"],
                    "low": cleaned[f"{dimension}-{band}-low"] / PER[dimension],
                    "high": cleaned[f"{dimension}-{band}-high"] / PER[dimension],
                }
                for band in BANDS
            ]
            for dimension in DIMENSIONS
        }

    def rows(self) -> list[tuple[str, str, list[tuple[str, list[forms.BoundField]]]]]:
        """For the template: each dimension with its unit and its bands' fields."""
        parts = ("words", "range_words", "low", "high")
        return [
            (
                dimension.capitalize(),
                UNIT[dimension],
                [
                    (
                        f"{band * 2 - 1}–{band * 2}",
                        [self[f"{dimension}-{band}-{part}"] for part in parts],
                    )
                    for band in BANDS
                ],
            )
            for dimension in DIMENSIONS
        ]
