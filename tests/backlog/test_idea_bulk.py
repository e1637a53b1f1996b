"""Many ideas at once: each asks for itself, one ranking, one undo."""

import datetime as dt
import re

import pytest
from django.urls import reverse
from django.utils import timezone

from backlog.flows.bulk import AT_ONCE
from backlog.models import BulkChange, Event, Idea
from tests.factories import make_idea, make_round, make_scored_idea


def url(action: str) -> str:
    return reverse("backlog:idea_bulk", args=[action])


@pytest.fixture
def ideas(alice, pod):
    return [make_idea(alice, pod, f"Idea {place}") for place in range(3)]


def ids(ideas):
    return [idea.pk for idea in ideas]


def test_it_asks_first_and_names_the_chosen_ideas(client_of, alice, ideas):
    page = client_of(alice).get(url("reject"), {"idea": ids(ideas)}).content.decode()
    assert all(idea.title in page for idea in ideas)
    assert 'name="reason"' in page


@pytest.mark.parametrize(
    ("action", "values", "changed"),
    [
        ("tag", {"tags": "Spring, win-back"}, lambda idea: idea.tags.count() == 2),
        ("snooze", {"snoozed_until": "2099-01-31"}, lambda idea: idea.state == "snoozed"),
        ("reject", {"reason": "Tried twice."}, lambda idea: idea.reason == "Tried twice."),
        ("owner", {"owner": ""}, lambda idea: idea.owner is None),
        ("move", {"pod": "PAY"}, lambda idea: idea.key.startswith("PAY-")),
    ],
)
def test_a_step_is_taken_for_all_and_undone_for_all(
    client_of, olive, pod, other_pod, ideas, action, values, changed
):
    client = client_of(olive)
    before = list(Idea.objects.order_by("pk").values("key", "state", "reason", "owner"))
    client.post(url(action), {"idea": ids(ideas), **values})
    assert all(changed(idea) for idea in Idea.objects.all())
    change = BulkChange.objects.get()
    assert len(change.rows) == 3
    client.post(reverse("backlog:bulk_undo", args=[change.pk]))
    assert list(Idea.objects.order_by("pk").values("key", "state", "reason", "owner")) == before
    assert not Idea.objects.exclude(tags=None).exists()
    assert Event.objects.about(ideas[0]).first().verb == "undo"


def test_search_knows_what_was_changed_for_many_and_what_was_undone(
    client_of, olive, ideas, other_pod
):
    client = client_of(olive)
    client.post(url("tag"), {"idea": ids(ideas), "tags": "Spring"})
    client.post(url("move"), {"idea": ids(ideas), "pod": other_pod.prefix})
    assert Idea.objects.having_text("spring pay").count() == 3
    client.post(reverse("backlog:bulk_undo", args=[BulkChange.objects.first().pk]))
    assert Idea.objects.having_text("spring lif").count() == 3
    assert not Idea.objects.having_text("pay").exists()


def test_an_objective_of_another_pod_is_not_offered(client_of, alice, ideas, objective):
    client = client_of(alice)
    client.post(url("objective"), {"idea": ids(ideas), "objective": objective.pk})
    assert set(Idea.objects.values_list("objective", flat=True)) == {objective.pk}


def test_who_cannot_be_moved_stays_and_is_named(client_of, alice, bob, ideas):
    make_round(alice, ideas[0].pod, ideas[0])
    client = client_of(alice)
    page = client.post(
        url("snooze"), {"idea": ids(ideas), "snoozed_until": "2099-01-31"}, follow=True
    ).content.decode()
    assert "2 ideas snoozed." in page
    assert "LIF-1: It is in round now" in page
    assert Idea.objects.filter(state="snoozed").count() == 2


def test_members_may_tag_but_not_reject_and_viewers_neither(client_of, bob, vera, ideas):
    client_of(bob).post(url("tag"), {"idea": ids(ideas), "tags": "spring"})
    assert Idea.objects.filter(tags__name="spring").count() == 3
    client_of(bob).post(url("reject"), {"idea": ids(ideas), "reason": "No."})
    client_of(vera).post(url("tag"), {"idea": ids(ideas), "tags": "vera"})
    assert not Idea.objects.filter(state="rejected").exists()
    assert not Idea.objects.filter(tags__name="vera").exists()


def test_ideas_of_another_pod_are_not_touched_by_their_ids(client_of, charlie, ideas):
    client_of(charlie).post(url("tag"), {"idea": ids(ideas), "tags": "sneaked"})
    assert not Idea.objects.exclude(tags=None).exists()


@pytest.mark.parametrize("data", [{}, {"idea": ["x", "-1", "9" * 30]}])
def test_without_an_idea_it_says_what_to_do(client_of, alice, ideas, data):
    answer = client_of(alice).post(url("tag"), {**data, "tags": "spring"})
    assert answer.status_code == 409
    assert "Select at least one idea" in answer.content.decode()


def test_too_many_at_once_are_refused(client_of, alice, ideas):
    answer = client_of(alice).get(url("tag"), {"idea": list(range(1, AT_ONCE + 2))})
    assert answer.status_code == 409


