"""The people of a round get a model of their own, over the table that holds them already."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("backlog", "0004_lists_and_orders")]
    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name="Seat",
                    fields=[
                        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                        ("round", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="seats", to="backlog.round")),
                        ("user", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="seats", to=settings.AUTH_USER_MODEL)),
                    ],
                    options={"db_table": "backlog_round_scorers", "unique_together": {("round", "user")}},
                ),
                migrations.AlterField(
                    model_name="round",
                    name="scorers",
                    field=models.ManyToManyField(related_name="rounds", through="backlog.Seat", to=settings.AUTH_USER_MODEL),
                ),
            ],
        ),
    ]
