"""A worker that is killed in the middle of an import: all or nothing, then finished.

`make test` kills it four times, as each kill costs seconds; `.ci/run` twenty times (KILLS=20).
"""

import os
import random
import signal
import subprocess
import sys
import time

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile

from experiments.flows import intake as flow
from experiments.flows.reading_files import read_left_behind
from experiments.flows.receiving import receive_file
from experiments.models import Intake, Observation
from tests.factories import launched, make_experiment
from tests.running.test_worker import _until, broker  # noqa: F401  (a fixture)

pytestmark = [pytest.mark.worker, pytest.mark.django_db(transaction=True)]
ROWS, KILLS = 300_000, int(os.environ.get("KILLS", "4"))
METRICS = (
    {"role": "primary", "name": "Minutes", "kind": "mean", "direction": "increase",
     "baseline": 10, "baseline_sd": 5, "smallest_effect": 0.1},
)  # fmt: skip
COLUMNS = {
    "shape": "units", "variant": "group", "unit": "user",
    "metrics": [{"name": "Minutes", "kind": "mean", "column": "minutes"}],
}  # fmt: skip
LABELS = {"A": "As it is", "B": "Series named"}


@pytest.fixture
def start(broker):  # noqa: F811
    """Start a worker; at the end of the test all are killed."""
    started = []

    def one() -> "subprocess.Popen[bytes]":
        command = [
            sys.executable, "-m", "celery", "-q", "-A", "config", "worker", "--pool", "solo",
            "--queues", broker["queue"], "--loglevel", "CRITICAL", "--without-gossip",
            "--without-mingle", "--without-heartbeat",
        ]  # fmt: skip
        started.append(subprocess.Popen(command, env=broker["environment"], cwd=settings.BASE_DIR))
        return started[-1]

    yield one
    for process in started:
        process.kill()
        process.wait(timeout=10)


def test_an_import_is_whole_or_nothing_and_the_sweep_finishes_it(
    start, alice, bob, pod, objective, settings
):
    settings.RESULTS_ROWS_READ_AT_ONCE = 0
    settings.MEDIA_ROOT = settings.VAR_DIR / "uploads"  # the worker's folder
    chance = random.Random(5)
    experiment = launched(
        make_experiment(alice, pod, objective=objective, analyst=bob, metrics=METRICS), alice
    )
    rows = (f"u{n},{'AB'[n % 2]},{n % 13}" for n in range(ROWS))
    content = ("user,group,minutes\n" + "\n".join(rows)).encode()
    worker = start()
    in_the_middle, latest = 0, 0.3  # seconds; reduced if a kill comes too late on a quick machine
    for number in range(KILLS):
        sent = receive_file(experiment, SimpleUploadedFile(f"{number}.csv", content), by=bob)
        flow.understand(sent, by=bob, mapping=COLUMNS, labels=LABELS)
        one = Intake.objects.filter(pk=sent.pk)
        _until(lambda one=one: one.exclude(leased_until=None, state="reading").exists())
        time.sleep(chance.uniform(0, latest))
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        import_ = one.get()
        was_reading = import_.state == "reading"
        in_the_middle, latest = in_the_middle + was_reading, latest if was_reading else latest / 2
        _is_whole_or_nothing(import_)
        worker = start()
        read_left_behind()
        _until(lambda one=one: one.filter(state="understood").exists())
        _is_whole_or_nothing(one.get())
    assert in_the_middle
    flow.count(one.get(), by=bob)
    _until(lambda: one.filter(state="analysed").exists())
    assert sum(Observation.objects.values_list("n", flat=True)) == ROWS
    assert experiment.analyses.count() == 1


def _is_whole_or_nothing(intake: Intake) -> None:
    assert not Observation.objects.exists()
    if intake.state == "understood":
        assert intake.understood["units"] == {"As it is": ROWS // 2, "Series named": ROWS // 2}
    else:
        assert intake.state == "reading"
        assert "units" not in intake.understood
