"""Let people in by a link: made, renewed, withdrawn, accepted once."""

import datetime as dt
from collections.abc import Sequence

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from backlog.flows.rights import active_admins, require_now
from backlog.models import Event, Invitation, Membership, Pod, User
from backlog.models.access import InvitationQuerySet, digest_of, new_secret
from backlog.permissions import RANK, require
from backlog.refusals import Mend, Refused, SomebodyWasQuicker

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

    Leads invite into their pods; only admins invite owners and admins, or without a pod. People who
    are already invited to the same pod get a new link instead of the open one.
    """
    by = require_now(by, *_asked_to_invite(pod, role))
    if known := User.objects.filter(email__iexact=email).first():
        raise Refused(_is_here(known), mend=_add_instead(known, pod))
    invitation = _open_invitation(email.lower(), pod)
    if role == User.Role.MEMBER and invitation.role != User.Role.MEMBER:
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
            f"Somebody else has just invited {email}. See the open invitations."
        ) from twice
    verb, participle = ("renew", "invited again") if is_renewed else ("invite", "invited")
    Event.record(invitation, verb, f"{by} {participle} {email}.", by=by)
    return invitation, secret


def _asked_to_invite(pod: Pod | None, role: str) -> tuple[str, Pod | None]:
    """The permission that such an invitation needs, and of what."""
    if role != User.Role.MEMBER or pod is None:
        return "backlog.change_role", None
    return "backlog.change_pod", pod


def _open_invitation(email: str, pod: Pod | None) -> Invitation:
    """The usable invitation of this address and pod, locked, or a new one. Replaces an expired
    one."""
    invitation = Invitation.objects.open().select_for_update().filter(email=email, pod=pod).first()
    if invitation is not None and not invitation.is_over:
        return invitation
    if invitation is not None:
        Invitation.objects.filter(pk=invitation.pk).update(withdrawn_at=timezone.now())
    return Invitation(email=email, pod=pod)


def invite_many(
    *, by: User, emails: Sequence[str], pod: Pod | None = None, **roles: str
) -> tuple[list[tuple[Invitation, str]], list[Refused]]:
    """Invite each of these addresses. One that is refused leaves the others as they are."""
    made, refused = [], []
    for email in emails:
        try:
            made.append(invite(by=by, email=email, pod=pod, **roles))
        except Refused as refusal:
            refused.append(refusal)
    return made, refused


def _add_instead(user: User, pod: Pod | None) -> Mend | None:
    if pod is None or not user.is_active:
        return Mend("See people", reverse("backlog:user_list"))
    return Mend(f"Add people to {pod}", reverse("backlog:member_new", args=[pod.pk]))


def _is_here(user: User) -> str:
    if user.is_active:
        return f"{user.email} already has an account. Add them to the pod instead."
    return f"{user.email} has a deactivated account. An admin can reactivate it."


def why_no_entry(invitation: Invitation) -> str:
    """The sentence that says why an open invitation no longer works, or "".

    It can only give what its sender may give now.
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
        f"{by}, who sent this invitation, can no longer invite people to {pod or 'Floe'}. "
        f"Ask {names or 'an admin'} for a new one."
    )


@transaction.atomic
def accept_invitation(invitation: Invitation, *, name: str, password: str) -> User:
    """Create the account for the link. A link works once, and only one link per address works.

    The sender's permission is checked now. Other invitations of the address end, because the person
    who has this link may not be the one they were meant for. Raises Refused, ValidationError.
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
    """End an invitation of somebody who joined through another one. Pages tell those who may give
    the rest."""
    invitation.withdrawn_at, invitation.accepted_by = timezone.now(), user
    invitation.save(update_fields=["withdrawn_at", "accepted_by"])
    sentence = f"{user} joined through another invitation, so this one ended."
    Event.record(invitation, "overtake", sentence, by=user)


def overtaken(invitations: InvitationQuerySet) -> list[Invitation]:
    """The `invitations` that would give more than the person got through another one."""
    rows = invitations.overtaken().select_related("pod", "invited_by", "accepted_by")
    return [one for one in rows if one.accepted_by and _gives_more(one, one.accepted_by)]


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
        raise Refused("This invitation has already been used or withdrawn.")
    Event.record(invitation, "withdraw", f"{by} withdrew the invitation.", by=by)
