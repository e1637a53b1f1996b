"""Let people in, put them into pods, change what they may do."""

import datetime as dt

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from backlog.flows.ranking import rerank, store_ice_of_all
from backlog.models import (
    Event,
    Invitation,
    Membership,
    Pod,
    Quarter,
    User,
    Workspace,
)
from backlog.models.access import digest_of, new_secret
from backlog.permissions import require
from backlog.refusals import Refused

INVITATION_LASTS = dt.timedelta(days=14)


@transaction.atomic
def invite(
    *,
    by: User,
    email: str,
    pod: Pod | None = None,
    pod_role: str = Membership.Role.MEMBER,
    role: str = User.Role.MEMBER,
) -> tuple[Invitation, str]:
    """Make a link that lets one person in; the secret is returned once and stored as a hash.

    Leads invite into their pods; only admins invite owners and admins, or without a pod.
    """
    if role != User.Role.MEMBER or pod is None:
        require(by, "backlog.change_role")
    else:
        require(by, "backlog.change_pod", pod)
    if User.objects.filter(email__iexact=email).exists():
        raise Refused(f"{email} is here already. Add them to the pod instead.")
    secret = new_secret("")
    invitation = Invitation(
        email=email.lower(),
        digest=digest_of(secret),
        pod=pod,
        pod_role=pod_role,
        role=role,
        invited_by=by,
        expires_at=timezone.now() + INVITATION_LASTS,
    )
    invitation.full_clean()
    invitation.save()
    Event.record(invitation, "invite", f"{by} invited {email}.", by=by)
    return invitation, secret


@transaction.atomic
def accept_invitation(invitation: Invitation, *, name: str, password: str) -> User:
    """Make the account that the link stands for; a link works once."""
    used = Invitation.objects.usable().filter(pk=invitation.pk).update(accepted_at=timezone.now())
    if not used:
        raise Refused("This invitation was used or has expired. Ask for a new one.")
    user = User(email=invitation.email, name=name, role=invitation.role)
    user.set_password(password)
    user.full_clean()
    user.save()
    if invitation.pod:
        Membership.objects.create(pod=invitation.pod, user=user, role=invitation.pod_role)
    Invitation.objects.filter(pk=invitation.pk).update(accepted_by=user)
    Event.record(user, "join", f"{user} joined.", by=user)
    return user


@transaction.atomic
def withdraw_invitation(invitation: Invitation, *, by: User) -> None:
    require(by, "backlog.change_pod" if invitation.pod else "backlog.change_role", invitation.pod)
    withdrawn = Invitation.objects.usable().filter(pk=invitation.pk)
    if not withdrawn.update(withdrawn_at=timezone.now()):
        raise Refused("This invitation can't be used any more as it is.")
    Event.record(invitation, "withdraw", f"{by} withdrew the invitation.", by=by)


@transaction.atomic
def add_pod(*, by: User, name: str, prefix: str, outcome: str = "") -> Pod:
    require(by, "backlog.add_pod")
    pod = Pod(name=name, prefix=prefix.upper(), outcome=outcome)
    pod.full_clean()
    pod.save()
    Event.record(pod, "add", f"{by} made the pod {pod}.", by=by)
    return pod


@transaction.atomic
def set_who_scores(
    pod: Pod, *, by: User, impact_by: str = "", confidence_by: str = "", ease_by: str = ""
) -> Pod:
    """Say which duty is asked for which dimension, "" for everybody; from the next round on."""
    require(by, "backlog.change_pod", pod)
    pod.impact_by, pod.confidence_by, pod.ease_by = impact_by, confidence_by, ease_by
    pod.full_clean()
    pod.save(update_fields=["impact_by", "confidence_by", "ease_by"])
    said = ", ".join(
        f"{name} by {'everybody' if not duty else f'the duty {Membership.Duty(duty).label.lower()}'}"
        for name, duty in (("Impact", impact_by), ("Confidence", confidence_by), ("Ease", ease_by))
    )
    Event.record(pod, "who_scores", f"{by} set who scores: {said}.", by=by)
    return pod


@transaction.atomic
def set_membership(
    *, by: User, pod: Pod, user: User, role: str, duty: str, department: str = ""
) -> Membership:
    """Put a person into a pod, or change their role, duty or department there."""
    require(by, "backlog.change_pod", pod)
    membership = Membership.objects.filter(pod=pod, user=user).first() or Membership(
        pod=pod, user=user
    )
    is_new = membership.pk is None
    membership.role, membership.duty, membership.department = role, duty, department
    membership.full_clean()
    membership.save()
    words = f"added {user} to" if is_new else f"changed {user}'s part in"
    Event.record(pod, "member", f"{by} {words} {pod}: {membership.get_role_display()}.", by=by)
    return membership


@transaction.atomic
def remove_member(membership: Membership, *, by: User) -> None:
    require(by, "backlog.change_pod", membership.pod)
    Event.record(membership.pod, "member", f"{by} took {membership.user} out.", by=by)
    membership.delete()


@transaction.atomic
def set_role(user: User, *, by: User, role: str) -> User:
    """Change what somebody may do in the whole workspace; the last admin stays one."""
    require(by, "backlog.change_role")
    if role not in User.Role.values:
        raise Refused(f"There is no role “{role}”.")
    admins = User.objects.select_for_update().filter(role=User.Role.ADMIN, is_active=True)
    if user.role == User.Role.ADMIN and role != User.Role.ADMIN and admins.count() == 1:
        raise Refused("This is the only admin. Make somebody else admin first.")
    user.role = role
    user.full_clean()
    user.save(update_fields=["role"])
    Event.record(user, "role", f"{by} made {user} {user.get_role_display().lower()}.", by=by)
    return user


@transaction.atomic
def change_workspace(*, by: User, **fields: object) -> Workspace:
    """Change the workspace's choices; another ICE formula ranks everything anew."""
    require(by, "backlog.change_workspace")
    workspace = Workspace.current()
    before = workspace.ice_formula
    for name, value in fields.items():
        setattr(workspace, name, value)
    workspace.full_clean(validate_unique=False)
    Workspace.objects.filter(pk=1).update(**fields, version=F("version") + 1)
    Event.record(workspace, "change", f"{by} changed the workspace's settings.", by=by)
    if workspace.ice_formula != before:
        store_ice_of_all()
        Event.record(
            workspace, "formula", f"{by} set ICE to “{workspace.get_ice_formula_display()}”.", by=by
        )
    return Workspace.current()


@transaction.atomic
def remove_sample(*, by: User) -> None:
    """Take out the sample workspace: its pods with all that stands in them, its people, its quarters."""
    require(by, "backlog.remove_sample")
    if not Pod.objects.filter(is_sample=True).exists():
        raise Refused("There is no sample workspace here any more.")
    Pod.objects.filter(is_sample=True).delete()
    Quarter.objects.filter(is_sample=True).delete()
    User.objects.filter(is_sample=True).delete()
    rerank()


def change_profile(*, by: User, name: str, time_zone: str) -> User:
    """One's own name and clock. Raises ValidationError."""
    by.name, by.time_zone = name, time_zone
    by.full_clean()
    by.save(update_fields=["name", "time_zone"])
    return by


def choose_notifications(*, by: User, digest: str, wishes: dict[str, str]) -> User:
    """How often mail comes, and what one is told of each kind."""
    by.digest, by.notification_wishes = digest, wishes
    by.save(update_fields=["digest", "notification_wishes"])
    return by
