"""For whoever watches the installation: is it alive, can it work?"""

import datetime as dt
import logging

from celery import current_app
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe
from kombu.exceptions import OperationalError

from backlog.models import Heartbeat

logger = logging.getLogger("floe")
LATELY = dt.timedelta(seconds=90)


@login_not_required
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The web process answers."""
    return HttpResponse("ok", content_type="text/plain")


@login_not_required
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """Database and broker answer, and a worker was seen lately; 503 where one of them is not so."""
    parts = {"database": _database(), "broker": _broker()}
    parts["worker"] = _worker() if parts["database"] == "ok" else "unknown: the database is down"
    ready = all(word == "ok" for word in parts.values())
    return JsonResponse({"ready": ready, **parts}, status=200 if ready else 503)


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        logger.exception("The database does not answer.")
        return "does not answer"
    return "ok"


def _broker() -> str:
    try:
        with current_app.connection_for_write(connect_timeout=2) as broker:
            broker.ensure_connection(max_retries=1, interval_start=0)
    except (OperationalError, OSError):
        logger.exception("The message broker does not answer.")
        return "does not answer"
    return "ok"


def _worker() -> str:
    seen = Heartbeat.objects.filter(name="worker", seen_at__gt=timezone.now() - LATELY)
    return "ok" if seen.exists() else "not seen in the last 90 seconds"
