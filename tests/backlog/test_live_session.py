"""A live session: one idea in everybody's hands, whoever leads, whatever drops out."""

import datetime as dt
import re

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone

from backlog.flows import scoring
from backlog.flows.people import set_who_scores
from backlog.models import Idea, Membership, Presence, Score
from backlog.refusals import Refused
from tests.factories import item_of, make_idea, score

PULSE = {"HX-Request": "true", "HX-Target": "round-pulse"}


@pytest.fixture
def ideas(alice, pod):
    return [make_idea(alice, pod, title) for title in ("First", "Second", "Third")]


@pytest.fixture
def live(alice, bob, carol, dave, pod, ideas):
    return scoring.open_round(by=alice, pod=pod, title="Grooming", ideas=ideas, kind="live")


@pytest.fixture
def item(live, ideas, alice):
    scoring.go_to(live, item_of(live, ideas[0]), by=alice)
    return item_of(live, ideas[0])


def url(name, live, *more):
    return reverse(f"backlog:{name}", args=[live.pk, *more])


def pulse(client, live):
    """What the page's poll asks for, and its answer."""
    page = client.get(url("round_live", live)).content.decode()
    address = (
        page.split('id="round-pulse"')[1].split('hx-get="')[1].split('"')[0].replace("&amp;", "&")
    )
    return address, lambda: client.get(address, headers=PULSE)


def test_a_poll_says_nothing_until_something_happens(client_of, bob, carol, live, item):
    client = client_of(carol)
    client.get(url("round_live", live))
    _, ask = pulse(client, live)
    assert ask().status_code == 204
    score(item, bob)
    answer = ask()
    assert "1 of 3" in answer.content.decode()
    assert "HX-Retarget" not in answer.headers


def test_when_the_facilitator_moves_on_a_poll_brings_the_next_idea(
    client_of, alice, carol, live, ideas, item
):
    _, ask = pulse(client_of(carol), live)
    client_of(alice).post(url("round_go", live), {"item": item_of(live, ideas[1]).pk})
    answer = ask()
    assert answer.headers["HX-Retarget"] == "#round-session"
    assert '<h1 tabindex="-1">Second</h1>' in answer.content.decode()


def test_who_is_here_is_told_by_name_and_forgotten_after_half_a_minute(
    client_of, alice, bob, live, item
):
    client_of(bob).get(url("round_live", live))
    page = client_of(alice).get(url("round_live", live)).content.decode()
    assert 'title="Alice, Bob"' in page
    with time_machine.travel(timezone.now() + dt.timedelta(seconds=40)):
        assert 'title="Alice"' in client_of(alice).get(url("round_live", live)).content.decode()
    assert Presence.objects.count() == 2


def test_a_second_tab_hears_of_scores_saved_in_the_first(client_of, bob, live, item):
    client = client_of(bob)
    _, ask = pulse(client, live)
    page = url("round_score", live, item.pk)
    client.post(page, {"impact": 7, "confidence": 4, "ease": 8, "given": "0"})
    assert "You saved different scores in another tab, Impact 7" in ask().content.decode()
    client.post(page, {"impact": 2, "confidence": 4, "ease": 8, "given": "0"})
    assert Score.objects.get(scorer=bob).impact == 2  # the later one wins
    text = client.get(url("round_live", live)).content.decode()
    assert "replaced those you had saved in another tab" in text


def test_a_facilitator_hands_over_to_a_member_who_then_leads(
    client_of, alice, bob, carol, live, item
):
    assert client_of(bob).post(url("round_go", live)).status_code == 403
    client_of(alice).post(url("round_hand_over", live), {"to": bob.pk})
    score(item, carol)
    assert client_of(alice).post(url("round_reveal", live, item.pk)).status_code == 409
    client_of(bob).post(url("round_reveal", live, item.pk), {"sure": "1"})
    item.refresh_from_db()
    assert item.stage == "revealed"


def test_a_lead_takes_over_once_the_facilitator_has_left(client_of, alice, bob, olive, live, item):
    scoring.hand_over(live, to=bob, by=alice)
    client_of(bob).get(url("round_live", live))
    with pytest.raises(Refused, match="Bob is here and leads"):
        scoring.take_over(live, by=olive)
    with time_machine.travel(timezone.now() + dt.timedelta(minutes=1)):
        assert "Take over" in client_of(olive).get(url("round_live", live)).content.decode()
        client_of(olive).post(url("round_take_over", live))
    live.refresh_from_db()
    assert live.facilitator == olive


