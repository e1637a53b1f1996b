"""Caps are the model's; the columns stay as they are, and no table is written anew."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('experiments', '0017_standard_milestones'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name='analysis',
                    name='sentence',
                    field=models.TextField(max_length=10000),
                ),
                migrations.AlterField(
                    model_name='connector',
                    name='sealed_address',
                    field=models.TextField(editable=False, max_length=10000),
                ),
                migrations.AlterField(
                    model_name='feed',
                    name='said',
                    field=models.TextField(blank=True, editable=False, max_length=10000),
                ),
                migrations.AlterField(
                    model_name='intake',
                    name='problem',
                    field=models.TextField(blank=True, max_length=10000),
                ),
            ]
        )
    ]
