"""A Celery worker reports that it is alive and what it does, in a thread, even during a long
task."""

import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from celery.signals import task_postrun, task_prerun, worker_ready
from django.db import DatabaseError, InterfaceError, connection
from django.utils import timezone

from backlog.models import Heartbeat

logger = logging.getLogger("floe")

SAYS_EVERY = 20.0  # seconds

_in_hand: dict[str, Any] = {"doing": "", "doing_since": None}


@task_prerun.connect  # type: ignore[untyped-decorator]
def note_what_begins(sender: Any = None, **kwargs: object) -> None:
    name = str(getattr(sender, "name", "")).rpartition(".")[2]
    _in_hand.update(doing=name[:60], doing_since=timezone.now())


@task_postrun.connect  # type: ignore[untyped-decorator]
def note_what_ends(**kwargs: object) -> None:
    _in_hand.update(doing="", doing_since=None)


@worker_ready.connect  # type: ignore[untyped-decorator]
def begin(sender: Any = None, **kwargs: object) -> None:
    """Report at once that a worker is here, and let it pick up what the previous one left
    behind."""
    threading.Thread(target=_for_ever, args=(say,), daemon=True, name="heartbeat").start()
    app = getattr(sender, "app", None)
    if app is None:
        return
    for name, entry in app.conf.beat_schedule.items():
        if name.endswith("what-was-left") or name == "mail-that-waits":
            try:
                app.send_task(entry["task"])
            except Exception:
                logger.exception("The broker fails. %s waits for the clock.", entry["task"])


def say() -> None:
    Heartbeat.beat("worker", **_in_hand)


def _for_ever(step: Callable[[], None]) -> None:
    was_fine = True
    while True:
        try:
            step()
            was_fine = True
        except (DatabaseError, InterfaceError) as problem:
            if was_fine:
                logger.error("The worker can’t write its heartbeat: %s", problem)
            was_fine = False
            connection.close()
        time.sleep(SAYS_EVERY)