def test_who_joined_the_pod_meanwhile_scores_once_admitted(
    client_of, alice, charlie, pod, live, item
):
    Membership.objects.create(pod=pod, user=charlie, role="member")
    charlie.__dict__.pop("places", None)
    with pytest.raises(Refused, match="the person who runs this one to admit you"):
        score(item, charlie)
    assert "Admit" in client_of(alice).get(url("round_detail", live)).content.decode()
    client_of(alice).post(url("round_admit", live), {"user": charlie.pk})
    score(item, charlie)
    assert Score.objects.get().scorer == charlie


def test_a_member_removed_meanwhile_is_no_longer_waited_for(bob, carol, pod, live, item):
    score(item, carol)
    counted = item.round.round_ideas.with_progress().get(pk=item.pk)
    assert (counted.scored_count, counted.asked_count) == (1, 3)
    Membership.objects.filter(pod=pod, user=bob).delete()
    bob.__dict__.pop("places", None)
    counted = item.round.round_ideas.with_progress().get(pk=item.pk)
    assert (counted.scored_count, counted.asked_count) == (1, 2)
    with pytest.raises(PermissionDenied):
        score(item, bob)


def test_an_agenda_is_put_in_order_with_plain_buttons(client_of, alice, bob, live, ideas):
    first, second, third = (item_of(live, idea).pk for idea in ideas)
    client_of(alice).post(url("round_reorder", live), {"item": third, "up": "1"})
    order = lambda: list(live.round_ideas.order_by("position").values_list("pk", flat=True))  # noqa: E731
    assert order() == [first, third, second]
    client_of(alice).post(url("round_reorder", live), {"order": [second, first]})
    assert order() == [second, first, third]
    assert client_of(bob).post(url("round_reorder", live), {"order": [first]}).status_code == 403


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        ((2, 2, 2), (9, 9, 9), "Score all three again"),
        ((2, 6, 2), (9, 6, 9), "Score Impact and Ease again"),
        ((5, 6, 6), (6, 6, 6), "Score again"),
    ],
)
def test_the_button_of_a_re_vote_says_what_is_scored_again(
    client_of, alice, bob, carol, live, item, low, high, words
):
    score(item, bob, *low)
    score(item, carol, *high)
    scoring.reveal(item, by=alice)
    page = client_of(alice).get(url("round_live", live)).content.decode()
    assert f">{words}</button>" in page


def test_only_what_is_split_is_scored_again_and_the_rest_stands(
    client_of, alice, bob, carol, live, item
):
    score(item, bob, 2, 6, 6)
    score(item, carol, 8, 6, 6)
    scoring.reveal(item, by=alice)
    page = client_of(alice).get(url("round_live", live)).content.decode()
    assert "Score Impact again" in " ".join(page.split())
    client_of(alice).post(url("round_ask_again", live, item.pk), {"dimension": "impact"})
    page = client_of(bob).get(url("round_live", live)).content.decode()
    assert page.count('type="radio"') == 10
    item.refresh_from_db()
    with pytest.raises(ValidationError, match="only about Impact"):
        score(item, bob, 6, 6, 6)
    scoring.submit_score(item, by=bob, impact=6)
    scoring.reveal(item, by=alice)
    item.idea.refresh_from_db()
    assert (item.idea.impact, item.idea.ease) == (7, 6)


def test_a_session_that_has_ended_leads_to_its_summary_and_what_is_left_goes_on(
    client_of, alice, bob, live, item, ideas
):
    score(item, bob)
    scoring.reveal(item, by=alice)
    client = client_of(alice)
    client.post(url("round_note", live, item.pk), {"note": "Bob had seen the test."})
    assert client.post(url("round_close", live)).url == url("round_summary", live)
    assert client.get(url("round_live", live)).url == url("round_summary", live)
    page = client.get(url("round_summary", live)).content.decode()
    for words in ("1 idea scored", "2 left", "new in the ranking", "Bob had seen the test."):
        assert words in page
    with pytest.raises(Refused, match="round has ended"):
        score(item_of(live, ideas[1]), bob)
    following = client.post(url("round_again", live)).url
    assert "Second" in client.get(following).content.decode()


def test_members_are_asked_only_for_what_their_duty_scores(
    client_of, alice, bob, carol, pod, ideas
):
    set_who_scores(pod, by=alice, ease_by="execution")
    round_ = scoring.open_round(by=alice, pod=pod, title="Ease", ideas=ideas[:1])
    item = item_of(round_, ideas[0])
    page = client_of(carol).get(url("round_score", round_, item.pk)).content.decode()
    assert page.count('type="radio"') == 20
    assert "You don’t score Ease: members with the duty execution do." in page
    with pytest.raises(ValidationError, match="Only members with the duty “execution” score Ease"):
        score(item, carol)
    scoring.submit_score(item, by=carol, impact=4, confidence=4)
    score(item, bob, 6, 6, 8)
    scoring.reveal(item, by=alice)
    item.idea.refresh_from_db()
    assert (item.idea.impact, item.idea.ease, item.idea.ice) == (5, 8, 6)
    assert item.idea.ice_low is None  # one score of Ease says nothing about its spread


