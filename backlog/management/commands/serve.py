"""`manage.py serve`: the whole embedded edition, web, worker and beat, until Ctrl-C."""

import errno
import json
import os
import socket
import sys
from argparse import ArgumentParser
from contextlib import suppress
from pathlib import Path
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from backlog.flows.founding import setup_link
from backlog.models import User
from backlog.processes import holder_of, supervisor_of
from backlog.sample_accounts import sample_password

# More of them wait for Python's one lock, not for the database: with eight, a live session of 200
# people takes half as much processor again for the same answers.
THREADS = 4


class Command(BaseCommand):
    help = "Serve Floe: prepare what is missing, then start web, Celery worker and beat together."
    # Checking loads every page and the API only to leave them again; `make check` and the web
    # process itself do so anyway.
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to bind to")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--threads", type=int, default=THREADS, help="of the web process")
        parser.add_argument("--sample", action="store_true", help="load the sample when empty")

    def handle(self, *args: Any, **options: Any) -> None:
        host, port = options["host"], options["port"]
        refuse_a_busy_port(host, port)
        keep_to_ourselves(Path(settings.VAR_DIR))
        call_command("build_assets", verbosity=0)
        if migrations_are_waiting():
            call_command("migrate", interactive=False, verbosity=0)
        if not settings.DEBUG and not static_files_are_collected():
            call_command("collectstatic", interactive=False, verbosity=0)
        if options["sample"] and not User.objects.exists() and apps.is_installed("experiments"):
            self.stdout.write("Loading the sample workspace …")
            call_command("load_sample", verbosity=0)
        local = f"http://{_as_people_write(host)}:{port}"
        # Links in mail lead where people are, which is here unless the operator says otherwise.
        shown = os.environ.setdefault("SITE_URL", local).rstrip("/")
        plan = {
            "host": host,
            "port": port,
            "address": local,
            "greeting": f"\n  Floe is at {shown}\n{how_to_sign_in(shown)}  Ctrl-C stops it.\n",
            "processes": processes(options["threads"]),
        }
        self.stdout.flush()
        # What watches the processes needs none of what this one has loaded, so it takes its place.
        os.chdir(settings.BASE_DIR)
        supervise = str(settings.BASE_DIR / "deploy" / "supervise.py")
        os.execve(  # noqa: S606  (our own script, no shell)
            sys.executable,
            [sys.executable, supervise],
            {**os.environ, "FLOE_PROCESSES": json.dumps(plan)},
        )


def _as_people_write(host: str) -> str:
    if host in ("0.0.0.0", "::"):  # noqa: S104  (every address of this machine; one is enough)
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


KEPT = (
    "floe.sqlite3*", "secret_key", "sample_password", "clock.json", "broker", "uploads", "assets",
    "static",
)  # fmt: skip


def keep_to_ourselves(folder: Path) -> None:
    """Take from others the right to read what an earlier Floe let them read."""
    for pattern in KEPT:
        for path in folder.glob(pattern):
            with suppress(OSError):  # somebody else's, who sees to it
                path.chmod(0o700 if path.is_dir() else 0o600)


def migrations_are_waiting() -> bool:
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def static_files_are_collected() -> bool:
    """Whether the collected files are at least as new as every file that they come from."""
    manifest = Path(settings.STATIC_ROOT) / "staticfiles.json"
    if not manifest.exists():
        return False
    sources = (storage.path(name) for finder in get_finders() for name, storage in finder.list([]))
    return manifest.stat().st_mtime >= max(os.path.getmtime(source) for source in sources)


def refuse_a_busy_port(host: str, port: int) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as busy:
            raise CommandError(
                f"Port {port} on {host} {_why_it_is_busy(port, busy)}, "
                f"or choose another port: make run PORT={port + 1}"
            ) from busy


def _why_it_is_busy(port: int, busy: OSError) -> str:
    holder = holder_of(port) if busy.errno == errno.EADDRINUSE else None
    if holder is None:
        return f"can’t be used ({busy.strerror}): stop whatever is using it"
    pid, command = holder
    shown = command if len(command) <= 100 else f"{command[:99]}…"
    if floe := supervisor_of(pid):
        return (
            f"is used by a Floe that is already running, process {floe}: stop it with “kill {floe}”"
        )
    return f"is used by process {pid} ({shown}): stop it with “kill {pid}”"


def processes(threads: int) -> dict[str, list[str]]:
    python = sys.executable
    return {
        "web": [
            python, "-m", "gunicorn", "config.wsgi", "--config", "deploy/gunicorn.conf.py",
            "--bind", "fd://{socket}", "--threads", str(threads),
        ],
        "worker": [
            python, "-m", "celery", "-q", "-A", "config", "worker", "--pool", "solo",
            "--loglevel", "WARNING", "--without-gossip", "--without-mingle", "--without-heartbeat",
        ],
        "beat": [python, "-m", "config.clock"],
    }  # fmt: skip


def how_to_sign_in(site: str) -> str:
    """What the start prints below the address; the sample's accounts only where they work."""
    people = User.objects.filter(is_sample=True).prefetch_related("memberships__pod")
    if settings.DEBUG and people:
        rows = "\n".join(f"    {user.email:<24} {user.name}, {_part_of(user)}" for user in people)
        return f"  Sign in with the password {sample_password()} as\n{rows}\n"
    if not User.objects.exists():
        return f"  It is empty. Open this address to set it up and become its admin:\n    {setup_link(site)}\n"
    return "  Sign in with your e-mail and password.\n"


def _part_of(user: User) -> str:
    if user.stands_above_pods:
        return str(user.get_role_display()).lower()
    parts = [f"{m.get_role_display().lower()} of {m.pod}" for m in user.memberships.all()]
    return ", ".join(parts) or "in no pod"
