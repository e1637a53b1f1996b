"""The first hour: four things to do in an empty workspace, and no closed door on the way."""

import re

import pytest
from django.core import mail
from django.urls import reverse

from backlog.flows import scoring
from backlog.flows.people import add_pod
from backlog.models import Invitation, Membership, Pod, Round, User
from backlog.refusals import Refused
from tests.factories import make_idea, make_round

TODAY, INVITE = reverse("backlog:today"), reverse("backlog:invitation_new")
ROUND = reverse("backlog:round_new")


@pytest.fixture
def own_pod(adam) -> Pod:
    return add_pod(by=adam, name="Giving", prefix="GIV")


def page_of(client, path=TODAY) -> str:
    return client.get(path).content.decode()


@pytest.mark.grooming("D1")
def test_an_empty_workspace_says_the_four_things_to_do(client_of, adam):
    page = page_of(client_of(adam))
    for words in ("Your pod", "People", "Ideas", "First round"):
        assert f"<b>{words}</b>" in page
    assert reverse("backlog:pod_new") in page
    assert page.count("Create your pod first.") == 3
    assert "Nothing needs you" not in page


def test_its_lines_fill_themselves_and_it_goes_when_all_are_done(client_of, adam, own_pod, bob):
    client = client_of(adam)
    Membership.objects.filter(user=bob).delete()
    assert "Your pod<span" in page_of(client)
    assert 'name="email"' in page_of(client)
    client.post(INVITE, {"email": "nora@example.com", "pod": own_pod.pk, "pod_role": "member", "role": "member"})  # fmt: skip
    assert 'name="email"' not in page_of(client)
    idea = make_idea(adam, own_pod, "Another")
    assert "Somebody else has to join first." in page_of(client)
    Membership.objects.create(user=bob, pod=own_pod)
    idea = make_idea(adam, own_pod)
    assert f'href="{ROUND}?first"' in page_of(client)
    round_ = make_round(adam, own_pod, idea)
    assert "first-hour" not in page_of(client)
    scoring.close_round(round_, by=adam)
    assert "first-hour" not in page_of(client)


@pytest.mark.grooming("D1")
def test_it_leads_to_the_sample_where_that_can_be_served(client_of, adam, settings):
    assert "Look at the sample first" not in page_of(client_of(adam))
    settings.DEBUG = True  # as `make run` has it, which alone serves the sample
    assert "Look at the sample first" in page_of(client_of(adam))


def test_it_can_be_dismissed_and_stays_away(client_of, adam):
    client = client_of(adam)
    assert client.post(reverse("backlog:today_dismiss")).url == TODAY
    assert "first-hour" not in page_of(client)


def test_who_leads_nothing_has_no_such_card(client_of, bob, pod):
    assert "first-hour" not in page_of(client_of(bob))


def test_the_first_round_has_a_name_and_ideas_already(client_of, adam, own_pod):
    for number in range(10):
        make_idea(adam, own_pod, f"Idea {number}")
    page = page_of(client_of(adam), f"{ROUND}?first")
    ticked = re.compile(r'name="ideas" value="[0-9]+" checked')
    assert 'value="First round"' in page
    assert len(ticked.findall(page)) == 8
    assert not ticked.findall(page_of(client_of(adam), ROUND))


@pytest.mark.grooming("C3")
def test_a_round_that_nobody_could_score_does_not_start_and_leads_to_the_invitation(
    client_of, adam, own_pod
):
    idea = make_idea(adam, own_pod)
    response = client_of(adam).post(f"{ROUND}?pod=GIV", {"title": "One", "ideas": [idea.pk]})
    page = response.content.decode()
    assert response.status_code == 422
    assert "Nobody in Giving could score GIV-1: only Adam scores there, and wrote it." in page
    assert f'href="{INVITE}?pod={own_pod.pk}"' in page
    assert not Round.objects.exists()


def test_while_invited_people_have_not_joined_it_says_so(client_of, adam, own_pod):
    client = client_of(adam)
    client.post(INVITE, {"email": "nora@example.com", "pod": own_pod.pk, "pod_role": "member", "role": "member"})  # fmt: skip
    page = client.post(f"{ROUND}?pod=GIV", {"title": "One", "ideas": [make_idea(adam, own_pod).pk]})
    assert "The person who is invited has not joined yet." in page.content.decode()
    assert reverse("backlog:pod_detail", args=[own_pod.pk]) in page.content.decode()


