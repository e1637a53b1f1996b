"""The tables behind full-text search and similar ideas; their triggers come after every migration."""

from django.db import migrations

from backlog import search_tables


def create(apps, schema_editor):
    search_tables.create_tables(schema_editor.connection)


def drop(apps, schema_editor):
    search_tables.drop_tables(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("backlog", "0002_first_rows")]

    operations = [migrations.RunPython(create, drop)]
