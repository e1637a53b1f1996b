"""The inbox, what one wants of it, and the e-mail that sums it up."""

import datetime as dt
import re

import pytest
from django.urls import reverse

from backlog.flows import scoring
from backlog.flows.digests import write_digests
from backlog.flows.ideas import edit_idea
from backlog.flows.talking import comment_on, delete_comment, edit_comment
from backlog.models import Mail, Notification, User
from tests.factories import item_of, make_idea, make_round, score

INBOX = reverse("backlog:notification_list")
CHOICES = reverse("backlog:notification_choices")
MONDAY, TUESDAY = dt.date(2026, 11, 23), dt.date(2026, 11, 24)


@pytest.fixture
def idea(alice, pod):
    return make_idea(alice, pod, "Name the series")


def choose(tab, digest="daily", **wishes):
    kinds = dict.fromkeys(Notification.Kind.values, "digest")
    return tab.save(CHOICES, {"digest": digest, **kinds, **wishes})


def bell_rings(client):
    return 'class="dot"' in client.get(INBOX).content.decode()


def test_the_bell_rings_until_it_is_read(client_of, alice, bob, idea):
    client = client_of(alice)
    assert not bell_rings(client)
    comment = comment_on(idea, by=bob, text="Hello")
    assert bell_rings(client)
    row = alice.notifications.get()
    answer = client.get(reverse("backlog:notification_open", args=[row.pk]))
    assert answer.url == comment.get_absolute_url()
    assert not bell_rings(client)
    assert "commented on" not in client.get(INBOX).content.decode()
    assert "commented on" in client.get(f"{INBOX}?show=all").content.decode()


def test_reading_all_leaves_what_came_after_the_page_was_shown(client_of, alice, bob, idea):
    comment_on(idea, by=bob, text="One")
    top = alice.notifications.first().pk
    comment_on(idea, by=bob, text="Two")
    client_of(alice).post(reverse("backlog:notification_read"), {"top": top})
    assert alice.notifications.filter(read_at=None).count() == 1
    client_of(alice).post(reverse("backlog:notification_read"), {"top": "x"})
    assert alice.notifications.filter(read_at=None).count() == 1


def test_those_of_others_are_not_to_be_opened(client_of, alice, bob, idea):
    comment_on(idea, by=bob, text="One")
    path = reverse("backlog:notification_open", args=[alice.notifications.get().pk])
    assert client_of(bob).get(path).status_code == 404
    assert alice.notifications.filter(read_at=None).exists()


def test_what_one_does_not_want_is_not_written(tab_of, alice, bob, carol, idea):
    choose(tab_of(alice), comment="off")
    alice.refresh_from_db()
    comment_on(idea, by=bob, text="One")
    comment_on(idea, by=carol, text="Two, @Alice")
    assert list(alice.notifications.values_list("kind", flat=True)) == ["mention"]


def test_being_made_the_owner_asked_to_score_and_a_reveal_are_told(alice, bob, carol, pod, idea):
    edit_idea(idea, by=alice, owner=bob)
    round_ = make_round(alice, pod, idea)
    item = item_of(round_, idea)
    score(item, bob, 9, 9, 9)
    assert list(bob.notifications.order_by("pk").values_list("kind", flat=True)) == [
        "owner",
        "round",
    ]
    scoring.reveal(item, by=alice)
    scoring.close_round(round_, by=alice)
    assert list(carol.notifications.order_by("pk").values_list("kind", flat=True)) == [
        "round",
        "reveal",
    ]
    assert not any("9" in row.sentence for row in Notification.objects.all())


def test_who_left_a_pod_no_longer_reads_its_lines(client_of, alice, bob, idea):
    edit_idea(idea, by=alice, owner=bob)
    bob.memberships.all().delete()
    assert "Name the series" not in client_of(bob).get(f"{INBOX}?show=all").content.decode()


def at(day, monkeypatch):
    monkeypatch.setattr("backlog.flows.digests.timezone.localdate", lambda: day)


def test_the_daily_mail_holds_what_is_unread_once(client_of, alice, bob, idea, monkeypatch):
    comment_on(idea, by=bob, text="One")
    at(TUESDAY, monkeypatch)
    assert write_digests() == 1
    mail = Mail.objects.get()
    assert mail.to == alice
    assert "Bob commented on LIF-1 Name the series: “One”" in mail.text
    assert "/ideas/" in mail.text
    assert write_digests() == 0
    comment_on(idea, by=bob, text="Two")
    at(TUESDAY + dt.timedelta(days=1), monkeypatch)
    write_digests()
    assert Mail.objects.latest("pk").text.count("commented on") == 1


