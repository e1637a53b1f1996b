from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("backlog", "0021_one_open_invitation")]

    operations = [
        migrations.AddField("mail", "pods", models.JSONField(default=list)),
    ]
