"""The real `manage.py serve` for the drills, on a free port and a small disk of its own."""

import contextlib
import http.client
import json
import os
import resource
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
import uuid
import warnings
from pathlib import Path

from celery import Celery
from django.conf import settings
from django.db import connection

STARTS_WITHIN = 60  # seconds
NAMES = {"web": "gunicorn", "worker": "celery", "beat": "config.clock"}


def until(condition, within=30.0, what="it did not happen in time"):
    """Wait until the condition holds, and return the seconds it took."""
    start = time.monotonic()
    while not condition():
        assert time.monotonic() - start < within, what
        time.sleep(0.05)
    return time.monotonic() - start


def family(pid):
    """The ids of all processes that a process has started, with theirs in turn, and so on."""
    pids = []
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in map(int, (task / "children").read_text().split()):
                pids += [child, *family(child)]
    return pids


def command_of(pid):
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    return ""


def is_running(pid):
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    return False


class SmallDisk:
    """A file system of 24 MB; if it can't be mounted, a limit on how much the processes write."""

    def __init__(self, folder):
        self.folder = folder
        folder.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", "size=24m,mode=700", "floe-drill", str(folder)]
        done = subprocess.run(mount, capture_output=True, check=False)
        self.is_mounted = done.returncode == 0
        if not self.is_mounted:
            warnings.warn(
                "No tmpfs can be mounted here; RLIMIT_FSIZE is used instead.", stacklevel=2
            )

    @contextlib.contextmanager
    def full(self, processes):
        filler = self.folder / "filler"
        if self.is_mounted:
            with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
                while True:
                    file.write(bytes(4096))
        else:
            self._limit(processes, 4096)
        try:
            yield
        finally:
            filler.unlink(missing_ok=True)
            if not self.is_mounted:
                self._limit(processes, resource.RLIM_INFINITY)

    def _limit(self, processes, size):
        for pid in processes:
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    def remove(self):
        if self.is_mounted:
            subprocess.run(["umount", "-l", str(self.folder)], check=True)


class Embedded:
    """The embedded edition with a copy of the test's database."""

    def __init__(self, folder, token):
        self.token, self.disk = token, SmallDisk(folder / "disk")
        self.var = self.disk.folder
        self.database = self.var / "floe.sqlite3"
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(self.database)])
        with contextlib.suppress(FileNotFoundError):
            shutil.copytree(Path(settings.BASE_DIR) / "var" / "assets", self.var / "assets")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.log = (folder / "log").open("w+")
        self.home = folder / "home"
        self.home.mkdir()
        self.environment = {
            name: value for name, value in os.environ.items()
            if name not in ("DATABASE_URL", "CELERY_BROKER_URL", "SITE_URL", "XDG_RUNTIME_DIR")
        } | {
            "HOME": str(self.home), "VAR_DIR": str(self.var), "DEBUG": "1", "DISK_RESERVE_MB": "1",
            "DJANGO_SETTINGS_MODULE": "config.settings",
        }  # fmt: skip
        self.supervisor = self.serve()
        self.messages = Celery("drill", set_as_current=False, broker="embedded://localhost//")
        self.messages.conf.broker_transport_options = {
            "file": str(self.var / "broker" / "queue.sqlite3")
        }
        until(lambda: self.answers("/healthz"), STARTS_WITHIN)
        until(self.works, STARTS_WITHIN)

    def serve(self, **environment):
        return subprocess.Popen(
            [sys.executable, "manage.py", "serve", "--port", str(self.port)],
            cwd=settings.BASE_DIR, env=self.environment | environment,
            stdout=self.log, stderr=self.log,
        )  # fmt: skip

    def processes(self):
        return family(self.supervisor.pid)

    def child(self, name):
        """The process that the supervisor started under this name, or None if it is not running."""
        own = [p for p in self.processes() if NAMES[name] in command_of(p)]
        return own[0] if own else None

    def ask(self, method, path, body=None, timeout=30):
        """The status and the text of an answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        try:
            connection.request(method, path, json.dumps(body) if body else None, headers)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def answers(self, path):
        with contextlib.suppress(OSError, http.client.HTTPException):
            return self.ask("GET", path)[0] == 200
        return False

    def ready(self):
        with contextlib.suppress(OSError, http.client.HTTPException):
            return self.ask("GET", "/readyz")[0]
        return 0

    def rows(self, statement, *values):
        with contextlib.closing(sqlite3.connect(self.database, timeout=10)) as opened:
            return opened.execute(statement, values).fetchall()

    def works(self, within=0.0):
        """Whether a worker carries out a message now."""
        before = self._beat()
        try:
            self.messages.send_task("backlog.flows.clockwork.heartbeat", retry=False)
        except Exception:
            return False
        deadline = time.monotonic() + max(within, 3.0)
        while time.monotonic() < deadline:
            if self._beat() > before:
                return True
            time.sleep(0.05)
        return False

    def _beat(self):
        with contextlib.suppress(sqlite3.Error):
            rows = self.rows("SELECT seen_at FROM backlog_heartbeat WHERE name = 'beat'")
            return rows[0][0] if rows else ""
        return ""

    def output(self):
        self.log.flush()
        return Path(self.log.name).read_text()

    def stop(self):
        left = self.processes()
        if self.supervisor.poll() is None:
            self.supervisor.send_signal(signal.SIGTERM)
            self.supervisor.wait(timeout=15)
        for pid in left:
            until(lambda pid=pid: not is_running(pid), 10, f"{command_of(pid)} is left")
        self.disk.remove()


class People:
    """Threads that read and write all the time, and record the answers."""

    def __init__(self, floe, pod):
        self.floe, self.pod = floe, pod
        self.read, self.wrote, self.unanswered, self.acknowledged = [], [], [], []
        self.is_over = threading.Event()
        self.threads = [threading.Thread(target=self._for_ever, args=(step,)) for step in
                        (self._read, self._write)]  # fmt: skip

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *failed):
        self.is_over.set()
        for thread in self.threads:
            thread.join()

    def _for_ever(self, step):
        while not self.is_over.is_set():
            try:
                step()
            except (OSError, http.client.HTTPException) as problem:
                self.unanswered.append(problem)
            time.sleep(0.1)

    def _read(self):
        self.read.append(self.floe.ask("GET", "/api/v1/ideas/?page_size=1")[0])

    def _write(self):
        title = f"Drill {uuid.uuid4()}"
        status, _ = self.floe.ask("POST", "/api/v1/ideas/", {"pod": self.pod.pk, "title": title})
        self.wrote.append(status)
        if status == 201:
            self.acknowledged.append(title)
