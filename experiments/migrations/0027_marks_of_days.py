
import uuid
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('experiments', '0026_standards_and_agreements'),
    ]

    operations = [
        migrations.AddField(
            model_name='blackout',
            name='uid',
            field=models.UUIDField(default=uuid.uuid4, editable=False),
        ),
        migrations.AddField(
            model_name='deadline',
            name='uid',
            field=models.UUIDField(default=uuid.uuid4, editable=False),
        ),
    ]
