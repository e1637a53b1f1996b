"""People and intent: who, when, what might we try, how good is it."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate

from backlog import search_tables


class BacklogConfig(AppConfig):
    name = "backlog"
    verbose_name = "Backlog"

    def ready(self) -> None:
        """Search keeps its tables right by triggers, which go and come back around migrations."""
        pre_migrate.connect(search_tables.before_migrations, sender=self)
        post_migrate.connect(search_tables.after_migrations, sender=self)
