"""Guessing is slow, and shuts out nobody but who guesses."""

import ast
import re
from pathlib import Path

import pytest
from django.conf import settings as config
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core import mail
from django.test import Client
from django.urls import reverse

from backlog.models import Tries

URL = reverse("account_login")
RESET = reverse("account_reset_password")
RIGHT = "a long password"


@pytest.fixture
def ask_for_a_link(django_capture_on_commit_callbacks):
    """Asks for a new password; what is queued at the commit is done, as it would be."""

    def ask(email, **headers):
        with django_capture_on_commit_callbacks(execute=True):
            return Client().post(RESET, {"email": email}, follow=True, headers=headers or None)

    return ask


def sign_in(client, email, password=RIGHT, at="127.0.0.1", **headers):
    return client.post(
        URL, {"login": email, "password": password}, REMOTE_ADDR=at, headers=headers or None
    )


def guess(email, times, at="10.0.0.9", **headers):
    """The last answer of so many wrong passwords, each from a browser of its own."""
    for number in range(times):
        answer = sign_in(Client(), email, f"wrong {number}", at, **headers)
    return answer


def text_of(answer) -> str:
    return answer.content.decode()


def test_five_wrong_passwords_are_enough_and_the_answer_says_what_to_do(bob):
    assert "Too many" not in text_of(guess(bob.email, 5))
    assert "Wait five minutes and try again" in text_of(sign_in(Client(), bob.email, at="10.0.0.9"))


def test_a_stranger_does_not_lock_somebody_out(bob, carol):
    guess(bob.email, 9)
    assert sign_in(Client(), bob.email, at="10.0.0.5").status_code == 302
    assert sign_in(Client(), carol.email, at="10.0.0.9").status_code == 302


def test_somebody_behind_the_same_address_locks_no_known_browser_out(bob):
    client = Client()
    sign_in(client, bob.email, at="10.0.0.9")
    client.post(reverse("account_logout"))
    guess(bob.email, 9)
    assert sign_in(client, bob.email, at="10.0.0.9").status_code == 302


def test_guessing_one_account_from_many_addresses_is_slow_and_its_owner_comes_in(bob):
    owner = Client()
    sign_in(owner, bob.email)
    owner.post(reverse("account_logout"))
    for last in range(1, 26):
        guess(bob.email, 1, at=f"10.0.1.{last}")
    answer = sign_in(Client(), bob.email, at="10.0.2.1")
    assert "a browser in which you have signed in before" in text_of(answer)
    assert sign_in(owner, bob.email, at="10.0.3.1").status_code == 302


def test_a_known_browser_is_known_for_its_own_account_only(bob, carol):
    client = Client()
    sign_in(client, carol.email)
    client.post(reverse("account_logout"))
    for last in range(1, 26):
        guess(bob.email, 1, at=f"10.0.1.{last}")
    assert "signed in before" in text_of(sign_in(client, bob.email, at="10.0.3.1"))
    forged = Client()
    forged.cookies["floe-known"] = "made up"
    assert "signed in before" in text_of(sign_in(forged, bob.email, at="10.0.3.2"))


def test_a_new_password_by_mail_lets_the_owner_in_while_others_guess(bob, ask_for_a_link):
    for last in range(1, 26):
        guess(bob.email, 1, at=f"10.0.1.{last}")
    client = Client()
    ask_for_a_link(bob.email)
    path = link_in(mail.outbox[-1].body)
    form = client.get(path, follow=True)
    wanted = {"password1": "kestrel over water", "password2": "kestrel over water"}
    assert client.post(form.redirect_chain[-1][0], wanted).status_code == 302
    assert client.get("/").status_code == 200
    client.post(reverse("account_logout"))
    assert sign_in(client, bob.email, "kestrel over water", "10.0.3.1").status_code == 302


def test_one_address_that_tries_many_accounts_is_stopped(bob):
    for number in range(60):
        guess(f"somebody{number}@example.com", 1)
    assert "Too many wrong" in text_of(guess("another@example.com", 1))


def test_right_passwords_of_a_whole_office_count_against_nobody(bob):
    for _ in range(70):
        assert sign_in(Client(), bob.email, at="10.0.0.9").status_code == 302


def test_what_is_counted_lies_in_the_database(bob):
    guess(bob.email, 6)
    assert "Too many" in text_of(sign_in(Client(), bob.email, at="10.0.0.9"))
    Tries.objects.all().delete()
    assert sign_in(Client(), bob.email, at="10.0.0.9").status_code == 302


def test_an_address_that_anybody_may_write_is_not_believed(bob):
    for number in range(6):
        guess(bob.email, 1, **{"X-Forwarded-For": f"10.9.9.{number}"})
    assert "Too many" in text_of(guess(bob.email, 1, **{"X-Forwarded-For": "10.9.9.99"}))


def test_behind_trusted_proxies_the_address_is_what_the_outermost_of_them_saw(bob, settings):
    settings.TRUSTED_PROXIES = 2
    for number in range(6):
        hops = f"10.7.7.{number}, 10.0.0.9, 10.0.0.2"
        guess(bob.email, 1, at="10.0.0.1", **{"X-Forwarded-For": hops})
    hops = {"X-Forwarded-For": "10.0.0.9, 10.0.0.2"}
    assert "Too many" in text_of(sign_in(Client(), bob.email, at="10.0.0.1", **hops))
    hops = {"X-Forwarded-For": "10.0.0.8, 10.0.0.2"}
    assert sign_in(Client(), bob.email, at="10.0.0.1", **hops).status_code == 302


