from django.db import migrations


class Migration(migrations.Migration):
    """What a verdict says is made of the codes in the result, so it is kept nowhere beside it."""

    dependencies = [("experiments", "0019_who_holds_a_lease")]

    operations = [
        migrations.RemoveField("analysis", "head"),
        migrations.RemoveField("analysis", "sentence"),
    ]
