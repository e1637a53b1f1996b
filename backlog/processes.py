"""Who this process is, whether another one still lives, and who holds a port. Knows no Django.

A name distinguishes a process from a later one with the same number, and a machine (or a container)
from another. Nothing is known about processes elsewhere, so they count as alive.
"""

import ctypes
import os
import re
import signal
import socket
import sys
import threading
import time
import uuid
from contextlib import suppress
from functools import cache
from pathlib import Path

PROC = Path("/proc")
LOOKS_EVERY = 5.0 if sys.platform == "linux" else 1.0  # seconds; the kernel is quicker there
PR_SET_PDEATHSIG = 1


def own_name() -> str:
    """Machine, process, start and thread. Each thread of a worker does one thing at a time."""
    pid = os.getpid()
    return f"{_machine()}/{pid}/{_started(pid)}/{threading.get_native_id()}"


def is_gone(name: str) -> bool:
    """Whether the process of this name has certainly ended."""
    machine, _, rest = name.partition("/")
    pid, _, rest = rest.partition("/")
    started = rest.partition("/")[0]
    if machine != _machine() or not pid.isdigit():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except OSError:
        pass
    now = _started(int(pid))
    return bool(now and started and now != started)


@cache
def _machine() -> str:
    """The kernel's boot id and process namespace, or the nearest thing to them."""
    with suppress(OSError):
        boot = (PROC / "sys/kernel/random/boot_id").read_text().strip()
        return f"{boot[:13]}.{(PROC / 'self/ns/pid').stat().st_ino}"
    return f"{socket.gethostname()[:30]}.{uuid.getnode():x}"


def _started(pid: int) -> str:
    """When the process began, in the kernel's ticks, or "" if it is unknown or dead."""
    with suppress(OSError, IndexError):
        fields = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
        return "dead" if fields[0] in "ZX" else fields[19]
    return ""


def end_with(parent: int) -> None:
    """Let this process be killed as soon as its `parent` has ended.

    Linux does so at once. Elsewhere a thread checks every second.
    """
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)
    threading.Thread(target=_watch, args=(parent,), daemon=True, name="parent").start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(LOOKS_EVERY)
    os.kill(os.getpid(), signal.SIGKILL)


def holder_of(port: int) -> tuple[int, str] | None:
    """The process that listens on a port, and its command, or None if that is unknown."""
    for inode in _listening(port):
        for link in PROC.glob("[0-9]*/fd/*"):
            with suppress(OSError):
                if os.readlink(link) == f"socket:[{inode}]":
                    pid = int(link.parts[2])
                    return pid, _command(pid)
    return None


def supervisor_of(pid: int) -> int:
    """The supervisor that is, or has started, this process, or 0 without one."""
    while pid > 1:
        if "deploy/supervise.py" in _command(pid):
            return pid
        pid = _parent(pid)
    return 0


def _parent(pid: int) -> int:
    with suppress(OSError):
        status = (PROC / str(pid) / "status").read_text()
        return int(re.findall(r"^PPid:\s+(\d+)", status, re.M)[0])
    return 0


def _listening(port: int) -> list[str]:
    sockets = []
    for table in ("tcp", "tcp6"):
        with suppress(OSError):
            for line in (PROC / "net" / table).read_text().splitlines()[1:]:
                fields = line.split()
                if fields[3] == "0A" and int(fields[1].rpartition(":")[2], 16) == port:
                    sockets.append(fields[9])
    return sockets


def _command(pid: int) -> str:
    with suppress(OSError):
        return (PROC / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
    return ""
