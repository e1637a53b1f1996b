"""Mail, digests, the bell and Today tell of a pod only to people of it."""

import ast
import datetime as dt
from pathlib import Path

import pytest
from django.conf import settings
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from backlog.flows import scoring
from backlog.flows.digests import write_digests
from backlog.flows.ideas import edit_idea
from backlog.flows.moves import move_idea
from backlog.flows.notifying import follow
from backlog.flows.outbox import put_mail, send_what_waits
from backlog.flows.scoring.deadlines import remind_before_deadlines
from backlog.flows.talking import comment_on
from backlog.models import Mail, Notification, User
from experiments.flows import connecting
from experiments.flows.deciding import decide
from experiments.flows.forwarding import send_decision
from experiments.flows.moves import move_experiment
from experiments.flows.writing_up_opening import remind_of_post_mortems
from experiments.models import Connector, PostMortem
from tests.factories import (
    analysed,
    item_of,
    launched,
    make_experiment,
    make_idea,
    make_round,
    score,
    totals,
)

TITLE = "Name the series"
SKEWED = [row | ({"n": 3_000, "successes": min(row["successes"], 3_000)}
                 if row["variant"] == "As it is" else {}) for row in totals(n=2_000)]  # fmt: skip


def leaves(person):
    person.memberships.all().delete()


def is_shut_out(person):
    User.objects.filter(pk=person.pk).update(is_active=False)


def becomes_a_viewer(person):
    person.memberships.update(role="viewer")


def stays(person):
    pass


@pytest.fixture
def story(alice, bob, carol, adam, pod, objective, tmp_path):
    """A play in which Carol has every part; `story(step)` lets her take a step half way through."""

    def play(step):
        wrote = make_idea(carol, pod, f"{TITLE} of mine")
        talked = make_idea(alice, pod, f"{TITLE} to talk about")
        follow(talked, carol)
        edit_idea(talked, by=alice, owner=carol)
        tests = [
            launched(
                make_experiment(alice, pod, objective=objective, analyst=carol, owner=carol,
                                idea_title=f"{TITLE} {n}", title=f"{TITLE} tested {n}"), alice)
            for n in range(2)
        ]  # fmt: skip
        planned = make_experiment(alice, pod, objective=objective, analyst=bob,
                                  idea_title=f"{TITLE} to plan")  # fmt: skip
        if planned.state == "planned":
            move_experiment(planned, "unplan", by=alice)
        scored, waits = (make_idea(alice, pod, f"{TITLE} scored {n}") for n in range(2))
        round_ = scoring.open_round(by=alice, pod=pod, title=TITLE, ideas=[scored, waits],
                                    closes_at=timezone.now() + dt.timedelta(hours=20))  # fmt: skip
        score(item_of(round_, scored), carol)
        shop = connecting.save_connector(
            Connector(), by=adam, name="Shop", address=f"sqlite://{tmp_path / 'none.db'}",
            seconds=5, most_rows=1000,
        )  # fmt: skip
        feed = connecting.save_feed(
            tests[0], by=adam, connector=shop, sql="SELECT 1", hour=3, is_paused=False
        )
        put_mail(key="before", to=carol, subject=TITLE, text=TITLE, pods={pod.pk})
        step(User.objects.get(pk=carol.pk))
        before = set(Notification.objects.values_list("pk", flat=True))
        comment_on(talked, by=bob, text="Hello")
        comment_on(talked, by=bob, text="@Carol look")
        move_idea(wrote, "reject", by=alice, reason="No")
        move_experiment(planned, "plan", by=alice)
        make_round(alice, pod, make_idea(alice, pod, f"{TITLE} asked"), title=f"{TITLE} next")
        analysed(tests[0], bob, SKEWED)
        connecting.bring_in_feed(feed.pk)
        analysed(tests[1], bob, totals())
        decide(tests[1], by=bob, choice="ship", reason="As it says")
        send_decision(tests[1], by=bob, audiences=["owner", "watchers"])
        remind_before_deadlines()
        scoring.reveal(item_of(round_, scored), by=alice)
        scoring.close_round(round_, by=alice)
        PostMortem.objects.update(due_on=timezone.localdate())
        remind_of_post_mortems()
        write_digests()
        send_what_waits()
        lines = Notification.objects.filter(to=carol).exclude(pk__in=before)
        return list(lines), [one for one in mail.outbox if one.to == [carol.email]]

    return play


def test_who_stays_is_told_everything(story, carol):
    lines, mails = story(stays)
    # "owner" was told before; "library" is of what everybody may read: test_library.py
    every = set(Notification.Kind.values) - {"owner", "library"}
    assert {row.kind for row in lines} == every
    subjects = " / ".join(sorted(one.subject for one in mails))
    for words in (TITLE, "decided: ship", "closes on", "Floe: "):
        assert words in subjects


@pytest.mark.parametrize("step", [leaves, is_shut_out])
def test_who_left_or_was_shut_out_is_told_nothing_whatever_part_they_had(story, carol, step):
    lines, mails = story(step)
    assert lines == []
    assert mails == []
    assert not Mail.objects.filter(to=carol).exists()


def test_who_only_watches_now_is_not_asked_to_score(story, carol, client_of):
    lines, mails = story(becomes_a_viewer)
    assert "round" not in {row.kind for row in lines}
    assert not any("closes on" in one.subject for one in mails)


def test_the_bell_the_inbox_and_today_are_silent_about_a_pod_that_one_left(story, carol, client_of):
    story(leaves)
    client = client_of(User.objects.get(pk=carol.pk))
    for page in ("notification_list", "today"):
        html = client.get(reverse(f"backlog:{page}") + "?show=all").content.decode()
        assert TITLE not in html
        assert 'class="dot"' not in html
    row = Notification.objects.filter(to=carol).first()
    assert client.get(reverse("backlog:notification_open", args=[row.pk])).status_code == 404
    assert Notification.objects.get(pk=row.pk).read_at is None


def test_a_digest_tells_of_the_pods_that_one_still_has(alice, bob, carol, olive, pod, other_pod):
    other_pod.memberships.create(user=carol, role="member")
    ours, theirs = make_idea(alice, pod, "Ours"), make_idea(olive, other_pod, "Theirs")
    for idea in (ours, theirs):
        follow(idea, carol)
        comment_on(idea, by=olive, text="Hello")
    carol.memberships.filter(pod=pod).delete()
    write_digests()
    text = Mail.objects.get(to=carol).text
    assert "Theirs" in text
    assert "Ours" not in text


def _calls(name: str) -> set[str]:
    """The modules that call a function of this name, or make an object of it."""
    calls = set()
    for package in ("backlog", "experiments"):
        for path in (settings.BASE_DIR / package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call):
                    called = node.func
                    word = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")  # fmt: skip
                    if word == name:
                        calls.add(str(Path(path).relative_to(settings.BASE_DIR)))
    return calls


def test_lines_and_mail_are_made_in_the_places_that_ask_who_may_read_them():
    assert _calls("Notification") == {"backlog/flows/notifying.py"}
    assert _calls("Mail") == set()
    assert _calls("send_mail") == {"backlog/flows/outbox.py", "backlog/flows/mailing.py"}
    assert _calls("EmailMessage") | _calls("EmailMultiAlternatives") == set()
