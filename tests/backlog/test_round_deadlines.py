"""Rounds on your own: an order of one's own, one reminder, the reveal at the deadline by the clock."""

import datetime as dt

import pytest
import time_machine
from django.core import mail
from django.urls import reverse
from django.utils import timezone

from backlog.flows import scoring
from backlog.flows.outbox import send_what_waits
from backlog.flows.scoring.deadlines import remind_before_deadlines, reveal_what_is_due
from backlog.models import Mail
from backlog.refusals import Refused
from backlog.views.progress import agenda_of
from tests.factories import item_of, make_idea, score

HOURS = dt.timedelta(hours=1)


@pytest.fixture
def ideas(alice, pod):
    return [make_idea(alice, pod, f"Idea {number}") for number in range(8)]


@pytest.fixture
def round_(alice, bob, carol, pod, ideas):
    closes_at = timezone.now() + 20 * HOURS
    return scoring.open_round(by=alice, pod=pod, title="Week 47", ideas=ideas, closes_at=closes_at)


def order_of(round_, person):
    return [row.item.pk for row in agenda_of(round_, person)]


def test_everybody_has_an_order_of_their_own_that_stays(round_, bob, carol):
    assert order_of(round_, bob) == order_of(round_, bob)
    assert order_of(round_, bob) != order_of(round_, carol)
    assert sorted(order_of(round_, bob)) == sorted(order_of(round_, carol))


def test_who_has_ideas_left_is_reminded_once(round_, ideas, alice, bob, carol):
    for idea in ideas:
        score(item_of(round_, idea), carol)
    assert remind_before_deadlines() == 1  # Bob; Carol is done, Alice wrote all of them
    assert remind_before_deadlines() == 0
    send_what_waits()
    send_what_waits()
    assert [(one.to, one.subject[:15]) for one in mail.outbox] == [([bob.email], "Week 47 closes ")]
    assert "8 ideas in Lifecycle still need your scores" in mail.outbox[0].body


def test_mail_that_could_not_be_sent_is_tried_again_later(round_, monkeypatch):
    def fail(*args, **kwargs):
        raise OSError("The mail server is away.")

    remind_before_deadlines()
    with monkeypatch.context() as patch:
        patch.setattr("backlog.flows.outbox.send_mail", fail)
        assert send_what_waits() == 0
    assert send_what_waits() == 0  # not at once
    with time_machine.travel(timezone.now() + HOURS):
        assert send_what_waits() == 2
    assert {one.attempts for one in Mail.objects.all()} == {2}


def test_at_the_deadline_what_was_scored_is_revealed_and_the_rest_goes_back(round_, ideas, bob):
    scored, unscored = item_of(round_, ideas[0]), item_of(round_, ideas[1])
    score(scored, bob, 8, 8, 8)
    assert reveal_what_is_due() == 0
    with time_machine.travel(timezone.now() + 21 * HOURS):
        with pytest.raises(Refused, match="deadline has passed"):
            score(scored, bob, 2, 2, 2)
        assert reveal_what_is_due() == 1
        assert reveal_what_is_due() == 0
    for item in (scored, unscored):
        item.refresh_from_db()
        item.idea.refresh_from_db()
    assert (scored.stage, scored.idea.ice, scored.idea.rank) == ("revealed", 8, 1)
    assert (unscored.stage, unscored.idea.state) == ("left", "open")


def test_after_the_reveal_it_may_be_scored_once_more(round_, ideas, alice, bob, carol):
    item = item_of(round_, ideas[0])
    score(item, bob, 2, 5, 5)
    score(item, carol, 9, 5, 5)
    with time_machine.travel(timezone.now() + 21 * HOURS):
        reveal_what_is_due()
        item.refresh_from_db()
        scoring.ask_again(item, by=alice, dimensions=["impact"])
        item.refresh_from_db()
        scoring.submit_score(item, by=bob, impact=8)


def test_a_round_that_nobody_scored_is_closed(round_):
    with time_machine.travel(timezone.now() + 21 * HOURS):
        reveal_what_is_due()
    round_.refresh_from_db()
    assert round_.state == "closed"


def test_today_says_when_it_closes(client_of, bob, pod, alice):
    day = timezone.now().replace(hour=9, minute=0)
    with time_machine.travel(day, tick=False):
        idea = make_idea(alice, pod)
        closes_at = day.replace(hour=20)
        scoring.open_round(by=alice, pod=pod, title="W", ideas=[idea], closes_at=closes_at)
        page = client_of(bob).get(reverse("backlog:today")).content.decode()
    assert "The round closes tonight at 20:00" in page


def test_a_deadline_in_the_past_is_refused(client_of, alice, bob, pod):
    idea = make_idea(alice, pod)
    data = {"title": "W", "kind": "own", "closes_at": "2020-01-01T09:00", "ideas": [idea.pk]}
    page = client_of(alice).post(reverse("backlog:round_new"), data)
    assert page.status_code == 422
    assert "The deadline is in the past" in page.content.decode()
