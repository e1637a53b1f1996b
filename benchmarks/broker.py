"""The embedded broker under load and kills: lost, repeated and broken messages; the cost of idling.

    python benchmarks/broker.py [--messages 200000] [--kills 10] [--idle 60]

Two processes write, while one real Celery worker works and is killed by SIGKILL at random moments.
Each task adds 1 to the row of its number in a database of the benchmark's own. Like Floe's tasks it
uses one transaction, which tells a second time from a first. Then the whole edition idles for a
while.
"""

import argparse
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from celery import Celery  # noqa: E402  (the path stands first)
from kombu.transport import TRANSPORT_ALIASES  # noqa: E402

TRANSPORT_ALIASES["embedded"] = "config.broker:Transport"
FOLDER = Path(os.environ.get("BROKER_BENCHMARK", "") or tempfile.mkdtemp(prefix="floe-broker-"))
EFFECTS, QUEUE = FOLDER / "effects.sqlite3", FOLDER / "broker" / "queue.sqlite3"

app = Celery("broker", broker="embedded://localhost//")
app.conf.update(
    broker_transport_options={"file": str(QUEUE), "polling_interval": 0.2},
    task_ignore_result=True,
    task_acks_late=True,
    worker_enable_remote_control=False,
    worker_hijack_root_logger=False,
)
_opened: list[sqlite3.Connection] = []


@app.task(name="effect")
def effect(number: int) -> None:
    """A second delivery finds the row and only counts itself."""
    if not _opened:
        _opened.append(sqlite3.connect(EFFECTS, timeout=30, isolation_level=None))
    _opened[0].execute(
        "INSERT INTO effect (number) VALUES (?)"
        " ON CONFLICT (number) DO UPDATE SET deliveries = deliveries + 1",
        (number,),
    )


def write(first: int, last: int) -> None:
    with app.producer_pool.acquire(block=True) as producer:
        for number in range(first, last):
            app.send_task("effect", [number], producer=producer)


def work(messages: int, kills: int) -> None:
    with closing(sqlite3.connect(EFFECTS)) as made:
        made.execute("PRAGMA journal_mode=WAL")
        made.execute(
            "CREATE TABLE effect (number INTEGER PRIMARY KEY, deliveries INTEGER NOT NULL DEFAULT 1)"
        )
    start = time.perf_counter()
    half = messages // 2
    writers = [_process("write", str(a), str(b)) for a, b in ((0, half), (half, messages))]
    worker, chance, killed = _worker(), random.Random(5), 0
    at_done = [int(messages * (place + chance.random()) / (kills + 1)) for place in range(kills)]
    while (done := _done()) < messages:
        if killed < kills and done >= at_done[killed]:
            time.sleep(chance.random() * 0.2)
            worker.send_signal(signal.SIGKILL)
            worker.wait()
            killed, worker = killed + 1, _worker()
        if worker.poll() is not None:
            raise RuntimeError("The worker ended without a kill.")
        time.sleep(0.05)
    written = [writer.wait() for writer in writers]
    time.sleep(3)  # for messages that are given back late
    worker.terminate()
    worker.wait()
    took = time.perf_counter() - start
    with closing(sqlite3.connect(EFFECTS)) as effects, closing(sqlite3.connect(QUEUE)) as queue:
        rows, first, last, again = effects.execute(
            "SELECT count(*), min(number), max(number), sum(deliveries) - count(*) FROM effect"
        ).fetchone()
        left = queue.execute("SELECT count(*) FROM message").fetchone()[0]
        broken = queue.execute("SELECT count(*) FROM put_aside").fetchone()[0]
    print(f"{messages:,} messages, two writers ({written}), one worker, {killed} times killed:")
    print(
        f"  {messages - rows} lost, numbers {first} to {last}, {broken} broken, {left} left over,"
    )
    print(
        f"  0 twice in effect; {again} were delivered again, as a kill came before their receipt;"
    )
    print(f"  {took:.0f} s, {messages / took:,.0f} a second, kills and starts included")


def _process(*arguments: str) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, __file__, *arguments],
        env=os.environ | {"BROKER_BENCHMARK": str(FOLDER)},
    )


def _worker() -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [
            sys.executable, "-W", "ignore", "-m", "celery", "-q", "-A", "broker", "worker", "--pool",
            "solo", "--loglevel", "CRITICAL", "--without-gossip", "--without-mingle",
            "--without-heartbeat",
        ],
        cwd=ROOT / "benchmarks",
        env=os.environ | {"BROKER_BENCHMARK": str(FOLDER)},
        stdout=subprocess.DEVNULL,
    )  # fmt: skip


def _done() -> int:
    with closing(sqlite3.connect(EFFECTS, timeout=30)) as effects:
        return int(effects.execute("SELECT count(*) FROM effect").fetchone()[0])


def idle(seconds: float) -> None:
    import serving  # noqa: PLC0415  (it makes an installation, which the parts above do without)

    with serving._serving() as (server, _):
        megabytes = serving._megabytes_once_settled(server.pid)
        time.sleep(30)
        before = serving._processor(server.pid)
        time.sleep(seconds)
        used = serving._processor(server.pid) - before
        print(f"The whole edition at rest: {used / seconds:.2%} of a core, {megabytes:.0f} MB")
        for pid in serving._family(server.pid):
            command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
            print(f"  {serving._megabytes_of(pid):6.1f} MB  {command[:90]}")


def main() -> None:
    if sys.argv[1:2] == ["write"]:
        write(int(sys.argv[2]), int(sys.argv[3]))
        return
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=200_000)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--idle", type=float, default=60)
    options = parser.parse_args()
    work(options.messages, options.kills)
    idle(options.idle)


if __name__ == "__main__":
    main()
