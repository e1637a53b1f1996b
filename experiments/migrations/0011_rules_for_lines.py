from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("experiments", "0010_audience")]

    operations = [migrations.RemoveField(model_name="experiment", name="excluded")]
