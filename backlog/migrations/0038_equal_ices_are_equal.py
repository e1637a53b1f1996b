"""Ideas whose ICE is equal on paper have the same number, and so stand in the order of their ranks."""

from django.db import migrations
from django.db.models import F

DIGITS = 9


def round_ices(apps, schema_editor):
    """In SQL, because it is about every idea. The task that keeps ranks then works them out again."""
    number = "CAST({0} AS numeric)" if schema_editor.connection.vendor == "postgresql" else "{0}"
    for column in ("ice", "ice_order"):
        rounded = f"ROUND({number.format(column)}, {DIGITS})"
        schema_editor.execute(
            f"UPDATE backlog_idea SET {column} = {rounded} "  # noqa: S608
            f"WHERE {column} IS NOT NULL AND {column} <> {rounded}"
        )
    apps.get_model("backlog", "RanksDue").objects.update(wanted=F("wanted") + 1)


class Migration(migrations.Migration):
    dependencies = [("backlog", "0037_expected_value")]

    operations = [migrations.RunPython(round_ices, migrations.RunPython.noop, elidable=True)]
