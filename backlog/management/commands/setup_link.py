"""`manage.py setup_link`: the address that makes the first admin, for those who run gunicorn themselves."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from backlog.flows.founding import setup_link
from backlog.models import User


class Command(BaseCommand):
    help = (
        "Print the address for setting up an empty Floe. Anybody who has it can become the admin."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        if User.objects.exists():
            raise CommandError("People have already joined. Ask an admin for an invitation.")
        self.stdout.write(setup_link(settings.SITE_URL))
