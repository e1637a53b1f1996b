"""Let somebody in by a link: made once, shown once, used once."""

import datetime as dt
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from backlog.flows.inviting import accept_invitation, invite
from backlog.models import Invitation, Membership, User
from backlog.refusals import Refused

NEW, ACCEPT = reverse("backlog:invitation_new"), reverse("backlog:invitation_accept")
WANTED = {"name": "Nora Lind", "password": "kestrel over water"}


def link_in(response) -> str:
    at = re.escape(settings.SITE_URL)
    return re.search(rf'value="{at}(/invitations/[^"]+)"', response.content.decode())[1]


def test_a_lead_invites_by_a_link_that_is_shown_once(client_of, client, alice, pod):
    lead = client_of(alice)
    response = lead.post(NEW, {"email": "Nora@Example.com", "pod": pod.pk, "pod_role": "member"})
    link = link_in(response)
    assert "The link was mailed to" in response.content.decode()
    assert link in mail.outbox[0].body
    assert mail.outbox[0].to == ["nora@example.com"]
    secret = link.split("/")[-2]
    page = lead.get(reverse("backlog:pod_detail", args=[pod.pk])).content.decode()
    assert "nora@example.com" in page
    assert secret not in page
    assert secret not in lead.get(NEW).content.decode()


def test_without_a_mail_server_it_says_to_send_the_link(client_of, alice, pod, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    data = {"email": "nora@example.com", "pod": pod.pk, "pod_role": "member"}
    response = client_of(alice).post(NEW, data)
    assert "Send this link to nora@example.com" in response.content.decode()


@pytest.fixture
def link(alice, pod):
    _, secret = invite(by=alice, email="nora@example.com", pod=pod, pod_role="lead")
    return reverse("backlog:invitation_open", args=[secret])


def test_the_invited_person_chooses_a_name_and_a_password_and_is_signed_in(client, link, pod):
    assert client.get(link).url == ACCEPT
    page = client.get(ACCEPT).content.decode()
    assert "Alice invited nora@example.com" in page
    assert link not in page
    assert client.post(ACCEPT, WANTED).url == reverse("backlog:today")
    nora = User.objects.get(email="nora@example.com")
    assert Membership.objects.get(user=nora).role == "lead"
    assert client.get(reverse("backlog:today")).status_code == 200


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (WANTED | {"password": "short"}, "too short"),
        (WANTED | {"password": "password123"}, "too common"),
        (WANTED | {"password": "nora@example.com"}, "too similar"),
        (WANTED | {"name": ""}, "Enter your name. Other people will see it."),
    ],
)
def test_what_cannot_be_is_refused_beside_the_field(client, link, data, sentence):
    client.get(link)
    response = client.post(ACCEPT, data)
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert 'value="nora@example.com"' not in response.content.decode()
    assert not User.objects.filter(email="nora@example.com").exists()


def test_a_visit_writes_nothing(client, link):
    client.get(link)
    client.get(ACCEPT)
    assert not Session.objects.exists()


def test_a_link_works_once(client, client_of, link):
    client.get(link)
    client.post(ACCEPT, WANTED)
    client.logout()
    client.get(link)
    for response in (client.get(ACCEPT), client.post(ACCEPT, WANTED)):
        assert response.status_code == 409
        assert "This invitation no longer works" in response.content.decode()


def test_a_link_that_was_withdrawn_or_is_too_old_or_made_up_does_not_work(
    client, client_of, alice, link, pod
):
    invitation = Invitation.objects.get()
    withdraw = reverse("backlog:invitation_withdraw", args=[invitation.pk])
    assert client_of(alice).post(withdraw).url == reverse("backlog:pod_detail", args=[pod.pk])
    client.get(link)
    assert client.get(ACCEPT).status_code == 409
    Invitation.objects.update(
        withdrawn_at=None, expires_at=timezone.now() - dt.timedelta(minutes=1)
    )
    assert client.get(ACCEPT).status_code == 409
    client.get(reverse("backlog:invitation_open", args=["made-up"]))
    assert client.get(ACCEPT).status_code == 409


def test_somebody_signed_in_keeps_their_account(client_of, bob, link):
    client = client_of(bob)
    client.get(link)
    response = client.post(ACCEPT, WANTED)
    assert "You are signed in" in response.content.decode()
    assert not User.objects.filter(email="nora@example.com").exists()