def test_what_was_read_in_floe_is_not_mailed(client_of, alice, bob, idea, monkeypatch):
    comment_on(idea, by=bob, text="One")
    client_of(alice).post(
        reverse("backlog:notification_read"), {"top": alice.notifications.get().pk}
    )
    at(TUESDAY, monkeypatch)
    assert write_digests() == 0


@pytest.mark.parametrize(
    ("digest", "day", "mails"),
    [("weekly", MONDAY, 1), ("weekly", TUESDAY, 0), ("off", MONDAY, 0), ("daily", TUESDAY, 1)],
)
def test_it_comes_as_often_as_one_wants(tab_of, alice, bob, idea, monkeypatch, digest, day, mails):
    choose(tab_of(alice), digest=digest)
    alice.refresh_from_db()
    comment_on(idea, by=bob, text="One")
    at(day, monkeypatch)
    assert write_digests() == mails


def test_a_kind_kept_to_floe_is_not_mailed_even_after_a_change_of_mind(
    tab_of, alice, bob, idea, monkeypatch
):
    choose(tab_of(alice), comment="inbox")
    idea.author.refresh_from_db()
    comment_on(idea, by=bob, text="One")
    choose(tab_of(alice))
    at(TUESDAY, monkeypatch)
    assert write_digests() == 0
    assert alice.notifications.exists()


def test_nobody_who_was_shut_out_gets_mail(alice, bob, idea, monkeypatch):
    comment_on(idea, by=bob, text="One")
    User.objects.filter(pk=alice.pk).update(is_active=False)
    at(TUESDAY, monkeypatch)
    assert write_digests() == 0


def test_a_choice_that_does_not_exist_is_refused(tab_of, alice):
    assert choose(tab_of(alice), digest="hourly").status_code == 422
    assert choose(tab_of(alice), comment="loud").status_code == 422


def test_an_empty_inbox_teaches(client_of, alice):
    assert "Nothing new" in client_of(alice).get(INBOX).content.decode()


@pytest.mark.grooming("D7")
def test_a_mention_stands_on_today_with_its_words_until_it_is_read(client_of, alice, bob, idea):
    comment_on(idea, by=bob, text="> Is it so?\n\n@Alice, what do *you* think? <b>")
    client = client_of(alice)
    page = client.get("/").content.decode()
    assert "Bob mentioned you on LIF-1 Name the series" in page
    assert "“@Alice, what do *you* think? &lt;b&gt;”" in page
    assert "Is it so" not in page
    (link,) = set(re.findall(r'href="(/notifications/[0-9]+/)"', page))
    assert client.get(link)["Location"].startswith(idea.get_absolute_url())
    assert "mentioned you" not in client.get("/").content.decode()


def test_an_answer_begins_with_what_it_answers(client_of, alice, bob, charlie, idea):
    question = comment_on(idea, by=bob, text="Is it so?\nReally?")
    url = reverse("backlog:comment_new", args=[idea.pk])
    page = client_of(alice).get(f"{url}?reply={question.pk}").content.decode()
    assert "&gt; Is it so?\n&gt; Really?\n\n@Bob " in page
    assert f"?reply={question.pk}" in client_of(alice).get(idea.get_absolute_url()).content.decode()
    for odd in ("999999", "x", "9" * 30, ""):
        assert "&gt; " not in client_of(alice).get(f"{url}?reply={odd}").content.decode()
    assert client_of(charlie).get(f"{url}?reply={question.pk}").status_code == 404


@pytest.mark.grooming("D7")
def test_an_inbox_says_what_a_comment_says_now(client_of, alice, bob, idea, monkeypatch):
    comment = comment_on(idea, by=bob, text="The customer is Ann Onym")
    mention = comment_on(idea, by=bob, text="@Alice, her number is 55-0147-92")
    edit_comment(mention, by=bob, text="@Alice, call her")
    client = client_of(alice)
    pages = client.get(INBOX).content.decode() + client.get("/").content.decode()
    assert "Ann Onym" in pages
    assert "call her" in pages
    assert "0147" not in pages
    delete_comment(comment, by=bob)
    delete_comment(mention, by=bob)
    at(TUESDAY, monkeypatch)
    write_digests()
    pages = client.get(INBOX).content.decode() + client.get("/").content.decode()
    for text in (pages, Mail.objects.get().text):
        assert "Bob commented on LIF-1" in text or "Bob mentioned you on LIF-1" in text
        assert "Ann Onym" not in text
        assert "call her" not in text
        assert "“”" not in text


def test_a_title_with_quotation_marks_stays_whole_on_today(client_of, alice, bob, pod):
    idea = make_idea(alice, pod, "Onboarding: “shorter” form")
    comment_on(idea, by=bob, text="> only a quotation\n\n@Alice")
    page = client_of(alice).get("/").content.decode()
    assert f"Bob mentioned you on {idea.key} Onboarding: “shorter” form</a>" in page
    assert "“@Alice”" in page
