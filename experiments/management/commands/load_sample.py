"""`manage.py load_sample`: fill an empty installation with the sample workspace (DEBUG only)."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from backlog.refusals import Refused
from backlog.ways_in import coming_by
from experiments.flows.sample.loading import load_sample


class Command(BaseCommand):
    help = "Load the sample workspace into an empty Floe."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with coming_by("command"):
                load_sample()
        except Refused as refusal:
            raise CommandError(str(refusal)) from refusal
        if options["verbosity"]:
            self.stdout.write("The sample workspace is loaded.")
