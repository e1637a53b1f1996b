"""Time, processor time, queries and bytes of one request, through Django's own client.

Each figure is the best of several rounds, so that other work on the machine matters least.
"""

import gzip
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from backlog.models import User

ROUNDS, REQUESTS = 2, 20
Ask = Callable[[], HttpResponse]


@dataclass(frozen=True)
class Cost:
    """Milliseconds at p50, p95 and of processor; queries; bytes, raw and gzipped."""

    p50: float
    p95: float
    cpu: float
    queries: int
    raw: int
    zipped: int


def client_of(email: str) -> Client:
    client = Client(SERVER_NAME="localhost", headers={"accept-encoding": "gzip"})
    user = User.objects.get(email=email)
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    return client


def cost_of(ask: Ask, *, rounds: int = ROUNDS, requests: int = REQUESTS, warm: int = 2) -> Cost:
    """Call `ask` again and again; the best round gives each figure. `ask` must always succeed."""
    for _ in range(warm):
        ask()
    taken = [_round(ask, requests) for _ in range(rounds)]
    with CaptureQueriesContext(connection) as captured:
        response = ask()
    body = response.content
    is_zipped = response.headers.get("Content-Encoding") == "gzip"
    return Cost(
        p50=min(_share(walls, 0.50) for walls, _ in taken),
        p95=min(_share(walls, 0.95) for walls, _ in taken),
        cpu=min(cpu for _, cpu in taken),
        queries=len(captured),
        raw=len(gzip.decompress(body) if is_zipped else body),
        zipped=len(body),
    )


def _round(ask: Ask, requests: int) -> tuple[list[float], float]:
    """Milliseconds of each request, and of processor on average."""
    walls, before = [], time.process_time()
    for _ in range(requests):
        start = time.perf_counter()
        response = ask()
        walls.append((time.perf_counter() - start) * 1000)
        if response.status_code >= 400:
            raise RuntimeError(f"{response.status_code}: {response.content[:300]!r}")
    return walls, (time.process_time() - before) * 1000 / requests


def _share(values: Sequence[float], share: float) -> float:
    """The smallest value that at least this share of all values does not exceed."""
    ordered = sorted(values)
    return ordered[max(0, -int(-share * len(ordered) // 1) - 1)]
