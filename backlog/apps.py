"""People and intent: who, when, what might we try, how good is it."""

from django.apps import AppConfig


class BacklogConfig(AppConfig):
    name = "backlog"
    verbose_name = "Backlog"
