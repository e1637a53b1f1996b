"""One migrated database for all workers and runs, of which each worker gets a copy.

It is created again when a migration changes, or a module that migrations import.
"""

import ast
import fcntl
import hashlib
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

import django
import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection

from backlog.models import Rubric

KEPT_IN = settings.BASE_DIR / "var" / "tests"


def write_first_rows() -> None:
    """The rows that a migration wrote, where an experiment that commits was followed by a flush."""
    if not Rubric.objects.exists():
        import_module("backlog.migrations.0002_first_rows").write(apps, None)


def sources() -> list[Path]:
    """The files that make the database what it is: migrations, and what they and the apps import.

    Not the models: what they mean for the database stands in the migrations.
    """
    paths: dict[Path, None] = {}
    left = [
        path
        for app in ("backlog", "experiments")
        for pattern in ("apps.py", "migrations/*.py")
        for path in sorted((settings.BASE_DIR / app).glob(pattern))
    ]
    while left:
        path = left.pop(0)
        if path not in paths:
            paths[path] = None
            left += _imported_by(path)
    return [*paths, settings.BASE_DIR / "requirements.lock", Path(__file__)]


def _imported_by(path: Path) -> Iterator[Path]:
    """The modules of ours that a file imports as it is read, but for models."""
    for node in ast.parse(path.read_text()).body:
        names = []
        if isinstance(node, ast.Import):
            names = [one.name for one in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{one.name}" for one in node.names)]
        for name in names:
            parts = name.split(".")
            if parts[0] in ("backlog", "experiments") and "models" not in parts:
                base = settings.BASE_DIR.joinpath(*parts)
                yield from (
                    at for at in (base.with_suffix(".py"), base / "__init__.py") if at.exists()
                )


def fingerprint() -> str:
    digest = hashlib.sha256(django.__version__.encode())
    for path in sources():
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


@contextmanager
def _alone() -> Iterator[None]:
    """One worker makes the database; the others wait, then find it."""
    KEPT_IN.mkdir(parents=True, exist_ok=True)
    with (KEPT_IN / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _migrated(name: str) -> None:
    """Make the database of this name; the connection does not use it afterwards."""
    connection.settings_dict["TEST"]["NAME"] = name
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    connection.close()
    if connection.vendor == "postgresql":
        connection.close_pool()


def _copied_file(name: str) -> None:
    kept = KEPT_IN / f"{fingerprint()}.sqlite3"
    if not kept.exists():
        for old in KEPT_IN.glob("*.sqlite3*"):
            old.unlink()
        making = kept.with_suffix(".making")
        _migrated(str(making))
        making.rename(kept)
    shutil.copy(kept, name)


def _copied_on_the_server(name: str) -> None:
    kept, mark = f"{name.rpartition('_gw')[0] or name}_kept", fingerprint()
    quoted = [connection.ops.quote_name(one) for one in (kept, name)]
    with connection.creation._nodb_cursor() as cursor:
        cursor.execute(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s",
            [kept],
        )
        if cursor.fetchone() != (mark,):
            _migrated(kept)
            cursor.execute(f"COMMENT ON DATABASE {quoted[0]} IS '{mark}'")
        cursor.execute(f"DROP DATABASE IF EXISTS {quoted[1]} WITH (FORCE)")
        cursor.execute(f"CREATE DATABASE {quoted[1]} TEMPLATE {quoted[0]}")


def _dropped_from_the_server(name: str) -> None:
    """By force: a process that a test killed may not have left the database yet."""
    connection.close()
    connection.close_pool()
    with connection.creation._nodb_cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {connection.ops.quote_name(name)} WITH (FORCE)")


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment, django_db_blocker, django_db_modify_db_settings):
    """A copy for this worker, under the name that pytest-django gave it."""
    before = connection.settings_dict["NAME"]
    name = connection.creation._get_test_db_name()
    with django_db_blocker.unblock():
        with _alone():
            if connection.vendor == "sqlite":
                _copied_file(name)
            else:
                _copied_on_the_server(name)
        settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = name
        yield
        if connection.vendor == "postgresql":
            _dropped_from_the_server(name)
            connection.settings_dict["NAME"] = before
        else:
            connection.creation.destroy_test_db(before, verbosity=0)
