"""A file sent and mapped as a person does who leaves every field as Floe filled it in."""

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from experiments.models import Experiment, Intake


def send(client: Client, experiment: Experiment, data: bytes, name: str) -> Any:
    url = reverse("experiments:experiment_data", args=[experiment.pk])
    return client.post(url, {"file": SimpleUploadedFile(name, data)})


def filled_in(client: Client, url: str) -> dict[str, Any]:
    """The fields of the mapping page as it shows them."""
    form = client.get(url).context["form"]
    values = {name: form[name].value() for name in form.fields}
    posted = {name: value for name, value in values.items() if value not in (None, "", [])}
    return {**posted, "labels_of": values.get("variant") or ""}


def guess(
    client: Client, experiment: Experiment, data: bytes, name: str, **changes: Any
) -> tuple[Any, Intake | None]:
    """Send, then read by the guess with `changes`; the last answer, and the intake if it was kept.

    Among the changes, metrics are called by their names: `metric_Revenue`.
    """
    response = send(client, experiment, data, name)
    if response.status_code != 302:
        return response, None
    values = filled_in(client, response.url) | changes
    for part in experiment.measured:
        values = {
            key.replace(f"_{part.metric.name}", f"_{part.pk}"): value
            for key, value in values.items()
        }
    answer = client.post(response.url, values)
    return answer, Intake.objects.latest("pk")