def test_nobody_to_score_a_dimension_is_said_when_the_round_opens(alice, bob, pod, ideas):
    set_who_scores(pod, by=alice, ease_by="analysis")
    with pytest.raises(Refused, match="Nobody in Lifecycle has the duty “analysis”"):
        scoring.open_round(by=alice, pod=pod, title="Ease", ideas=ideas)


@pytest.mark.parametrize("value", ["0", "11", "8,5"])
def test_a_score_that_is_none_is_answered_with_a_sentence_and_the_rest_stays(
    client_of, bob, live, item, value
):
    data = {"impact": 7, "confidence": 4, "ease": value}
    page = client_of(bob).post(url("round_score", live, item.pk), data).content.decode()
    assert f"Enter a whole number from 1 to 10, not “{value}”." in page
    assert 'name="impact" value="7" checked' in page


def test_a_poll_asks_the_database_little(
    client_of, bob, carol, live, item, django_assert_max_num_queries
):
    client = client_of(carol)
    _, ask = pulse(client, live)
    with django_assert_max_num_queries(8):
        ask()
    score(item, bob)
    with django_assert_max_num_queries(9):
        ask()
    with django_assert_max_num_queries(12):
        client.get(url("round_live", live))


def test_a_kept_session_takes_no_title_for_a_token(
    client_of, alice, bob, carol, live, ideas, item, settings
):
    settings.CACHES = settings.CACHES | {
        "seconds": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
    }
    Idea.objects.filter(pk=ideas[1].pk).update(title="%TOKEN% token-0 %SPENT%")
    polls = [pulse(client_of(person), live)[1] for person in (bob, carol)]
    scoring.go_to(live, item_of(live, ideas[1]), by=alice)
    answers = [ask().content.decode() for ask in polls]
    assert all("%TOKEN% token-0 %SPENT%" in answer for answer in answers)
    tokens = [
        set(re.findall(r'csrfmiddlewaretoken" value="([^"]+)"', answer)) for answer in answers
    ]
    assert all(len(own) == 1 and len(min(own)) == 64 for own in tokens)
    assert tokens[0] != tokens[1]
    marks = [set(re.findall(r"data-ours=(\w+)", answer)) for answer in answers]
    assert all(len(own) == 1 for own in marks)  # of our controls, one's own each (backlog/ours.py)
    assert marks[0] != marks[1]
    assert all('id="round-pulse"' in answer for answer in answers)


@pytest.mark.grooming("C1")
def test_take_over_arrives_by_the_poll_once_the_leader_is_gone(
    client_of, alice, bob, olive, live, item
):
    client_of(alice).get(url("round_live", live))
    _, lead = pulse(client_of(olive), live)
    _, member = pulse(client_of(bob), live)
    assert "Take over" not in lead().content.decode()
    with time_machine.travel(timezone.now() + dt.timedelta(seconds=40)):
        answer = lead()
        assert answer.headers["HX-Retarget"] == "#round-session"
        assert "Take over" in answer.content.decode()
        assert "Take over" not in member().content.decode()


@pytest.mark.grooming("C1")
def test_who_came_late_can_be_admitted_by_the_poll_alone(
    client_of, alice, charlie, pod, live, item
):
    _, ask = pulse(client_of(alice), live)
    Membership.objects.create(pod=pod, user=charlie, role="member")
    latecomer = client_of(charlie)
    latecomer.get(url("round_live", live))
    answer = ask()
    assert answer.headers["HX-Retarget"] == "#round-session"
    assert "Charlie joined the pod after the start" in answer.content.decode()
    _, wait = pulse(latecomer, live)
    client_of(alice).post(url("round_admit", live), {"user": charlie.pk})
    assert wait().content.decode().count('type="radio"') == 30


def test_nobody_but_the_leader_is_asked_to_admit(client_of, bob, charlie, pod, live, item):
    Membership.objects.create(pod=pod, user=charlie, role="member")
    client_of(charlie).get(url("round_live", live))
    assert "Admit" not in client_of(bob).get(url("round_live", live)).content.decode()


