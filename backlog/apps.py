"""People and intent: who, when, what might we try, how good is it."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate

from backlog import search_tables
from backlog.forms.sentences import use_plain_sentences


class BacklogConfig(AppConfig):
    name = "backlog"
    verbose_name = "Backlog"

    def ready(self) -> None:
        """Forms speak plainly. Search keeps its tables by triggers, which migrations take away for a while."""
        use_plain_sentences()
        pre_migrate.connect(search_tables.before_migrations, sender=self)
        post_migrate.connect(search_tables.after_migrations, sender=self)
