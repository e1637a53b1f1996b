import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("backlog", "0039_imports_of_past_experiments")]

    operations = [
        migrations.CreateModel(
            name="ImportedChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("before", models.JSONField(default=dict)),
                ("after", models.JSONField(default=dict)),
                ("idea", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="imported_changes", to="backlog.idea")),
                ("import_run", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="changes", to="backlog.import")),
            ],
        ),
    ]