def test_only_leads_and_admins_invite_and_only_admins_give_roles(
    client_of, alice, bob, adam, pod, other_pod
):
    data = {"email": "nora@example.com", "pod": pod.pk, "pod_role": "member"}
    assert client_of(bob).post(NEW, data).status_code == 403
    assert client_of(alice).post(NEW, data | {"pod": other_pod.pk}).status_code == 422
    client_of(alice).post(NEW, data | {"role": "admin"})
    assert Invitation.objects.get().role == "member"
    wanted = {"email": "otto@example.com", "pod": "", "pod_role": "member", "role": "owner"}
    response = client_of(adam).post(NEW, wanted | {"your_password": "a long password"})
    assert response.status_code == 200
    assert Invitation.objects.get(email="otto@example.com").role == "owner"


def test_somebody_who_is_here_is_not_invited(client_of, alice, bob, pod):
    data = {"email": bob.email, "pod": pod.pk, "pod_role": "member"}
    response = client_of(alice).post(NEW, data)
    assert response.status_code == 422
    assert "already has an account. Add them to the pod instead." in response.content.decode()


def test_members_withdraw_nothing(client_of, bob, charlie, link):
    withdraw = reverse("backlog:invitation_withdraw", args=[Invitation.objects.get().pk])
    assert client_of(bob).post(withdraw).status_code == 403
    assert client_of(charlie).post(withdraw).status_code == 404
    assert Invitation.objects.usable().exists()


def test_it_gives_what_its_sender_may_give_when_it_is_accepted(client, link, alice, bob, pod):
    client.get(link)
    Membership.objects.filter(user=bob).update(role="lead")
    for change in (
        {"memberships": "member"}, {"memberships": None}, {"is_active": False},
    ):  # fmt: skip
        with transaction.atomic():
            if "is_active" in change:
                User.objects.filter(pk=alice.pk).update(is_active=False)
            elif change["memberships"] is None:
                Membership.objects.filter(user=alice).delete()
            else:
                Membership.objects.filter(user=alice).update(role="member")
            for response in (client.get(ACCEPT), client.post(ACCEPT, WANTED)):
                page = response.content.decode()
                assert response.status_code == 409, change
                assert "Alice, who sent this invitation, can no longer invite people to" in page
                assert "Ask Bob for a new one." in page
            with pytest.raises(Refused, match="Ask Bob"):
                accept_invitation(Invitation.objects.get(), **WANTED)
            transaction.set_rollback(True)
    assert not User.objects.filter(email="nora@example.com").exists()
    assert client.post(ACCEPT, WANTED).status_code == 302


def test_a_role_in_the_workspace_needs_an_admin_when_it_is_accepted(client, adam, olive):
    _, secret = invite(by=adam, email="otto@example.com", role="admin")
    User.objects.filter(pk=adam.pk).update(role="owner")
    client.get(reverse("backlog:invitation_open", args=[secret]))
    response = client.post(ACCEPT, WANTED)
    assert response.status_code == 409
    assert "Adam, who sent this invitation" in response.content.decode()
    assert not User.objects.filter(email="otto@example.com").exists()


def test_without_any_admin_the_sentence_is_whole(client, adam):
    _, secret = invite(by=adam, email="otto@example.com")
    User.objects.filter(pk=adam.pk).update(is_active=False)
    client.get(reverse("backlog:invitation_open", args=[secret]))
    page = client.get(ACCEPT).content.decode()
    assert "Ask an admin for a new one." in page


def test_inviting_again_renews_the_open_invitation(client, alice, bob, pod, other_pod, adam):
    _, first = invite(by=alice, email="nora@example.com", pod=pod)
    again, second = invite(by=adam, email="Nora@Example.com", pod=pod, pod_role="lead")
    invite(by=adam, email="nora@example.com", pod=other_pod)
    assert Invitation.objects.filter(pod=pod).get() == again
    assert (again.invited_by, again.pod_role) == (adam, "lead")
    assert Invitation.objects.opened_by(first) is None
    assert Invitation.objects.opened_by(second) == again
    invite(by=adam, email="otto@example.com", role="owner")
    invite(by=adam, email="otto@example.com", role="owner")
    assert Invitation.objects.filter(email="otto@example.com").count() == 1


def test_a_lead_takes_no_role_out_of_an_admins_invitation(alice, adam, pod):
    invite(by=adam, email="otto@example.com", pod=pod, role="owner")
    with pytest.raises(PermissionDenied):
        invite(by=alice, email="otto@example.com", pod=pod)
    assert Invitation.objects.get().role == "owner"


@pytest.mark.django_db(transaction=True)
def test_invitations_that_are_sent_at_once_make_one(alice, pod):
    def send(_):
        try:
            return invite(by=alice, email="nora@example.com", pod=pod)[0].pk
        except (Refused, ValidationError):
            return None
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(send, range(4)))
    assert {pk for pk in made if pk} == {Invitation.objects.get().pk}