def test_an_idea_of_somebody_else_can_be_scored_by_the_only_scorer(adam, bob, own_pod):
    Membership.objects.create(user=bob, pod=own_pod, role="viewer")
    idea = make_idea(adam, own_pod)
    type(idea).objects.update(author=bob)
    idea.refresh_from_db()
    assert make_round(adam, own_pod, idea).seats.count() == 1


@pytest.mark.grooming("C3")
def test_a_pod_without_scorers_leads_to_the_invitation(client_of, olive, other_pod):
    idea = make_idea(olive, other_pod)
    response = client_of(olive).post(f"{ROUND}?pod=PAY", {"title": "One", "ideas": [idea.pk]})
    assert f'href="{INVITE}?pod={other_pod.pk}"' in response.content.decode()


def test_a_refused_step_has_a_button_to_what_it_names(client_of, alice, bob, pod):
    round_ = make_round(alice, pod, make_idea(alice, pod))
    again = reverse("backlog:round_again", args=[round_.pk])
    client = client_of(alice)
    assert f'href="{round_.get_absolute_url()}">Go to Grooming</a>' in client.post(again).content.decode()  # fmt: skip
    part = client.post(again, headers={"HX-Request": "true", "HX-Target": "x"})
    assert f'href="{round_.get_absolute_url()}">Go to Grooming</a>' in part.content.decode()


@pytest.mark.grooming("D8")
def test_many_are_invited_at_once_each_with_a_link_of_their_own(client_of, alice, pod, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    typed = "Nora Lind <Nora@example.com>, ola@example.com;\npia@example.com ola@example.com"
    client = client_of(alice)
    data = {"email": typed, "pod": pod.pk, "pod_role": "member"}
    page = client.post(INVITE, data).content.decode()
    links = re.findall(r'value="[^"]+(/invitations/[^"]+)"', page)
    assert len(set(links)) == 3
    assert "Send each link to its person" in page
    assert page.count("data-copy=") == 4
    emails = {invitation.email for invitation in Invitation.objects.all()}
    assert emails == {"nora@example.com", "ola@example.com", "pia@example.com"}
    again = page_of(client, INVITE)
    assert not any(link in again for link in links)


def test_each_of_them_is_mailed_their_own_link(client_of, alice, pod):
    data = {"email": "nora@example.com ola@example.com", "pod": pod.pk, "pod_role": "member"}
    page = client_of(alice).post(INVITE, data).content.decode()
    assert "The links were mailed to 2 people" in page
    assert [message.to for message in mail.outbox] == [["nora@example.com"], ["ola@example.com"]]
    assert mail.outbox[0].body != mail.outbox[1].body


def test_one_who_is_here_already_keeps_nobody_else_out(client_of, alice, bob, pod):
    data = {"email": f"{bob.email} nora@example.com", "pod": pod.pk, "pod_role": "member"}
    page = client_of(alice).post(INVITE, data).content.decode()
    assert f"{bob.email} already has an account." in page
    assert reverse("backlog:member_new", args=[pod.pk]) in page
    assert Invitation.objects.get().email == "nora@example.com"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("nora@example.com, ola", "“ola” is not an e-mail address."),
        ("<script>@x", "is not an e-mail address."),
        (" , ;", "Enter at least one e-mail address."),
        (" ".join(f"p{n}@example.com" for n in range(31)), "You can invite 30 people at once."),
    ],
)
def test_a_list_with_a_mistake_is_refused_and_stays_typed(client_of, alice, pod, typed, sentence):
    data = {"email": typed, "pod": pod.pk, "pod_role": "member"}
    response = client_of(alice).post(INVITE, data)
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert not Invitation.objects.exists()
    assert User.objects.count() == 1


@pytest.mark.grooming("D1")
def test_an_empty_backlog_says_that_rows_can_be_pasted(client_of, alice, pod):
    page = page_of(client_of(alice), reverse("backlog:idea_list"))
    assert f'href="{reverse("backlog:import_new")}">Paste its rows</a>' in page


def test_a_refusal_without_a_mend_has_no_button():
    assert Refused("No.").mend is None
