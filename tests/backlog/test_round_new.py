"""Open a round."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from backlog.flows import scoring
from backlog.models import Event, Idea, Membership, Notification, Round, User
from backlog.refusals import Refused
from tests.factories import item_of, make_idea, make_round, score

URL = reverse("backlog:round_new")


def test_a_lead_chooses_ideas_that_are_ready(client_of, alice, bob, pod):
    ready, busy = make_idea(alice, pod, "Ready one"), make_idea(alice, pod, "Busy one")
    make_round(alice, pod, busy)
    client = client_of(alice)
    page = client.get(URL).content.decode()
    assert "Ready one" in page
    assert "Busy one" not in page
    response = client.post(f"{URL}?pod=LIF", {"title": "Week 47", "ideas": [ready.pk]})
    round_ = Round.objects.get(title="Week 47")
    assert response.url == round_.get_absolute_url()
    assert bob in round_.scorers.all()


def test_without_an_idea_or_a_title_it_says_so_and_keeps_the_rest(client_of, alice, pod):
    idea = make_idea(alice, pod)
    client = client_of(alice)
    response = client.post(URL, {"title": "Week 47"})
    assert response.status_code == 422
    assert "Choose at least one idea to score." in response.content.decode()
    response = client.post(URL, {"title": "", "ideas": [idea.pk]})
    assert "Enter a title." in response.content.decode()
    assert f'value="{idea.pk}" checked' in response.content.decode()
    assert not Round.objects.exists()


def test_an_idea_of_another_pod_cannot_be_put_in(client_of, alice, charlie, pod, other_pod):
    theirs = make_idea(charlie, other_pod)
    response = client_of(alice).post(URL, {"title": "Week 47", "ideas": [theirs.pk]})
    assert response.status_code == 422
    assert not Round.objects.exists()


def test_it_shows_unscored_ideas_then_the_best_and_finds_others_while_the_chosen_stay(
    client_of, alice, bob, pod, monkeypatch
):
    monkeypatch.setattr("backlog.forms.scoring.SHOWN", 2)
    made = [make_idea(alice, pod, f"Letter {name}") for name in ("one", "two", "three", "four")]
    for idea, points in zip(made, (3.0, None, 8.0, 1.0), strict=True):
        Idea.objects.filter(pk=idea.pk).update(
            ice=points, ice_order=-1 if points is None else points
        )
    client = client_of(alice)
    page = client.get(URL).content.decode()
    assert page.index("Letter two") < page.index("Letter three")
    assert "Letter one" not in page
    assert "Search for others" in page
    typed = {"look": "1", "q": "four", "title": "Week 47", "ideas": [made[1].pk]}
    answer = client.post(f"{URL}?pod=LIF", typed)
    page = client.get(answer.url).content.decode()
    assert f'value="{made[1].pk}" checked' in page
    assert 'value="Week 47"' in page
    assert "Letter four" in page
    assert "Letter three" not in page
    chosen = {"title": "Week 47", "ideas": [made[1].pk, made[3].pk], "q": "four"}
    client.post(f"{URL}?pod=LIF", chosen)
    assert Round.objects.get().ideas.count() == 2


def test_members_and_viewers_may_not(client_of, bob, vera, pod):
    for person in (bob, vera):
        assert client_of(person).get(URL).status_code == 403
        assert client_of(person).post(URL, {"title": "T"}).status_code == 403


def test_it_asks_the_database_little(client_of, alice, pod, django_assert_max_num_queries):
    for number in range(4):
        make_idea(alice, pod, f"Idea {number}")
    client = client_of(alice)
    with django_assert_max_num_queries(9):
        client.get(URL)


def into(round_, *ideas, **more):
    return {"into": round_.pk, "ideas": [idea.pk for idea in ideas], **more}


def test_ideas_join_a_round_that_is_open(client_of, alice, bob, carol, pod):
    first, more = (make_idea(alice, pod, title) for title in ("One", "Two"))
    round_ = make_round(alice, pod, first, title="Grooming of the week")
    client = client_of(alice)
    page = client.get(URL, {"ideas": more.pk}).content.decode()
    assert "In “Grooming of the week”, which is open" in page
    answer = client.post(URL, into(round_, more))
    assert answer.url == round_.get_absolute_url()
    assert list(round_.round_ideas.values_list("idea", "position")) == [(first.pk, 1), (more.pk, 2)]
    more.refresh_from_db()
    assert more.state == "scoring"
    assert Event.objects.about(round_).first().sentence == "Alice added 1 idea to the round."
    assert Notification.objects.filter(to=bob, sentence__contains="added 1 idea").exists()
    assert Round.objects.count() == 1


def test_a_live_round_is_told_of_ideas_that_join_it(client_of, alice, bob, pod):
    first, more = (make_idea(alice, pod, title) for title in ("One", "Two"))
    round_ = make_round(alice, pod, first, kind="live")
    revision = round_.revision
    answer = client_of(alice).post(URL, into(round_, more))
    assert answer.url == reverse("backlog:round_live", args=[round_.pk])
    round_.refresh_from_db()
    assert round_.revision > revision


def test_what_can_not_join_is_refused_and_nothing_is_lost(client_of, alice, bob, carol, pod):
    first, more = (make_idea(alice, pod, title) for title in ("One", "Two"))
    round_ = make_round(alice, pod, first)
    Round.objects.update(closes_at=timezone.now() - dt.timedelta(hours=1))
    client = client_of(alice)
    assert "which is open" not in client.get(URL).content.decode()
    page = client.post(URL, into(round_, more, title="Kept")).content.decode()
    assert "This round has ended, or you don’t lead it." in page
    assert 'value="Kept"' in page
    Round.objects.update(closes_at=None)
    score(item_of(round_, first), bob)
    scoring.reveal(item_of(round_, first), by=alice)
    assert client.post(URL, into(round_, first)).status_code == 422
    with pytest.raises(Refused, match="is already in an open round"):
        scoring.add_to_round(round_, [first], by=alice)
    assert round_.round_ideas.count() == 1


def test_only_who_leads_a_round_adds_to_it(client_of, alice, bob, charlie, pod, other_pod):
    mine = make_idea(alice, pod, "Mine")
    theirs = make_idea(charlie, other_pod, "Theirs")
    helper = User.objects.create_user("h@example.com", name="Helper")
    Membership.objects.create(user=helper, pod=other_pod, role="member")
    other = make_round(charlie, other_pod, theirs, title="Of others")
    assert "Of others" not in client_of(alice).get(URL).content.decode()
    client_of(alice).post(URL, into(other, mine))
    assert other.round_ideas.count() == 1
    with pytest.raises(PermissionDenied):
        scoring.add_to_round(other, [mine], by=alice)
    round_ = make_round(alice, pod, mine)
    with pytest.raises(PermissionDenied):
        scoring.add_to_round(round_, [theirs], by=bob)
    with pytest.raises(Refused, match="belongs to another pod"):
        scoring.add_to_round(round_, [make_idea(charlie, other_pod, "A third")], by=alice)


def test_the_api_adds_ideas_to_an_open_round_as_well(api_of, alice, bob, pod):
    first, more = (make_idea(alice, pod, title) for title in ("One", "Two"))
    round_ = make_round(alice, pod, first)
    path = f"/api/v1/rounds/{round_.pk}/ideas/"
    assert api_of(bob).post(path, {"ideas": [more.pk]}, format="json").status_code == 403
    answer = api_of(alice).post(path, {"ideas": [more.pk]}, format="json")
    assert answer.status_code == 200, answer.data
    assert list(round_.round_ideas.values_list("idea", flat=True)) == [first.pk, more.pk]
    again = api_of(alice).post(path, {"ideas": [more.pk]}, format="json")
    assert again.status_code == 409
