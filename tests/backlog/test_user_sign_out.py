"""End sessions: one's own elsewhere, another person's everywhere, by a new password."""

import re

from django.core import mail
from django.test import Client
from django.urls import reverse

from backlog.flows.mailing import mail_reset_link
from backlog.models import Event
from tests.browsing import confirm, form_on

OWN = {"your_password": "a long password"}
LOGIN = reverse("account_login")
NEW = {"password1": "kestrel over water", "password2": "kestrel over water"}


def is_in(client: Client) -> bool:
    return client.get("/").status_code == 200


def test_one_signs_out_of_all_other_browsers_and_stays_in_this(client_of, bob, carol):
    here, elsewhere, other = client_of(bob), client_of(bob), client_of(carol)
    answer = here.post(reverse("backlog:sign_out_elsewhere"), OWN, follow=True)
    assert "You are now signed out of all other browsers." in answer.content.decode()
    assert (is_in(here), is_in(elsewhere), is_in(other)) == (True, False, True)
    assert Event.objects.about(bob).first().sentence == "Bob signed out of all other browsers."
    here.post(reverse("backlog:sign_out_elsewhere"))
    assert is_in(here)


def test_an_admin_signs_somebody_out_everywhere(client_of, token_of, adam, bob):
    browsers, admin = [client_of(bob), client_of(bob)], client_of(adam)
    api, _ = token_of(bob)
    page = reverse("backlog:user_sign_out", args=[bob.pk])
    assert "Sign Bob out everywhere?" in admin.get(page).content.decode()
    assert all(map(is_in, browsers))
    assert admin.post(page, OWN).url == reverse("backlog:user_list")
    assert not any(map(is_in, browsers))
    assert is_in(admin)
    assert api.get("/api/v1/ideas/").status_code == 200
    assert Client().post(LOGIN, {"login": bob.email, "password": OWN["your_password"]}).status_code == 302  # fmt: skip
    mine = reverse("backlog:user_sign_out", args=[adam.pk])
    assert "Use your profile page" in admin.post(mine, OWN).content.decode()
    assert is_in(admin)


def test_the_same_form_ends_the_sessions_that_began_meanwhile(client_of, adam, bob):
    """Sent again within a day, by its button or by the browser: it does what it says."""
    for owner, page in (
        (adam, reverse("backlog:user_sign_out", args=[bob.pk])),
        (bob, reverse("backlog:sign_out_elsewhere")),
    ):
        owner.refresh_from_db()
        client = confirm(client_of(owner))
        data = form_on(client, page, page=page).data()
        for _ in range(2):
            bob.refresh_from_db()
            elsewhere = client_of(bob)
            assert is_in(elsewhere)
            assert client.post(page, data).status_code == 302
            assert not is_in(elsewhere), page


def test_a_new_password_ends_the_other_sessions_and_keeps_this(client_of, bob):
    here, elsewhere = client_of(bob), client_of(bob)
    change = {"oldpassword": "a long password", **NEW}
    assert here.post(reverse("account_change_password"), change).status_code == 302
    assert (is_in(here), is_in(elsewhere)) == (True, False)


def test_a_new_password_by_mail_ends_all_sessions(client_of, bob):
    elsewhere = client_of(bob)
    mail_reset_link(bob.email)
    path = re.search(r"https?://[^/]+(/\S+)", mail.outbox[-1].body)[1]
    here = Client()
    form = here.get(path, follow=True).redirect_chain[-1][0]
    here.post(form, NEW)
    assert (is_in(here), is_in(elsewhere)) == (True, False)


def test_an_upgrade_signs_nobody_out(bob):
    """Version 0 is what every session from before holds: Django's own hash."""
    from django.contrib.auth.base_user import AbstractBaseUser  # noqa: PLC0415

    assert bob.get_session_auth_hash() == AbstractBaseUser.get_session_auth_hash(bob)
    assert bob._get_session_auth_hash() == AbstractBaseUser._get_session_auth_hash(bob)
    bob.session_version = 1
    assert bob._get_session_auth_hash() != AbstractBaseUser._get_session_auth_hash(bob)
    assert bob._get_session_auth_hash(secret="an old key") != bob._get_session_auth_hash()
