"""Past experiments from a spreadsheet: read, looked at, added all or not at all, undone in one step."""

import math

import pytest
from django.urls import reverse

from backlog.models import Import
from experiments.models import Experiment

NEW = reverse("experiments:past_new")
COUNTS = (
    "Test name\tStart\tEnd\tLever\tChannel\tSegment\tMetric\tControl sends\tControl conversions\t"
    "Variant sends\tVariant conversions\tResult\tDecision\tLearning\n"
    "Urgent subject line\t2026-02-02\t2026-02-16\tUrgency\te-mail\tLapsed\tOpened\t10000\t500\t10000\t"
    "600\twon\tshipped\tUrgency opens more mails\n"
)


def paste(client, text, **more):
    return client.post(NEW, {"rows": text, "pod": "LIF", **more}, follow=True)


def latest():
    return Import.objects.latest("pk")


def add(client):
    page = client.post(latest().get_absolute_url(), {"do": "add"}, follow=True)
    return page.content.decode()


def test_counts_become_a_decided_experiment_with_its_lift(client_of, alice, pod):
    client = client_of(alice)
    page = paste(client, COUNTS).content.decode()
    assert "Add 1 experiment<" in page
    assert "from counts" in page
    assert not Experiment.objects.exists()
    page = add(client)
    assert "decided in Floe and marked as imported" in page, page
    test = Experiment.objects.get()
    assert (test.state, test.is_imported, test.is_sealed, test.status) == (
        "decided",
        True,
        False,
        "won",
    )
    row = test.evidence
    ratio = math.log(600 / 500)
    error = math.sqrt(1 / 600 - 1 / 10000 + 1 / 500 - 1 / 10000)
    assert row.lift == pytest.approx(0.2)
    assert row.low == pytest.approx(math.exp(ratio - 1.959964 * error) - 1, abs=1e-6)
    assert row.high == pytest.approx(math.exp(ratio + 1.959964 * error) - 1, abs=1e-6)
    assert (row.backing, row.is_imported, row.outcome, row.metric) == (
        "counts",
        True,
        "won",
        "Opened",
    )
