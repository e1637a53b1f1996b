"""What the calibration makes of the scores of an idea, and whether the workspace uses it."""

import django.db.models.functions.comparison
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("backlog", "0036_days_to_write_up")]

    operations = [
        *(
            migrations.AddField(
                model_name="idea", name=name, field=models.FloatField(editable=False, null=True)
            )
            for name in ("expected_lift", "expected_chance", "expected_days", "expected_value")
        ),
        migrations.AddField(
            model_name="idea",
            name="expected_order",
            field=models.GeneratedField(
                db_persist=True,
                expression=django.db.models.functions.comparison.Coalesce(
                    "expected_value", models.Value(-1.0)
                ),
                output_field=models.FloatField(),
            ),
        ),
        migrations.AddIndex(
            model_name="idea",
            index=models.Index(
                models.OrderBy(models.F("expected_order"), descending=True),
                models.OrderBy(models.F("ice_order"), descending=True),
                models.F("id"),
                name="idea_by_expected",
            ),
        ),
        migrations.AddField(
            model_name="workspace",
            name="uses_expected_value",
            field=models.BooleanField(default=False, editable=False),
        ),
    ]
