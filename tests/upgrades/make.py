"""Makes a kept database, by the code and the migrations as they are:

    export DEBUG=1 VAR_DIR=$(mktemp -d)
    .venv/bin/python manage.py shell -c "from tests.upgrades.make import make; make('2026-11')"

It holds the sample workspace, then what `content.py` adds: every verdict by every engine, plans as
the first ones were sealed, every way of reading. Nothing in it is of real people. Beside the rows
stand the words that each role reads, which `test_upgrades.py` compares with those of later code.
"""

import datetime as dt
from pathlib import Path

import time_machine
from django.conf import settings
from django.core.management import call_command

from backlog.models import User
from experiments.flows.sample.loading import load_sample
from tests.upgrades import content, database, pages

HERE = Path(__file__).parent
AT = dt.datetime(2026, 11, 18, 9, 30, tzinfo=dt.UTC)


def make(name: str) -> None:
    """Write a new file; an old one is worth something because the code of its day made it."""
    path = HERE / f"{name}.json.gz"
    if path.exists():
        raise FileExistsError(f"{path} is there already: give the new one another name")
    settings.ALLOWED_HOSTS = ["*"]
    call_command("migrate", verbosity=0)
    with time_machine.travel(AT, tick=False):
        load_sample()
        content.fill(Path(settings.VAR_DIR))
        User.objects.update(password="!")  # nobody signs in to it
        database.write(path, at=AT.isoformat(), words=pages.words())
