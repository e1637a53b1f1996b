
import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('backlog', '0037_expected_value'),
        ('experiments', '0039_comments_by_section'),
    ]

    operations = [
        migrations.CreateModel(
            name='ValueReading',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('chances', models.JSONField()),
                ('lift_at_zero', models.FloatField()),
                ('lift_slope', models.FloatField()),
                ('days_factor', models.FloatField()),
                ('experiments', models.PositiveIntegerField()),
                ('winners', models.PositiveIntegerField()),
                ('timed', models.PositiveIntegerField()),
                ('fitted_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('pod', models.OneToOneField(editable=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='value_reading', to='backlog.pod')),
            ],
        ),
    ]
