"""How `manage.py serve` runs gunicorn: it and its workers end with their parent process."""

import os
from typing import Any

from backlog.processes import end_with

worker_class = "gthread"
loglevel = "warning"
graceful_timeout = 5
# Floe has a supervisor of its own; a socket in the home folder would be shared by all installations.
control_socket_disable = True


def on_starting(server: Any) -> None:
    if supervisor := os.environ.get("FLOE_SUPERVISOR"):
        end_with(int(supervisor))


def post_fork(server: Any, worker: Any) -> None:
    end_with(worker.ppid)
