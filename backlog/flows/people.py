"""Create pods, add people to them, change what they may do."""

from django.db import transaction

from backlog.flows.rights import require_another_admin, require_now
from backlog.models import Event, Membership, Pod, User
from backlog.refusals import Refused


@transaction.atomic
def add_pod(*, by: User, name: str, prefix: str, outcome: str = "") -> Pod:
    """Create a pod. The person who creates it leads it, until they hand it to somebody else."""
    by = require_now(by, "backlog.add_pod")
    pod = Pod(name=name, prefix=prefix.upper(), outcome=outcome)
    pod.full_clean()
    pod.save()
    Membership.objects.create(pod=pod, user=by, role=Membership.Role.LEAD)
    Event.record(pod, "add", f"{by} created the pod {pod}, and leads it.", by=by)
    return pod


@transaction.atomic
def set_who_scores(
    pod: Pod, *, by: User, impact_by: str = "", confidence_by: str = "", ease_by: str = ""
) -> Pod:
    """Set which duty scores which dimension, from the next round on. "" stands for everybody."""
    by = require_now(by, "backlog.change_pod", pod)
    pod.impact_by, pod.confidence_by, pod.ease_by = impact_by, confidence_by, ease_by
    pod.full_clean()
    pod.save(update_fields=["impact_by", "confidence_by", "ease_by"])
    changes = ", ".join(
        f"{name} by "
        f"{'everybody' if not duty else f'the duty {Membership.Duty(duty).label.lower()}'}"
        for name, duty in (("Impact", impact_by), ("Confidence", confidence_by), ("Ease", ease_by))
    )
    Event.record(pod, "who_scores", f"{by} changed who scores: {changes}.", by=by)
    return pod


@transaction.atomic
def set_membership(
    *, by: User, pod: Pod, user: User, role: str, duty: str, department: str = ""
) -> Membership:
    """Add a person to a pod, or change their role, duty or department there."""
    by = require_now(by, "backlog.change_pod", pod, of=user)
    membership = Membership.objects.filter(pod=pod, user=user).first() or Membership(
        pod=pod, user=user
    )
    is_new = membership.pk is None
    membership.role, membership.duty, membership.department = role, duty, department
    membership.full_clean()
    membership.save()
    words = f"added {user} to" if is_new else f"changed {user}’s role in"
    Event.record(pod, "member", f"{by} {words} {pod}: {membership.get_role_display()}.", by=by)
    return membership


@transaction.atomic
def remove_member(membership: Membership, *, by: User) -> None:
    by = require_now(by, "backlog.change_pod", membership.pod, of=membership.user)
    Event.record(
        membership.pod, "member", f"{by} removed {membership.user} from {membership.pod}.", by=by
    )
    membership.delete()


@transaction.atomic
def set_role(user: User, *, by: User, role: str) -> User:
    """Change somebody's role in the workspace. The last admin stays one."""
    by = require_now(by, "backlog.change_role", of=user)
    if role not in User.Role.values:
        raise Refused(f"There is no role “{role}”.")
    if role != User.Role.ADMIN:
        require_another_admin(user)
    user.role = role
    user.full_clean()
    user.save(update_fields=["role"])
    Event.record(user, "role", f"{by} made {user} {user.get_role_display().lower()}.", by=by)
    return user


def change_profile(*, by: User, name: str, time_zone: str) -> User:
    """Change one's own name and time zone. Raises ValidationError."""
    by.name, by.time_zone = name, time_zone
    by.full_clean()
    by.save(update_fields=["name", "time_zone"])
    return by


def choose_notifications(*, by: User, digest: str, wishes: dict[str, str]) -> User:
    """Set how often mail comes, and where each kind of notification goes."""
    by.digest, by.notification_wishes = digest, wishes
    by.save(update_fields=["digest", "notification_wishes"])
    return by
