"""A right is asked of the row as it stands, not of the request that was on its way meanwhile."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from backlog.flows import deactivating, inviting, people, workspace
from backlog.flows.tokens import make_token
from backlog.models import ApiToken, Event, Invitation, Membership, Pod, User
from backlog.refusals import Refused

OF_ADMINS = {
    "role": lambda by, bob, pod: people.set_role(bob, by=by, role="admin"),
    "deactivate": lambda by, bob, pod: deactivating.deactivate(bob, by=by),
    "reactivate": lambda by, bob, pod: deactivating.reactivate(bob, by=by),
    "sign out": lambda by, bob, pod: deactivating.sign_out_everywhere(bob, by=by),
    "invite": lambda by, bob, pod: inviting.invite(by=by, email="x@example.com", role="admin"),
    "workspace": lambda by, bob, pod: workspace.change_workspace(by=by, name="Taken"),
    "pod": lambda by, bob, pod: people.add_pod(by=by, name="Taken", prefix="TAK"),
    "sample": lambda by, bob, pod: workspace.remove_sample(by=by),
    "token": lambda by, bob, pod: make_token(by=by, name="Robot", scope="write", days=30),
}
OF_LEADS = {
    "member": lambda by, bob, pod: people.set_membership(
        by=by, pod=pod, user=bob, role="lead", duty="execution"
    ),
    "remove": lambda by, bob, pod: people.remove_member(
        Membership.objects.get(user=bob, pod=pod), by=by
    ),
    "invite": lambda by, bob, pod: inviting.invite(by=by, email="x@example.com", pod=pod),
    "withdraw": lambda by, bob, pod: inviting.withdraw_invitation(Invitation.objects.get(), by=by),
    "who scores": lambda by, bob, pod: people.set_who_scores(pod, by=by, ease_by="analysis"),
}


def state():
    models = (User, Membership, Invitation, ApiToken, Pod, Event)
    return [list(model.objects.order_by("pk").values()) for model in models]


@pytest.mark.parametrize("step", OF_ADMINS)
def test_an_admin_who_was_deactivated_meanwhile_changes_nothing(step, adam, bob, pod):
    Pod.objects.filter(pk=pod.pk).update(is_sample=True)
    on_its_way = User.objects.get(pk=adam.pk)
    User.objects.filter(pk=adam.pk).update(is_active=False)
    before = state()
    with pytest.raises(PermissionDenied):
        OF_ADMINS[step](on_its_way, bob, pod)
    assert state() == before


@pytest.mark.parametrize("step", OF_LEADS)
def test_a_lead_who_was_taken_out_meanwhile_changes_nothing(step, alice, adam, bob, pod):
    Invitation.objects.create(email="nora@example.com", pod=pod, invited_by=adam, digest="1",
                              expires_at=timezone.now() + dt.timedelta(days=1))  # fmt: skip
    assert alice.has_perm("backlog.change_pod", pod)  # and remembers it, as a request does
    Membership.objects.filter(user=alice).delete()
    before = state()
    with pytest.raises(PermissionDenied):
        OF_LEADS[step](alice, bob, pod)
    assert state() == before


def test_who_is_not_there_any_more_changes_nothing(adam, bob):
    gone = User.objects.get(pk=adam.pk)
    User.objects.filter(pk=adam.pk).delete()
    with pytest.raises(PermissionDenied):
        people.set_role(bob, by=gone, role="admin")


def test_an_admin_of_the_sample_who_can_not_sign_in_is_no_other_admin(adam, bob, settings):
    User.objects.filter(pk=bob.pk).update(role="admin", is_sample=True)
    with pytest.raises(Refused, match="the only admin"):
        people.set_role(adam, by=adam, role="member")
    settings.DEBUG = True  # then they can
    people.set_role(adam, by=adam, role="member")
