"""The Celery application: tasks of both apps, settings that start with CELERY_."""

import os

from celery import Celery
from celery.signals import worker_ready
from kombu.transport import TRANSPORT_ALIASES

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
TRANSPORT_ALIASES["embedded"] = "config.broker:Transport"

app = Celery("floe")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_ready.connect  # type: ignore[untyped-decorator]
def say_that_a_worker_is_here(**kwargs: object) -> None:
    """Beat's first heartbeat is twenty seconds away; /readyz should not wait for it."""
    app.send_task("backlog.flows.clockwork.heartbeat")