def test_the_database_keeps_one_open_invitation_for_an_address_and_a_pod(alice, pod):
    for where in (pod, None):
        row = {"email": "nora@example.com", "pod": where, "invited_by": alice,
               "expires_at": timezone.now()}  # fmt: skip
        Invitation.objects.create(digest=f"1{where}", **row, withdrawn_at=timezone.now())
        Invitation.objects.create(digest=f"2{where}", **row)
        with pytest.raises(IntegrityError), transaction.atomic():
            Invitation.objects.create(digest=f"3{where}", **row)


def test_somebody_who_was_deactivated_is_not_invited_anew(alice, bob, pod):
    User.objects.filter(pk=bob.pk).update(is_active=False)
    with pytest.raises(Refused, match="An admin can reactivate it"):
        invite(by=alice, email=bob.email, pod=pod)


@pytest.fixture
def expired(adam, pod):
    """An admin's invitation with a role in the workspace, whose 14 days are over."""
    invitation, _ = invite(by=adam, email="otto@example.com", pod=pod, role="owner")
    Invitation.objects.update(expires_at=timezone.now() - dt.timedelta(days=1))
    return invitation


def test_an_invitation_that_expired_stands_in_nobodys_way(client_of, alice, expired, pod):
    data = {"email": "otto@example.com", "pod": pod.pk, "pod_role": "member"}
    assert client_of(alice).post(NEW, data).status_code == 200
    fresh = Invitation.objects.usable().get()
    assert (fresh.invited_by, fresh.role, fresh.pk == expired.pk) == (alice, "member", False)
    expired.refresh_from_db()
    assert expired.withdrawn_at


def test_an_invitation_that_expired_can_be_withdrawn_once(client_of, adam, expired):
    withdraw = reverse("backlog:invitation_withdraw", args=[expired.pk])
    admin = client_of(adam)
    assert admin.post(withdraw).status_code == 302
    expired.refresh_from_db()
    assert expired.withdrawn_at
    assert admin.post(withdraw).status_code == 409


@pytest.fixture
def two_links(adam, alice, pod):
    """(the admin's, with a role in the workspace; the lead's, into the pod)"""
    _, of_admin = invite(by=adam, email="otto@example.com", role="owner")
    _, of_lead = invite(by=alice, email="otto@example.com", pod=pod)
    return [reverse("backlog:invitation_open", args=[secret]) for secret in (of_admin, of_lead)]


def test_who_joined_by_one_invitation_ends_the_others_of_the_address(client, client_of, two_links):
    by_admin, by_lead = two_links
    client.get(by_lead)
    assert client.post(ACCEPT, WANTED).status_code == 302
    assert User.objects.get(email="otto@example.com").role == "member"  # the lead saw this link
    assert not Invitation.objects.open().exists()
    client.logout()
    client.get(by_admin)
    assert client.get(ACCEPT).status_code == 409


def test_an_expired_invitation_of_the_address_ends_too(adam, expired, other_pod):
    invitation, _ = invite(by=adam, email="otto@example.com", pod=other_pod)
    accept_invitation(invitation, **WANTED)
    assert not Invitation.objects.open().exists()


def test_the_admins_page_says_which_role_was_overtaken(client, client_of, adam, two_links):
    client.get(two_links[1])
    client.post(ACCEPT, WANTED)
    people, admin = reverse("backlog:user_list"), client_of(adam)
    page = admin.get(people).content.decode()
    assert "Nora Lind joined through another invitation" in page
    assert "the one that Adam had sent to otto@example.com" in page
    assert "which would have made them programme owner." in page
    User.objects.filter(email="otto@example.com").update(role="owner")
    assert "another invitation" not in admin.get(people).content.decode()


def test_the_pods_page_says_who_joined_elsewhere(client_of, adam, alice, pod, other_pod):
    invite(by=alice, email="otto@example.com", pod=pod)
    invitation, _ = invite(by=adam, email="otto@example.com", pod=other_pod)
    user = accept_invitation(invitation, **WANTED)
    page, lead = reverse("backlog:pod_detail", args=[pod.pk]), client_of(alice)
    sentence = "which would have made them member of Lifecycle."
    assert sentence in lead.get(page).content.decode()
    assert "Paywall" not in lead.get(page).content.decode()
    Membership.objects.create(user=user, pod=pod, role="viewer")
    assert sentence not in client_of(user).get(page).content.decode()
    Membership.objects.filter(user=user, pod=pod).update(role="member")
    assert sentence not in lead.get(page).content.decode()
