"""A title or a name in the subject of a mail stays in the subject."""

import doctest

import pytest
from django.core import mail

from backlog.flows import mailing, outbox
from backlog.flows.inviting import invite

BREAK = "Round\r\nBcc: everybody@example.org\x0b\u2028X: y"


def test_the_example_holds():
    assert doctest.testmod(outbox).failed == 0


def test_a_line_break_in_a_title_is_no_header(bob):
    outbox.put_mail(key="one", to=bob, subject=f"{BREAK} closes", text="x", pods=())
    outbox.send_what_waits()
    (sent,) = mail.outbox
    assert "\n" not in sent.subject
    assert sent.recipients() == [bob.email]
    assert sent.message()["Bcc"] is None


@pytest.mark.parametrize("name", [BREAK, "Ａnna ✉", "x" * 300])
def test_a_name_with_a_line_break_invites(alice, pod, name):
    type(alice).objects.filter(pk=alice.pk).update(name=name[:80])
    alice.refresh_from_db()
    invitation, _ = invite(by=alice, email="new@example.com", pod=pod)
    assert mailing.mail_invitation(invitation, "https://x/")
    assert mail.outbox[-1].message()["Bcc"] is None
