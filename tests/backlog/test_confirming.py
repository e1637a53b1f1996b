"""Changes to roles or access ask for one's own password, within their form."""

import time

import pytest
from django.test import Client
from django.urls import reverse

from backlog.models import ApiToken, Invitation, Pod, User
from backlog.views.confirming import GIVEN_AT
from tests.browsing import confirm, version_on

PEOPLE = reverse("backlog:user_list")
RIGHT, WRONG = "a long password", "not this one"
ASKS = "Enter your own password to continue."


def text_of(answer) -> str:
    return answer.content.decode()


def role_of(user) -> str:
    return reverse("backlog:user_role", args=[user.pk])


def steps(bob):
    """(address, what is sent, whether it was carried out)."""
    pod, other = (
        bob.memberships.get().pod,
        User.objects.create(email="nina@example.com", name="Nina"),
    )
    return {
        "role": (role_of(bob), {"role": "admin"}, lambda: User.objects.get(pk=bob.pk).role == "admin"),
        "deactivate": (reverse("backlog:user_deactivate", args=[bob.pk]), {},
                       lambda: not User.objects.get(pk=bob.pk).is_active),
        "sign out": (reverse("backlog:user_sign_out", args=[bob.pk]), {},
                     lambda: User.objects.get(pk=bob.pk).session_version > 0),
        "invitation": (reverse("backlog:invitation_new"),
                       {"email": "otto@example.com", "pod": "", "pod_role": "member", "role": "owner"},
                       Invitation.objects.exists),
        "token": (reverse("backlog:token_new"), {"name": "Robot", "scope": "write", "days": "30"},
                  ApiToken.objects.exists),
        "invitation of a lead": (reverse("backlog:invitation_new"),
                                 {"email": "otto@example.com", "pod": str(pod.pk),
                                  "pod_role": "lead", "role": "member"},
                                 Invitation.objects.exists),
        "new lead": (reverse("backlog:member_new", args=[pod.pk]),
                     {"user": str(other.pk), "role": "lead", "duty": "execution"},
                     other.memberships.exists),
        "member to lead": (reverse("backlog:member_edit", args=[pod.pk, bob.memberships.get().pk]),
                           {"role": "lead", "duty": "execution"},
                           lambda: bob.memberships.get().role == "lead"),
        "sign out elsewhere": (reverse("backlog:sign_out_elsewhere"), {},
                               lambda: User.objects.get(email="adam@example.com").session_version > 0),
        "sample": (reverse("backlog:sample_remove"), {},
                   lambda: not Pod.objects.filter(is_sample=True).exists()),
    }  # fmt: skip


STEPS = ["role", "deactivate", "sign out", "invitation", "token", "sample",
         "invitation of a lead", "new lead", "member to lead", "sign out elsewhere"]  # fmt: skip

SHOWS_A_SECRET = ("token", "invitation", "invitation of a lead")


@pytest.fixture(autouse=True)
def _sample(db):
    Pod.objects.create(name="Sample", prefix="SAM", is_sample=True)


@pytest.mark.parametrize("step", STEPS)
def test_a_request_with_nothing_but_the_csrf_token_changes_nothing(step, adam, bob):
    """As markup on a page would send it, right after an admin has signed in."""
    client = Client(enforce_csrf_checks=True)
    client.get(reverse("account_login"))
    signs_in = {"login": adam.email, "password": RIGHT}
    token = client.cookies["floe-csrf"].value
    client.post(reverse("account_login"), signs_in | {"csrfmiddlewaretoken": token})
    url, data, is_done = steps(bob)[step]
    token = client.cookies["floe-csrf"].value
    answer = client.post(url, data, headers={"X-CSRFToken": token, "HX-Request": "true"})
    assert answer.status_code == 422
    assert ASKS in text_of(answer)
    assert not is_done()


@pytest.mark.parametrize("step", STEPS)
def test_a_wrong_password_changes_nothing_and_a_right_one_carries_it_out(
    step, client_of, adam, bob
):
    client = client_of(adam)
    url, data, is_done = steps(bob)[step]
    if step in ("role", "member to lead"):
        data = data | version_on(client, url, page=PEOPLE if step == "role" else url)
    answer = client.post(url, data | {"your_password": WRONG})
    assert answer.status_code == 422
    assert "This is not your password." in text_of(answer)
    assert WRONG not in text_of(answer)
    assert not is_done()
    answer = client.post(url, data | {"your_password": RIGHT})
    assert answer.status_code == (200 if step in SHOWS_A_SECRET else 302)
    assert is_done()


