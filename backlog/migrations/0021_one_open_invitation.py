"""One open invitation for an address and a pod: of several, the newest goes on."""

from django.db import migrations, models
from django.db.models import Q
from django.utils import timezone

OPEN = Q(accepted_at=None, withdrawn_at=None)


def withdraw_older_ones(apps, schema_editor):
    Invitation = apps.get_model("backlog", "Invitation")
    seen = set()
    for pk, email, pod in (
        Invitation.objects.filter(OPEN).order_by("-pk").values_list("pk", "email", "pod")
    ):
        if (email, pod) in seen:
            Invitation.objects.filter(pk=pk).update(withdrawn_at=timezone.now())
        seen.add((email, pod))


class Migration(migrations.Migration):
    dependencies = [("backlog", "0020_session_version")]

    operations = [
        migrations.RunPython(withdraw_older_ones, migrations.RunPython.noop, elidable=True),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.UniqueConstraint(
                fields=("email", "pod"),
                condition=OPEN,
                name="one_open_invitation_a_pod",
                violation_error_message="This person is invited to the pod already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="invitation",
            constraint=models.UniqueConstraint(
                fields=("email",),
                condition=Q(accepted_at=None, withdrawn_at=None, pod=None),
                name="one_open_invitation_without_a_pod",
                violation_error_message="This person is invited already.",
            ),
        ),
    ]
