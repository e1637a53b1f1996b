"""Close an account: at once, everywhere, with everything that is open in other hands."""

import re

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse

from backlog.flows import scoring
from backlog.flows.deactivating import deactivate, reactivate
from backlog.flows.inviting import invite
from backlog.flows.mailing import mail_reset_link
from backlog.flows.notifying import tell
from backlog.flows.people import set_role
from backlog.models import Event, Idea, Invitation, Membership, Notification, RoundIdea, User
from backlog.refusals import Refused
from experiments.models import Experiment
from tests.browsing import confirm
from tests.factories import item_of, launched, make_experiment, make_idea, make_round, score

PEOPLE = reverse("backlog:user_list")
OWN = {"your_password": "a long password"}


def page_of(user: User) -> str:
    return reverse("backlog:user_deactivate", args=[user.pk])


def text_of(answer) -> str:
    return answer.content.decode()


def test_an_admin_deactivates_somebody_who_is_out_everywhere_at_once(client_of, adam, bob):
    browsers = [client_of(bob), client_of(bob)]
    assert [one.get("/").status_code for one in browsers] == [200, 200]
    assert client_of(adam).post(page_of(bob), OWN).url == PEOPLE
    for one in browsers:
        assert one.get("/").url.startswith(reverse("account_login"))
        assert one.get("/api/v1/ideas/").status_code == 401
    answer = Client().post(reverse("account_login"), {"login": bob.email, "password": "a long password"})  # fmt: skip
    assert answer.status_code == 200
    page = text_of(client_of(adam).get(PEOPLE))
    assert "Deactivated" in page
    assert reverse("backlog:user_reactivate", args=[bob.pk]) in page
    assert Event.objects.about(bob).first().sentence == "Adam deactivated Bob."


def test_a_reactivated_account_signs_in_anew_and_nothing_else_comes_back(
    client_of, token_of, adam, bob, pod
):
    Membership.objects.filter(user=bob).update(role="lead")
    before, (api, token) = client_of(bob), token_of(bob)
    invitation, _ = invite(by=bob, email="nora@example.com", pod=pod)
    deactivate(bob, by=adam)
    admin = client_of(adam)
    again = reverse("backlog:user_reactivate", args=[bob.pk])
    assert "Reactivate Bob?" in text_of(admin.get(again))
    assert admin.post(again, OWN).url == PEOPLE
    bob.refresh_from_db()
    assert client_of(bob).get("/").status_code == 200
    assert before.get("/").status_code == 302
    assert api.get("/api/v1/ideas/").status_code == 401
    token.refresh_from_db()
    assert token.revoked_at
    assert not Invitation.objects.usable().filter(pk=invitation.pk).exists()
    assert admin.post(again, OWN).status_code == 422


def test_a_token_stops_at_once(token_of, adam, bob):
    api, _ = token_of(bob)
    assert api.get("/api/v1/ideas/").status_code == 200
    deactivate(bob, by=adam)
    assert api.get("/api/v1/ideas/").status_code == 401


def test_nobody_deactivates_themselves_and_the_last_admin_stays(client_of, adam, olive, bob):
    assert "You can’t deactivate your own account." in text_of(client_of(adam).get(page_of(adam)))
    assert client_of(adam).post(page_of(adam), OWN).status_code == 409
    set_role(bob, by=adam, role="admin")
    stale = User.objects.get(pk=adam.pk)
    deactivate(adam, by=bob)
    with pytest.raises(PermissionDenied):  # both at once
        deactivate(bob, by=stale)
    with pytest.raises(PermissionDenied):
        deactivate(bob, by=olive)
    bob.refresh_from_db()
    assert bob.is_active


def test_a_link_for_a_new_password_leads_nowhere(adam, bob):
    def link():
        mail_reset_link(bob.email)
        return re.search(r"https?://[^/]+(/\S+)", mail.outbox[-1].body)[1]

    path = link()
    assert Client().get(path, follow=True).redirect_chain
    deactivate(bob, by=adam)
    assert "This link no longer works" in text_of(Client().get(path, follow=True))
    assert mail_reset_link(bob.email) == 0
    reactivate(bob, by=adam)
    assert "This link no longer works" in text_of(Client().get(path, follow=True))
    assert Client().get(link(), follow=True).redirect_chain


def test_a_form_for_a_new_password_that_is_open_leads_nowhere(adam, bob):
    mail_reset_link(bob.email)
    path = re.search(r"https?://[^/]+(/\S+)", mail.outbox[-1].body)[1]
    client = Client()
    form = client.get(path, follow=True).redirect_chain[-1][0]
    deactivate(bob, by=adam)
    client.post(form, {"password1": "kestrel over water", "password2": "kestrel over water"})
    assert client.get("/").status_code == 302
    bob.refresh_from_db()
    assert bob.check_password("a long password")