@pytest.mark.parametrize("hops", ["", "10.0.0.9", "nonsense, more", ",,,", "x" * 5000])
def test_a_chain_of_proxies_that_is_too_short_or_odd_breaks_nothing(bob, settings, hops):
    settings.TRUSTED_PROXIES = 2
    answer = sign_in(Client(), bob.email, at="10.0.0.1", **{"X-Forwarded-For": hops})
    assert answer.status_code == 302


def test_an_unknown_account_costs_as_much_and_says_the_same(bob, carol, monkeypatch):
    carol.is_active = False
    carol.save()
    hashed, encode = [], MD5PasswordHasher.encode
    monkeypatch.setattr(
        MD5PasswordHasher,
        "encode",
        lambda self, *a, **k: hashed.append(1) or encode(self, *a, **k),
    )
    pages = set()
    for email in (bob.email, carol.email, "nobody@example.com"):
        hashed.clear()
        page = text_of(guess(email, 1)).replace(email, "…")
        pages.add((len(hashed), re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", page)))
    assert len(pages) == 1


# --- Links by mail ---------------------------------------------------------------------------


def link_in(body: str) -> str:
    return re.search(rf"{re.escape(config.SITE_URL)}(/\S+)", body)[1]


def test_a_link_by_mail_leads_to_site_url_whatever_the_host_says(
    bob, alice, pod, client_of, ask_for_a_link
):
    ask_for_a_link(bob.email, host="localhost")
    wanted = {"email": "new@example.com", "pod": pod.pk, "pod_role": "member"}
    client_of(alice).post(reverse("backlog:invitation_new"), wanted, headers={"host": "localhost"})
    assert len(mail.outbox) == 2
    for one in mail.outbox:
        assert set(re.findall(r"https?://[^/\s]+", one.body)) == {config.SITE_URL}


def test_an_address_without_an_account_gets_no_mail_and_the_answer_is_the_same(bob, ask_for_a_link):
    answers = set()
    for email in (bob.email, "nobody@example.com"):
        answer = ask_for_a_link(email)
        answers.add(
            (tuple(answer.redirect_chain), re.sub(r'value="[^"]{64}"', "", text_of(answer)))
        )
    assert len(answers) == 1
    assert [one.to for one in mail.outbox] == [[bob.email]]


def test_nobody_is_mailed_without_end(bob, ask_for_a_link):
    for _ in range(9):
        ask_for_a_link(bob.email)
    assert len(mail.outbox) == 3


def test_a_link_for_a_new_password_works_once(bob, ask_for_a_link):
    client = Client()
    ask_for_a_link(bob.email)
    path = link_in(mail.outbox[0].body)
    form = client.get(path, follow=True).redirect_chain[-1][0]
    wanted = {"password1": "kestrel over water", "password2": "kestrel over water"}
    client.post(form, wanted)
    assert "This link no longer works" in text_of(Client().get(path, follow=True))


# --- What can be guessed ---------------------------------------------------------------------

NO_SECRET = {"experiments/models/assignment.py": "the salt of a split, which everybody may know"}
MAKERS = {"token_urlsafe", "token_hex", "token_bytes", "get_random_string"}


def test_every_secret_that_the_code_makes_has_at_least_128_bits():
    wrong, seen = [], 0
    for path in [
        p for app in ("backlog", "experiments", "config") for p in Path(app).rglob("*.py")
    ]:
        for node in ast.walk(ast.parse(path.read_text())):
            name = getattr(
                getattr(node, "func", None), "attr", getattr(getattr(node, "func", None), "id", "")
            )
            if isinstance(node, ast.Call) and name in MAKERS:
                seen += 1
                size = (
                    node.args[0].value
                    if node.args and isinstance(node.args[0], ast.Constant)
                    else 32
                )
                if size < 16 and str(path) not in NO_SECRET:
                    wrong.append(f"{path}:{node.lineno}")
    assert not wrong, wrong
    assert seen >= 3


@pytest.mark.grooming("A8")
def test_a_sign_in_says_why_one_is_there(bob):
    answer = Client().get(reverse("backlog:idea_new"), follow=True)
    assert "Sign in to continue" in text_of(answer)
    assert "Sign in to continue" not in text_of(Client().get(URL))


def test_a_session_begins_anew_at_the_sign_in(bob):
    client = Client()
    session = client.session
    session["planted"] = True
    session.save()
    client.cookies[config.SESSION_COOKIE_NAME] = planted = session.session_key
    sign_in(client, bob.email)
    assert client.cookies[config.SESSION_COOKIE_NAME].value != planted


@pytest.mark.parametrize("page", [URL, reverse("account_logout")])
@pytest.mark.parametrize(
    "where", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_nobody_is_led_to_another_site(bob, client_of, page, where):
    client = client_of(bob) if page != URL else Client()
    data = {"login": bob.email, "password": RIGHT, "next": where}
    answer = client.post(page, data)
    assert answer.status_code == 302
    assert re.match(r"/(?![/\\])", answer.url), answer.url
