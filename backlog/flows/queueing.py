"""Hand work to Celery after the commit. A failing broker costs time, not work.

This is the only place that queues. Every task is a row first, so a periodic sweep finds what could
not be queued.
"""

import logging
import time
from functools import partial
from typing import Any

from django.db import transaction

logger = logging.getLogger("floe")

LEFT_ALONE_FOR = 5.0
"""Seconds in which a broker that failed is not asked again: nobody's request waits for it twice."""

_asked_again_at = 0.0


def queue_on_commit(task: Any, *args: int | str) -> None:
    """Queue `task` with ids after the commit. The sweep finds what can't be queued."""
    transaction.on_commit(partial(_queue, task, *args))


def _queue(task: Any, *args: int | str) -> None:
    global _asked_again_at  # noqa: PLW0603  (one broker, for all threads of the process)
    if task.app.conf.task_always_eager:
        task.delay(*args)  # no broker is asked; what the task raises is its own
        return
    if time.monotonic() < _asked_again_at:
        return
    try:
        task.delay(*args)
    except Exception:
        # What is committed is reported as saved, whatever the broker, its library or its disk
        # raise.
        _asked_again_at = time.monotonic() + LEFT_ALONE_FOR
        logger.exception("The broker fails. %s%s waits for the sweep.", task.name, args)
