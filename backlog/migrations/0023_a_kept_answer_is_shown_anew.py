from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("backlog", "0022_mail_tells_of_pods")]

    operations = [migrations.RemoveField("keptanswer", "tag")]
