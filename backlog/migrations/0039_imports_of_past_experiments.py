from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("backlog", "0038_equal_ices_are_equal")]

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
