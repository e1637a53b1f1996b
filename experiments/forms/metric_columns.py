"""The fields that a metric of the plan needs to be found in a file, and columns that can sort people."""

from typing import Any

from django import forms

from backlog.forms.days import DayField
from experiments.forms.column_names import is_outcome
from experiments.models import ExperimentMetric


def columns_of(part: ExperimentMetric) -> list[tuple[str, str]]:
    """The fields that a metric's part needs: name and label."""
    fields = [(f"metric_{part.pk}", part.metric.name)]
    if part.metric.kind == "ratio":
        fields.append((f"denominator_{part.pk}", "over"))
    if part.metric.kind == "mean":
        fields.append((f"spread_{part.pk}", "its spread"))
        fields.append((f"covariate_{part.pk}", "the same before the experiment"))
    fields.append((f"other_{part.pk}", "of the treatment"))
    if part.metric.kind == "mean":
        fields.append((f"otherspread_{part.pk}", "spread of the treatment"))
    return fields


def amounts_of(part: ExperimentMetric) -> dict[str, forms.Field]:
    """What totals of a mean may hold, and what to say where they hold no spread."""
    if part.metric.kind != "mean":
        return {}
    return {
        f"holds_{part.pk}": forms.ChoiceField(
            label="the column holds",
            choices=[("", "choose one"), ("mean", "the mean per unit"), ("sum", "the sum of the arm")],
            required=False,
        ),
        f"most_{part.pk}": forms.FloatField(
            label="the most that one unit can come to",
            min_value=0,
            required=False,
            help_text="Only if the file has no spread: it bounds how far chance can go. Without it, "
            "send one row per unit, or leave the metric out.",
        ),
    }  # fmt: skip


def lifetime_fields(part: ExperimentMetric, names: list[tuple[str, str]]) -> dict[str, forms.Field]:
    """What a lifetime value needs to be known of its amounts in a file of units."""
    if not part.metric.is_lifetime_value:
        return {}
    return {
        f"valueday_{part.pk}": forms.ChoiceField(
            label="day of the amount",
            choices=[("", "not in this file"), *names],
            required=False,
            help_text="For one row per payment.",
        ),
        f"until_{part.pk}": DayField(
            label="amounts are known until",
            required=False,
            help_text="Leave it empty for the last day in the file.",
        ),
    }


def few_valued(columns: list[dict[str, Any]], guess: dict[str, Any]) -> list[tuple[str, str]]:
    """The columns that sort people into few groups, as far as the top of the file shows: not the
    arm's, and none that says what happened after the arms were drawn."""
    own = ("variant", "second", "unit", "day", "only_column")
    mapped = {guess.get(name) for name in own}
    mapped |= {
        value for name, value in guess.items() if name.startswith(("metric_", "denominator_"))
    }
    return [
        (column["name"], column["name"])
        for column in columns
        if column["kind"] in ("text", "boolean")
        and (column["distinct"] or 99) <= 50
        and column["name"] not in mapped
        and not is_outcome(column["name"])
    ]
