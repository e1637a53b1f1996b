"""What a browser without JavaScript posts, as plain functions."""

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from experiments.models import Experiment, Intake

ARM_ROWS = (
    {"name": "As it is", "weight": "50"},
    {"name": "Series named", "description": "In the subject line", "weight": "50"},
)
METRIC_ROWS = (
    {"role": "primary", "name": "Reactivated", "kind": "proportion", "direction": "increase",
     "baseline": "10", "smallest_effect": "10"},
    {"role": "secondary", "name": "", "kind": "proportion", "direction": "increase"},
    {"role": "guardrail", "name": "Unsubscribed", "kind": "proportion", "direction": "decrease",
     "baseline": "1", "margin": "0.5"},
)  # fmt: skip


def formset(prefix: str, rows: Any) -> dict[str, str]:
    """The fields of a formset, with its count."""
    data = {f"{prefix}-TOTAL_FORMS": str(len(rows)), f"{prefix}-INITIAL_FORMS": "0"}
    for number, row in enumerate(rows):
        data |= {f"{prefix}-{number}-{name}": value for name, value in row.items()}
    return data


def plan_data(arms: Any = ARM_ROWS, metrics: Any = METRIC_ROWS, **fields: Any) -> dict[str, Any]:
    """The plan's form, filled; `fields` replace single ones."""
    entries = {"title": "Series in the subject line", "units_per_week": "10000"}
    return {**entries, **formset("arms", arms), **formset("metrics", metrics), **fields}


def upload(
    client: Client, experiment: Experiment, content: bytes | str, name: str = "r.csv"
) -> Any:
    data = content.encode() if isinstance(content, str) else content
    url = reverse("experiments:experiment_data", args=[experiment.pk])
    return client.post(url, {"file": SimpleUploadedFile(name, data)})


def mapped(client: Client, experiment: Experiment, content: bytes | str, **fields: Any) -> Any:
    """Send a file and map it; the answer of the mapping page."""
    upload(client, experiment, content)
    intake = Intake.objects.filter(experiment=experiment).latest("pk")
    url = reverse("experiments:intake_map", args=[experiment.pk, intake.pk])
    entries = {"shape": "units", "variant": "group", "labels_of": "group", **fields}
    for row in experiment.measured:
        entries = {
            key.replace(f"_{row.metric.name}", f"_{row.pk}"): value
            for key, value in entries.items()
        }
    return client.post(url, entries)


def confirmed(client: Client, url: str, **fields: Any) -> Any:
    """Tick every doubt of the page that asks before a file counts, and let it count."""
    context = client.get(url).context
    doubts = context["page"].doubts if context and "page" in context else ()
    codes = [doubt.code for doubt, _ in doubts]
    return client.post(url, {"do": "count", "acknowledged": codes, **fields})
