"""Hand work to Celery once the transaction is in. A broker that is down costs time, not work."""

import logging
from functools import partial
from typing import Any

from django.db import transaction
from kombu.exceptions import OperationalError

logger = logging.getLogger("floe")


def queue_on_commit(task: Any, *args: int | str) -> None:
    """Queue `task` with ids after the commit; what can't be queued is found by the sweep."""
    transaction.on_commit(partial(_queue, task, *args))


def _queue(task: Any, *args: int | str) -> None:
    try:
        task.delay(*args)
    except OperationalError:
        logger.exception("The broker is down; %s%s waits for the sweep.", task.name, args)
