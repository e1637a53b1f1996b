"""Whether Floe can work: database and broker writable, worker and beat seen, space on the disk.

The web process checks every few seconds in its own thread, so that a page can say what has stopped
without a query.
"""

import datetime as dt
import logging
import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from celery import current_app
from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection, transaction
from django.utils import timezone

from backlog.models import Heartbeat
from backlog.storage import BUSY, is_short_of_space, trouble_of, without_long_wait

logger = logging.getLogger("floe")

LATELY = dt.timedelta(seconds=90)
LOOKS_EVERY = 20.0  # seconds
STARTS_WITHIN = dt.timedelta(seconds=60)
NAMES = {"broker": "the message broker", "worker": "the worker", "beat": "the clock (beat)"}
"""What background work needs."""


@dataclass(frozen=True)
class Part:
    """One thing that Floe needs. `says` is "ok" or what is wrong with it."""

    name: str
    says: str = "ok"
    since: dt.datetime | None = None

    @property
    def is_ok(self) -> bool:
        return self.says == "ok"


@dataclass(frozen=True)
class Readiness:
    parts: tuple[Part, ...] = ()

    @property
    def is_ready(self) -> bool:
        return all(part.is_ok for part in self.parts)

    @property
    def in_words(self) -> dict[str, str]:
        return {part.name: part.says for part in self.parts}

    def background_stands_still(self) -> str:
        """A sentence if background work has stopped, else ""."""
        bad = [part for part in self.parts if part.name in NAMES and not part.is_ok]
        if not bad:
            return ""
        whys = ", ".join(f"{NAMES[part.name]} {part.says}" for part in bad)
        return f"Background work has been stopped{_since(bad)}: {whys}. It will continue once this is fixed."

    def sentences(self) -> list[str]:
        """All that is wrong, for an admin."""
        bad = {part.name: part for part in self.parts if not part.is_ok}
        sentences = []
        if database := bad.get("database"):
            sentences.append(
                f"Nothing can be saved{_since([database])}: the database {database.says}."
            )
        if disk := bad.get("disk"):
            sentences.append(
                f"The disk {disk.says}. Free up space before nothing can be saved any more."
            )
        if background := self.background_stands_still():
            sentences.append(background)
        return sentences


def _since(parts: list[Part]) -> str:
    known = [timezone.localtime(part.since) for part in parts if part.since]
    if not known:
        return ""
    first = min(known)
    is_today = first.date() == timezone.localdate()
    return f" since {first:%H:%M}" if is_today else f" since {first:%d %b, %H:%M}"


def look() -> Readiness:
    """The current state. Writes nothing that stays."""
    database = Part("database", _database())
    seen = _seen() if database.says != "does not answer" else {}
    worker = _worker(seen.get("worker"))
    beat = _beat(seen.get("beat"), seen.get("worker"))
    return Readiness((database, Part("broker", _broker()), worker, beat, Part("disk", _disk())))


def _database() -> str:
    try:
        with without_long_wait(), transaction.atomic():
            Heartbeat.objects.filter(name="worker").update(name="worker")
            transaction.set_rollback(True)
    except (DatabaseError, InterfaceError) as problem:
        if trouble_of(problem) == BUSY:  # somebody else writes
            return "ok"
        logger.warning("The database accepts no changes: %s", problem)
        return "accepts no changes" if _reads() else "does not answer"
    return "ok"


def _reads() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except (DatabaseError, InterfaceError):
        return False
    return True


def _broker() -> str:
    try:
        with current_app.connection_for_write(connect_timeout=2) as broker:
            broker.ensure_connection(max_retries=1, interval_start=0)
            check = getattr(broker.default_channel, "check_writable", None)
            if check is not None:
                check()
    except Exception as problem:  # whatever any broker's library raises
        logger.warning("The message broker fails: %s", problem)
        return "accepts no messages"
    return "ok"


def _seen() -> dict[str, Heartbeat]:
    try:
        return {row.name: row for row in Heartbeat.objects.all()}
    except (DatabaseError, InterfaceError):
        return {}


def _worker(seen: Heartbeat | None) -> Part:
    now = timezone.now()
    if seen is None or seen.seen_at < now - LATELY:
        return Part("worker", "is not running", seen.seen_at if seen else None)
    longest = dt.timedelta(seconds=settings.CELERY_TASK_TIME_LIMIT)
    if seen.doing and seen.doing_since and seen.doing_since < now - longest:
        return Part("worker", f"is still working on {seen.doing}", seen.doing_since)
    return Part("worker")


def _beat(seen: Heartbeat | None, worker: Heartbeat | None) -> Part:
    """Beat is seen through a message that a worker takes, which waits while the worker is busy."""
    now = timezone.now()
    if seen is not None and seen.seen_at >= now - LATELY:
        return Part("beat")
    is_behind = (
        worker is not None and seen is not None and worker.doing_since is not None
        and bool(worker.doing) and worker.seen_at >= now - LATELY
        and seen.seen_at >= worker.doing_since - LATELY
    )  # fmt: skip
    return (
        Part("beat")
        if is_behind
        else Part("beat", "is not running", seen.seen_at if seen else None)
    )


def _disk() -> str:
    if not is_short_of_space():
        return "ok"
    try:
        left = shutil.disk_usage(settings.VAR_DIR).free // 1048576
    except OSError:
        return "can’t be read"
    return f"has only {left} MB left"


# --- What the web process knows without asking --------------------------------------------------

_known = Readiness()
_started_at = timezone.now()


def as_last_seen() -> Readiness:
    """The result of the last check. Before the first one everything counts as fine."""
    return _known


def look_and_keep() -> Readiness:
    """Check, and note since when each part is in trouble."""
    global _known  # noqa: PLW0603  (one for all threads of the process)
    before = {part.name: part for part in _known.parts if not part.is_ok}
    now = timezone.now()
    parts = []
    for part in look().parts:
        is_starting = part.name in ("worker", "beat") and now < _started_at + STARTS_WITHIN
        if is_starting and not part.is_ok and part.name not in before:
            part = Part(part.name)  # noqa: PLW2901  (web is there first; the others are on their way)
        if not part.is_ok and part.since is None:
            earlier = before.get(part.name)
            part = Part(part.name, part.says, (earlier.since if earlier else None) or now)  # noqa: PLW2901
        parts.append(part)
    _known = Readiness(tuple(parts))
    return _known


def keep_looking() -> threading.Thread:
    """Start the thread that checks. A web process does so once."""
    thread = threading.Thread(
        target=_for_ever, args=(look_and_keep,), daemon=True, name="readiness"
    )
    thread.start()
    return thread


def _for_ever(step: Callable[[], Any]) -> None:
    while True:
        try:
            step()
        except Exception:
            logger.exception("A look at the installation failed.")
        finally:
            connection.close()
        time.sleep(LOOKS_EVERY)