@pytest.mark.grooming("D5")
def test_the_timer_can_be_paused_and_goes_on_from_there(client_of, alice, bob, live, item):
    client, began = client_of(alice), timezone.now()
    with time_machine.travel(began + dt.timedelta(seconds=60), tick=False):
        client.post(url("round_timer_pause", live), {"pause": "1"})
    with time_machine.travel(began + dt.timedelta(seconds=200), tick=False):
        page = client_of(bob).get(url("round_live", live)).content.decode()
        assert "data-paused" in page
        assert re.search(r"data-spent>(1:00|0:59)<", page)
        client.post(url("round_timer_pause", live), {"pause": "1"})  # once more changes nothing
        client.post(url("round_timer_pause", live), {"pause": "0"})
    with time_machine.travel(began + dt.timedelta(seconds=210), tick=False):
        page = client.get(url("round_live", live)).content.decode()
        assert "data-paused" not in page
        assert re.search(r"data-spent>(1:10|1:09)<", page)
    assert client_of(bob).post(url("round_timer_pause", live), {"pause": "1"}).status_code == 403


def test_a_paused_timer_stands_still_in_what_everybody_gets(client_of, alice, bob, live, item):
    _, ask = pulse(client_of(bob), live)
    scoring.pause_timer(live, by=alice, is_paused=True)
    with time_machine.travel(timezone.now() + dt.timedelta(seconds=90)):
        page = ask().content.decode()
    assert "data-paused" in page
    assert re.search(r"data-spent>0:0[0-5]<", page)


def test_the_next_idea_begins_with_a_running_timer(alice, live, ideas, item):
    scoring.pause_timer(live, by=alice, is_paused=True)
    scoring.go_to(live, item_of(live, ideas[1]), by=alice)
    live.refresh_from_db()
    assert live.timer_paused_at is None


@pytest.mark.grooming("D4")
def test_a_vote_again_shows_one_s_own_first_numbers_and_nobody_else_s(
    client_of, alice, bob, carol, live, item
):
    score(item, bob, 2, 6, 6)
    score(item, carol, 9, 6, 6)
    scoring.reveal(item, by=alice)
    item.refresh_from_db()
    _, ask = pulse(client_of(bob), live)
    scoring.ask_again(item, by=alice, dimensions=["impact"])
    for page in (ask().content.decode(), client_of(bob).get(url("round_live", live)).content.decode()):  # fmt: skip
        assert "You gave 2 first." in page
        assert "You gave 9 first." not in page
        assert "and so do those of people who don’t score again" in page


@pytest.mark.grooming("B7")
def test_the_rank_of_a_pod_stands_on_its_pages_and_says_so(client_of, alice, bob, live, item):
    score(item, bob)
    scoring.reveal(item, by=alice)
    Idea.objects.filter(pk=item.idea_id).update(rank=8, pod_rank=2)
    client = client_of(alice)
    page = " ".join(client.get(url("round_live", live)).content.decode().split())
    assert "Rank <b>2</b> in Lifecycle" in page
    assert "of all pods" not in page
    page = client.get(item.idea.get_absolute_url()).content.decode()
    assert "rank 8 of all pods" in page
    assert "in Lifecycle<" not in page
    page = client.get(url("round_summary", live)).content.decode()
    assert '<td class="r num">2</td>' in page
    assert '<td class="r num">8</td>' not in page


@pytest.mark.grooming("E1")
def test_where_several_dimensions_are_split_the_same_people_are_asked_once(
    client_of, alice, bob, carol, live, item
):
    score(item, bob, 2, 2, 2)
    score(item, carol, 9, 9, 9)
    scoring.reveal(item, by=alice)
    page = client_of(alice).get(url("round_live", live)).content.decode()
    assert page.count('class="ask"') == 1
    assert "On Impact, Confidence and Ease: <b>Bob</b>, then <b>Carol</b>." in page


@pytest.mark.grooming("C2")
def test_the_end_is_asked_for_on_a_page_of_its_own(client_of, alice, bob, live, item):
    page = client_of(alice).get(url("round_live", live)).content.decode()
    assert f'href="{url("round_close", live)}"' in page
    assert f'action="{url("round_close", live)}"' not in page
    page = client_of(alice).get(url("round_close", live)).content.decode()
    assert "The session ends for everybody." in page


def test_who_scores_no_dimension_is_not_offered_to_be_admitted(
    client_of, alice, bob, charlie, pod, live, item
):
    for person, duty in ((alice, "analyst"), (bob, "engineer"), (charlie, "designer")):
        Membership.objects.update_or_create(pod=pod, user=person, defaults={"duty": duty})
    pod.impact_by, pod.confidence_by, pod.ease_by = "analyst", "analyst", "engineer"
    pod.save()
    live.pod.refresh_from_db()
    client_of(charlie).get(url("round_live", live))
    page = client_of(alice).get(url("round_live", live)).content.decode()
    assert "Admit" not in page
    pod.ease_by = "designer"
    pod.save()
    assert "Admit" in client_of(alice).get(url("round_live", live)).content.decode()
