"""Readers, actions, amendments, and the tree of what followed."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from backlog.models import Idea
from experiments.flows import learnings, moves, writing_up, writing_up_after
from experiments.flows.deciding import decide
from experiments.flows.promotion import promote
from experiments.hooks.today import waiting_for
from experiments.models import FollowUp, PostMortem, PostMortemAction
from tests.factories import analysed, launched, make_experiment, make_idea

DUE = timezone.localdate() + dt.timedelta(days=14)


@pytest.fixture
def decided(alice, bob, pod, objective):
    made = launched(make_experiment(alice, pod, objective=objective, analyst=bob), alice)
    analysed(made, bob)
    decide(made, by=bob, choice="ship")
    made.refresh_from_db()
    return made


@pytest.fixture
def draft(decided, bob):
    written = writing_up.start_post_mortem(decided, by=bob)
    return writing_up.edit_post_mortem(written, by=bob, surprises="It held.")


def published(draft, alice, bob):
    learnings.add_learning(draft, by=bob, claim="Names help", scope="Lapsed readers",
                            expires_on=DUE)  # fmt: skip
    writing_up_after.mark_read(draft, by=alice)
    return writing_up.publish(draft, by=bob)


def to(name, experiment, *more):
    return reverse(f"experiments:{name}", args=[experiment.pk, *more])


def page_of(client, experiment, name="postmortem_detail"):
    return client.get(to(name, experiment)).content.decode()


def test_somebody_else_marks_it_as_read_once(client_of, vera, bob, decided, draft):
    assert "I have read it" in page_of(client_of(vera), decided)
    assert "I have read it" not in page_of(client_of(bob), decided)
    for _ in range(2):
        client_of(vera).post(to("postmortem_read", decided))
    assert [reading.user for reading in draft.readings.all()] == [vera]
    page = page_of(client_of(vera), decided)
    assert "Read by Vera." in page
    assert "I have read it" not in page


def test_an_amendment_is_added_below_and_the_texts_stay(client_of, alice, bob, vera, charlie, decided, draft):  # fmt: skip
    amend = to("postmortem_note", decided)
    assert client_of(alice).post(amend, {"text": "Too early"}).status_code == 422
    published(draft, alice, bob)
    before = PostMortem.objects.values("summary", "surprises", "version").get()
    assert client_of(alice).post(amend, {"text": ""}).status_code == 422
    for person, status in ((vera, 403), (charlie, 403)):
        assert client_of(person).post(amend, {"text": "x"}).status_code == status
    client_of(alice).post(amend, {"text": "It faded **after** a month."})
    page = page_of(client_of(charlie), decided)
    assert "It faded <strong>after</strong> a month." in page
    assert f"Alice, {timezone.localdate():%-d %b %Y}" in page
    assert PostMortem.objects.values("summary", "surprises", "version").get() == before


def test_an_action_waits_on_today_until_it_is_done(client_of, alice, bob, decided, draft):
    data = {"title": "Ask the app team first", "owner": alice.pk, "due_on": DUE.isoformat()}
    client_of(bob).post(to("action_new", decided), data)
    action = PostMortemAction.objects.get()
    item = next(item for item in waiting_for(alice) if item.title.startswith("Action"))
    assert (item.title, item.due_on) == ("Action: Ask the app team first", DUE)
    published(draft, alice, bob)
    assert client_of(bob).post(to("action_remove", decided, action.pk)).status_code == 409
    for _ in range(2):
        client_of(alice).post(to("action_done", decided, action.pk))
    assert [item for item in waiting_for(alice) if item.title.startswith("Action")] == []
    assert f"done {timezone.localdate():%-d %b}" in page_of(client_of(bob), decided)


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("title", "", "Say what is to be done."),
        ("owner", "charlie", "Choose somebody of the pod."),
        ("due_on", "soon", "Enter a day, such as"),
    ],
)
def test_an_action_that_is_not_complete_is_refused_beside_its_field(
    client_of, bob, charlie, decided, draft, field, value, sentence
):
    data = {"title": "Kept", "owner": bob.pk, "due_on": DUE.isoformat(), field: value}
    data["owner"] = charlie.pk if value == "charlie" else data["owner"]
    refused = client_of(bob).post(to("action_new", decided), data)
    assert refused.status_code == 422
    assert sentence in refused.content.decode()
    assert not PostMortemAction.objects.exists()


def test_an_action_is_removed_from_a_draft(client_of, bob, decided, draft):
    action = writing_up_after.add_action(draft, by=bob, title="x", owner=bob, due_on=DUE)
    client_of(bob).post(to("action_remove", decided, action.pk))
    assert not PostMortemAction.objects.exists()
    assert client_of(bob).post(to("action_remove", decided, action.pk)).status_code == 404


def test_a_cancelled_experiment_is_written_up_and_stays_cancelled(alice, bob, pod, objective):
    made = launched(make_experiment(alice, pod, objective=objective, analyst=bob), alice)
    moves.move_experiment(made, "cancel", by=alice)
    draft = writing_up.start_post_mortem(made, by=bob)
    draft = writing_up.edit_post_mortem(draft, by=bob, surprises="The list was wrong.")
    assert published(draft, alice, bob).is_published
    made.refresh_from_db()
    assert made.state == "cancelled"


def test_follow_ups_say_what_they_do_and_hang_in_a_tree(
    client_of, alice, bob, charlie, other_pod, decided, draft
):
    for title, kind in (("Larger", "larger"), ("Hidden", "segment")):
        client_of(bob).post(to("follow_up_new", decided), {"title": title, "kind": kind})
    assert "Run it again, larger" in page_of(client_of(bob), decided, "postmortem_edit")
    Idea.objects.filter(title="Hidden").update(pod=other_pod)
    larger = Idea.objects.get(title="Larger")
    second = promote(larger, by=alice, title="Larger, in spring")
    third = make_idea(bob, decided.pod, "Third")
    written = PostMortem.objects.create(experiment=second, author=bob, summary="x")
    FollowUp.objects.create(post_mortem=written, idea=third, kind="opposite")
    FollowUp.objects.create(post_mortem=written, idea=decided.idea)  # a ring ends
    for experiment in (decided, second):
        page = page_of(client_of(bob), experiment, "postmortem_tree")
        for text in ("Larger, in spring", "Third", "The opposite", decided.title):
            assert text in page
        assert "Hidden" not in page
        assert "An idea that you may not see." in page
    assert client_of(charlie).get(to("postmortem_tree", decided)).status_code == 404


@pytest.mark.parametrize("name", ["postmortem_edit", "postmortem_detail", "postmortem_tree"])
def test_pages_ask_the_database_little(client_of, bob, decided, draft, name, django_assert_max_num_queries):  # fmt: skip
    writing_up_after.add_action(draft, by=bob, title="x", owner=bob, due_on=DUE)
    writing_up.add_follow_up(draft, by=bob, title="y")
    client = client_of(bob)
    with django_assert_max_num_queries(12):
        client.get(to(name, decided))
