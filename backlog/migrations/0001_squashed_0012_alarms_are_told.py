"""The tables as they were when version 0.1 grew up: twelve steps in one.

An installation that had taken all of them goes on from here; an older one takes them with the version
before first.
"""

import backlog.time_zones
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.comparison
import django.db.models.functions.text
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [('backlog', '0001_initial'), ('backlog', '0004_lists_and_orders'), ('backlog', '0005_seats'), ('backlog', '0006_rounds'), ('backlog', '0007_outbox'), ('backlog', '0008_imports'), ('backlog', '0009_talk'), ('backlog', '0010_triage'), ('backlog', '0011_orders_that_an_index_leads'), ('backlog', '0012_alarms_are_told')]

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Heartbeat',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=30, unique=True)),
                ('seen_at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='Pod',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(error_messages={'unique': 'There is a pod of this name.'}, max_length=60, unique=True)),
                ('prefix', models.CharField(error_messages={'unique': 'Another pod uses this prefix.'}, help_text="Starts the keys of this pod's ideas: LIF gives LIF-121.", max_length=6, unique=True, validators=[django.core.validators.RegexValidator('^[A-Z]{2,6}$', 'Two to six capital letters, such as LIF.')])),
                ('outcome', models.CharField(blank=True, help_text='The one outcome that this pod optimises.', max_length=200)),
                ('impact_by', models.CharField(blank=True, choices=[('strategy', 'Strategy'), ('execution', 'Execution'), ('analysis', 'Analysis')], max_length=10, verbose_name='Impact')),
                ('confidence_by', models.CharField(blank=True, choices=[('strategy', 'Strategy'), ('execution', 'Execution'), ('analysis', 'Analysis')], max_length=10, verbose_name='Confidence')),
                ('ease_by', models.CharField(blank=True, choices=[('strategy', 'Strategy'), ('execution', 'Execution'), ('analysis', 'Analysis')], max_length=10, verbose_name='Ease')),
                ('progress_limit', models.PositiveSmallIntegerField(blank=True, help_text='Ideas in a round or promoted, at once. Empty: no limit.', null=True, verbose_name='limit on ideas in progress')),
                ('ideas_numbered', models.PositiveIntegerField(default=0, editable=False)),
                ('is_sample', models.BooleanField(default=False, editable=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'ordering': ('name',),
            },
        ),
        migrations.CreateModel(
            name='RanksDue',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('scope', models.CharField(max_length=20, unique=True)),
                ('wanted', models.PositiveIntegerField(default=0)),
                ('done', models.PositiveIntegerField(default=0)),
                ('done_at', models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Tag',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=40, unique=True)),
            ],
            options={
                'ordering': ('name',),
            },
        ),
        migrations.CreateModel(
            name='User',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('email', models.EmailField(error_messages={'unique': 'Somebody with this e-mail is here already.'}, max_length=254, unique=True)),
                ('name', models.CharField(max_length=80)),
                ('role', models.CharField(choices=[('member', 'Member'), ('owner', 'Programme owner'), ('admin', 'Admin')], default='member', max_length=10)),
                ('time_zone', models.CharField(default='UTC', max_length=50, validators=[backlog.time_zones.is_time_zone])),
                ('digest', models.CharField(choices=[('daily', 'Every day'), ('weekly', 'On Mondays'), ('off', 'Never')], default='daily', max_length=6, verbose_name='e-mail with what is new')),
                ('notification_wishes', models.JSONField(blank=True, default=dict, editable=False)),
                ('idea_columns', models.CharField(blank=True, editable=False, max_length=200)),
                ('is_active', models.BooleanField(default=True)),
                ('is_sample', models.BooleanField(default=False, editable=False)),
                ('joined_at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'indexes': [models.Index(models.F('name'), name='user_by_name')],
            },
        ),
        migrations.CreateModel(
            name='BulkChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('sentence', models.CharField(max_length=200)),
                ('rows', models.JSONField(default=list)),
                ('undone_at', models.DateTimeField(editable=False, null=True)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='bulk_changes', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('-at', '-pk'),
            },
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
                'indexes': [models.Index(models.F('state'), name='import_by_state')],
            },
        ),
        migrations.CreateModel(
            name='Invitation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('email', models.EmailField(max_length=254)),
                ('digest', models.CharField(editable=False, max_length=64, unique=True)),
                ('pod_role', models.CharField(choices=[('viewer', 'Viewer'), ('member', 'Member'), ('lead', 'Lead')], default='member', max_length=10)),
                ('role', models.CharField(choices=[('member', 'Member'), ('owner', 'Programme owner'), ('admin', 'Admin')], default='member', max_length=10)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('expires_at', models.DateTimeField()),
                ('accepted_at', models.DateTimeField(editable=False, null=True)),
                ('withdrawn_at', models.DateTimeField(editable=False, null=True)),
                ('accepted_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('invited_by', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('pod', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='invitations', to='backlog.pod')),
            ],
            options={
                'ordering': ('-created_at',),
            },
        ),
        migrations.CreateModel(
            name='Event',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                ('via', models.CharField(choices=[('web', 'in the browser'), ('api', 'over the API'), ('command', 'on the command line'), ('task', 'by the clock')], default='web', max_length=10)),
                ('subject', models.CharField(max_length=30)),
                ('subject_id', models.BigIntegerField()),
                ('verb', models.CharField(max_length=30)),
                ('sentence', models.TextField()),
                ('details', models.JSONField(default=dict)),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('pod', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='events', to='backlog.pod')),
            ],
            options={
                'ordering': ('-at', '-pk'),
                'indexes': [models.Index(fields=['subject', 'subject_id'], name='backlog_eve_subject_ed4473_idx')],
            },
        ),
        migrations.CreateModel(
            name='Quarter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(error_messages={'unique': 'There is a quarter of this name.'}, max_length=20, unique=True)),
                ('starts_on', models.DateField(unique=True)),
                ('ends_on', models.DateField()),
                ('is_sample', models.BooleanField(default=False, editable=False)),
            ],
            options={
                'ordering': ('-starts_on',),
                'constraints': [models.CheckConstraint(condition=models.Q(('ends_on__gt', models.F('starts_on'))), name='quarter_ends_after_it_starts', violation_error_message='A quarter ends after it starts.')],
            },
        ),
        migrations.CreateModel(
            name='Objective',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=80)),
                ('metric', models.CharField(blank=True, max_length=120, verbose_name='target metric')),
                ('target', models.CharField(blank=True, help_text='Such as “from 4.2 % to 5 %”.', max_length=60)),
                ('pod', models.ForeignKey(blank=True, help_text='Leave empty for an objective of every pod.', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='objectives', to='backlog.pod')),
                ('quarter', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='objectives', to='backlog.quarter')),
            ],
            options={
                'ordering': ('title',),
                'indexes': [models.Index(models.F('title'), name='objective_by_title')],
                'constraints': [models.UniqueConstraint(fields=('quarter', 'title'), name='one_objective_a_title', violation_error_message='This quarter has an objective of that title.')],
            },
        ),
        migrations.CreateModel(
            name='Idea',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(editable=False)),
                ('key', models.CharField(editable=False, max_length=16, unique=True)),
                ('title', models.CharField(error_messages={'max_length': 'A title has at most 200 characters; this one has %(show_value)d. Put the rest into the description.'}, max_length=200)),
                ('observation', models.TextField(blank=True, max_length=500, verbose_name='Because we saw')),
                ('change', models.TextField(blank=True, max_length=500, verbose_name='we believe that')),
                ('audience', models.TextField(blank=True, max_length=300, verbose_name='for')),
                ('outcome', models.TextField(blank=True, max_length=300, verbose_name='will move')),
                ('expected_effect', models.CharField(blank=True, max_length=100, verbose_name='by')),
                ('description', models.TextField(blank=True, max_length=20000)),
                ('lever', models.CharField(blank=True, help_text='Such as subject line, timing.', max_length=60)),
                ('channel', models.CharField(blank=True, help_text='Such as e-mail, push.', max_length=60)),
                ('state', models.CharField(choices=[('open', 'Open'), ('scoring', 'In round'), ('promoted', 'Promoted'), ('snoozed', 'Snoozed'), ('rejected', 'Rejected'), ('duplicate', 'Duplicate')], default='open', editable=False, max_length=10)),
                ('snoozed_until', models.DateField(editable=False, null=True)),
                ('reason', models.TextField(blank=True, editable=False, max_length=1000)),
                ('ice', models.FloatField(editable=False, null=True)),
                ('ice_low', models.FloatField(editable=False, null=True)),
                ('ice_high', models.FloatField(editable=False, null=True)),
                ('ice_order', models.FloatField(default=-1, editable=False)),
                ('impact', models.FloatField(editable=False, null=True)),
                ('confidence', models.FloatField(editable=False, null=True)),
                ('ease', models.FloatField(editable=False, null=True)),
                ('scorer_count', models.PositiveSmallIntegerField(default=0, editable=False)),
                ('agreement', models.CharField(blank=True, editable=False, max_length=6)),
                ('impact_order', models.GeneratedField(db_persist=True, expression=django.db.models.functions.comparison.Coalesce('impact', models.Value(-1.0)), output_field=models.FloatField())),
                ('confidence_order', models.GeneratedField(db_persist=True, expression=django.db.models.functions.comparison.Coalesce('confidence', models.Value(-1.0)), output_field=models.FloatField())),
                ('ease_order', models.GeneratedField(db_persist=True, expression=django.db.models.functions.comparison.Coalesce('ease', models.Value(-1.0)), output_field=models.FloatField())),
                ('status_order', models.GeneratedField(db_persist=True, expression=models.Case(models.When(ice=None, state='open', then=models.Value(0)), models.When(state='scoring', then=models.Value(1)), models.When(state='open', then=models.Value(2)), models.When(state='promoted', then=models.Value(3)), models.When(state='snoozed', then=models.Value(4)), models.When(state='rejected', then=models.Value(5)), default=models.Value(6)), output_field=models.PositiveSmallIntegerField())),
                ('agreement_order', models.GeneratedField(db_persist=True, expression=models.Case(models.When(agreement='close', then=models.Value(0)), models.When(agreement='mixed', then=models.Value(1)), models.When(agreement='split', then=models.Value(2)), models.When(agreement='alone', then=models.Value(3)), default=models.Value(4)), output_field=models.PositiveSmallIntegerField())),
                ('rank', models.PositiveIntegerField(editable=False, null=True)),
                ('rank_low', models.PositiveIntegerField(editable=False, null=True)),
                ('rank_high', models.PositiveIntegerField(editable=False, null=True)),
                ('pod_rank', models.PositiveIntegerField(editable=False, null=True)),
                ('pod_rank_low', models.PositiveIntegerField(editable=False, null=True)),
                ('pod_rank_high', models.PositiveIntegerField(editable=False, null=True)),
                ('accepted_at', models.DateTimeField(editable=False, null=True)),
                ('has_imported_score', models.BooleanField(default=False, editable=False)),
                ('comment_count', models.PositiveIntegerField(default=0, editable=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('author', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='ideas_written', to=settings.AUTH_USER_MODEL)),
                ('duplicate_of', models.ForeignKey(db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='duplicates', to='backlog.idea')),
                ('owner', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='ideas_owned', to=settings.AUTH_USER_MODEL)),
                ('came_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='ideas', to='backlog.import')),
                ('objective', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='ideas', to='backlog.objective')),
                ('pod', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='ideas', to='backlog.pod')),
                ('tags', models.ManyToManyField(blank=True, related_name='ideas', to='backlog.tag')),
            ],
            options={
                'ordering': ('-created_at', '-pk'),
                'indexes': [models.Index(models.OrderBy(models.F('ice_order'), descending=True), models.F('id'), models.F('state'), models.F('pod'), models.F('objective'), models.F('owner'), models.F('scorer_count'), models.F('agreement'), models.F('lever'), models.F('channel'), models.F('created_at'), models.F('updated_at'), name='idea_by_ice'), models.Index(models.F('pod'), models.OrderBy(models.F('ice_order'), descending=True), models.F('id'), name='idea_by_pod_and_ice'), models.Index(models.F('objective'), models.OrderBy(models.F('ice_order'), descending=True), models.F('id'), name='idea_by_objective'), models.Index(models.F('owner'), models.OrderBy(models.F('ice_order'), descending=True), models.F('id'), name='idea_by_owner'), models.Index(models.F('status_order'), models.OrderBy(models.F('ice_order'), descending=True), models.F('id'), name='idea_by_status'), models.Index(models.F('agreement_order'), models.OrderBy(models.F('ice_order'), descending=True), models.F('id'), name='idea_by_agreement'), models.Index(django.db.models.functions.text.Lower('lever'), models.OrderBy(models.F('ice_order'), descending=True), models.F('id'), name='idea_by_lever'), models.Index(django.db.models.functions.text.Lower('channel'), models.OrderBy(models.F('ice_order'), descending=True), models.F('id'), name='idea_by_channel'), models.Index(models.OrderBy(models.F('impact_order'), descending=True), models.F('id'), name='idea_by_impact'), models.Index(models.OrderBy(models.F('confidence_order'), descending=True), models.F('id'), name='idea_by_confidence'), models.Index(models.OrderBy(models.F('ease_order'), descending=True), models.F('id'), name='idea_by_ease'), models.Index(models.OrderBy(models.F('scorer_count'), descending=True), models.F('id'), name='idea_by_scorers'), models.Index(models.F('created_at'), models.F('id'), name='idea_by_age'), models.Index(models.F('updated_at'), models.F('id'), name='idea_by_touch'), models.Index(django.db.models.functions.text.Lower('title'), models.F('id'), name='idea_by_title'), models.Index(models.F('snoozed_until'), condition=models.Q(('state', 'snoozed')), name='idea_snoozed'), models.Index(models.F('duplicate_of'), condition=models.Q(('duplicate_of__isnull', False)), name='idea_duplicates')],
                'constraints': [models.UniqueConstraint(fields=('pod', 'number'), name='one_number_a_pod'), models.CheckConstraint(condition=models.Q(('title', ''), _negated=True), name='idea_has_a_title', violation_error_message='An idea needs a title.'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'snoozed'), _negated=True), ('snoozed_until__isnull', False), _connector='OR'), name='snoozed_until_a_day', violation_error_message='Say until when it is snoozed.'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'rejected'), _negated=True), models.Q(('reason', ''), _negated=True), _connector='OR'), name='rejected_with_a_reason', violation_error_message='Say why it is rejected; its author will read it.')],
            },
        ),
        migrations.CreateModel(
            name='Rubric',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(unique=True)),
                ('note', models.CharField(blank=True, max_length=200)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('made_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('-version',),
                'get_latest_by': 'version',
            },
        ),
        migrations.CreateModel(
            name='RubricBand',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('dimension', models.CharField(choices=[('impact', 'Impact'), ('confidence', 'Confidence'), ('ease', 'Ease')], max_length=10)),
                ('band', models.PositiveSmallIntegerField()),
                ('words', models.CharField(max_length=80)),
                ('range_words', models.CharField(max_length=40)),
                ('low', models.FloatField(help_text='Lift and chance as a fraction, Ease in working days.')),
                ('high', models.FloatField()),
                ('rubric', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='bands', to='backlog.rubric')),
            ],
            options={
                'ordering': ('dimension', 'band'),
                'constraints': [models.UniqueConstraint(fields=('rubric', 'dimension', 'band'), name='one_band'), models.CheckConstraint(condition=models.Q(('band__gte', 1), ('band__lte', 5)), name='five_bands')],
            },
        ),
        migrations.CreateModel(
            name='SavedView',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(error_messages={'max_length': 'A name has at most 40 characters.'}, max_length=40)),
                ('scope', models.CharField(choices=[('private', 'Only me'), ('pod', 'My pod'), ('workspace', 'Everybody')], default='private', max_length=10)),
                ('query', models.CharField(blank=True, max_length=1000)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('owner', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='saved_views', to=settings.AUTH_USER_MODEL)),
                ('pod', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='saved_views', to='backlog.pod')),
            ],
            options={
                'ordering': ('created_at', 'pk'),
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('pod__isnull', False), ('scope', 'pod')), models.Q(models.Q(('scope', 'pod'), _negated=True), ('pod__isnull', True)), _connector='OR'), name='a_pods_view_has_a_pod', violation_error_message='Choose the pod that shares this view.')],
            },
        ),
        migrations.CreateModel(
            name='Watch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('is_on', models.BooleanField(default=True)),
                ('idea', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='watches', to='backlog.idea')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='watches', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('idea', 'user'), name='one_watch_an_idea')],
            },
        ),
        migrations.CreateModel(
            name='Workspace',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(default='Floe', max_length=80)),
                ('ice_formula', models.CharField(choices=[('mean', 'Mean of the three (1 to 10)'), ('product', 'Product of the three (1 to 1,000)')], default='mean', max_length=10, verbose_name='ICE formula')),
                ('quarter_start_month', models.PositiveSmallIntegerField(choices=[(1, 'January'), (2, 'February'), (3, 'March'), (4, 'April'), (5, 'May'), (6, 'June'), (7, 'July'), (8, 'August'), (9, 'September'), (10, 'October'), (11, 'November'), (12, 'December')], default=1, verbose_name='first month of the first quarter')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
            ],
            options={
                'constraints': [models.CheckConstraint(condition=models.Q(('pk', 1)), name='one_workspace')],
            },
        ),
        migrations.CreateModel(
            name='ApiToken',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60)),
                ('hint', models.CharField(editable=False, max_length=12)),
                ('digest', models.CharField(editable=False, max_length=64, unique=True)),
                ('scope', models.CharField(choices=[('read', 'Read'), ('write', 'Read and write')], default='read', max_length=5)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('expires_at', models.DateTimeField()),
                ('revoked_at', models.DateTimeField(editable=False, null=True)),
                ('last_used_on', models.DateField(editable=False, null=True)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='api_tokens', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ('-created_at',),
                'constraints': [models.UniqueConstraint(condition=models.Q(('revoked_at', None)), fields=('user', 'name'), name='one_token_a_name', violation_error_message='You have a token of this name.')],
            },
        ),
        migrations.CreateModel(
            name='Comment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField(blank=True, error_messages={'max_length': 'A comment has at most 5,000 characters.'}, max_length=5000)),
                ('mentions', models.JSONField(blank=True, default=list, editable=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('edited_at', models.DateTimeField(editable=False, null=True)),
                ('deleted_at', models.DateTimeField(editable=False, null=True)),
                ('author', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='comments', to=settings.AUTH_USER_MODEL)),
                ('deleted_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('idea', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='comments', to='backlog.idea')),
            ],
            options={
                'ordering': ('created_at', 'pk'),
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('text', ''), _negated=True), ('deleted_at__isnull', False), _connector='OR'), name='comment_says_something', violation_error_message='Write something first.')],
            },
        ),
        migrations.CreateModel(
            name='KeptAnswer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=200)),
                ('digest', models.CharField(max_length=64)),
                ('status', models.PositiveSmallIntegerField(default=0)),
                ('body', models.JSONField(default=dict)),
                ('kept_at', models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('user', 'key'), name='one_answer_a_key')],
            },
        ),
        migrations.CreateModel(
            name='Mail',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=80, unique=True)),
                ('subject', models.CharField(max_length=200)),
                ('text', models.TextField()),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('due_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('sent_at', models.DateTimeField(null=True)),
                ('problem', models.CharField(blank=True, max_length=200)),
                ('to', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('sent_at', None)), fields=['due_at'], name='mail_that_waits')],
            },
        ),
        migrations.CreateModel(
            name='Notification',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('mention', 'Somebody mentions me'), ('comment', 'A comment on an idea that I follow'), ('idea', 'An idea that I follow is snoozed, rejected, merged or promoted'), ('owner', 'I am made the owner of an idea'), ('round', 'I am asked to score'), ('reveal', 'A round that I scored in is revealed'), ('alarm', 'An alarm of a test that I own or analyse')], max_length=10)),
                ('sentence', models.CharField(max_length=400)),
                ('url', models.CharField(max_length=200)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('read_at', models.DateTimeField(null=True)),
                ('digested_at', models.DateTimeField(null=True)),
                ('to', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notifications', to=settings.AUTH_USER_MODEL)),
                ('pod', models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='backlog.pod')),
            ],
            options={
                'ordering': ('-at', '-pk'),
                'indexes': [models.Index(fields=['to', '-at'], name='notification_by_person'), models.Index(condition=models.Q(('read_at', None)), fields=['to'], name='notification_unread')],
            },
        ),
        migrations.CreateModel(
            name='Membership',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('viewer', 'Viewer'), ('member', 'Member'), ('lead', 'Lead')], default='member', max_length=10)),
                ('duty', models.CharField(choices=[('strategy', 'Strategy'), ('execution', 'Execution'), ('analysis', 'Analysis')], default='execution', max_length=10)),
                ('department', models.CharField(blank=True, max_length=60)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to=settings.AUTH_USER_MODEL)),
                ('pod', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to='backlog.pod')),
            ],
            options={
                'ordering': ('user__name',),
                'constraints': [models.UniqueConstraint(fields=('pod', 'user'), name='one_membership_a_pod', violation_error_message='This person is in the pod already.')],
            },
        ),
        migrations.CreateModel(
            name='Presence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('seen_at', models.DateTimeField()),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.CreateModel(
            name='RoundIdea',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField()),
                ('stage', models.CharField(choices=[('blind', 'Blind'), ('revealed', 'Revealed'), ('revote', 'Scored once more'), ('settled', 'Settled'), ('left', 'Left for later')], default='blind', editable=False, max_length=10)),
                ('revealed_at', models.DateTimeField(editable=False, null=True)),
                ('votes', models.PositiveSmallIntegerField(default=1, editable=False)),
                ('asks_impact', models.BooleanField(default=True, editable=False)),
                ('asks_confidence', models.BooleanField(default=True, editable=False)),
                ('asks_ease', models.BooleanField(default=True, editable=False)),
                ('note', models.CharField(blank=True, max_length=500, verbose_name='Why it moved')),
                ('ice_before', models.FloatField(editable=False, null=True)),
                ('rank_before', models.PositiveIntegerField(editable=False, null=True)),
                ('ice_first', models.FloatField(editable=False, null=True)),
                ('idea', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='round_ideas', to='backlog.idea')),
            ],
            options={
                'ordering': ('position', 'pk'),
            },
        ),
        migrations.CreateModel(
            name='Score',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('vote', models.PositiveSmallIntegerField(default=1, editable=False)),
                ('is_skipped', models.BooleanField(default=False)),
                ('impact', models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(1, 'A score is a whole number from 1 to 10.'), django.core.validators.MaxValueValidator(10, 'A score is a whole number from 1 to 10.')])),
                ('confidence', models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(1, 'A score is a whole number from 1 to 10.'), django.core.validators.MaxValueValidator(10, 'A score is a whole number from 1 to 10.')])),
                ('ease', models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(1, 'A score is a whole number from 1 to 10.'), django.core.validators.MaxValueValidator(10, 'A score is a whole number from 1 to 10.')])),
                ('scored_at', models.DateTimeField(default=django.utils.timezone.now)),
                ('round_idea', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='scores', to='backlog.roundidea')),
                ('scorer', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='scores', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('round_idea', 'scorer', 'vote'), name='one_score_a_vote'), models.CheckConstraint(condition=models.Q(models.Q(('confidence__isnull', True), ('ease__isnull', True), ('impact__isnull', True), ('is_skipped', True)), models.Q(('is_skipped', False), models.Q(('impact__isnull', True), ('impact__range', (1, 10)), _connector='OR'), models.Q(('confidence__isnull', True), ('confidence__range', (1, 10)), _connector='OR'), models.Q(('ease__isnull', True), ('ease__range', (1, 10)), _connector='OR'), models.Q(('impact__isnull', False), ('confidence__isnull', False), ('ease__isnull', False), _connector='OR')), _connector='OR'), name='scores_or_a_skip', violation_error_message='Score what is asked from 1 to 10, or skip the idea.')],
            },
        ),
        migrations.CreateModel(
            name='Round',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=80)),
                ('kind', models.CharField(choices=[('live', 'Live'), ('own', 'On your own')], default='own', max_length=4)),
                ('state', models.CharField(choices=[('open', 'Open'), ('closed', 'Closed')], default='open', editable=False, max_length=10)),
                ('is_imported', models.BooleanField(default=False, editable=False)),
                ('opened_at', models.DateTimeField(default=django.utils.timezone.now, editable=False)),
                ('closed_at', models.DateTimeField(editable=False, null=True)),
                ('closes_at', models.DateTimeField(blank=True, null=True)),
                ('started_at', models.DateTimeField(editable=False, null=True)),
                ('timer_seconds', models.PositiveSmallIntegerField(default=300, editable=False)),
                ('timer_started_at', models.DateTimeField(editable=False, null=True)),
                ('revision', models.PositiveIntegerField(default=1, editable=False)),
                ('facilitator', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('opened_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('pod', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='rounds', to='backlog.pod')),
                ('current', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='backlog.roundidea')),
                ('ideas', models.ManyToManyField(related_name='rounds', through='backlog.RoundIdea', to='backlog.idea')),
                ('rubric', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rounds', to='backlog.rubric')),
            ],
            options={
                'ordering': ('-opened_at', '-pk'),
                'constraints': [models.CheckConstraint(condition=models.Q(('kind', 'own'), ('closes_at__isnull', True), _connector='OR'), name='a_live_round_has_no_deadline', violation_error_message='A live session has no deadline; it ends when you end it.')],
            },
        ),
        migrations.CreateModel(
            name='Seat',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('gives_impact', models.BooleanField(default=True)),
                ('gives_confidence', models.BooleanField(default=True)),
                ('gives_ease', models.BooleanField(default=True)),
                ('reminded_at', models.DateTimeField(editable=False, null=True)),
                ('round', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='seats', to='backlog.round')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='seats', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'db_table': 'backlog_round_scorers',
                'unique_together': {('round', 'user')},
            },
        ),
        migrations.AddField(
            model_name='presence',
            name='round',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='presences', to='backlog.round'),
        ),
        migrations.AddField(
            model_name='roundidea',
            name='round',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='round_ideas', to='backlog.round'),
        ),
        migrations.AddField(
            model_name='round',
            name='scorers',
            field=models.ManyToManyField(related_name='rounds', through='backlog.Seat', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddConstraint(
            model_name='presence',
            constraint=models.UniqueConstraint(fields=('round', 'user'), name='one_presence_a_round'),
        ),
        migrations.AddConstraint(
            model_name='roundidea',
            constraint=models.UniqueConstraint(fields=('round', 'idea'), name='once_on_an_agenda'),
        ),
        migrations.AddConstraint(
            model_name='roundidea',
            constraint=models.UniqueConstraint(condition=models.Q(('stage__in', ('blind', 'revealed', 'revote'))), fields=('idea',), name='one_open_round_an_idea', violation_error_message='This idea is in an open round already.'),
        ),
    ]
