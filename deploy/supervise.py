"""Start the processes that `manage.py serve` names, together, and stop them together.

It loads neither Django nor Celery, so that watching costs little memory. Reads one JSON object from
the environment variable FLOE_PROCESSES: {"address", "greeting", "processes": {name: command}}.
"""

import json
import os
import signal
import sys
import threading
import time
import urllib.error
import urllib.request

from honcho.manager import Manager

STARTS_WITHIN = 60  # seconds
STOPPED_BY_HAND = (None, 0, 130, -signal.SIGINT, -signal.SIGTERM)


def greet(address: str, greeting: str) -> None:
    """Print where Floe is and how to sign in, once the web process answers."""
    deadline = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{address}/healthz", timeout=2):
                print(greeting, flush=True)
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    print(f"Floe did not answer at {address} within {STARTS_WITHIN} seconds.", flush=True)


def main() -> None:
    plan = json.loads(os.environ.pop("FLOE_PROCESSES"))
    # A worker that runs as root in a container is warned of at length; Celery speaks JSON only.
    quiet = {**os.environ, "PYTHONWARNINGS": "ignore:You're running the worker"}
    manager = Manager()
    for name, command in plan["processes"].items():
        manager.add_process(name, command, env=quiet)
    threading.Thread(target=greet, args=(plan["address"], plan["greeting"]), daemon=True).start()
    manager.loop()
    sys.exit(0 if manager.returncode in STOPPED_BY_HAND else 1)


if __name__ == "__main__":
    main()
