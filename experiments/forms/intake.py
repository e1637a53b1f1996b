"""A file of results: sent, then mapped onto the experiment's arms and metrics, guessed at first."""

import re
from typing import Any

from django import forms

from experiments.models import Experiment, ExperimentMetric, Intake

VARIANT_WORDS = ("variant", "version", "arm", "group", "bucket", "treatment", "test", "cell")
UNIT_WORDS = ("userid", "unit", "customerid", "readerid", "subscriberid", "email", "user", "id")
COUNT_WORDS = ("n", "units", "users", "count", "sent", "recipients", "delivered", "total")
SPREAD_WORDS = ("sd", "std", "stdev", "stddev", "standarddeviation")


class FileForm(forms.Form):
    file = forms.FileField(
        label="File with results",
        allow_empty_file=True,  # the reader says in its own words that it is empty
        help_text="A CSV: one row for each person, or totals for each arm.",
        error_messages={"required": "Choose a file first."},
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.tsv,.txt,text/csv"}),
    )


class MappingForm(forms.Form):
    """Which column is what. Made for one intake: a field for each metric and for each label."""

    shape = forms.ChoiceField(
        label="What is a row?",
        choices=[("units", "One person (or other unit)"), ("totals", "The totals of one arm")],
        widget=forms.RadioSelect,
    )
    variant = forms.ChoiceField(label="Column that names the arm")
    unit = forms.ChoiceField(
        label="Column that names the person",
        required=False,
        help_text="With it, a person in two arms or twice in the file is found.",
    )
    count = forms.ChoiceField(label="Column with the number of units", required=False)

    def __init__(self, data: Any = None, *, intake: Intake, labels: tuple[str, ...] = ()) -> None:
        self.intake = intake
        self.experiment: Experiment = intake.experiment
        self.columns: list[dict[str, Any]] = intake.sniffed["columns"]
        self.labels = labels
        super().__init__(data, initial=self._guessed())
        none = [("", "none of them")]
        names = [(column["name"], column["name"]) for column in self.columns]
        self.fields["variant"].choices = names  # type: ignore[attr-defined]
        for name in ("unit", "count"):
            self.fields[name].choices = none + names  # type: ignore[attr-defined]
        for part in self.experiment.measured:
            for name, label in _columns_of(part):
                self.fields[name] = forms.ChoiceField(
                    label=label, choices=[("", "not in this file"), *names], required=False
                )
        arms = [(arm.name, arm.name) for arm in self.experiment.arms]
        for number, label in enumerate(labels):
            self.fields[f"label_{number}"] = forms.ChoiceField(
                label=f"“{label}” is", choices=[("", "choose an arm"), *arms], required=False
            )

    def metric_fields(self) -> list[tuple[ExperimentMetric, list[Any]]]:
        return [
            (part, [self[name] for name, _ in _columns_of(part)])
            for part in self.experiment.measured
        ]

    def label_fields(self) -> list[Any]:
        return [self[f"label_{number}"] for number in range(len(self.labels))]

    def _guessed(self) -> dict[str, Any]:
        """The likely mapping from the names, so that most files need a look and a click."""
        guess: dict[str, Any] = {
            "shape": self.intake.sniffed["shape"],
            "variant": guess_variant(self.columns),
            "unit": _named(self.columns, UNIT_WORDS),
            "count": _named(self.columns, COUNT_WORDS),
        }
        for part in self.experiment.measured:
            guess[f"metric_{part.pk}"] = _like(self.columns, part.metric.name)
            guess[f"spread_{part.pk}"] = _named(self.columns, SPREAD_WORDS)
        guess |= {
            f"label_{number}": arm
            for number, arm in enumerate(guess_arms(self.experiment, self.labels))
        }
        return guess

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if values.get("shape") == "totals" and not values.get("count"):
            self.add_error("count", "Totals need the number of units of each arm.")
        if not any(values.get(f"metric_{part.pk}") for part in self.experiment.measured):
            self.add_error(None, "Map at least one metric to a column.")
        return values

    def mapping(self) -> dict[str, Any]:
        """What `flows.intake.understand` takes as `mapping`."""
        said = self.cleaned_data
        is_totals = said["shape"] == "totals"
        metrics = [
            {
                "name": part.metric.name,
                "kind": part.metric.kind,
                "column": said[f"metric_{part.pk}"],
                "denominator": said.get(f"denominator_{part.pk}", ""),
                "spread": said.get(f"spread_{part.pk}", "") if is_totals else "",
            }
            for part in self.experiment.measured
            if said.get(f"metric_{part.pk}")
        ]
        return {
            "shape": said["shape"],
            "variant": said["variant"],
            "unit": "" if is_totals else said["unit"],
            "count": said["count"] if is_totals else "",
            "metrics": metrics,
        }

    def meaning(self) -> dict[str, str]:
        """Label in the file → name of the arm; labels without an arm are left out."""
        said = self.cleaned_data
        chosen = {label: said.get(f"label_{n}", "") for n, label in enumerate(self.labels)}
        return {label: arm for label, arm in chosen.items() if arm}


def _columns_of(part: ExperimentMetric) -> list[tuple[str, str]]:
    """The fields that a metric's part needs: name and label."""
    fields = [(f"metric_{part.pk}", part.metric.name)]
    if part.metric.kind == "ratio":
        fields.append((f"denominator_{part.pk}", "over"))
    if part.metric.kind == "mean":
        fields.append((f"spread_{part.pk}", "standard deviation (totals only)"))
    return fields


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _named(columns: list[dict[str, Any]], words: tuple[str, ...]) -> str:
    """The first column whose name is one of these words, tried in their order."""
    by_name = {_plain(column["name"]): column["name"] for column in columns}
    return next((by_name[word] for word in words if word in by_name), "")


def _like(columns: list[dict[str, Any]], name: str) -> str:
    """The column that is called as the metric is, or nearly so."""
    wanted = _plain(name)
    for column in columns:
        if _plain(column["name"]) == wanted:
            return str(column["name"])
    near = [
        c["name"]
        for c in columns
        if len(p := _plain(c["name"])) > 3 and (p in wanted or wanted in p)
    ]
    return str(near[0]) if near else ""


def guess_variant(columns: list[dict[str, Any]]) -> str:
    """The column that most likely names the arm: by its name, else a text with few values."""
    found = _named(columns, VARIANT_WORDS)
    few = [c for c in columns if c["kind"] == "text" and c["distinct"] and 2 <= c["distinct"] <= 14]
    return found or (few[0]["name"] if few else (columns[0]["name"] if columns else ""))


def guess_arms(experiment: Experiment, labels: tuple[str, ...]) -> list[str]:
    """For each label the arm it likely means: by name, "control" for the control, else by order."""
    by_name = {_plain(arm.name): arm.name for arm in experiment.arms}
    guessed = [by_name.get(_plain(label), "") for label in labels]
    control = experiment.control
    for place, label in enumerate(labels):
        if control and not guessed[place] and _plain(label) in ("control", "a", "baseline"):
            guessed[place] = control.name
    left = [arm.name for arm in experiment.arms if arm.name not in guessed]
    if len(left) == guessed.count(""):
        guessed = [arm or left.pop(0) for arm in guessed]
    return guessed
