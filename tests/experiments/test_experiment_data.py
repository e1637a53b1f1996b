"""Data in by file: each bad file has its own sentence and changes nothing."""

import datetime as dt
import json
import os
import shutil
import subprocess
import sys

import pytest
from django.urls import reverse
from django.utils import timezone

from backlog.flows.tokens import make_token
from experiments.models import Experiment, Intake, Observation
from experiments.views.snippets import python_call, rows_of, shell_call
from tests.experiments.posting import upload
from tests.factories import ARMS, METRICS, analysed, launched, make_experiment

GOOD = "user,group,Reactivated\nr1,A,1\nr2,B,0\nr3,A,0\nr4,B,1\n"


@pytest.fixture
def running(alice, bob, pod, objective):
    return launched(make_experiment(alice, pod, objective=objective, analyst=bob), alice)


def page_of(response):
    return response.content.decode()


def test_a_good_file_leads_to_its_columns(client_of, bob, running):
    response = upload(client_of(bob), running, GOOD, "results.csv")
    intake = Intake.objects.get()
    assert response.url == reverse("experiments:intake_map", args=[running.pk, intake.pk])
    assert (intake.state, intake.filename, intake.by) == ("received", "results.csv", bob)
    assert not Observation.objects.exists()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty."),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "a PNG picture, not a table"),
        (b"user,group,bought\n", "no row"),
        (GOOD.encode() + b"r5,A,1\n" * 40_000 + b"r6,\x00,1\n", "40,006"),
    ],
)  # fmt: skip
def test_a_bad_file_is_refused_beside_the_field_and_changes_nothing(
    client_of, bob, running, content, sentence
):
    response = upload(client_of(bob), running, content)
    assert response.status_code == 422
    assert f'id="{response.context["form"]["file"].auto_id}_error"' in page_of(response)
    assert sentence in page_of(response)
    assert not Intake.objects.exists()


def test_a_file_over_the_limit_is_refused(client_of, bob, running, settings):
    settings.RESULTS_FILE_MAX_BYTES = 10
    response = upload(client_of(bob), running, GOOD)
    assert response.status_code == 413
    assert "files up to 0 MB are taken" in page_of(response)
    assert not Intake.objects.exists()


def test_too_many_rows_are_refused(client_of, bob, running, settings):
    settings.RESULTS_FILE_MAX_ROWS = 3
    response = upload(client_of(bob), running, GOOD)
    assert response.status_code == 422
    assert not Intake.objects.exists()


def test_sending_nothing_asks_for_a_file(client_of, bob, running):
    url = reverse("experiments:experiment_data", args=[running.pk])
    response = client_of(bob).post(url, {})
    assert response.status_code == 422
    assert "Choose a file first." in page_of(response)


def test_a_draft_takes_no_data(client_of, alice, pod):
    draft = make_experiment(alice, pod, objective=None, analyst=alice)
    response = upload(client_of(alice), draft, GOOD)
    assert response.status_code == 422
    assert "Data can only come in between launch and decision" in page_of(response)
    assert 'type="file"' not in page_of(client_of(alice).get(response.request["PATH_INFO"]))


def test_it_lists_what_came_in(client_of, bob, vera, running):
    upload(client_of(bob), running, GOOD, "first.csv")
    analysed(running, bob)
    page = page_of(client_of(bob).get(reverse("experiments:experiment_data", args=[running.pk])))
    for words in ("first.csv", "Not mapped yet", "Map its columns", "Totals over the API",
                  "Counts now", "30,000"):  # fmt: skip
        assert words in page
    seen = page_of(client_of(vera).get(reverse("experiments:experiment_data", args=[running.pk])))
    assert "first.csv" in seen
    assert "Map its columns" not in seen
    assert 'type="file"' not in seen


def test_the_example_call_names_the_arms_and_the_address(client_of, bob, running):
    page = page_of(client_of(bob).get(reverse("experiments:experiment_data", args=[running.pk])))
    assert f"/api/v1/experiments/{running.pk}/observations/" in page
    assert "&quot;variant&quot;: &quot;As it is&quot;" in page


def test_the_example_call_sends_every_metric_of_the_plan_with_its_own_figures(
    alice, bob, pod, objective
):
    """A guardrail that no call sends can’t be judged."""
    metrics = (
        *METRICS,
        {"role": "secondary", "name": "Minutes", "kind": "mean", "direction": "increase"},
    )
    running = launched(
        make_experiment(alice, pod, objective=objective, analyst=bob, metrics=metrics), alice
    )
    rows = rows_of(running)
    assert {(row["metric"], row["variant"]) for row in rows} == {
        (metric["name"], arm["name"]) for metric in metrics for arm in ARMS
    }
    assert all(("mean" in row) == (row["metric"] == "Minutes") for row in rows)


def test_viewers_may_look_and_not_send(client_of, vera, charlie, running):
    assert upload(client_of(vera), running, GOOD).status_code == 403
    assert upload(client_of(charlie), running, GOOD).status_code == 404
    assert not Intake.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_calls_on_the_page_work_as_they_stand(
    live_server, client_of, alice, bob, pod, objective
):
    """Also where a name holds an apostrophe; sent twice, by two ways, it counts once."""
    arms = ({"name": "As it's", "is_control": True, "weight": 1}, {"name": "B", "weight": 1})
    running = launched(
        make_experiment(alice, pod, objective=objective, analyst=bob, arms=arms), alice
    )
    _, token = make_token(by=bob, name="Nightly", scope="write", days=3)
    environment = {**os.environ, "TOKEN": token, "no_proxy": "*"}
    site = f"{live_server.url}/"
    commands = (
        [sys.executable, "-c", python_call(running, site)],
        ["sh", "-c", shell_call(running, site)],
    )
    for command in commands[: 2 if shutil.which("curl") else 1]:
        run = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        assert json.loads(run.stdout)["accumulation"] == "daily"
    assert running.intakes.count() == 1
    rows = Observation.objects.filter(day=None, metric__role="primary")
    assert sorted(row.variant.name for row in rows) == ["As it's", "B"]


def test_the_call_of_an_experiment_that_is_over_names_a_day_of_it(running):
    """It named today, a day after the end, which no file of this experiment may have."""
    today = timezone.localdate()
    Experiment.objects.update(ends_on=today - dt.timedelta(days=3))
    over = Experiment.objects.get()
    assert {row["day"] for row in rows_of(over)} == {str(over.last_day)}
    Experiment.objects.update(ends_on=today + dt.timedelta(days=3))
    assert {row["day"] for row in rows_of(Experiment.objects.get())} == {str(today)}
