"""Let people in, put them into pods, change what they may do."""

import datetime as dt

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from backlog.flows.ranking import rerank, store_ice_of_all
from backlog.flows.rights import active_admins, require_another_admin, require_now
from backlog.models import (
    Event,
    Invitation,
    Membership,
    Pod,
    Quarter,
    User,
    Workspace,
)
from backlog.models.access import InvitationQuerySet, digest_of, new_secret
from backlog.permissions import RANK, require
from backlog.refusals import Refused, SomebodyWasQuicker

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

    Leads invite into their pods; only admins invite owners and admins, or without a pod. Who is
    invited to the same pod already gets a new link in the place of the one that is open.
    """
    by = require_now(by, *_asked_to_invite(pod, role))
    if known := User.objects.filter(email__iexact=email).first():
        raise Refused(_is_here(known))
    invitation = _open_invitation(email.lower(), pod)
    if role == User.Role.MEMBER != invitation.role:
        require(by, *_asked_to_invite(pod, invitation.role))  # it is not theirs to make it less
    secret = new_secret("")
    invitation.digest, invitation.expires_at = digest_of(secret), timezone.now() + INVITATION_LASTS
    invitation.pod_role, invitation.role, invitation.invited_by = pod_role, role, by
    is_renewed = invitation.pk is not None
    invitation.full_clean()
    try:
        with transaction.atomic():
            invitation.save()
    except IntegrityError as twice:
        raise SomebodyWasQuicker(
            f"{email} was invited at the same moment. Look at the open invitations."
        ) from twice
    verb, said = ("renew", "invited again") if is_renewed else ("invite", "invited")
    Event.record(invitation, verb, f"{by} {said} {email}.", by=by)
    return invitation, secret


def _asked_to_invite(pod: Pod | None, role: str) -> tuple[str, Pod | None]:
    """The permission that such an invitation needs, and of what."""
    if role != User.Role.MEMBER or pod is None:
        return "backlog.change_role", None
    return "backlog.change_pod", pod


def _open_invitation(email: str, pod: Pod | None) -> Invitation:
    """The usable one of this address and pod, held; else a new one. One that expired gives way."""
    found = Invitation.objects.open().select_for_update().filter(email=email, pod=pod).first()
    if found is not None and not found.is_over:
        return found
    if found is not None:
        Invitation.objects.filter(pk=found.pk).update(withdrawn_at=timezone.now())
    return Invitation(email=email, pod=pod)


def _is_here(user: User) -> str:
    if user.is_active:
        return f"{user.email} already has an account. Add them to the pod instead."
    return f"{user.email} has an account that is deactivated. An admin can reactivate it."


def why_no_entry(invitation: Invitation) -> str:
    """The sentence that says why an open invitation gives nothing any more, or "".

    It gives what the person who sent it may give at this moment.
    """
    by, pod = invitation.invited_by, invitation.pod
    if by.has_perm(*_asked_to_invite(pod, invitation.role)):
        return ""
    admins = active_admins()
    leads = admins.none()
    if pod is not None and invitation.role == User.Role.MEMBER:
        lead = Membership.Role.LEAD
        leads = User.objects.filter(
            is_active=True, memberships__pod=pod, memberships__role=lead
        ).order_by("name")
    names = " or ".join(str(user) for user in (leads or admins.order_by("name"))[:3])
    return (
        f"{by}, who sent this invitation, can no longer invite people to {pod or 'Floe'} any more. "
        f"Ask {names or 'the people who run this Floe'} for a new one."
    )


@transaction.atomic
def accept_invitation(invitation: Invitation, *, name: str, password: str) -> User:
    """Make the account that the link stands for; a link works once, and one link for an address.

    The right of who sent it is asked now. Other invitations of the address end: whoever has seen
    this link may not be the one whom they were meant for. Raises Refused, ValidationError.
    """
    of_address = Invitation.objects.open().filter(email=invitation.email).order_by("pk")
    others = [one for one in of_address.select_for_update() if one.pk != invitation.pk]
    used = Invitation.objects.usable().filter(pk=invitation.pk, digest=invitation.digest)
    if not used.update(accepted_at=timezone.now()):
        raise Refused("This invitation was used or has expired. Ask for a new one.")
    held = Invitation.objects.select_related("pod").get(pk=invitation.pk)
    held.invited_by = User.objects.select_for_update().get(pk=held.invited_by_id)
    if problem := why_no_entry(held):
        raise Refused(problem)
    user = User(email=held.email, name=name, role=held.role)
    user.set_password(password)
    user.full_clean()
    user.save()
    if held.pod:
        Membership.objects.create(pod=held.pod, user=user, role=held.pod_role)
    Invitation.objects.filter(pk=held.pk).update(accepted_by=user)
    Event.record(user, "join", f"{user} joined.", by=user)
    for other in others:
        _overtake(other, user)
    return user


def _overtake(invitation: Invitation, user: User) -> None:
    """End an invitation of somebody who joined by another; pages say so to who may give its rest."""
    invitation.withdrawn_at, invitation.accepted_by = timezone.now(), user
    invitation.save(update_fields=["withdrawn_at", "accepted_by"])
    sentence = f"{user} joined by another invitation; this one ended."
    Event.record(invitation, "overtake", sentence, by=user)


def overtaken(invitations: InvitationQuerySet) -> list[Invitation]:
    """Those of `invitations` that would still give more than their person has by another one."""
    found = invitations.overtaken().select_related("pod", "invited_by", "accepted_by")
    return [one for one in found if one.accepted_by and _gives_more(one, one.accepted_by)]


def _gives_more(invitation: Invitation, user: User) -> bool:
    if RANK[invitation.role] > RANK[user.role]:
        return True
    if invitation.pod is None or user.stands_above_pods:
        return False
    return RANK[invitation.pod_role] > RANK[user.pod_roles.get(invitation.pod.pk, "")]


@transaction.atomic
def withdraw_invitation(invitation: Invitation, *, by: User) -> None:
    perm = "backlog.change_pod" if invitation.pod else "backlog.change_role"
    by = require_now(by, perm, invitation.pod)
    withdrawn = Invitation.objects.open().filter(pk=invitation.pk)
    if not withdrawn.update(withdrawn_at=timezone.now()):
        raise Refused("This invitation was used or withdrawn already.")
    Event.record(invitation, "withdraw", f"{by} withdrew the invitation.", by=by)


@transaction.atomic
def add_pod(*, by: User, name: str, prefix: str, outcome: str = "") -> Pod:
    by = require_now(by, "backlog.add_pod")
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
    by = require_now(by, "backlog.change_pod", pod)
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
    by = require_now(by, "backlog.change_pod", pod, of=user)
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
    by = require_now(by, "backlog.change_pod", membership.pod, of=membership.user)
    Event.record(
        membership.pod, "member", f"{by} removed {membership.user} from {membership.pod}.", by=by
    )
    membership.delete()


@transaction.atomic
def set_role(user: User, *, by: User, role: str) -> User:
    """Change what somebody may do in the whole workspace; the last admin stays one."""
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


@transaction.atomic
def change_workspace(*, by: User, **fields: object) -> Workspace:
    """Change the workspace's choices; another ICE formula ranks everything anew."""
    by = require_now(by, "backlog.change_workspace")
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
    by = require_now(by, "backlog.remove_sample")
    if not Pod.objects.filter(is_sample=True).exists():
        raise Refused("There is no sample workspace here any more.")
    if User.objects.filter(is_sample=False).exists():
        _require_admin_beside_the_sample()
    Pod.objects.filter(is_sample=True).delete()
    Quarter.objects.filter(is_sample=True).delete()
    User.objects.filter(is_sample=True).delete()
    rerank()


def _require_admin_beside_the_sample() -> None:
    """Whoever stays must not be left without an admin; the set-up link opens an empty Floe only."""
    if not active_admins().filter(is_sample=False).exists():
        raise Refused(
            "Without the sample there would be no admin. Make somebody else an admin first."
        )


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