def test_what_was_typed_stays_in_the_form(client_of, adam, bob):
    client = client_of(adam)
    page = text_of(client.post(role_of(bob), {"role": "owner"}))
    assert (
        '<option value="owner" selected>' in page.partition(role_of(bob))[2].partition("</form>")[0]
    )
    wanted = {"name": "Robot", "scope": "write", "days": "365"}
    page = text_of(client.post(reverse("backlog:token_new"), wanted))
    assert 'value="Robot"' in page
    assert '<option value="365" selected>' in page


def test_htmx_gets_the_part_with_the_field(client_of, adam, bob):
    headers = {"HX-Request": "true", "HX-Target": "people"}
    answer = client_of(adam).post(role_of(bob), {"role": "owner"}, headers=headers)
    assert answer.status_code == 422
    assert text_of(answer).lstrip().startswith('<div id="people">')
    assert 'name="your_password"' in text_of(answer)


def test_it_is_not_asked_again_for_ten_minutes(client_of, adam, bob, settings):
    client = client_of(adam)
    version = version_on(client, role_of(bob), page=PEOPLE)
    client.post(role_of(bob), {"role": "owner", "your_password": RIGHT} | version)
    version = version_on(client, role_of(bob), page=PEOPLE)
    assert client.post(role_of(bob), {"role": "member"} | version).status_code == 302
    for age in (601, -60):  # a clock that was put back counts for nothing
        session = client.session
        session[GIVEN_AT] = time.time() - age
        session.save()
        assert ASKS in text_of(client.post(role_of(bob), {"role": "owner"})), age
    settings.PASSWORD_ASKED_AFTER_MINUTES = 0
    assert ASKS in text_of(confirm(client).post(role_of(bob), {"role": "owner"}))


def test_wrong_ones_count_as_at_the_sign_in(adam, bob):
    client, signs_in = Client(), {"login": adam.email, "password": RIGHT}
    client.post(reverse("account_login"), signs_in)
    for _ in range(5):
        client.post(role_of(bob), {"role": "owner", "your_password": WRONG})
    answer = client.post(role_of(bob), {"role": "owner", "your_password": RIGHT})
    assert "Too many wrong passwords." in text_of(answer)
    client.post(reverse("account_logout"))
    assert "Too many wrong" in text_of(client.post(reverse("account_login"), signs_in))
    bob.refresh_from_db()
    assert bob.role == "member"


def test_another_persons_password_does_not_do(client_of, adam, bob, olive):
    olive.set_password("kestrel over water")
    olive.save()
    data = {"role": "owner", "your_password": "kestrel over water"}
    assert client_of(adam).post(role_of(bob), data).status_code == 422


def test_who_has_no_password_is_told_to_choose_one(client_of, adam, bob):
    adam.set_unusable_password()
    adam.save()
    answer = client_of(adam).post(role_of(bob), {"role": "owner", "your_password": RIGHT})
    assert answer.status_code == 422
    assert "Your account has no password yet." in text_of(answer)


def test_steps_that_give_no_power_do_not_ask(client_of, adam, alice, pod):
    data = {"email": "nora@example.com", "pod": pod.pk, "pod_role": "member"}
    assert client_of(alice).post(reverse("backlog:invitation_new"), data).status_code == 200
    wanted = {"name": "Reader", "scope": "read", "days": "30"}
    assert client_of(alice).post(reverse("backlog:token_new"), wanted).status_code == 200


def test_a_lead_who_stays_one_and_who_becomes_less_are_not_asked_for(tab_of, alice, bob, pod):
    tab, change = tab_of(alice), {"duty": "analysis", "department": "Data"}
    for person, role in ((alice, "lead"), (bob, "viewer")):
        url = reverse("backlog:member_edit", args=[pod.pk, person.memberships.get().pk])
        assert tab.save(url, change | {"role": role}).status_code == 302
        assert person.memberships.get().department == "Data"


def test_wrong_ones_at_the_change_of_the_password_count_with_the_others(adam, bob):
    client, change = Client(), reverse("account_change_password")
    client.post(reverse("account_login"), {"login": adam.email, "password": RIGHT})
    new = {"password1": "kestrel over water", "password2": "kestrel over water"}
    for _ in range(3):
        assert "Too many" not in text_of(client.post(change, new | {"oldpassword": WRONG}))
    for _ in range(2):
        client.post(role_of(bob), {"role": "owner", "your_password": WRONG})
    assert "Too many wrong passwords." in text_of(client.post(change, new | {"oldpassword": RIGHT}))
    answer = client.post(role_of(bob), {"role": "owner", "your_password": RIGHT})
    assert "Too many wrong passwords." in text_of(answer)
    adam.refresh_from_db()
    assert adam.check_password(RIGHT)


def test_a_new_sign_in_forgets_it(client_of, adam, bob):
    client = confirm(client_of(adam))
    client.post(reverse("account_logout"))
    client.post(reverse("account_login"), {"login": adam.email, "password": RIGHT})
    assert ASKS in text_of(client.post(role_of(bob), {"role": "owner"}))
