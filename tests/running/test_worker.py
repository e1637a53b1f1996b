"""A real Celery worker, a real broker, the same database: from confirmed data to an analysis."""

import os
import subprocess
import sys
import time

import pytest
from celery import current_app
from django.conf import settings
from django.db import connection

from backlog.flows.clockwork import heartbeat
from backlog.models import Heartbeat
from experiments.flows import analysing, totals
from experiments.models import Intake
from tests.factories import launched, make_experiment
from tests.factories import totals as rows

pytestmark = [pytest.mark.worker, pytest.mark.django_db(transaction=True)]
WITHIN = 60  # seconds


def _database_url() -> str:
    at = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{at['NAME']}"
    signed_in = f"{at['USER']}:{at['PASSWORD']}".rstrip(":")
    return f"postgres://{signed_in}@{at['HOST']}:{at['PORT'] or 5432}/{at['NAME']}"


@pytest.fixture
def broker():
    """The broker of the environment, or the embedded one in a folder of this test's own."""
    environment = {
        **os.environ,
        "DATABASE_URL": _database_url(),
        "VAR_DIR": str(settings.VAR_DIR),
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    queue = f"floe-test-{os.getpid()}"
    current_app.conf.update(task_always_eager=False, task_default_queue=queue)
    yield {"environment": environment, "queue": queue}
    current_app.conf.update(task_always_eager=True, task_default_queue="celery")


@pytest.fixture
def worker(broker):
    command = [
        sys.executable, "-m", "celery", "-q", "-A", "config", "worker", "--pool", "solo",
        "--queues", broker["queue"], "--loglevel", "WARNING", "--without-gossip", "--without-mingle",
    ]  # fmt: skip
    process = subprocess.Popen(command, env=broker["environment"], cwd=settings.BASE_DIR)
    yield process
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()


def _until(condition) -> None:
    deadline = time.monotonic() + WITHIN
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)


def test_a_worker_analyses_what_was_counted(worker, alice, bob, pod, objective):
    experiment = launched(make_experiment(alice, pod, objective=objective, analyst=bob), alice)
    taken = totals.receive_totals(experiment, by=bob, observations=rows())
    _until(lambda: Intake.objects.get(pk=taken.pk).state == "analysed")
    assert experiment.analyses.get().outcome == "ship"


def test_a_worker_says_that_it_is_alive_and_hears_of_beat(broker, worker):
    heartbeat.delay()
    _until(lambda: set(Heartbeat.objects.values_list("name", flat=True)) == {"worker", "beat"})


def test_two_workers_make_one_analysis(alice, bob, pod, objective):
    experiment = launched(make_experiment(alice, pod, objective=objective, analyst=bob), alice)
    taken = totals.receive_totals(experiment, by=bob, observations=rows())
    first = experiment.analyses.get()
    Intake.objects.filter(pk=taken.pk).update(state="counted")  # as if the first had died late
    again = analysing.analyse_now(taken.pk)
    assert again.pk == first.pk
    assert analysing.analyse_now(taken.pk) is None
