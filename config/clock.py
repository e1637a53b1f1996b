"""Celery beat, whose one file may be lost or unwritable: when each entry last ran is kept as JSON.

`python -m config.clock` runs it by itself. It names tasks without loading them, so neither Django
nor the apps: a process of its own that costs little memory.
"""

import datetime as dt
import json
import logging
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from celery.beat import Scheduler, Service

from backlog.processes import end_with
from config.celery import app

logger = logging.getLogger("floe.clock")

FIRST = "heartbeat"
"""The entry that is due at every start, so that nobody waits to see that the clock runs."""


class Clock(Scheduler):  # type: ignore[misc]
    """Beat's scheduler with its memory in a small file that is written whole."""

    def __init__(self, *args: Any, schedule_filename: str = "", **kwargs: Any) -> None:
        self.path = Path(schedule_filename or app.conf.beat_schedule_filename)
        self.is_kept = self.is_heard = True
        super().__init__(*args, **kwargs)

    def setup_schedule(self) -> None:
        self.merge_inplace(self.app.conf.beat_schedule)
        self.install_default_entries(self.schedule)
        ran = {}
        with suppress(OSError, ValueError):
            ran = json.loads(self.path.read_text())
        now = dt.datetime.now(dt.UTC)
        for name, entry in self.schedule.items():
            with suppress(KeyError, TypeError, ValueError):
                # Never in the future: the machine's clock may have been put back.
                entry.last_run_at = min(dt.datetime.fromisoformat(ran[name]), now)
        if FIRST in self.schedule:
            self.schedule[FIRST].last_run_at = now - dt.timedelta(days=1)

    def apply_entry(self, entry: Any, producer: Any = None) -> None:
        """Queue what is due. If the broker accepts no message, it is queued at its next time."""
        try:
            self.apply_async(entry, producer=producer, advance=False)
        except Exception as problem:
            if self.is_heard:
                logger.error("The broker accepts no messages. The clock keeps running: %s", problem)
            self.is_heard = False
        else:
            self.is_heard = True

    def sync(self) -> None:
        ran = {name: entry.last_run_at.isoformat() for name, entry in self.schedule.items()}
        new = self.path.with_suffix(".new")
        try:
            new.write_text(json.dumps(ran))
            os.replace(new, self.path)
        except OSError as problem:
            if self.is_kept:
                logger.error(
                    "The clock keeps running, but %s can't be written: %s", self.path, problem
                )
            self.is_kept = False
        else:
            self.is_kept = True


def main() -> None:
    if supervisor := os.environ.get("FLOE_SUPERVISOR"):
        end_with(int(supervisor))
    app.log.setup(loglevel="WARNING", redirect_stdouts=False)
    app.set_current()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    Service(app, scheduler_cls=Clock).start()


if __name__ == "__main__":
    main()
