"""`manage.py check_seals`: whether anybody touched a sealed plan, an amendment or the chain."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from experiments.flows.checking_seals import broken_seals
from experiments.models import Seal


class Command(BaseCommand):
    help = "Check every seal: fingerprints, the chain, amendments and the rows that they cover."

    def handle(self, *args: Any, **options: Any) -> None:
        broken = list(broken_seals())
        for sentence in broken:
            self.stderr.write(sentence)
        if broken:
            raise CommandError(f"{len(broken)} problem{'' if len(broken) == 1 else 's'}.")
        last = Seal.objects.order_by("number").last()
        if last is None:
            self.stdout.write("Nothing is sealed yet.")
            return
        self.stdout.write(f"All {last.number} seals are intact. The chain ends in {last.chain}.")
        self.stdout.write("Note this line elsewhere. It will show later that no seal was removed.")