def test_a_round_no_longer_waits_for_them_and_their_score_stays(adam, alice, bob, carol, pod):
    idea = make_idea(alice, pod)
    item = item_of(make_round(alice, pod, idea), idea)
    score(item, bob)

    def progress():
        row = RoundIdea.objects.with_progress().get(pk=item.pk)
        return row.scored_count, row.asked_count

    assert progress() == (1, 2)
    deactivate(carol, by=adam)
    assert progress() == (1, 1)
    deactivate(bob, by=adam)
    assert progress() == (1, 1)


def test_they_are_told_nothing_and_offered_nowhere(client_of, adam, alice, bob, carol, pod):
    idea = make_idea(alice, pod)
    edit = reverse("backlog:idea_edit", args=[idea.pk])
    member_new = reverse("backlog:member_new", args=[pod.pk])
    lead = client_of(alice)
    option = f'<option value="{bob.pk}"'
    assert option in text_of(lead.get(edit))
    deactivate(bob, by=adam)
    bob.refresh_from_db()
    assert tell([bob], Notification.Kind.OWNER, "x", url="/", pod=pod, by=alice) == []
    for page in (edit, member_new, reverse("backlog:idea_filter"), reverse("backlog:idea_new")):
        assert option not in text_of(lead.get(page)), page
    assert (
        bob not in scoring.open_round(by=alice, pod=pod, title="Next", ideas=[idea]).scorers.all()
    )


def test_their_name_stands_on_what_they_did(client_of, adam, alice, bob, pod):
    idea = make_idea(bob, pod)
    deactivate(bob, by=adam)
    page = text_of(client_of(alice).get(idea.get_absolute_url()))
    assert "Bob submitted it to Lifecycle." in page
    assert "deactivated" in text_of(
        client_of(alice).get(reverse("backlog:pod_detail", args=[pod.pk]))
    )


@pytest.fixture
def busy(alice, bob, carol, pod, objective):
    """Alice owns an idea, leads a session, drafts one experiment and runs another."""
    idea = make_idea(alice, pod, "Hers", owner=alice)
    session = make_round(alice, pod, make_idea(bob, pod, "In session"), kind="live")
    draft = make_experiment(alice, pod, objective=objective, analyst=bob, idea_title="Drafted")
    running = launched(
        make_experiment(alice, pod, objective=objective, analyst=bob, idea_title="Run",
                        title="A run"), alice)  # fmt: skip
    return idea, session, draft, running


def test_the_page_names_what_is_open_and_leads_there(client_of, adam, alice, pod, busy):
    page = text_of(client_of(adam).get(page_of(alice)))
    for one in (*busy,):
        assert f'href="{one.get_absolute_url()}"' in page, one
    assert "has no other lead" in page
    assert "running, owner" in page


def test_what_is_open_goes_to_who_is_chosen(client_of, adam, alice, bob, carol, pod, busy):
    idea, session, draft, running = busy
    answer = client_of(adam).post(page_of(alice), OWN | {f"to_{pod.pk}": carol.pk})
    assert answer.url == PEOPLE
    for one in busy:
        one.refresh_from_db()
    assert (idea.owner, session.facilitator, draft.owner, running.owner) == (carol,) * 4
    assert running.amendments.get().reason == "Alice is leaving."
    assert Event.objects.about(idea).first().sentence == "Adam handed it over from Alice to Carol."
    notification = carol.notifications.filter(
        sentence__startswith="Adam handed Alice’s open work"
    ).get()
    assert notification.sentence.endswith("in Lifecycle over to you.")
    assert idea.author == alice
    assert not Experiment.objects.filter(owner=alice).exists()
    assert not Idea.objects.filter(owner=alice, state__in=("open", "scoring")).exists()


def test_what_nobody_takes_stays(client_of, adam, alice, pod, busy):
    assert client_of(adam).post(page_of(alice), OWN | {f"to_{pod.pk}": ""}).url == PEOPLE
    busy[0].refresh_from_db()
    assert busy[0].owner == alice


@pytest.mark.parametrize("who", ["alice", "vera", "charlie", "nobody"])
def test_who_can_not_take_over_is_refused_with_a_sentence(
    client_of, adam, alice, vera, charlie, pod, busy, who
):
    people = {"alice": alice.pk, "vera": vera.pk, "charlie": charlie.pk, "nobody": "x" * 50}
    answer = client_of(adam).post(page_of(alice), OWN | {f"to_{pod.pk}": people[who]})
    assert answer.status_code == 422
    assert "Choose a member or lead of Lifecycle." in text_of(answer)
    alice.refresh_from_db()
    assert alice.is_active


def test_the_flow_itself_hands_nothing_to_an_outsider(adam, alice, charlie, pod, busy):
    with pytest.raises((Refused, ValidationError), match="Charlie is not a member of Lifecycle"):
        deactivate(alice, by=adam, successors={pod: charlie})
    alice.refresh_from_db()
    assert alice.is_active


def test_it_asks_the_database_little(client_of, adam, alice, busy, django_assert_max_num_queries):
    client = confirm(client_of(adam))
    for page in (page_of(alice), reverse("backlog:user_sign_out", args=[alice.pk]), PEOPLE):
        with django_assert_max_num_queries(16):
            client.get(page)
