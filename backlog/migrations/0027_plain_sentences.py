import django.core.validators
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('backlog', '0026_one_index_holds_what_is_sorted_by'),
    ]

    # Sentences only: no table changes, and on SQLite none is made again, so the triggers stay.
    operations = [migrations.SeparateDatabaseAndState(state_operations=[
        migrations.AlterField(
            model_name='comment',
            name='text',
            field=models.TextField(blank=True, error_messages={'max_length': 'A comment can have at most 5,000 characters.'}, max_length=5000),
        ),
        migrations.AlterField(
            model_name='idea',
            name='channel',
            field=models.CharField(blank=True, help_text='For example e-mail or push.', max_length=60),
        ),
        migrations.AlterField(
            model_name='idea',
            name='lever',
            field=models.CharField(blank=True, help_text='For example subject line or timing.', max_length=60),
        ),
        migrations.AlterField(
            model_name='idea',
            name='title',
            field=models.CharField(error_messages={'max_length': 'A title can have at most 200 characters. This one has %(show_value)d. Put the rest in the description.'}, max_length=200),
        ),
        migrations.AlterField(
            model_name='import',
            name='state',
            field=models.CharField(choices=[('received', 'Being read'), ('understood', 'Read'), ('confirmed', 'Being added'), ('added', 'Added'), ('undoing', 'Being undone'), ('undone', 'Undone'), ('failed', 'Failed')], default='received', max_length=10),
        ),
        migrations.AlterField(
            model_name='notification',
            name='kind',
            field=models.CharField(choices=[('mention', 'Somebody mentions me'), ('comment', 'A comment on an idea I follow'), ('idea', 'An idea I follow is snoozed, rejected, merged or promoted'), ('owner', 'I become the owner of an idea'), ('round', 'I am asked to score'), ('reveal', 'Scores are revealed in a round I took part in'), ('alarm', 'An alarm about an experiment that I own or analyse')], max_length=10),
        ),
        migrations.AlterField(
            model_name='objective',
            name='pod',
            field=models.ForeignKey(blank=True, help_text='Leave it empty for an objective of every pod.', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='objectives', to='backlog.pod'),
        ),
        migrations.AlterField(
            model_name='objective',
            name='target',
            field=models.CharField(blank=True, help_text='For example “from 4.2 % to 5 %”.', max_length=60),
        ),
        migrations.AlterField(
            model_name='pod',
            name='name',
            field=models.CharField(error_messages={'unique': 'There is already a pod with this name.'}, max_length=60, unique=True),
        ),
        migrations.AlterField(
            model_name='pod',
            name='outcome',
            field=models.CharField(blank=True, help_text='The one outcome that this pod works toward.', max_length=200),
        ),
        migrations.AlterField(
            model_name='pod',
            name='prefix',
            field=models.CharField(error_messages={'unique': 'Another pod already uses this prefix.'}, help_text='The start of this pod’s idea keys: LIF gives LIF-121.', max_length=6, unique=True, validators=[django.core.validators.RegexValidator('^[A-Z]{2,6}$', 'Enter two to six capital letters, such as LIF.')]),
        ),
        migrations.AlterField(
            model_name='pod',
            name='progress_limit',
            field=models.PositiveSmallIntegerField(blank=True, help_text='The most ideas in a round or promoted at once. Leave it empty for no limit.', null=True, verbose_name='limit on ideas in progress'),
        ),
        migrations.AlterField(
            model_name='quarter',
            name='name',
            field=models.CharField(error_messages={'unique': 'There is already a quarter with this name.'}, max_length=20, unique=True),
        ),
        migrations.AlterField(
            model_name='roundidea',
            name='stage',
            field=models.CharField(choices=[('blind', 'Blind'), ('revealed', 'Revealed'), ('revote', 'Being scored again'), ('settled', 'Settled'), ('left', 'Left for later')], default='blind', editable=False, max_length=10),
        ),
        migrations.AlterField(
            model_name='savedview',
            name='name',
            field=models.CharField(error_messages={'max_length': 'A name can have at most 40 characters.'}, max_length=40),
        ),
        migrations.AlterField(
            model_name='score',
            name='confidence',
            field=models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(1, 'Enter a whole number from 1 to 10.'), django.core.validators.MaxValueValidator(10, 'Enter a whole number from 1 to 10.')]),
        ),
        migrations.AlterField(
            model_name='score',
            name='ease',
            field=models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(1, 'Enter a whole number from 1 to 10.'), django.core.validators.MaxValueValidator(10, 'Enter a whole number from 1 to 10.')]),
        ),
        migrations.AlterField(
            model_name='score',
            name='impact',
            field=models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(1, 'Enter a whole number from 1 to 10.'), django.core.validators.MaxValueValidator(10, 'Enter a whole number from 1 to 10.')]),
        ),
        migrations.AlterField(
            model_name='user',
            name='digest',
            field=models.CharField(choices=[('daily', 'Every day'), ('weekly', 'On Mondays'), ('off', 'Never')], default='daily', max_length=6, verbose_name='e-mail digest'),
        ),
        migrations.AlterField(
            model_name='user',
            name='email',
            field=models.EmailField(error_messages={'unique': 'Somebody already has an account with this e-mail address.'}, max_length=254, unique=True),
        ),
        migrations.AlterConstraint(
            model_name='apitoken',
            name='one_token_a_name',
            constraint=models.UniqueConstraint(condition=models.Q(('revoked_at', None)), fields=('user', 'name'), name='one_token_a_name', violation_error_message='You already have a token with this name.'),
        ),
        migrations.AlterConstraint(
            model_name='idea',
            name='snoozed_until_a_day',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'snoozed'), _negated=True), ('snoozed_until__isnull', False), _connector='OR'), name='snoozed_until_a_day', violation_error_message='Choose the day on which it comes back.'),
        ),
        migrations.AlterConstraint(
            model_name='idea',
            name='rejected_with_a_reason',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'rejected'), _negated=True), models.Q(('reason', ''), _negated=True), _connector='OR'), name='rejected_with_a_reason', violation_error_message='Say why it is rejected. Its author will read this.'),
        ),
        migrations.AlterConstraint(
            model_name='invitation',
            name='one_open_invitation_a_pod',
            constraint=models.UniqueConstraint(condition=models.Q(('accepted_at', None), ('withdrawn_at', None)), fields=('email', 'pod'), name='one_open_invitation_a_pod', violation_error_message='This person is already invited to the pod.'),
        ),
        migrations.AlterConstraint(
            model_name='invitation',
            name='one_open_invitation_without_a_pod',
            constraint=models.UniqueConstraint(condition=models.Q(('accepted_at', None), ('pod', None), ('withdrawn_at', None)), fields=('email',), name='one_open_invitation_without_a_pod', violation_error_message='This person is already invited.'),
        ),
        migrations.AlterConstraint(
            model_name='membership',
            name='one_membership_a_pod',
            constraint=models.UniqueConstraint(fields=('pod', 'user'), name='one_membership_a_pod', violation_error_message='This person is already in the pod.'),
        ),
        migrations.AlterConstraint(
            model_name='objective',
            name='one_objective_a_title',
            constraint=models.UniqueConstraint(fields=('quarter', 'title'), name='one_objective_a_title', violation_error_message='This quarter already has an objective with this title.'),
        ),
        migrations.AlterConstraint(
            model_name='quarter',
            name='quarter_ends_after_it_starts',
            constraint=models.CheckConstraint(condition=models.Q(('ends_on__gt', models.F('starts_on'))), name='quarter_ends_after_it_starts', violation_error_message='A quarter must end after it starts.'),
        ),
        migrations.AlterConstraint(
            model_name='round',
            name='a_live_round_has_no_deadline',
            constraint=models.CheckConstraint(condition=models.Q(('kind', 'own'), ('closes_at__isnull', True), _connector='OR'), name='a_live_round_has_no_deadline', violation_error_message='A live session has no deadline. It ends when you end it.'),
        ),
        migrations.AlterConstraint(
            model_name='roundidea',
            name='one_open_round_an_idea',
            constraint=models.UniqueConstraint(condition=models.Q(('stage__in', ('blind', 'revealed', 'revote'))), fields=('idea',), name='one_open_round_an_idea', violation_error_message='This idea is already in an open round.'),
        ),
        migrations.AlterConstraint(
            model_name='savedview',
            name='a_pods_view_has_a_pod',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('pod__isnull', False), ('scope', 'pod')), models.Q(models.Q(('scope', 'pod'), _negated=True), ('pod__isnull', True)), _connector='OR'), name='a_pods_view_has_a_pod', violation_error_message='Choose the pod to share this view with.'),
        ),
        migrations.AlterConstraint(
            model_name='score',
            name='scores_or_a_skip',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('confidence__isnull', True), ('ease__isnull', True), ('impact__isnull', True), ('is_skipped', True)), models.Q(('is_skipped', False), models.Q(('impact__isnull', True), ('impact__range', (1, 10)), _connector='OR'), models.Q(('confidence__isnull', True), ('confidence__range', (1, 10)), _connector='OR'), models.Q(('ease__isnull', True), ('ease__range', (1, 10)), _connector='OR'), models.Q(('impact__isnull', False), ('confidence__isnull', False), ('ease__isnull', False), _connector='OR')), _connector='OR'), name='scores_or_a_skip', violation_error_message='Score the idea from 1 to 10, or skip it.'),
        ),
    ])]
