"""The status of an idea, changed in its cell of the list: by leads, with what each move takes."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from backlog.models import Event, Idea, Membership
from tests.factories import make_idea, make_round

LIST = reverse("backlog:idea_list")
PART = {
    "HX-Request": "true", "HX-Target": "cell-form", "HX-Current-URL": "http://testserver/ideas/",
}  # fmt: skip


@pytest.fixture
def idea(alice, pod):
    return make_idea(alice, pod, "Shorter mails")


@pytest.fixture
def change(client_of, alice, idea):
    """Save the cell as the lead of the pod, from the list."""
    url = reverse("backlog:idea_cell", args=[idea.pk, "status"])

    def change(move, client=None, **more):
        given = {"move": move, "seen": "open", **more}
        return (client or client_of(alice)).post(url, given, headers=PART)

    return change


def test_a_lead_snoozes_rejects_and_reopens_it(change, idea):
    day = timezone.localdate() + dt.timedelta(days=9)
    row = change("snooze", snoozed_until=day.isoformat()).content.decode()
    assert row.startswith(f'<tr id="idea-{idea.pk}" data-row class="faded">')
    idea.refresh_from_db()
    assert (idea.state, idea.snoozed_until) == ("snoozed", day)
    change("reject", seen="snoozed", reason="Too dear")
    idea.refresh_from_db()
    assert (idea.state, idea.reason) == ("rejected", "Too dear")
    change("reopen", seen="rejected")
    idea.refresh_from_db()
    assert idea.state == "open"
    verbs = Event.objects.about(idea).values_list("verb", flat=True)
    assert {"snooze", "reject", "reopen"} <= set(verbs)


@pytest.mark.parametrize(("move", "more", "sentence"), [
    ("snooze", {"snoozed_until": ""}, "Choose the day on which it comes back."),
    ("snooze", {"snoozed_until": "2020-01-01"}, "Choose a day in the future."),
    ("reject", {"reason": " "}, "Say why it is rejected. Its author will read this."),
    ("promote", {}, "Choose one of the states."),
    ("reopen", {}, "“Reopen” only works while it is"),
])  # fmt: skip
def test_what_a_move_lacks_is_said_in_the_cell(change, idea, move, more, sentence):
    answer = change(move, **more)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert 'id="cell-form"' in answer.content.decode()
    assert Idea.objects.get(pk=idea.pk).state == "open"


def test_a_move_made_meanwhile_by_somebody_else_is_told(change, idea):
    change("reject", reason="Too dear")
    answer = change("snooze", snoozed_until="2031-01-05")
    assert answer.status_code == 422
    assert "rejected it" in answer.content.decode()


def test_no_move_changes_nothing(change, idea):
    assert change("").content.decode().startswith("<tr")
    assert Event.objects.about(idea).count() == 1


def test_only_leads_change_it_and_only_their_rows_offer_it(client_of, bob, alice, change, idea):
    assert change("reject", client=client_of(bob), reason="x").status_code == 403
    assert Idea.objects.get(pk=idea.pk).state == "open"
    assert 'data-edit="status"' in client_of(alice).get(LIST).content.decode()
    page = client_of(bob).get(LIST).content.decode()
    assert 'data-edit="status"' not in page
    assert 'data-edit="title"' in page


def test_rows_of_a_pod_that_one_only_reads_offer_no_cell(client_of, bob, charlie, idea, other_pod):
    theirs = make_idea(charlie, other_pod, "Not mine to change")
    Membership.objects.create(user=bob, pod=other_pod, role="viewer")
    page = client_of(bob).get(LIST).content.decode()
    mine, others = (
        page.split(f'<tr id="idea-{one.pk}"')[1].split("</tr>")[0] for one in (idea, theirs)
    )
    assert 'data-edit="title"' in mine
    assert "data-edit" not in others


def test_what_a_round_or_an_experiment_decides_is_no_cell(client_of, alice, bob, idea, pod):
    make_round(alice, pod, idea)
    assert 'data-edit="status"' not in client_of(alice).get(LIST).content.decode()


def test_the_selected_rows_can_be_given_the_same_state(client_of, alice, idea):
    url = reverse("backlog:idea_cell", args=[idea.pk, "status"])
    page = client_of(alice).get(url, headers=PART).content.decode()
    for action in ("snooze", "reject"):
        assert f'data-fill="{reverse("backlog:idea_bulk", args=[action])}"' in page
    assert "bulk/reopen" not in page
