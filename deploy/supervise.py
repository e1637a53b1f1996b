"""Keep the processes that `manage.py serve` names running, each separately, until a signal to stop.

It loads neither Django nor Celery, so that watching costs little memory. It reads one JSON object
from the environment variable FLOE_PROCESSES: {"host", "port", "address", "greeting", "processes":
{name: [command]}}. It opens the port and hands it to the command that contains "{socket}". So while
web restarts, people wait for a second and nobody is turned away.
"""

import ctypes
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable
from contextlib import suppress

STARTS_WITHIN = 60.0  # seconds
STOPS_WITHIN = 5.0
PAUSES = (0.2, 0.5, 1.0, 2.0)  # before a start, by the number of ends in quick succession
RAN_WELL = 30.0
STOPS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
PR_SET_PDEATHSIG = 1


class Child:
    """One process with the processes that it starts itself: a group of its own."""

    def __init__(self, name: str, command: list[str], port: socket.socket) -> None:
        handle = port.fileno()
        self.name = name
        self.command = [part.replace("{socket}", str(handle)) for part in command]
        self.handles = (handle,) if self.command != command else ()
        self.process: subprocess.Popen[bytes] | None = None
        self.ends = 0
        self.started_at = self.due_at = 0.0

    def start(self) -> None:
        # Celery warns at length about workers run as root in a container. They speak only JSON.
        environment = {
            **os.environ,
            "FLOE_SUPERVISOR": str(os.getpid()),
            "PYTHONWARNINGS": "ignore:You're running the worker",
        }
        self.started_at = time.monotonic()
        try:
            self.process = subprocess.Popen(
                self.command,
                env=environment,
                pass_fds=self.handles,
                start_new_session=True,
                preexec_fn=end_with_parent,  # noqa: PLW1509  (there are no threads here)
            )
        except OSError as problem:  # no memory or no process numbers: treat it as ended at once
            self.wait_for_a_start(f"could not be started ({problem.strerror})")

    def look(self) -> None:
        """Start it when it is due, and record when it has ended."""
        if self.process is None:
            if time.monotonic() >= self.due_at:
                self.start()
        elif (code := self.process.poll()) is not None:
            self.leave_nothing()
            self.process = None
            self.wait_for_a_start(f"ended ({in_words(code)})")

    def wait_for_a_start(self, what_happened: str) -> None:
        lasted = time.monotonic() - self.started_at
        self.ends = 1 if lasted > RAN_WELL else self.ends + 1
        pause = PAUSES[min(self.ends, len(PAUSES)) - 1]
        self.due_at = time.monotonic() + pause
        say(f"{self.name} {what_happened} after {lasted:.0f} s; it starts again in {pause:g} s.")

    def signal(self, number: int) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(number)

    def leave_nothing(self) -> None:
        """End the processes that may be left of its group."""
        if self.process is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)


def end_with_parent() -> None:
    """Runs in the child before its program, and lets Linux kill it when this process is gone.

    Elsewhere, and in the child's own children, `backlog.processes.end_with` watches the parent.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def in_words(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    try:
        return signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"


def say(sentence: str) -> None:
    """Write a line to the log; if that fails, go on."""
    with suppress(OSError, ValueError):
        print(f"{time.strftime('%Y-%m-%d %H:%M:%S')} floe.serve: {sentence}", flush=True)


class Greeting:
    """Says where Floe is and how to sign in, once the web process answers."""

    def __init__(self, address: str, text: str) -> None:
        self.address, self.text = address, text
        host, _, port = address.partition("://")[2].rpartition(":")
        self.at = (host.strip("[]"), int(port))
        self.asked: socket.socket | None = None
        self.is_due, self.deadline = True, time.monotonic() + STARTS_WITHIN

    def look(self) -> None:
        """Send one request, and check later whether the answer has come, without waiting for it."""
        try:
            if self.asked is None:
                self.asked = socket.create_connection(self.at, timeout=0.5)
                self.asked.setblocking(False)
                self.asked.sendall(b"GET /healthz HTTP/1.0\r\n\r\n")
            if self.asked.recv(100):
                self._say(self.text)
            else:
                self.asked = None  # the process that had accepted the request ended
        except BlockingIOError:
            pass
        except OSError:
            self.asked = None
        if self.is_due and time.monotonic() > self.deadline:
            waited = f"{STARTS_WITHIN:.0f} seconds"
            self._say(f"Floe did not answer at {self.address} within {waited}; it keeps trying.")

    def _say(self, text: str) -> None:
        self.is_due, self.asked = False, None
        with suppress(OSError, ValueError):
            print(text, flush=True)


def watch(children: list[Child], greeting: Greeting, wakes: int) -> None:
    """Run until a signal to stop comes. Sleeps while there is nothing to do."""
    is_to_stop = False
    while not is_to_stop:
        for child in children:
            child.look()
        if greeting.is_due:
            greeting.look()
        pauses = [max(0.0, c.due_at - time.monotonic()) for c in children if c.process is None]
        select.select([wakes], [], [], min([*pauses, 0.1 if greeting.is_due else 3600.0]))
        is_to_stop = any(number in STOPS for number in signals_from(wakes))


def signals_from(wakes: int) -> Iterable[int]:
    with suppress(BlockingIOError):
        return os.read(wakes, 100)
    return b""


def stop(children: list[Child], wakes: int) -> None:
    """Ask all to end, and kill those still there after a few seconds or at a second signal."""
    for child in children:
        child.signal(signal.SIGTERM)
    deadline = time.monotonic() + STOPS_WITHIN
    while any(c.process is not None and c.process.poll() is None for c in children):
        left = deadline - time.monotonic()
        if left <= 0 or any(number in STOPS for number in signals_from(wakes)):
            break
        select.select([wakes], [], [], min(left, 0.2))
    for child in children:
        child.leave_nothing()
        if child.process is not None:
            child.process.wait()


def listening(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=1024)
    except OSError as problem:
        say(f"Port {port} on {host} can't be used ({problem.strerror}).")
        sys.exit(1)


def main() -> None:
    plan = json.loads(os.environ.pop("FLOE_PROCESSES"))
    wakes, wake = os.pipe()
    os.set_blocking(wakes, False)
    os.set_blocking(wake, False)
    signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
    for number in (*STOPS, signal.SIGCHLD):
        signal.signal(number, lambda *_: None)
    port = listening(plan["host"], plan["port"])
    children = [Child(name, command, port) for name, command in plan["processes"].items()]
    try:
        watch(children, Greeting(plan["address"], plan["greeting"]), wakes)
    finally:
        stop(children, wakes)


if __name__ == "__main__":
    main()
