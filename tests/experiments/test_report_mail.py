"""The quarter report goes by mail to people without an account, and says how well we predicted."""

import datetime as dt

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.urls import reverse
from django.utils import timezone

from backlog.models import Event, Quarter
from experiments.flows.holding_out import SIDES
from experiments.models import Holdout, HoldoutReading, Metric, ReportLink
from tests.experiments.test_health import decide_many

MAIL = "experiments:report_mail"
HELD, REST = SIDES


@pytest.fixture
def period(quarter):
    today = timezone.localdate()
    days = dt.timedelta(days=60)
    Quarter.objects.filter(pk=quarter.pk).update(starts_on=today - days, ends_on=today + days)
    quarter.refresh_from_db()
    return quarter


class Broken(EmailBackend):
    """Refuses one address, as a mail server may."""

    def send_messages(self, messages):
        if any("bad@" in to for message in messages for to in message.to):
            raise OSError("550 no such user")
        return super().send_messages(messages)


def send(client, quarter, addresses, pod=None, days="30"):
    values = {"quarter": quarter.pk, "pod": pod.pk if pod else "", "addresses": addresses}
    return client.post(reverse(MAIL), values | {"days": days}, follow=True)


def test_each_gets_an_address_of_their_own_that_works(client, client_of, alice, olive, pod, period):
    decide_many(alice, pod, 2, outcome="won")
    page = send(client_of(olive), period, "ann@example.org; Ben@example.org\nann@example.org")
    assert "The report was mailed to ann@example.org, Ben@example.org." in page.content.decode()
    assert [one.to for one in mail.outbox] == [["ann@example.org"], ["Ben@example.org"]]
    addresses = [one.body[one.body.index("/shared/") :].split()[0] for one in mail.outbox]
    assert len(set(addresses)) == 2
    for address in addresses:
        assert "2 experiments were decided" in client.get(address).content.decode()
    first = ReportLink.objects.get(sent_to="ann@example.org")
    client_of(olive).post(reverse("experiments:report_end", args=[first.pk]))
    assert [client.get(address).status_code for address in addresses] == [410, 200]
    sentences = Event.objects.filter(verb="share_report").values_list("sentence", flat=True)
    assert any("for ann@example.org" in one for one in sentences)


def test_sent_twice_mails_once(client_of, olive, period):
    client = client_of(olive)
    send(client, period, "ann@example.org")
    page = send(client, period, "ANN@example.org")
    assert page.status_code == 422
    assert "already has an address of this report" in page.content.decode()
    assert len(mail.outbox) == 1


@pytest.mark.parametrize(
    ("addresses", "sentence"),
    [("", "Enter at least one e-mail address."),
     ("ann@example.org, nobody", "“nobody” is not an e-mail address."),
     ("ann@example.org\r\nBcc:eve@example.org", "is not an e-mail address."),
     (" ".join(f"p{n}@example.org" for n in range(11)), "Mail at most 10 people at once.")],
)  # fmt: skip
def test_what_is_wrong_is_said_and_nothing_goes_out(client_of, olive, period, addresses, sentence):
    page = send(client_of(olive), period, addresses)
    assert sentence in page.content.decode()
    assert addresses.split("\r\n")[0] in page.content.decode(), "what was typed is still there"
    assert mail.outbox == []
    assert not ReportLink.objects.exists()


def test_who_could_not_be_reached_is_named_and_their_address_ends(
    client_of, olive, period, settings
):
    settings.EMAIL_BACKEND = f"{Broken.__module__}.Broken"
    page = send(client_of(olive), period, "bad@example.org ann@example.org").content.decode()
    assert "The mail to bad@example.org did not go out. Try again." in page
    assert "The report was mailed to ann@example.org." in page
    assert ReportLink.objects.get(sent_to="bad@example.org").is_over
    assert not ReportLink.objects.get(sent_to="ann@example.org").is_over


def test_without_mail_the_page_does_not_offer_it(client_of, olive, period, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    page = client_of(olive).get(reverse("experiments:report")).content.decode()
    assert "Or mail it" not in page
    refusal = send(client_of(olive), period, "ann@example.org")
    assert "This Floe sends no mail." in refusal.content.decode()


def test_only_those_who_may_share_mail_it(client_of, alice, bob, charlie, pod, other_pod, period):
    assert send(client_of(bob), period, "a@example.org", pod).status_code == 403
    assert send(client_of(alice), period, "a@example.org").status_code == 403
    assert send(client_of(alice), period, "a@example.org", other_pod).status_code == 404
    assert mail.outbox == []


def test_the_report_says_how_well_we_predicted_and_what_the_holdout_showed(
    client_of, alice, olive, pod, period
):
    decide_many(alice, pod, 7)
    holdout = Holdout.objects.create(quarter=period, share=2, by=olive)
    metric = Metric.objects.create(name="Paid within 14 days", kind="proportion")
    effect = {"lift": 0.051, "lift_low": -0.01, "lift_high": 0.112, "difference": 0.002}
    for day, lift in ((3, 0.9), (1, 0.051)):
        HoldoutReading.objects.create(
            holdout=holdout, metric=metric, by=olive, rows=9, fingerprint="x",
            at=timezone.now() - dt.timedelta(days=day), counts={HELD: 1204, REST: 60000},
            result={"effect": effect | {"lift": lift}, "why_not": "", "values": {}},
        )  # fmt: skip
    client = client_of(olive)
    for more in ("", "?present=1"):
        page = client.get(reverse("experiments:report") + more).content.decode()
        assert "not enough data, 7 of 20 decided experiments" in page
        assert "Paid within 14 days: +5.1\u00a0% (−1.0 to 11.2) against 1,204 held out" in page
    own = client.get(reverse("experiments:report"), {"pod": pod.pk}).content.decode()
    assert "held out" not in own, "the holdout is of the whole programme"
    text = client.get(reverse("experiments:report"), {"as": "md"}).content.decode()
    assert "## How well we predicted, to date" in text
    assert "## Against the holdout" in text
