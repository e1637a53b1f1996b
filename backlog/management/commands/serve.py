"""`manage.py serve`: the whole embedded edition, web, worker and beat, until Ctrl-C."""

import socket
import sys
import threading
import time
import urllib.error
import urllib.request
from argparse import ArgumentParser
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from honcho.manager import Manager

from backlog.models import User
from backlog.sample_accounts import sample_password

STARTS_WITHIN = 60  # seconds


class Command(BaseCommand):
    help = "Serve Floe: prepare what is missing, then start web, Celery worker and beat together."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to bind to")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--threads", type=int, default=8, help="of the web process")
        parser.add_argument("--sample", action="store_true", help="load the sample when empty")

    def handle(self, *args: Any, **options: Any) -> None:
        host, port = options["host"], options["port"]
        refuse_a_busy_port(host, port)
        call_command("build_assets", verbosity=0)
        call_command("migrate", interactive=False, verbosity=0)
        if not settings.DEBUG:
            call_command("collectstatic", interactive=False, verbosity=0)
        if options["sample"] and not User.objects.exists() and apps.is_installed("experiments"):
            self.stdout.write("Loading the sample workspace …")
            call_command("load_sample", verbosity=0)
        shown = f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{port}"  # noqa: S104
        threading.Thread(target=self.announce, args=(shown,), daemon=True).start()
        manager = Manager()
        for name, command in processes(host, port, options["threads"]).items():
            manager.add_process(name, command, quiet=False)
        manager.loop()
        sys.exit(manager.returncode if manager.returncode not in (None, 130, -2) else 0)

    def announce(self, address: str) -> None:
        """Print the address and how to sign in, once the web process answers."""
        deadline = time.monotonic() + STARTS_WITHIN
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(f"{address}/healthz", timeout=2):  # noqa: S310
                    break
            except (urllib.error.URLError, OSError):
                time.sleep(0.1)
        self.stdout.write(f"\n  Floe is at {address}\n{how_to_sign_in()}  Ctrl-C stops it.\n\n")
        self.stdout.flush()


def refuse_a_busy_port(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as busy:
            raise CommandError(
                f"Port {port} on {host} can't be used ({busy.strerror}). "
                f"Stop what uses it, or choose another: make run PORT={port + 1}"
            ) from busy


def processes(host: str, port: int, threads: int) -> dict[str, str]:
    python = sys.executable
    return {
        "web": f"{python} -m gunicorn config.wsgi --bind {host}:{port} --worker-class gthread "
        f"--threads {threads} --log-level warning --graceful-timeout 5",
        "worker": f"{python} -m celery -A config worker --beat --concurrency 1 --loglevel WARNING "
        "--without-gossip --without-mingle",
    }


def how_to_sign_in() -> str:
    sample = User.objects.filter(is_sample=True).order_by("pk")
    if settings.DEBUG and sample:
        people = "\n".join(
            f"    {user.email:<28} {user.name}, {user.get_role_display().lower()}"
            for user in sample[:6]
        )
        return f"  Sign in with the password {sample_password()} as\n{people}\n"
    if not User.objects.exists():
        return "  It is empty: whoever opens it first becomes the admin.\n"
    return "  Sign in with your e-mail and password.\n"
