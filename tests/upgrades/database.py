"""A database kept as rows at a state of the migrations, and put back into an empty one."""

import gzip
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.core.management.color import no_style
from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.models import ForeignKey

LEFT_OUT = {"sessions.session"}


def write(path: Path, **notes: Any) -> None:
    """Keep every row of the present database, the state of its migrations, and `notes`."""
    rows = {}
    for model in apps.get_models(include_auto_created=True):
        fields = _columns(model)
        if model._meta.managed and model._meta.label_lower not in LEFT_OUT:
            rows[model._meta.label_lower] = {
                "columns": [field.attname for field in fields],
                "rows": [[field.value_from_object(row) for field in fields]
                         for row in model._base_manager.order_by("pk")],
            }  # fmt: skip
    leaves = MigrationExecutor(connection).loader.graph.leaf_nodes()
    text = json.dumps({**notes, "migrations": leaves, "tables": rows}, default=str)
    path.write_bytes(gzip.compress(text.encode(), mtime=0))


def read(path: Path) -> dict[str, Any]:
    return json.loads(gzip.decompress(path.read_bytes()))


@contextmanager
def another(folder: Path) -> Iterator[None]:
    """An empty database in place of the present one: a file, or a second one on the same server."""
    before = connections[DEFAULT_DB_ALIAS]
    options = {**before.settings_dict["OPTIONS"]}
    options.pop("pool", None)
    name = f"{before.settings_dict['NAME']}_upgrade"
    if before.vendor == "sqlite":
        name = str(folder / "kept.sqlite3")
    else:
        _on_server(before, f'DROP DATABASE IF EXISTS "{name}"', f'CREATE DATABASE "{name}"')
    connections[DEFAULT_DB_ALIAS] = type(before)(
        {**before.settings_dict, "NAME": name, "OPTIONS": options}, DEFAULT_DB_ALIAS
    )
    ContentType.objects.clear_cache()
    try:
        yield
    finally:
        connections[DEFAULT_DB_ALIAS].close()
        connections[DEFAULT_DB_ALIAS] = before
        ContentType.objects.clear_cache()
        if before.vendor != "sqlite":
            _on_server(before, f'DROP DATABASE "{name}"')


def _on_server(wrapper: Any, *orders: str) -> None:
    with wrapper._nodb_cursor() as cursor:
        for order in orders:
            cursor.execute(order)


def restore(kept: dict[str, Any]) -> None:
    """Put the rows into the present, empty database as it was at the time, then migrate it."""
    leaves = [tuple(leaf) for leaf in kept["migrations"]]
    for app, name in leaves:
        call_command("migrate", app, name, verbosity=0)
    state = MigrationExecutor(connection).loader.project_state(leaves).apps
    models = {name: state.get_model(name) for name, table in kept["tables"].items()}
    with transaction.atomic():
        for model in models.values():  # what the migrations wrote stands among the rows as well
            model._base_manager.all().delete()
        for name, table in kept["tables"].items():
            _fill(models[name], table)
        with connection.cursor() as cursor:
            for line in connection.ops.sequence_reset_sql(no_style(), list(models.values())):
                cursor.execute(line)
    call_command("migrate", verbosity=0)


def _fill(model: Any, table: dict[str, Any]) -> None:
    fields = {field.attname: field for field in _columns(model)}
    model._base_manager.bulk_create(
        [model(**{name: _value(fields[name], value) for name, value
                  in zip(table["columns"], row, strict=True)}) for row in table["rows"]],
        batch_size=200,
    )  # fmt: skip


def _value(field: Any, value: Any) -> Any:
    kind = field.target_field if isinstance(field, ForeignKey) else field
    return kind.to_python(value)


def _columns(model: Any) -> list[Any]:
    return [field for field in model._meta.concrete_fields if not field.generated]
