"""What serving costs: migrating, starting, memory, and the bytes of a page's scripts and styles."""

import gzip
import os
import re
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from installation import EMBEDDED, ROOT, VAR_DIR, manage

PATIENCE = 60  # seconds


class Took(NamedTuple):
    """Seconds by the clock and of processor time, over all processes."""

    clock: float
    processor: float


def migrating() -> Took:
    """The time of `manage.py migrate` on an empty database, process included; the best of two."""
    return min(_migrate_once() for _ in range(2))


def _migrate_once() -> Took:
    with tempfile.TemporaryDirectory(prefix="floe-bench-") as folder:
        start, before = time.perf_counter(), _of_children()
        manage("migrate", "--verbosity", "0", VAR_DIR=folder)
        return Took(time.perf_counter() - start, _of_children() - before)


def _of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def starting() -> tuple[Took, Took, float]:
    """The time to the first 200 of a first and a later start (best of two), and MB when idle.

    The folder belongs to the benchmark, so the pages can use what the first start builds.
    """
    with _serving() as (_, first):
        pass
    with _serving() as (_, second):
        pass
    with _serving() as (server, third):
        idle = _megabytes_once_settled(server.pid)
    return first, min(second, third), idle


@contextmanager
def _serving() -> Iterator[tuple[subprocess.Popen[bytes], Took]]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    start = time.perf_counter()
    server = subprocess.Popen(
        [sys.executable, str(ROOT / "manage.py"), "serve", "--port", str(port)],
        env=EMBEDDED,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_until(lambda: _answers(f"http://127.0.0.1:{port}/account/login/"))
        yield server, Took(time.perf_counter() - start, _processor(server.pid))
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(timeout=PATIENCE)


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _wait_until(is_so: Callable[[], bool], every: float = 0.02) -> None:
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        if time.monotonic() > deadline:
            raise TimeoutError(f"Floe did not answer within {PATIENCE} seconds.")
        time.sleep(every)


def _megabytes_once_settled(pid: int) -> float:
    """Proportional memory of the process and all its children once it has stopped growing."""
    seen: list[float] = []

    def stands_still() -> bool:
        seen.append(_megabytes(pid))
        return len(seen) > 8 and max(seen[-8:]) - min(seen[-8:]) < 0.5

    _wait_until(stands_still, every=0.25)
    return seen[-1]


def _megabytes(pid: int) -> float:
    return sum(_megabytes_of(each) for each in _family(pid))


def _megabytes_of(pid: int) -> float:
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(re.findall(r"^Pss:\s+(\d+)", text, re.M)[0]) / 1024


def _processor(pid: int) -> float:
    """Seconds of processor time that the process and all its children have used so far."""
    ticks = 0
    for each in _family(pid):
        fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
        ticks += sum(map(int, fields[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


def _family(pid: int) -> list[int]:
    """The process and everything that it started."""
    family = [pid]
    for one in family:
        for task in Path(f"/proc/{one}/task").iterdir():
            family += map(int, (task / "children").read_text().split())
    return family


def weights(html: str) -> tuple[int, int]:
    """Gzipped bytes of all scripts and of all styles that a page loads, imported modules included."""
    scripts = re.findall(r'<script[^>]* src="/static/([^"]+)"', html)
    styles = re.findall(r'<link rel="stylesheet" href="/static/([^"]+)"', html)
    return _zipped(_with_imports(scripts)), _zipped(styles)


def _with_imports(scripts: list[str]) -> list[str]:
    modules = list(dict.fromkeys(scripts))
    for name in modules:
        text = (VAR_DIR / "static" / name).read_text()
        for other in re.findall(r"""^import (?:[^"']+ from )?["']\./([^"']+)["']""", text, re.M):
            path = str(Path(name).parent / other)
            if path not in modules:
                modules.append(path)
    return modules


def _zipped(names: list[str]) -> int:
    return sum(len(gzip.compress((VAR_DIR / "static" / name).read_bytes(), 9)) for name in names)
