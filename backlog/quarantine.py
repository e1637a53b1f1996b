"""Untrusted files are parsed in a separate process, which has limits and can be killed.

`read` runs this module with a new Python, without forking threads. The order is one line of JSON
(the function and its arguments). The answer is lines of JSON: steps of the work, then the result or
the sentence of a refusal. The child has neither the environment nor the database of the server,
only a folder to write in, and limits on memory, seconds and file size.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import logging
import os
import resource
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from typing import IO, Any, Final

from backlog.file_kinds import Unreadable

logger = logging.getLogger("floe")

ROOT: Final = Path(__file__).resolve().parent.parent
LONGEST_ANSWER: Final = 64 << 20  # bytes: a reading of two million rows is a hundredth of it
_STARTING: Final = 10  # seconds by the clock on top, for a machine that is busy
_POLITE: Final = 5  # pages go first

DAMAGED: Final = (
    "The file can’t be read. It is damaged, or it breaks the rules of its format. Export it again, "
    "or export it as CSV (UTF-8)."
)
TOO_LONG: Final = (
    "Reading this file took longer than {seconds:g} seconds, so it was stopped. Leave out rows and "
    "columns "
    "that are not needed, or send it as CSV (UTF-8)."
)
TOO_MUCH: Final = (
    "Reading this file needs more memory than Floe allows for one file. Leave out rows and columns "
    "that are "
    "not needed, or send it as CSV (UTF-8)."
)
TOO_LARGE: Final = (
    "Unpacked, this file is larger than {megabytes:,} MB. Leave out columns that are not needed, "
    "or send totals per arm."
)


class Busy(Exception):  # noqa: N818  (nothing is wrong, only not now)
    """As many files are being read as allowed at once, and another one waits."""


class Ended(Unreadable):
    """The child ended at one of its bounds; `str()` says at which, for a table."""


@dataclass(frozen=True)
class Bounds:
    """What one child may use: seconds of processor and by the clock, bytes of memory, bytes a file."""

    seconds: float = 40
    memory: int = 1536 << 20
    file_size: int = 256 << 20


@dataclass(frozen=True)
class Seats:
    """How many children may run at once on this machine, with a lock file for each in `folder`.

    One more may wait for `patience` seconds. Any further one is refused at once. The kernel frees
    the seat of a process that dies.
    """

    folder: Path
    count: int = 2
    patience: float = 5

    @contextlib.contextmanager
    def taken(self) -> Iterator[None]:
        """Raises Busy."""
        self.folder.mkdir(parents=True, exist_ok=True)
        seat = self._free_seat() or self._waited_for()
        try:
            yield
        finally:
            seat.close()

    def _waited_for(self) -> IO[bytes]:
        queue = self._locked("queue")
        if queue is None:
            raise Busy
        with queue:
            until = time.monotonic() + self.patience
            while time.monotonic() < until:
                time.sleep(0.05)
                if seat := self._free_seat():
                    return seat
        raise Busy

    def _free_seat(self) -> IO[bytes] | None:
        return next(filter(None, map(self._locked, map(str, range(self.count)))), None)

    def _locked(self, name: str) -> IO[bytes] | None:
        file = (self.folder / f"seat-{name}").open("ab")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            return None
        return file


def read(
    call: str, arguments: dict[str, Any], *, folder: Path, bounds: Bounds,
    progress: Callable[[str, float], None] | None = None,
) -> Any:  # fmt: skip
    """What `call` ("module:function") returns for these arguments, all of it JSON.

    `folder` is where the child may leave files; `progress` is called with its steps. Raises:
        Unreadable: the function says so.
        Ended: the child ended at one of its bounds.
    """
    order = json.dumps({
        "call": call, "arguments": arguments, "tells_progress": progress is not None, "bounds": asdict(bounds),
    })  # fmt: skip
    log = folder / "complaints.txt"
    with log.open("wb") as complaints, _started(folder, complaints) as child:
        late = threading.Event()
        timer = threading.Timer(bounds.seconds + _STARTING, _stop, (child, late))
        timer.daemon = True
        timer.start()
        try:
            answer = _answer(child, order, progress)
        finally:
            timer.cancel()
            child.kill()
            child.wait()
    if answer is None:
        logger.warning("Reading a file ended with %s: %s", child.returncode, _end_of(log))
        raise Ended(_why(child.returncode, bounds, is_late=late.is_set()))
    if "refusal" in answer:
        if "unexpected" in answer:
            logger.warning("Reading a file failed: %s", answer["unexpected"])
        raise Unreadable(answer["refusal"])
    return answer["result"]


def called(
    call: str, arguments: dict[str, Any], progress: Callable[[str, float], None] | None
) -> Any:
    """What the function `call` ("module:function") returns, in this very process."""
    module, _, name = call.partition(":")
    more = {"progress": progress} if progress else {}
    return getattr(import_module(module), name)(**arguments, **more)


def _started(folder: Path, complaints: IO[bytes]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-E", "-s", "-m", "backlog.quarantine"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=complaints, cwd=ROOT,
        env={"TMPDIR": str(folder), "HOME": str(folder), "LC_ALL": "C.UTF-8", "OPENBLAS_NUM_THREADS": "1"},
    )  # fmt: skip


def _answer(
    child: subprocess.Popen[bytes], order: str, progress: Callable[[str, float], None] | None
) -> dict[str, Any] | None:
    """The last line that the child wrote; None where it ended before."""
    if child.stdin is None or child.stdout is None:  # pragma: no cover  (both are pipes)
        return None
    with contextlib.suppress(BrokenPipeError):
        child.stdin.write(order.encode() + b"\n")
        child.stdin.close()
    left = LONGEST_ANSWER
    while line := child.stdout.readline(left):
        left -= len(line)
        if left <= 0:
            return {"refusal": TOO_MUCH}
        if not line.endswith(b"\n"):
            return None
        answer: dict[str, Any] = json.loads(line)
        if "progress" not in answer:
            return answer
        if progress:
            progress(*answer["progress"])
    child.wait()
    return None


def _stop(child: subprocess.Popen[bytes], late: threading.Event) -> None:
    late.set()
    child.kill()


def _why(code: int, bounds: Bounds, *, is_late: bool) -> str:
    if is_late or -code in (signal.SIGXCPU, signal.SIGALRM):
        return TOO_LONG.format(seconds=bounds.seconds)
    # Nobody here killed it, so the kernel did, for its memory.
    return TOO_MUCH if code == -signal.SIGKILL else DAMAGED


def _end_of(log: Path) -> str:
    return log.read_bytes()[-2000:].decode(errors="replace").strip()


# --- Within the child --------------------------------------------------------------------------
def _shut_in(bounds: Bounds) -> None:
    seconds = int(bounds.seconds)
    for what, most in (
        (resource.RLIMIT_AS, bounds.memory),
        (resource.RLIMIT_FSIZE, bounds.file_size),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
    resource.setrlimit(
        resource.RLIMIT_CPU, (seconds, seconds + 2)
    )  # a signal with a name, then the end
    signal.setitimer(signal.ITIMER_REAL, seconds + _STARTING)  # also where the parent was killed
    os.nice(_POLITE)


def _work(order: dict[str, Any], say: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    bounds = Bounds(**order["bounds"])

    def progress(step: str, share: float) -> None:
        say({"progress": [step, share]})

    try:
        hears = progress if order["tells_progress"] else None
        return {"result": called(order["call"], order["arguments"], hears)}
    except Unreadable as problem:
        return {"refusal": str(problem)}
    except MemoryError:
        return {"refusal": TOO_MUCH}
    except RecursionError:
        return {"refusal": DAMAGED}
    except Exception as error:
        if _met_the_end(error, Path(os.environ["TMPDIR"]), bounds.file_size):
            return {"refusal": TOO_LARGE.format(megabytes=bounds.file_size >> 20)}
        return {"refusal": DAMAGED, "unexpected": traceback.format_exc()[-4000:]}


def _met_the_end(error: Exception, folder: Path, most: int) -> bool:
    """Whether a file grew as large as it may: the libraries word this each in its own way."""
    sizes = [path.stat().st_size for path in folder.rglob("*") if path.is_file()]
    return max(sizes, default=0) >= most or "File too large" in str(error)


def main() -> None:
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # keeps what a library prints out of the answer

    def say(what: dict[str, Any]) -> None:
        answers.write(json.dumps(what).encode() + b"\n")
        answers.flush()

    order = json.loads(sys.stdin.buffer.readline())
    _shut_in(Bounds(**order["bounds"]))
    say(_work(order, say))
    answers.close()
    os._exit(0)  # threads of a library, what is yet to be freed: nothing to wait for


if __name__ == "__main__":
    main()
