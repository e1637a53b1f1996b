"""A worker that is killed in the middle of an import: all or nothing, then finished.

Four times in every run, as each costs seconds; KILLS=20 for the whole drill.
"""

import datetime as dt
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from experiments.flows import intake as flow
from experiments.flows.reading_files import read_left_behind
from experiments.models import Intake, Observation
from tests.factories import launched, make_experiment
from tests.running.test_worker import _until, broker  # noqa: F401  (a fixture)

pytestmark = [pytest.mark.worker, pytest.mark.django_db(transaction=True)]
ROWS, KILLS = 60_000, int(os.environ.get("KILLS", "4"))
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
def worker(broker):  # noqa: F811
    """A worker whose work is done by a process of its own, as in an installation."""
    command = [
        sys.executable, "-m", "celery", "-q", "-A", "config", "worker", "--pool", "prefork",
        "--concurrency", "1", "--queues", broker["queue"], "--loglevel", "CRITICAL",
        "--without-gossip", "--without-mingle",
    ]  # fmt: skip
    process = subprocess.Popen(command, env=broker["environment"], cwd=settings.BASE_DIR)
    yield process
    process.kill()
    process.wait(timeout=10)


def children_of(pid: int) -> list[int]:
    """The processes that its threads have started, the newest last."""
    lists = Path(f"/proc/{pid}/task").glob("*/children")
    return sorted(int(one) for found in lists for one in found.read_text().split())


def test_an_import_is_whole_or_nothing_and_the_sweep_finishes_it(
    worker, alice, bob, pod, objective, settings
):
    settings.RESULTS_ROWS_READ_AT_ONCE = 0
    settings.MEDIA_ROOT = settings.VAR_DIR / "uploads"  # where the worker looks
    chance = random.Random(5)
    experiment = launched(
        make_experiment(alice, pod, objective=objective, analyst=bob, metrics=METRICS), alice
    )
    rows = (f"u{n},{'AB'[n % 2]},{n % 13}" for n in range(ROWS))
    content = ("user,group,minutes\n" + "\n".join(rows)).encode()
    _until(lambda: children_of(worker.pid))
    in_the_middle = 0
    for number in range(KILLS):
        sent = flow.receive_file(experiment, SimpleUploadedFile(f"{number}.csv", content), by=bob)
        flow.understand(sent, by=bob, mapping=COLUMNS, labels=LABELS)
        one = Intake.objects.filter(pk=sent.pk)
        _until(lambda one=one: one.exclude(leased_until=None, state="reading").exists())
        time.sleep(chance.uniform(0, 0.15))
        os.kill(children_of(worker.pid)[-1], signal.SIGKILL)
        found = one.get()
        in_the_middle += found.state == "reading"
        _is_whole_or_nothing(found)
        past = timezone.now() - dt.timedelta(seconds=1)
        one.filter(state="reading").update(leased_until=past)  # as if three minutes had gone by
        read_left_behind()
        _until(lambda one=one: one.filter(state="understood").exists())
        _is_whole_or_nothing(one.get())
    assert in_the_middle
    flow.count(one.get(), by=bob)
    _until(lambda: one.filter(state="analysed").exists())
    assert sum(Observation.objects.values_list("n", flat=True)) == ROWS
    assert experiment.analyses.count() == 1


def _is_whole_or_nothing(found: Intake) -> None:
    assert not Observation.objects.exists()
    if found.state == "understood":
        assert found.understood["units"] == {"As it is": ROWS // 2, "Series named": ROWS // 2}
    else:
        assert found.state == "reading"
        assert "units" not in found.understood
