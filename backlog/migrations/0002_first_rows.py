"""The workspace's row and the first rubric."""

from django.db import migrations

RUBRIC = {
    "impact": [
        ("Not measurable", "under +0.5 %", 0.0, 0.005),
        ("Small", "+0.5 to +1 %", 0.005, 0.01),
        ("Worth having", "+1 to +3 %", 0.01, 0.03),
        ("Large", "+3 to +6 %", 0.03, 0.06),
        ("Rare", "over +6 %", 0.06, 0.15),
    ],
    "confidence": [
        ("A hunch", "under 15 %", 0.0, 0.15),
        ("One sign", "15 to 40 %", 0.15, 0.40),
        ("Signs of our own", "40 to 60 %", 0.40, 0.60),
        ("Tested close by", "60 to 80 %", 0.60, 0.80),
        ("Tested here", "over 80 %", 0.80, 1.0),
    ],
    "ease": [
        ("New systems", "over 30 days", 30, 60),
        ("Another team", "15 to 30 days", 15, 30),
        ("A sprint of ours", "7 to 14 days", 7, 14),
        ("Us alone", "3 to 6 days", 3, 6),
        ("A setting", "1 or 2 days", 1, 2),
    ],
}


def write(apps, schema_editor):
    apps.get_model("backlog", "Workspace").objects.get_or_create(pk=1)
    rubric = apps.get_model("backlog", "Rubric").objects.create(version=1)
    band = apps.get_model("backlog", "RubricBand")
    band.objects.bulk_create(
        band(
            rubric=rubric, dimension=dimension, band=number,
            words=words, range_words=range_words, low=low, high=high,
        )
        for dimension, bands in RUBRIC.items()
        for number, (words, range_words, low, high) in enumerate(bands, start=1)
    )


class Migration(migrations.Migration):
    dependencies = [("backlog", "0001_squashed_0012_alarms_are_told")]
    operations = [migrations.RunPython(write, migrations.RunPython.noop)]
