"""A committed change is answered as saved, whatever the broker does; the clock finds the work."""

import ast
import datetime as dt
from pathlib import Path

import pytest
from celery import current_app
from django.conf import settings
from django.db import transaction

from backlog.flows import queueing
from experiments.flows import analysing, totals
from experiments.models import Intake
from tests.factories import launched, make_experiment
from tests.factories import totals as rows

QUEUES = {"delay", "delay_on_commit", "apply_async", "apply_async_on_commit", "send_task"}
# Each of these catches everything that a broker raises.
MAY_QUEUE = {"backlog/flows/queueing.py", "backlog/flows/heartbeats.py", "config/clock.py"}
# No row holds a link for a new password; people who wait too long for it request another one.
ASKED_FOR_AGAIN = {"mail_reset_link"}
APPS = ("backlog", "experiments", "config")


def _modules():
    for app in APPS:
        for path in Path(settings.BASE_DIR, app).rglob("*.py"):
            yield str(path.relative_to(settings.BASE_DIR)), ast.parse(path.read_text())


def _calls(tree):
    return [node for node in ast.walk(tree) if isinstance(node, ast.Call)]


def test_only_one_module_queues():
    modules = {
        f"{name}:{call.lineno}"
        for name, tree in _modules()
        for call in _calls(tree)
        if isinstance(call.func, ast.Attribute) and call.func.attr in QUEUES
        and name not in MAY_QUEUE
    }  # fmt: skip
    assert modules == set()


def _queued():
    """Each queued task with the functions that queue it."""
    queued = {}
    for _, tree in _modules():
        for function in ast.walk(tree):
            if isinstance(function, ast.FunctionDef):
                for call in _calls(function):
                    if isinstance(call.func, ast.Name) and call.func.id == "queue_on_commit":
                        queued.setdefault(call.args[0].id, set()).add(function.name)
    return queued


def test_the_clock_finds_whatever_could_not_be_queued():
    by_the_clock = {e["task"].rpartition(".")[2] for e in settings.CELERY_BEAT_SCHEDULE.values()}
    queued = _queued()
    assert queued
    lost = {
        task for task, functions in queued.items()
        if task not in by_the_clock and not functions & by_the_clock
    }  # fmt: skip
    assert lost == ASKED_FOR_AGAIN


def _tasks():
    current_app.loader.import_default_modules()
    names = {name.rpartition(".")[2]: task for name, task in current_app.tasks.items()}
    return [names[name] for name in _queued()]


def _under_a_file(folder):
    (folder / "file").touch()
    return "embedded://localhost//", {"file": str(folder / "file" / "queue.sqlite3")}


def _is_a_folder(folder):
    (folder / "queue.sqlite3").mkdir()
    return "embedded://localhost//", {"file": str(folder / "queue.sqlite3")}


def _cannot_be_made(folder):
    return "embedded://localhost//", {"file": "/proc/broker/queue.sqlite3"}


def _nobody_listens(folder):
    return "redis://127.0.0.1:1/0", {}


def _is_unknown(folder):
    return "carrierpigeon://localhost//", {}


@pytest.fixture(params=[_under_a_file, _is_a_folder, _cannot_be_made, _nobody_listens, _is_unknown])
def broken_broker(request, tmp_path, monkeypatch):
    monkeypatch.setattr(queueing, "_asked_again_at", 0.0)
    monkeypatch.delenv("CELERY_BROKER_URL", raising=False)  # Celery reads it before its settings
    before = (current_app.conf.broker_url, current_app.conf.broker_transport_options)
    _take(*request.param(tmp_path), eager=False)
    yield lambda: _take(*before, eager=True)
    _take(*before, eager=True)


def _take(url, options, *, eager):
    current_app.conf.update(
        broker_url=url, broker_transport_options=options, task_always_eager=eager
    )
    current_app._after_fork()  # its connections lead to the previous broker


@pytest.mark.django_db(transaction=True)
def test_no_task_that_can_not_be_queued_fails_what_was_committed(broken_broker, monkeypatch):
    for task in _tasks():
        monkeypatch.setattr(queueing, "_asked_again_at", 0.0)
        with pytest.raises(Exception):  # noqa: B017  (the broker is broken indeed)
            task.delay(1)
        with transaction.atomic():
            queueing.queue_on_commit(task, 1)


@pytest.mark.django_db(transaction=True)
def test_data_counted_while_the_broker_is_down_is_analysed_later(
    broken_broker, alice, bob, pod, objective
):
    """The person notices nothing, and the sweep finds the work of which no worker knows."""
    experiment = launched(make_experiment(alice, pod, objective=objective, analyst=bob), alice)
    taken = totals.receive_totals(experiment, by=bob, observations=rows())
    intake = Intake.objects.get(pk=taken.pk)
    assert intake.state == "counted"
    an_hour_ago = intake.counted_at - dt.timedelta(hours=1)
    Intake.objects.filter(pk=taken.pk).update(counted_at=an_hour_ago)
    broken_broker()  # the broker works again
    assert analysing.analyse_left_behind() == 1
    assert Intake.objects.get(pk=taken.pk).state == "analysed"