def test_an_unknown_step_is_no_page(client_of, alice, ideas):
    assert client_of(alice).get(url("erase"), {"idea": ids(ideas)}).status_code == 404


def test_only_who_made_the_change_undoes_it_and_only_once(client_of, alice, bob, ideas):
    client_of(alice).post(url("reject"), {"idea": ids(ideas), "reason": "No."})
    undo = reverse("backlog:bulk_undo", args=[BulkChange.objects.get().pk])
    assert client_of(bob).post(undo).status_code == 404
    assert client_of(alice).post(undo).status_code == 302
    assert client_of(alice).post(undo).status_code == 409


def test_an_undo_leaves_alone_what_somebody_changed_since(client_of, alice, bob, ideas):
    client = client_of(alice)
    client.post(url("owner"), {"idea": ids(ideas), "owner": bob.pk})
    Idea.objects.filter(pk=ideas[0].pk).update(owner=None)
    change = BulkChange.objects.get()
    page = client.post(reverse("backlog:bulk_undo", args=[change.pk]), follow=True)
    assert "because they have changed since: LIF-1" in page.content.decode()
    owners = list(Idea.objects.order_by("pk").values_list("owner", flat=True))
    assert owners == [None, alice.pk, alice.pk]


def test_a_step_back_and_forth_keeps_the_ranking(client_of, alice, bob, carol, pod):
    best = make_scored_idea(alice, pod, {bob: (9, 9, 9), carol: (9, 9, 9)}, title="Best")
    next_best = make_scored_idea(alice, pod, {bob: (5, 5, 5), carol: (5, 5, 5)}, title="Next")
    client = client_of(alice)
    client.post(url("reject"), {"idea": best.pk, "reason": "No."})
    next_best.refresh_from_db()
    assert next_best.rank == 1
    client.post(reverse("backlog:bulk_undo", args=[BulkChange.objects.get().pk]))
    best.refresh_from_db()
    next_best.refresh_from_db()
    assert (best.rank, next_best.rank) == (1, 2)
    assert best.ice == 9.0


def test_a_day_that_has_passed_is_refused_for_each(client_of, alice, ideas):
    yesterday = timezone.localdate() - dt.timedelta(days=1)
    page = client_of(alice).post(
        url("snooze"), {"idea": ids(ideas), "snoozed_until": yesterday}, follow=True
    )
    assert "Choose a day in the future." in page.content.decode()
    assert not BulkChange.objects.exists()


def test_an_idea_in_another_pod_keeps_its_old_key_in_its_history(
    client_of, olive, other_pod, ideas
):
    client_of(olive).post(url("move"), {"idea": ideas[0].pk, "pod": "PAY"})
    assert "Its key was LIF-1." in Event.objects.about(ideas[0]).first().sentence


def test_going_back_never_leads_elsewhere(client_of, alice, ideas):
    answer = client_of(alice).post(
        url("tag"), {"idea": ids(ideas), "tags": "a", "back": "https://evil.example/ideas/"}
    )
    assert answer.url == reverse("backlog:idea_list")


@pytest.mark.parametrize(
    ("cell", "value", "is_so"),
    [("lever", "Timing", lambda idea: idea.lever == "Timing"),
     ("channel", "push", lambda idea: idea.channel == "push"),
     ("tags", "one, two", lambda idea: {tag.name for tag in idea.tags.all()} == {"one", "two"}),
     ("tags", "", lambda idea: not idea.tags.exists())],
)  # fmt: skip
def test_a_cell_is_filled_down_and_undone(client_of, alice, pod, cell, value, is_so):
    ideas = [make_idea(alice, pod, f"Idea {n}", tags=["old"], lever="Copy") for n in range(3)]
    client = client_of(alice)
    page = client.post(url(cell), {"idea": [i.pk for i in ideas[:2]], cell: value}, follow=True)
    assert "2 ideas given" in page.content.decode()
    assert [is_so(Idea.objects.get(pk=idea.pk)) for idea in ideas] == [True, True, False]
    again = client.get(reverse("backlog:idea_list")).content.decode()
    (undo,) = re.findall(r'class="bar lastchange" method="post" action="([^"]+)"', again)
    client.post(undo)
    for idea in Idea.objects.all():
        assert idea.lever == "Copy"
        assert {tag.name for tag in idea.tags.all()} == {"old"}
    assert "lastchange" not in client.get(reverse("backlog:idea_list")).content.decode()


def test_a_peek_shows_no_hidden_score_and_only_what_may_be_seen(
    client_of, alice, bob, charlie, pod
):
    idea = make_scored_idea(alice, pod, {bob: (9, 8, 7)}, title="Peek <b>", description="**Bold**")
    peek = reverse("backlog:idea_peek", args=[idea.pk])
    page = client_of(bob).get(peek).content.decode()
    assert "Peek &lt;b&gt;" in page
    assert "<strong>Bold</strong>" in page
    assert "8.0" in page
    make_round(alice, pod, idea)
    blind = client_of(bob).get(peek).content.decode()
    assert "8.0" not in blind
    assert client_of(charlie).get(peek).status_code == 404
