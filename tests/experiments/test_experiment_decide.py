"""The recommendation beside the choices; judge and author are kept apart."""

import pytest
from django.urls import reverse

from backlog.flows.notifying import follow
from backlog.models import Mail
from experiments.models import Decision, Proposal
from tests.factories import analysed, launched, make_experiment, totals


@pytest.fixture
def read(alice, bob, pod, objective):
    made = launched(make_experiment(alice, pod, objective=objective, analyst=bob), alice)
    analysed(made, bob)
    return made


@pytest.fixture
def url(read):
    return reverse("experiments:experiment_decide", args=[read.pk])


def test_somebody_else_decides_and_it_stands_as_text(client_of, bob, read, url):
    client = client_of(bob)
    page = client.get(url).content.decode()
    assert "the rule recommends it" in page
    assert 'name="waiver"' not in page
    response = client.post(url, {"choice": "ship", "seen": "running"})
    assert response.url == reverse("experiments:postmortem_detail", args=[read.pk])
    made = Decision.objects.get()
    assert (made.choice, made.outcome, made.by, made.waiver) == ("ship", "won", bob, "")
    page = client.get(url).content.decode()
    assert "Bob decided on" in page
    assert "The sealed rule recommended it." in page
    assert 'name="choice"' not in page


def test_the_author_is_refused_without_a_waiver_beside_the_field(client_of, alice, read, url):
    client = client_of(alice)
    response = client.post(url, {"choice": "ship", "seen": "running"})
    assert response.status_code == 422
    assert "You are the author, so somebody else should decide." in str(
        response.context["form"]["waiver"].errors
    )
    assert not Decision.objects.exists()
    client.post(url, {"choice": "ship", "seen": "running", "waiver": "Everybody else is ill"})
    assert Decision.objects.get().waiver == "Everybody else is ill"
    assert "The author decided: Everybody else is ill" in client.get(url).content.decode()


def test_a_departure_from_the_rule_needs_a_reason(client_of, bob, read, url):
    client = client_of(bob)
    response = client.post(url, {"choice": "stop", "seen": "running"})
    assert response.status_code == 422
    assert "The sealed rule recommends “ship”. Say why" in str(
        response.context["form"]["reason"].errors
    )
    assert not Decision.objects.exists()
    client.post(url, {"choice": "stop", "seen": "running", "reason": "Legal said no"})
    page = client.get(url).content.decode()
    assert "Bob proposed it on" in page
    assert not Decision.objects.exists()


def test_choosing_nothing_is_said(client_of, bob, url):
    response = client_of(bob).post(url, {"seen": "running"})
    assert response.status_code == 422
    assert "Choose a decision." in response.content.decode()


def test_the_second_to_decide_is_told(client_of, bob, carol, read, url):
    client_of(bob).post(url, {"choice": "ship", "seen": "running"})
    response = client_of(carol).post(url, {"choice": "ship", "seen": "running"})
    assert response.status_code == 422
    assert "Somebody was quicker: it is decided now." in response.content.decode()
    assert Decision.objects.get().by == bob


def test_without_a_result_there_is_nothing_to_decide(client_of, alice, bob, pod, objective):
    made = launched(make_experiment(alice, pod, objective=objective, analyst=bob), alice)
    url = reverse("experiments:experiment_decide", args=[made.pk])
    assert "Nothing to decide on yet" in client_of(bob).get(url).content.decode()
    response = client_of(bob).post(url, {"choice": "ship"})
    assert response.status_code == 422
    assert "Bring in the data first" in response.content.decode()


def test_viewers_see_no_form_and_outsiders_nothing(client_of, vera, charlie, url):
    assert 'name="choice"' not in client_of(vera).get(url).content.decode()
    assert client_of(vera).post(url, {"choice": "ship"}).status_code == 403
    assert client_of(charlie).post(url, {"choice": "ship"}).status_code == 404


def departed(client, url):
    return client.post(url, {"choice": "stop", "seen": "running", "reason": "Legal said no"})


def act(client, read, name, data=None):
    return client.post(reverse(f"experiments:{name}", args=[read.pk]), data or {})


def test_a_departure_takes_effect_when_somebody_else_confirms_it(
    client_of, alice, bob, carol, vera, read, url
):
    departed(client_of(bob), url)
    read.refresh_from_db()
    assert read.state == "running"
    assert Proposal.objects.get().reason == "Legal said no"
    assert (
        "You proposed it, so somebody else has to confirm it."
        in client_of(bob).get(url).content.decode()
    )
    assert "Confirm: stop" in client_of(carol).get(url).content.decode()
    assert "Confirm: stop" not in client_of(vera).get(url).content.decode()
    assert act(client_of(bob), read, "decision_confirm").status_code == 409
    assert act(client_of(alice), read, "decision_confirm").status_code == 409  # she wrote it
    assert not Decision.objects.exists()
    read.analyst = carol
    read.save()
    assert "Confirm or take back" in client_of(carol).get("/").content.decode()
    assert "Confirm or take back" not in client_of(bob).get("/").content.decode()
    act(client_of(carol), read, "decision_confirm")
    made = Decision.objects.get()
    assert (made.choice, made.by, made.confirmed_by, made.reason) == (
        "stop", bob, carol, "Legal said no",
    )  # fmt: skip
    assert not Proposal.objects.exists()
    assert act(client_of(carol), read, "decision_confirm").status_code == 409  # a double click
    page = client_of(bob).get(url).content.decode()
    assert "It departs from the sealed rule, which recommended “ship”. Carol confirmed it." in page


