from django.db import migrations


class Migration(migrations.Migration):
    """Changes no table: the triggers of search are made anew after migrations, so one has to run."""

    dependencies = [("backlog", "0024_a_kept_answer_keeps_its_order")]

    operations = []
