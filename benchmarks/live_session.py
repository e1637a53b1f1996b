"""How soon a live session's participants see the next idea: `python benchmarks/live_session.py`.

It starts Floe as installed (one gunicorn process with a few threads) and signs 200 people in. Each
polls as the page does, every 1.5 seconds with a phase of its own, while the session moves on ten
times. It prints the time from the answer to the move until everybody has the new idea.
"""

import argparse
import asyncio
import contextlib
import os
import random
import re
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
_var = tempfile.mkdtemp(prefix="floe-live-")
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
os.environ.setdefault("VAR_DIR", _var)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django  # noqa: E402

django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.test import Client  # noqa: E402

from backlog.flows import scoring  # noqa: E402
from backlog.flows.ideas import add_idea  # noqa: E402
from backlog.management.commands.serve import THREADS  # noqa: E402
from backlog.models import Membership, Pod, Round, User  # noqa: E402

EVERY, MOVES = 1.5, 10


def prepare(people: int) -> tuple[Round, list[str]]:
    """A pod with this many members in a live session, and the session cookie of each."""
    call_command("build_assets", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    call_command("migrate", verbosity=0, interactive=False)
    pod = Pod.objects.create(name="Everybody", prefix="ALL")
    cookies = []
    for number in range(people + 1):
        user = User.objects.create(email=f"{number}@example.com", name=f"Person {number}")
        role = Membership.Role.MEMBER if number else Membership.Role.LEAD
        Membership.objects.create(pod=pod, user=user, role=role)
        client = Client()
        client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
        cookies.append(client.cookies[settings.SESSION_COOKIE_NAME].value)
    lead = User.objects.get(email="0@example.com")
    ideas = [add_idea(by=lead, pod=pod, title=f"Idea {n} of the session") for n in range(MOVES + 1)]
    round_ = scoring.open_round(by=lead, pod=pod, title="Session", ideas=ideas, kind="live")
    scoring.go_to(round_, round_.round_ideas.first(), by=lead)
    return round_, cookies


@contextlib.contextmanager
def serving(port: int):
    command = [sys.executable, "-m", "gunicorn", "config.wsgi", "--bind", f"127.0.0.1:{port}",
               "--worker-class", "gthread", "--threads", str(THREADS), "--log-level", "error"]  # fmt: skip
    process = subprocess.Popen(command)
    for _ in range(200):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.1):
            break
        time.sleep(0.1)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()


async def get(port: int, path: str, cookie: str, part: str) -> tuple[int, str]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    name = settings.SESSION_COOKIE_NAME
    head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {name}={cookie}\r\nConnection: close\r\n"
    writer.write(f"{head}HX-Request: true\r\nHX-Target: {part}\r\n\r\n".encode())
    answer = (await reader.read()).decode(errors="replace")
    writer.close()
    return int(answer.split(" ", 2)[1]), answer


class Participant:
    def __init__(self, port: int, here: str, cookie: str) -> None:
        self.port, self.here, self.cookie, self.seen = port, here, cookie, {}
        self.took: list[float] = []
        self.address = f"{here}?at=0.0&given=0"

    async def poll(self, until: asyncio.Event) -> None:
        await asyncio.sleep(random.random() * EVERY)
        while not until.is_set():
            start = time.perf_counter()
            _, answer = await get(self.port, self.address, self.cookie, "round-pulse")
            self.took.append(time.perf_counter() - start)
            pulse = re.search(r'id="round-pulse" hx-get="([^"]+)"', answer)
            if pulse:
                self.address = pulse[1].replace("&amp;", "&")
            title = re.search(r'<h1 tabindex="-1">([^<]+)</h1>', answer)
            if title:
                self.seen.setdefault(title[1], time.perf_counter())
            await asyncio.sleep(max(0.0, EVERY - (time.perf_counter() - start)))


def processor(pid: int) -> float:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    ticks = 0
    for each in (str(pid), *children):
        fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


async def measure(port: int, round_: Round, cookies: list[str], pid: int) -> None:
    here = f"/scoring/{round_.pk}/live/"
    people = [Participant(port, here, cookie) for cookie in cookies[1:]]
    ended = asyncio.Event()
    tasks = [asyncio.create_task(person.poll(ended)) for person in people]
    await asyncio.sleep(4 * EVERY)
    for person in people:
        person.took.clear()
    used, started = processor(pid), time.perf_counter()
    everybody, each = [], []
    for item in list(round_.round_ideas.select_related("idea"))[1:]:
        move = asyncio.to_thread(scoring.go_to, round_, item, by=round_.facilitator)
        await move
        moved = time.perf_counter()
        while not all(item.idea.title in person.seen for person in people):
            await asyncio.sleep(0.02)
            if time.perf_counter() - moved > 20:
                raise TimeoutError("Not everybody saw the idea within 20 seconds.")
        waits = [person.seen[item.idea.title] - moved for person in people]
        each += waits
        everybody.append(max(waits))
        await asyncio.sleep(1)
    wall = time.perf_counter() - started
    cpu = (processor(pid) - used) / wall
    ended.set()
    await asyncio.gather(*tasks)
    polls = sorted(took for person in people for took in person.took)
    share = lambda values, part: sorted(values)[min(len(values) - 1, int(part * len(values)))]  # noqa: E731
    print(f"{len(people)} participants, {MOVES} moves, a poll every {EVERY} s")
    print(
        f"one person sees the new idea after: p50 {share(each, 0.5):.2f} s, p95 {share(each, 0.95):.2f} s"
    )
    print(f"all of them: p50 {share(everybody, 0.5):.2f} s, p95 {share(everybody, 0.95):.2f} s")
    print(
        f"a poll is answered in: p50 {share(polls, 0.5) * 1000:.0f} ms, p95 {share(polls, 0.95) * 1000:.0f} ms"
    )
    print(
        f"polls a second: {len(polls) / wall:.0f}; processor of the server: {cpu * 100:.0f} % of one core"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--port", type=int, default=8199)
    options = parser.parse_args()
    round_, cookies = prepare(options.people)
    with serving(options.port) as process:
        asyncio.run(measure(options.port, round_, cookies, process.pid))


if __name__ == "__main__":
    main()
