"""Caps are the model's; the columns stay as they are, and no table is written anew."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('backlog', '0013_one_index_for_one_question'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name='event',
                    name='sentence',
                    field=models.TextField(max_length=10000),
                ),
                migrations.AlterField(
                    model_name='import',
                    name='problem',
                    field=models.TextField(blank=True, max_length=10000),
                ),
                migrations.AlterField(
                    model_name='mail',
                    name='text',
                    field=models.TextField(max_length=50000),
                ),
            ]
        )
    ]
