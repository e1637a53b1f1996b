from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("backlog", "0037_expected_value")]

    operations = [
        migrations.AddField(
            model_name="import",
            name="kind",
            field=models.CharField(
                choices=[("ideas", "Ideas"), ("experiments", "Past experiments")],
                default="ideas",
                editable=False,
                max_length=11,
            ),
        ),
    ]
