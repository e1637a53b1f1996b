"""The rows of a plan: its arms, its metrics."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.forms import BaseFormSet, formset_factory

from backlog.caps import MOST_ARMS, MOST_METRICS, MOST_RULES
from experiments.forms.effects import EFFECT_IN, echo_of, points_in
from experiments.forms.numbers import FigureField, PercentField
from experiments.models import AudienceRule, ExperimentMetric, Metric, Variant


class RowForm(forms.Form):
    """A row of a list; a row with nothing in its `typed` fields is left out."""

    typed: tuple[str, ...] = ()

    def has_changed(self) -> bool:
        entries = (str(self.data.get(self.add_prefix(name)) or "") for name in self.typed)
        return any(text.strip() for text in entries)


class ArmForm(RowForm):
    """One arm; the first of the list is the control."""

    typed = ("name", "description")
    name = forms.CharField(
        max_length=60,
        error_messages={"required": "Name this arm."},
        widget=forms.TextInput(attrs={"placeholder": "Name"}),
    )
    description = forms.CharField(
        label="What it gets",
        max_length=300,
        required=False,
        widget=forms.TextInput(attrs={"placeholder": "What it gets"}),
    )
    differs = forms.MultipleChoiceField(
        label="What differs",
        choices=Variant.Difference.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    weight = forms.FloatField(
        label="Share", min_value=0.0001, initial=50, error_messages={"min_value": "More than 0."}
    )


class RuleForm(RowForm):
    """One rule of the audience: who must not receive it, or who else has to hold."""

    typed = ("text", "reason", "cost")
    kind = forms.ChoiceField(choices=AudienceRule.Kind.choices, required=False)
    text = forms.CharField(
        label="Rule",
        max_length=200,
        error_messages={"required": "Say who must not receive it, or remove the row."},
        widget=forms.TextInput(attrs={"placeholder": "Has an open support ticket"}),
    )
    reason = forms.CharField(
        label="Why",
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"placeholder": "Why"}),
    )
    cost = forms.IntegerField(
        label="Takes off",
        min_value=0,
        max_value=10**12,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "placeholder": "Takes off"}),
    )


KINDS = [
    ("proportion", "Share: did it or not"),
    ("mean", "Mean of a number"),
    ("ratio", "Ratio of totals"),
]


class MetricForm(RowForm):
    """One metric's part. Shares and lifts are typed in per cent and kept as fractions."""

    typed = ("name", "baseline", "baseline_sd", "smallest_effect", "margin")
    role = forms.ChoiceField(
        choices=ExperimentMetric.Role.choices, initial=ExperimentMetric.Role.SECONDARY
    )
    name = forms.CharField(
        label="Metric",
        max_length=80,
        error_messages={"required": "Name the metric."},
        widget=forms.TextInput(
            attrs={
                "list": "metrics-known",
                "autocomplete": "off",
                "placeholder": "Name of the metric",
            }
        ),
    )
    kind = forms.ChoiceField(choices=KINDS, initial=Metric.Kind.PROPORTION)
    direction = forms.ChoiceField(
        choices=Metric.Direction.choices, initial=Metric.Direction.INCREASE
    )
    baseline = FigureField(label="Baseline", required=False)
    baseline_sd = FigureField(label="Standard deviation", required=False, min_value=0)
    smallest_effect = PercentField(label="Smallest effect that matters", required=False)
    effect_in = forms.ChoiceField(
        label="in", choices=EFFECT_IN, required=False, initial="lift",
        widget=forms.Select(attrs={"aria-label": "What the smallest effect is in"}),
    )  # fmt: skip
    margin = FigureField(label="May get worse by", required=False, min_value=0)

    def __init__(
        self,
        *args: Any,
        known: Mapping[str, Metric] | None = None,
        offers: Mapping[str, dict[str, str]] | None = None,
        expects: str = "",
        **options: Any,
    ) -> None:
        super().__init__(*args, **options)
        self.known, self.offers = known or {}, offers or {}
        self.expected_points = points_in(expects)
        self.hint = f"The idea expects “{expects}”." if expects else ""
        usual = self.known.get(str(self["name"].value() or "").strip().casefold())
        if usual and usual.usual_margin is not None:
            self.fields["margin"].widget.attrs["placeholder"] = usual.margin_shown

    def offer(self) -> dict[str, str] | None:
        """What decided experiments say about the named metric: now, sd, source, as people type it."""
        return self.offers.get(str(self["name"].value() or "").strip().casefold())

    def figures(self) -> list[tuple[Any, str, str, bool]]:
        """Field, class, unit, whether the unit stands for every kind; CSS shows what a row needs."""
        return [
            (self["baseline"], "f-now", "%", False),
            (self["baseline_sd"], "f-sd", "", False),
            (self["smallest_effect"], "f-lift", "", True),
            (self["margin"], "f-margin", "points", False),
        ]

    def clean(self) -> dict[str, Any]:
        """Bring a proportion's figures from per cent to fractions; hold a known name to its kind."""
        values = super().clean() or self.cleaned_data
        known = self.known.get(str(values.get("name", "")).casefold())
        for name in ("kind", "direction") if known else ():
            if name in values and values[name] != getattr(known, name):
                is_kept_as = {**dict(KINDS), **dict(Metric.Direction.choices)}[getattr(known, name)]
                self.add_error(
                    name,
                    f"“{known}” is defined as “{is_kept_as.lower()}”. Choose that, or give this metric "
                    "another name.",
                )
        if values.get("kind") == Metric.Kind.PROPORTION:
            for name in ("baseline", "margin"):
                if values.get(name) is not None:
                    values[name] /= 100
            if values.get("baseline") is not None and not 0 <= values["baseline"] <= 1:
                self.add_error("baseline", "Enter a share from 0 to 100 %.")
        if values.pop("effect_in", "") == "points":
            self._points_to_lift(values)
        return values

    def _points_to_lift(self, values: dict[str, Any]) -> None:
        """An effect typed in points (of a share) or in the metric's own unit, as a lift."""
        effect, baseline = values.get("smallest_effect"), values.get("baseline")
        if effect is None:
            return
        if (
            not baseline
            and self.data.get(self.add_prefix("smallest_effect")) == self.expected_points
        ):
            values["smallest_effect"] = None  # the idea still has it, and the form offers it again
            return
        if not baseline:
            self.add_error(
                "smallest_effect", "Enter the baseline too: points become a lift by dividing by it."
            )
            return
        own = effect if values.get("kind") == Metric.Kind.PROPORTION else effect * 100
        values["smallest_effect"] = own / abs(baseline)

    def echo(self) -> str:
        """From where to where the smallest effect leads, as far as the figures can be read."""
        if not self.is_bound:
            figures = {name: self[name].value() for name in ("baseline", "smallest_effect")}
            try:
                baseline, effect = (float(figures[name]) for name in figures)
            except (TypeError, ValueError):
                return ""
            in_points = self["effect_in"].value() == "points"
            change = effect if in_points else baseline * effect / 100
            return echo_of(self["kind"].value(), baseline, change)
        values = getattr(self, "cleaned_data", {})
        now, lift = values.get("baseline"), values.get("smallest_effect")
        if now is None or lift is None:
            return ""
        per = 100 if values.get("kind") == Metric.Kind.PROPORTION else 1
        return echo_of(values.get("kind", ""), now * per, now * lift * per)


