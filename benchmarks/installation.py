"""A Floe for benchmarks, as in production: importing this sets Django up in a throw-away folder.

Import it before any other module of Floe. It neither reads nor writes a real installation: the
files are under a new VAR_DIR, and if DATABASE_URL names a server, its tables go into a database
test_….
"""

import atexit
import io
import os
import platform
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VAR_DIR = Path(tempfile.mkdtemp(prefix="floe-bench-"))
atexit.register(shutil.rmtree, VAR_DIR, ignore_errors=True)
EMBEDDED = {
    name: value
    for name, value in os.environ.items()
    if name not in ("DATABASE_URL", "CELERY_BROKER_URL", "SECRET_KEY", "SITE_URL")
} | {"VAR_DIR": str(VAR_DIR), "DEBUG": "0"}

for _name in ("CELERY_BROKER_URL", "SECRET_KEY", "SITE_URL"):
    os.environ.pop(_name, None)
os.environ |= {"VAR_DIR": str(VAR_DIR), "DEBUG": "0", "DJANGO_SETTINGS_MODULE": "config.settings"}
sys.path.insert(0, str(ROOT))

import django  # noqa: E402  (the environment stands first)

django.setup()

from django.core.management import call_command  # noqa: E402  (Django is set up first)
from django.db import connection  # noqa: E402


def manage(*arguments: str, **environment: str) -> None:
    """Run `manage.py …` in the embedded edition, in a process of its own."""
    subprocess.run(
        [sys.executable, str(ROOT / "manage.py"), *arguments],
        env=EMBEDDED | environment,
        check=True,
        stdout=subprocess.DEVNULL,
    )


def prepare() -> None:
    """Make an empty database and the static files that production serves."""
    if connection.vendor == "sqlite":
        call_command("migrate", interactive=False, verbosity=0)
    else:
        connection.close()
        connection.close_pool()  # what it holds is open to the database that DATABASE_URL names
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        atexit.register(_drop, connection.settings_dict["NAME"])
    call_command("build_assets", verbosity=0, stdout=io.StringIO())
    if not (VAR_DIR / "static" / "staticfiles.json").exists():
        call_command("collectstatic", interactive=False, verbosity=0)


def _drop(name: str) -> None:
    connection.creation.destroy_test_db(name, verbosity=0)


def engine() -> str:
    """The database by name and version."""
    if connection.vendor == "sqlite":
        return f"SQLite {sqlite3.sqlite_version}"
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        return f"PostgreSQL {cursor.fetchone()[0].split()[0]}"


def described() -> str:
    """The machine and the versions behind the figures."""
    return (
        f"{os.cpu_count()} cores, Python {platform.python_version()}, "
        f"Django {django.get_version()}, {engine()}"
    )
