"""The Celery application: tasks of both apps, settings that start with CELERY_."""

import os

from celery import Celery
from celery.signals import worker_init
from kombu.transport import TRANSPORT_ALIASES

from backlog.processes import end_with

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
TRANSPORT_ALIASES["embedded"] = "config.broker:Transport"

app = Celery("floe")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect  # type: ignore[untyped-decorator]
def end_with_the_supervisor(**kwargs: object) -> None:
    if supervisor := os.environ.get("FLOE_SUPERVISOR"):
        end_with(int(supervisor))