class RowFormSet(BaseFormSet):  # type: ignore[type-arg]
    """A list of rows, of which those that say nothing do not count."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.extra = max(0, len(self.initial or ()) - self.min_num) + self.blank

    blank = 1

    def initial_form_count(self) -> int:
        """None: a row that was offered and left empty does not count."""
        return 0

    def rows(self) -> list[dict[str, Any]]:
        """What was typed, without the rows that were removed."""
        return [
            {key: value for key, value in form.cleaned_data.items() if key != "DELETE"}
            for form in self.forms
            if getattr(form, "cleaned_data", None) and not form.cleaned_data.get("DELETE")
        ]


class UniqueRows(RowFormSet):
    """Rows without the same name twice. No empty row is offered beyond the existing ones."""

    blank = 0
    twice = "Two rows have the same name. Rename one of them."

    def clean(self) -> None:
        names = [row["name"].strip().casefold() for row in self.rows() if row.get("name")]
        if len(set(names)) < len(names):
            raise forms.ValidationError(self.twice)


class Arms(UniqueRows):
    twice = "Two arms have the same name. Rename one of them."
    default_error_messages = {
        **BaseFormSet.default_error_messages,
        "too_few_forms": "Name at least two arms: the control and what you try against it.",
        "too_many_forms": "An experiment can have at most 14 arms.",
    }

    def rows(self) -> list[dict[str, Any]]:
        return [{**row, "is_control": position == 0} for position, row in enumerate(super().rows())]


class Rules(UniqueRows):
    twice = "Two rules are the same. Remove one of them."
    default_error_messages = {
        **BaseFormSet.default_error_messages,
        "too_many_forms": "An audience can have at most 20 rules.",
    }

    def clean(self) -> None:
        texts = [str(row.get("text", "")).strip().casefold() for row in self.rows()]
        if len(set(texts)) < len(texts):
            raise forms.ValidationError(self.twice)


class Metrics(UniqueRows):
    twice = "Two rows have the same metric. Remove one of them."
    default_error_messages = {
        **BaseFormSet.default_error_messages,
        "too_few_forms": "Name the primary metric. It decides the experiment.",
        "too_many_forms": "An experiment can have at most 20 metrics.",
    }

    def clean(self) -> None:
        super().clean()
        if sum(row.get("role") == "primary" for row in self.rows()) > 1:
            raise forms.ValidationError(
                "Only one metric can be the primary one, because it decides."
            )


MOST_ROWS = MOST_METRICS
ArmFormSet = formset_factory(
    ArmForm, formset=Arms, extra=0, min_num=2, validate_min=True, max_num=MOST_ARMS, validate_max=True,
    can_delete=True,
)  # fmt: skip
RuleFormSet = formset_factory(
    RuleForm, formset=Rules, extra=0, min_num=0, max_num=MOST_RULES, validate_max=True,
    can_delete=True,
)  # fmt: skip
MetricFormSet = formset_factory(
    MetricForm, formset=Metrics, extra=0, min_num=1, validate_min=True, max_num=MOST_ROWS,
    validate_max=True, can_delete=True,
)  # fmt: skip