def test_a_proposal_is_taken_back_replaced_and_out_of_date_with_newer_data(
    client_of, bob, carol, read, url
):
    departed(client_of(bob), url)
    act(client_of(carol), read, "decision_withdraw")
    assert not Proposal.objects.exists()
    assert act(client_of(carol), read, "decision_withdraw").status_code == 409
    departed(client_of(bob), url)
    analysed(read, bob, totals(n=16_000, control=0.12, treatment=0.10))  # now it is clearly worse
    answer = act(client_of(carol), read, "decision_confirm")
    assert "Newer data has come in since the proposal." in answer.content.decode()
    client_of(carol).post(url, {"choice": "roll-back", "seen": "running"})  # by the rule: at once
    assert (Decision.objects.get().by, Proposal.objects.count()) == (carol, 0)


def test_to_ship_what_the_rule_does_not_name_is_a_departure_too(
    client_of, alice, bob, carol, pod, objective
):
    made = launched(make_experiment(alice, pod, objective=objective, analyst=bob), alice)
    analysed(made, bob, totals(n=2_000))  # veiled: the rule has not spoken
    url = f"/api/v1/experiments/{made.pk}/decision/"
    form = {"choice": "ship", "reason": "A law changes on Monday"}
    answer = client_of(bob).post(url, form, content_type="application/json")
    assert answer.status_code == 202
    assert (answer.json()["state"], answer.json()["proposal"]["choice"]) == ("running", "ship")
    answer = client_of(carol).post(f"{url}confirm/", {}, content_type="application/json")
    assert answer.json()["decision"]["confirmed_by"] == carol.pk
    other = launched(
        make_experiment(alice, pod, objective=objective, analyst=bob, idea_title="Another"), alice
    )
    analysed(other, bob, totals(n=2_000))
    url = reverse("experiments:experiment_decide", args=[other.pk])
    client_of(bob).post(url, {"choice": "stop", "seen": "running"})
    assert Decision.objects.filter(experiment=other, choice="stop").exists()


def test_the_decision_is_sent_once_to_whom_it_concerns(
    client_of, alice, bob, carol, olive, charlie, read, url
):
    assert act(client_of(bob), read, "decision_send", {"to": ["owner"]}).status_code == 409
    client_of(bob).post(url, {"choice": "ship", "seen": "running", "reason": "As it says"})
    assert act(client_of(bob), read, "decision_send").status_code == 409
    follow(read.idea, carol)
    follow(read.idea, charlie)  # of another pod: he may not see it
    for _ in range(2):
        act(client_of(bob), read, "decision_send", {"to": ["owner", "watchers", "programme", "x"]})
    mails = Mail.objects.filter(key__startswith="decision")
    assert sorted(mails.values_list("to__name", flat=True)) == ["Alice", "Bob", "Carol", "Olive"]
    mail = mails.first()
    assert mail.subject == f"{read.key} decided: ship. Series in the subject line"
    for words in (
        "Decided by Bob on",
        "Ship “Series named”.",
        "in “Series named”, about 2 more came back",
        "summary/",
    ):
        assert words in mail.text


def test_one_page_says_it_all_and_nothing_behind_the_veil(
    client_of, alice, bob, vera, pod, objective, read, url
):
    summary = reverse("experiments:experiment_summary", args=[read.pk])
    client_of(bob).post(url, {"choice": "ship", "seen": "running"})
    page = client_of(vera).get(summary).content.decode()
    for words in ("Decided: ship", "in “Series named”, about 2 more came back", "Sample ratio: as planned",
                  "As it is 50\xa0%", "Each arm against the control"):  # fmt: skip
        assert words in page
    veiled = launched(
        make_experiment(alice, pod, objective=objective, analyst=bob, idea_title="Veiled"), alice
    )
    summary = reverse("experiments:experiment_summary", args=[veiled.pk])
    assert "There is no result yet." in client_of(vera).get(summary).content.decode()
    analysed(veiled, bob, totals(n=2_000))
    page = client_of(vera).get(summary).content.decode()
    assert "Its results are not open yet." in page
    assert "Each arm against" not in page


def test_iterating_leads_to_the_next_idea(client_of, alice, bob, carol, read, url):
    client_of(bob).post(url, {"choice": "iterate", "seen": "running", "reason": "A shorter line"})
    act(client_of(carol), read, "decision_confirm")
    page = client_of(bob).get(url).content.decode()
    assert "Write down the next version as an idea" in page
    link = page[page.index("/ideas/new/?title=") :].partition('"')[0]
    assert (
        'value="Next version: Series in the subject line"'
        in client_of(bob).get(link).content.decode()
    )
