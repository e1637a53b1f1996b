"""Bad days of the embedded edition: each fault comes while people read and write; Floe recovers.

`make test` kills each process twice, `.ci/run` ten times (KILLS=10).
"""

import http.client
import os
import random
import shutil
import signal
import time

import pytest
from django.db import connection

from backlog.flows.tokens import make_token
from tests.running.embedded import Embedded, People, is_running, until

pytestmark = [pytest.mark.drill, pytest.mark.django_db(transaction=True)]
KILLS = int(os.environ.get("KILLS", "2"))
BACK_WITHIN = 10  # seconds
UNREADABLE = ("", "garbage", b"\x00\xff\x00", "[]", "null", '{"properties": {}}', "{}")


@pytest.fixture
def floe(tmp_path, alice, pod):
    if connection.vendor != "sqlite":
        pytest.skip("The drill is for the embedded edition, whose database is SQLite.")
    _, secret = make_token(by=alice, name="drill", scope="write", days=1)
    started = Embedded(tmp_path, secret)
    yield started
    started.stop()


@pytest.mark.grooming("A6")
def test_no_fault_of_broker_or_disk_stops_floe_or_loses_what_was_answered(floe, pod):
    before = floe.processes()
    with People(floe, pod) as people:
        _messages_that_nobody_can_read(floe)
        _a_broker_that_is_deleted(floe)
        _a_broker_file_of_garbage(floe)
        _a_full_disk(floe, pod)
    assert floe.processes() == before, "a process ended"
    assert set(people.read) == {200}
    assert set(people.wrote) <= {201, 503}
    assert not people.unanswered
    _nothing_answered_is_lost(floe, people)


def _messages_that_nobody_can_read(floe):
    floe.works()
    opened = floe.messages.connection_for_write().channel()._store._open()
    for payload in UNREADABLE:
        opened.execute("INSERT INTO message (queue, payload) VALUES ('celery', ?)", (payload,))
    until(floe.works)
    assert opened.execute("SELECT count(*) FROM put_aside").fetchone()[0] == len(UNREADABLE)


def _a_broker_that_is_deleted(floe):
    shutil.rmtree(floe.var / "broker")
    until(floe.works)
    assert floe.ready() == 200


def _a_broker_file_of_garbage(floe):
    """Overwrite the file while it is open, then replace it with garbage."""
    file = floe.var / "broker" / "queue.sqlite3"
    file.write_bytes(b"no database" * 1000)
    until(floe.works)
    (floe.var / "garbage").write_bytes(b"no database" * 1000)
    (floe.var / "garbage").replace(file)
    for end in ("-wal", "-shm"):  # or SQLite would repair it from them
        file.with_name(f"{file.name}{end}").unlink(missing_ok=True)
    until(floe.works)
    assert (floe.var / "broker" / "queue.damaged").exists()


def _a_full_disk(floe, pod):
    with floe.disk.full(floe.processes()):
        until(lambda: floe.ask("POST", "/api/v1/ideas/", {"pod": pod.pk, "title": "x"})[0] == 503)
        for path in ("/account/login/", "/api/v1/ideas/"):
            assert floe.ask("GET", path)[0] == 200
        if floe.disk.is_mounted:
            assert floe.ready() == 503
        time.sleep(3)  # so that the worker and beat meet it, too
    until(floe.works)
    until(lambda: floe.ready() == 200)
    assert floe.ask("POST", "/api/v1/ideas/", {"pod": pod.pk, "title": "After it"})[0] == 201


def _nothing_answered_is_lost(floe, people):
    assert people.acknowledged
    kept = [
        title for (title,) in floe.rows("SELECT title FROM backlog_idea WHERE title LIKE 'Drill %'")
    ]
    assert len(kept) == len(set(kept))
    assert set(people.acknowledged) <= set(kept)


def test_killed_processes_come_back_and_a_killed_supervisor_leaves_none(floe, pod):
    chance = random.Random(12)
    took = []
    with People(floe, pod) as people:
        for _ in range(KILLS):
            for name in ("beat", "web", "worker"):
                time.sleep(chance.uniform(0, 0.5))
                before = floe.child(name)
                os.kill(before, signal.SIGKILL)
                started = time.monotonic()
                until(lambda name=name, before=before: floe.child(name) not in (None, before))
                if name == "worker":
                    until(floe.works)
                    took.append(time.monotonic() - started)
    assert max(took) < BACK_WITHIN, took
    assert set(people.read) == {200}
    assert set(people.wrote) == {201}
    cut_short = 2 * KILLS  # the open requests of the two at the moment that web was killed
    assert len(people.unanswered) <= cut_short
    assert all(isinstance(one, OSError | http.client.HTTPException) for one in people.unanswered)
    _nothing_answered_is_lost(floe, people)
    assert floe.output().count("it starts again in") == 3 * KILLS
    _it_says_who_holds_the_port(floe)
    left = floe.processes()
    floe.supervisor.send_signal(signal.SIGKILL)
    floe.supervisor.wait()
    for pid in left:
        until(lambda pid=pid: not is_running(pid), 5, "something is left")


def _it_says_who_holds_the_port(floe):
    second = floe.serve()
    assert second.wait(timeout=30) == 1
    line = floe.output().strip().splitlines()[-1]
    assert f"Port {floe.port} on 127.0.0.1 is used by a Floe that is already running" in line
    assert f"kill {floe.supervisor.pid}" in line


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_supervisor_that_is_told_to_stop_leaves_nothing(floe, how):
    left = floe.processes()
    assert len(left) == 4  # gunicorn and its worker, the worker, beat
    floe.supervisor.send_signal(how)
    assert floe.supervisor.wait(timeout=15) == 0
    assert not [pid for pid in left if is_running(pid)]
    assert list(floe.home.iterdir()) == []
    for path in (*floe.var.iterdir(), *(floe.var / "broker").iterdir()):
        assert path.stat().st_mode & 0o077 == 0, f"{path} is open to others"
