
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('backlog', '0007_outbox'),
    ]

    operations = [
        migrations.AddField(
            model_name='idea',
            name='has_imported_score',
            field=models.BooleanField(default=False, editable=False),
        ),
        migrations.AddField(
            model_name='round',
            name='is_imported',
            field=models.BooleanField(default=False, editable=False),
        ),
        migrations.CreateModel(
            name='Import',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200)),
                ('file', models.FileField(upload_to='imports/')),
                ('state', models.CharField(choices=[('received', 'Being read'), ('understood', 'Read'), ('confirmed', 'Being added'), ('added', 'Added'), ('undoing', 'Being undone'), ('undone', 'Undone'), ('failed', 'Could not be read')], default='received', max_length=10)),
                ('columns', models.JSONField(default=list)),
                ('notes', models.JSONField(default=list)),
                ('row_count', models.PositiveIntegerField(default=0)),
                ('mapping', models.JSONField(default=dict)),
                ('choices', models.JSONField(default=dict)),
                ('understood', models.JSONField(default=dict)),
                ('problem', models.TextField(blank=True)),
                ('asked_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('leased_until', models.DateTimeField(null=True)),
                ('is_indexed', models.BooleanField(default=False)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='imports', to=settings.AUTH_USER_MODEL)),
                ('pod', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='imports', to='backlog.pod')),
            ],
            options={
                'ordering': ('-asked_at', '-pk'),
            },
        ),
        migrations.AddField(
            model_name='idea',
            name='came_by',
            field=models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='ideas', to='backlog.import'),
        ),
        migrations.AddIndex(
            model_name='import',
            index=models.Index(models.F('state'), name='import_by_state'),
        ),
    ]
