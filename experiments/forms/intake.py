"""What a file of results means: its columns mapped onto the plan's arms and metrics, guessed at first."""

from typing import Any

from django import forms

from experiments.forms.guessing import guess_arms
from experiments.forms.guessing_files import guessed_mapping, remembered_mapping
from experiments.forms.metric_columns import amounts_of, columns_of, few_valued, lifetime_fields
from experiments.models import Experiment, ExperimentMetric, Intake
from experiments.results_file import CONTROL

IGNORED = "-"
MOST_SEGMENTS = 3
MOST_LABELS = 14
_COLUMNS = (
    ("unit", "Column that names the person",
     "It lets Floe find people who are in two arms or in the file twice."),
    ("count", "Column with the number of units", ""),
    ("other_count", "Number of units in the treatment", ""),
    ("day", "Column with the day", "For people, the day they entered. Days since the start also work."),
    ("second", "Second column that names the arm", "Rows in which the two disagree are rejected."),
    ("only_column", "Only rows with this value in", "For a file with several experiments."),
    ("metric", "Column that names the metric", "For a file with one row per metric."),
    ("stratum", "Stratum", "Known before the experiment. Arms are compared within each value, then the results are combined."),
)  # fmt: skip


class MappingForm(forms.Form):
    """Which column is what. Made for one intake: a field for each metric and for each label."""

    shape = forms.ChoiceField(
        label="What is a row?",
        choices=[
            ("units", "One person (or other unit)"),
            ("totals", "The totals of one arm"),
            ("pairs", "The totals of the control beside a treatment"),
        ],
        widget=forms.RadioSelect,
    )
    variant = forms.ChoiceField(label="Column that names the arm", required=False)
    only_value = forms.CharField(label="says", max_length=200, required=False)
    day_order = forms.ChoiceField(
        label="How dates are written",
        choices=[("", "as the file shows"), ("dmy", "day first: 31/12/2026"),
                 ("mdy", "month first: 12/31/2026")],
        required=False,
    )  # fmt: skip
    accumulation = forms.ChoiceField(
        label="The figures of each day are",
        choices=[("daily", "for that day alone, so days add up"),
                 ("cumulative", "running totals, so only the last day counts")],
        widget=forms.RadioSelect,
        required=False,
    )  # fmt: skip
    spread_kind = forms.ChoiceField(
        label="The spread is given as",
        choices=[("sd", "standard deviation"), ("variance", "variance"),
                 ("se", "standard error of the mean")],
        required=False,
    )  # fmt: skip

    def __init__(self, data: Any = None, *, intake: Intake, labels: tuple[str, ...] = ()) -> None:
        self.intake = intake
        self.experiment: Experiment = intake.experiment
        self.columns: list[dict[str, Any]] = intake.sniffed["columns"]
        self.labels = labels
        super().__init__(data, initial=self._first())
        names = [(column["name"], column["name"]) for column in self.columns]
        none = [("", "none of them"), *names]
        self.fields["variant"].choices = none  # type: ignore[attr-defined]
        for name, label, help_text in _COLUMNS:
            self.fields[name] = forms.ChoiceField(
                label=label, choices=none, required=False, help_text=help_text
            )
        self.fields["segments"] = forms.MultipleChoiceField(
            label="Segments to explore", choices=few_valued(self.columns, dict(self.initial)), required=False,
            widget=forms.CheckboxSelectMultiple,
            help_text=f"Up to {MOST_SEGMENTS} columns, known before the experiment. They are for exploring, not for deciding.",
        )  # fmt: skip
        for part in self.experiment.measured:
            for name, label in columns_of(part):
                self.fields[name] = forms.ChoiceField(
                    label=label, choices=[("", "not in this file"), *names], required=False
                )
            self.fields.update({**amounts_of(part), **lifetime_fields(part, names)})
            self.fields[f"named_{part.pk}"] = forms.CharField(
                label="is called in the file", max_length=200, required=False
            )
        arms = [(arm.name, arm.name) for arm in self.experiment.arms]
        choices = [("", "choose an arm"), *arms, (IGNORED, "not in this experiment: leave out")]
        for number, label in enumerate(labels):
            name = f"label_{number}"
            is_open = not (self.initial if data is None else data).get(name)
            widget = forms.Select(attrs={"class": "select due"} if is_open else None)
            self.fields[name] = forms.ChoiceField(
                label=f"“{label}” is", choices=choices, required=False, widget=widget
            )

    def metric_fields(self) -> list[tuple[ExperimentMetric, list[Any]]]:
        return [
            (
                part,
                [self[name] for name, _ in columns_of(part)]
                + [
                    self[name]
                    for name in (*lifetime_fields(part, []), *amounts_of(part), f"named_{part.pk}")
                ],
            )
            for part in self.experiment.measured
        ]

    def label_fields(self) -> list[Any]:
        return [self[f"label_{number}"] for number in range(len(self.labels))]

    @property
    def is_remembered(self) -> bool:
        return bool(remembered_mapping(self.intake))

    def _first(self) -> dict[str, Any]:
        """As the last file that counted was mapped, else guessed from the names."""
        own: dict[str, Any] = (self.intake.mapping or {}).get("form", {})
        guess = {**own} or remembered_mapping(self.intake) or guessed_mapping(self.intake)
        remembered = guess.pop("labels", {})
        meant = labels_meant(self.intake) or remembered
        guessed = guess_arms(self.experiment, self.labels)
        return guess | {
            f"label_{number}": meant.get(label, arm)
            for number, (label, arm) in enumerate(zip(self.labels, guessed, strict=True))
        }

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        shape, is_totals = values.get("shape"), values.get("shape") in ("totals", "pairs")
        if is_totals and not values.get("count"):
            self.add_error("count", "Choose the column with the number of units of each arm.")
        if shape == "pairs" and not values.get("other_count"):
            self.add_error("other_count", "Choose the column with the treatment’s number of units.")
        if not values.get("variant") and (shape != "pairs" or len(self.experiment.arms) > 2):
            self.add_error("variant", "Choose the column that names the arm.")
        if is_totals and values.get("day") and not values.get("accumulation"):
            self.add_error("accumulation", "Choose one, because the two give different totals.")
        if values.get("only_column") and not values.get("only_value"):
            self.add_error("only_value", "Enter the value that stands for this experiment.")
        if is_totals and values.get("metric"):
            for part in self.experiment.measured:
                if values.get(f"metric_{part.pk}") and not values.get(f"named_{part.pk}"):
                    self.add_error(
                        f"named_{part.pk}",
                        f"Enter the name of this metric in “{values['metric']}”.",
                    )
        if is_totals:
            self._check_amounts(values)
        if len(values.get("segments") or []) > MOST_SEGMENTS:
            self.add_error("segments", f"Choose up to {MOST_SEGMENTS}.")
        self._check_segments(values)
        self._check_labels(values)
        if not any(values.get(f"metric_{part.pk}") for part in self.experiment.measured):
            self.add_error(None, "Map at least one metric to a column.")
        return values

    def _check_amounts(self, values: dict[str, Any]) -> None:
        """Without a spread it matters whether a column holds means or sums."""
        for part in self.experiment.measured:
            is_bare = values.get(f"metric_{part.pk}") and not values.get(f"spread_{part.pk}")
            if part.metric.kind == "mean" and is_bare and not values.get(f"holds_{part.pk}"):
                self.add_error(
                    f"holds_{part.pk}", "Choose one, because the two give different means."
                )

    def _check_segments(self, values: dict[str, Any]) -> None:
        """Neither the arm nor an outcome splits people into segments."""
        mapped = {values.get("variant"), values.get("second")} | {
            values.get(name) for part in self.experiment.measured for name, _ in columns_of(part)
        }
        for name in values.get("segments") or []:
            if name in mapped:
                self.add_error(
                    "segments",
                    f"“{name}” is already read as an arm or a metric. Choose what was known before.",
                )

    def _check_labels(self, values: dict[str, Any]) -> None:
        """Every label has an arm or is left out on purpose. A file with several experiments may
        hold labels of theirs."""
        if len(self.labels) > MOST_LABELS:
            self.add_error(
                "variant",
                f"“{values.get('variant')}” has {len(self.labels)} values or more, so it does not "
                "name the arm. Choose another column.",
            )
            return
        if values.get("only_column"):
            return
        for number in range(len(self.labels)):
            if not values.get(f"label_{number}"):
                self.add_error(
                    f"label_{number}", "Choose an arm, or leave out the rows with this label."
                )

    def point_at_totals(self) -> None:
        """After a file could not be read as people: say so if its rows look like totals."""
        if self.cleaned_data.get("shape") != "units":
            return
        kinds = {column["name"]: column for column in self.columns}
        for part in self.experiment.measured:
            column = kinds.get(self.cleaned_data.get(f"metric_{part.pk}", ""), {})
            if part.metric.kind == "proportion" and column.get("kind") == "number":
                self.add_error(
                    "shape",
                    f"“{column['name']}” holds numbers such as {column['examples'][0]}. If each row "
                    "is the total of one arm, choose “The totals of one arm”.",
                )
                return

    def mapping(self) -> dict[str, Any]:
        """What `flows.intake.understand` takes as `mapping`."""
        chosen, shape = self.cleaned_data, self.cleaned_data["shape"]
        is_units, is_pair = shape == "units", shape == "pairs"
        has_day = bool(chosen["day"])
        accumulation = ("daily" if is_units else chosen["accumulation"]) if has_day else "total"
        starts_on = self.experiment.starts_on
        return {
            "shape": shape,
            "variant": chosen["variant"],
            "unit": chosen["unit"] if is_units else "",
            "count": "" if is_units else chosen["count"],
            "other_count": chosen["other_count"] if is_pair else "",
            "second": chosen["second"] if is_units else "",
            "ignored": [label for label, arm in self._chosen().items() if arm == IGNORED],
            "only_column": chosen["only_column"],
            "only_value": chosen["only_value"].strip() if chosen["only_column"] else "",
            "day": chosen["day"],
            "day_order": chosen["day_order"],
            "starts_on": starts_on.isoformat() if starts_on else "",
            "accumulation": accumulation,
            "metric": "" if is_units else chosen["metric"],
            "spread_kind": chosen["spread_kind"] or "sd",
            "stratum": chosen["stratum"] if is_units else "",
            "segments": chosen["segments"] if is_units else [],
            "metrics": [
                self._metric(part)
                for part in self.experiment.measured
                if chosen.get(f"metric_{part.pk}")
            ],
        }

    def _metric(self, part: ExperimentMetric) -> dict[str, Any]:
        chosen, shape = self.cleaned_data, self.cleaned_data["shape"]

        def of(name: str, *shapes: str) -> str:
            return chosen.get(f"{name}_{part.pk}") or "" if shape in shapes else ""

        return {
            "name": part.metric.name,
            "kind": part.metric.kind,
            "column": chosen[f"metric_{part.pk}"],
            "denominator": of("denominator", "units", "totals", "pairs"),
            "spread": of("spread", "totals", "pairs"),
            "other_column": of("other", "pairs"),
            "other_spread": of("otherspread", "pairs"),
            "covariate": of("covariate", "units"),
            "label": of("named", "totals", "pairs").strip() if chosen["metric"] else "",
            "is_total": of("holds", "totals", "pairs") == "sum",
            "most": of("most", "totals", "pairs") or None,
            "value_day": of("valueday", "units"),
            "known_until": str(of("until", "units") or ""),
        }

    def _chosen(self) -> dict[str, str]:
        chosen = self.cleaned_data
        return {label: chosen.get(f"label_{n}", "") for n, label in enumerate(self.labels)}

    def meaning(self) -> dict[str, str]:
        """Label in the file → name of the arm; labels without an arm are left out."""
        meant = {label: arm for label, arm in self._chosen().items() if arm not in ("", IGNORED)}
        if self.cleaned_data["shape"] == "pairs" and self.experiment.control:
            meant[CONTROL] = self.experiment.control.name
            if not self.cleaned_data["variant"]:
                meant[""] = self.experiment.arms[1].name
        return meant

    def typed(self) -> dict[str, Any]:
        """What was chosen, to fill the form of the next file with."""
        of_this_file = ("label_", "until_")
        return {
            name: value
            for name, value in self.cleaned_data.items()
            if not name.startswith(of_this_file)
        }


def labels_meant(intake: Intake) -> dict[str, str]:
    """What each label of the file was said to mean, the ones that were left out included."""
    mapped = intake.mapping or {}
    ignored = mapped.get("columns", {}).get("ignored", [])
    return {**mapped.get("labels", {}), **dict.fromkeys(ignored, IGNORED)}
