"""What runs by the clock. Each task is safe to run twice."""

from celery import shared_task
from django.db import connection
from django.utils import timezone

from backlog.flows.moves import wake_snoozed
from backlog.models import Heartbeat, KeptAnswer
from backlog.ways_in import coming_by


@shared_task  # type: ignore[untyped-decorator]
def heartbeat() -> None:
    """Say that beat is alive: its message has come. /readyz looks for it."""
    Heartbeat.beat("beat")


@shared_task  # type: ignore[untyped-decorator]
def wake_ideas() -> int:
    """Open the snoozed ideas whose day has come; forget answers of the API older than a day."""
    with coming_by("task"):
        KeptAnswer.objects.filter(kept_at__lt=timezone.now() - KeptAnswer.KEPT_FOR).delete()
        return wake_snoozed(timezone.localdate())


@shared_task  # type: ignore[untyped-decorator]
def count_values() -> None:
    """Let the database learn how its values are spread; lists of 100,000 ideas depend on it.

    SQLite never does so on its own. PostgreSQL does, but too late after a large import. Open
    connections read SQLite's new statistics when they reconnect, within ten minutes. It reads every
    index to its end, 0.3 s for 100,000 ideas: of a part it takes the first value for all.
    """
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
