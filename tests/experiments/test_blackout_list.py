"""Blackouts and deadlines: who adds them, and what a blackout says about experiments that run."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from experiments.models import Blackout, Deadline
from tests.factories import launched, make_experiment

LIST, NEW = reverse("experiments:blackout_list"), reverse("experiments:blackout_new")


def day(offset: int) -> str:
    return (timezone.localdate() + dt.timedelta(days=offset)).isoformat()


def freeze(pod=None, first=1, last=10, **more) -> dict:
    entries = {"name": "Freeze", "starts_on": day(first), "last_day": day(last), "is_hard": "on"}
    return entries | {"pod": pod.pk if pod else ""} | more


@pytest.fixture
def running(alice, bob, pod, objective):
    return launched(
        make_experiment(alice, pod, objective=objective, analyst=bob, channel="E-mail"), alice
    )


def test_a_lead_adds_a_blackout_for_the_pod_and_the_outsider_does_not_see_it(
    tab_of, client_of, alice, vera, charlie, pod
):
    assert tab_of(alice).save(NEW, freeze(pod)).url == LIST
    blackout = Blackout.objects.get()
    assert (blackout.pod, blackout.ends_on - blackout.starts_on) == (pod, dt.timedelta(days=10))
    assert "Freeze" in client_of(vera).get(LIST).content.decode()
    assert "Freeze" not in client_of(charlie).get(LIST).content.decode()


def test_only_a_programme_owner_closes_days_for_every_pod(tab_of, alice, olive, client_of, charlie):
    refused = tab_of(alice).save(NEW, freeze())
    assert refused.status_code == 422
    assert not Blackout.objects.exists()
    assert tab_of(olive).save(NEW, freeze(channel="E-mail")).status_code == 302
    page = client_of(charlie).get(LIST).content.decode()
    assert "E-mail" in page
    assert "Every pod" in page
    assert reverse("experiments:blackout_edit", args=[Blackout.objects.get().pk]) not in page


def test_a_blackout_over_running_experiments_names_them_and_asks(tab_of, alice, pod, running):
    tab = tab_of(alice)
    assert "keep running" not in tab.get(NEW).content.decode()
    refused = tab.save(NEW, freeze(pod))
    page = refused.content.decode()
    assert refused.status_code == 422
    assert f"{running.key} runs on these days. Tick the box if that is fine" in page
    assert "Yes, they keep running" in page
    assert 'value="Freeze"' in page
    assert tab.save(NEW, freeze(pod, keeps_running="on")).status_code == 302
    running.refresh_from_db()
    assert running.state == "running"


@pytest.mark.parametrize(
    ("channel", "is_asked"), [("E-mail", True), ("e-MAIL", True), ("Push", False), ("", True)]
)
def test_it_asks_about_experiments_of_its_own_channel_only(
    tab_of, alice, pod, running, channel, is_asked
):
    answer = tab_of(alice).save(NEW, freeze(pod, channel=channel))
    assert answer.status_code == (422 if is_asked else 302)


def test_it_asks_about_days_that_it_covers_only(tab_of, alice, pod, running):
    after = (running.ends_on - timezone.localdate()).days
    assert tab_of(alice).save(NEW, freeze(pod, after, after + 3)).status_code == 302
    assert tab_of(alice).save(NEW, freeze(pod, after - 1, after + 3)).status_code == 422


def test_a_new_name_does_not_ask_again_and_new_days_do(tab_of, alice, pod, running):
    tab = tab_of(alice)
    tab.save(NEW, freeze(pod, keeps_running="on"))
    url = reverse("experiments:blackout_edit", args=[Blackout.objects.get().pk])
    assert tab.save(url, freeze(pod, name="Winter break")).status_code == 302
    assert tab.save(url, freeze(pod, last=11)).status_code == 422


@pytest.mark.parametrize(
    ("first", "last", "sentence"),
    [(3, 2, "The last day is before the first."), (3, 300_000, "Choose a day between 2000 and 2200.")],
)  # fmt: skip
def test_days_that_make_no_sense_are_refused(tab_of, alice, pod, first, last, sentence):
    answer = tab_of(alice).save(NEW, freeze(pod, first, last))
    assert answer.status_code == 422
    assert sentence in answer.content.decode()


def test_a_deadline_is_added_changed_and_removed(tab_of, client_of, alice, pod):
    tab, url = tab_of(alice), reverse("experiments:deadline_new")
    assert tab.save(url, {"name": "Last edits", "day": day(5), "pod": pod.pk}).url == LIST
    deadline = Deadline.objects.get()
    edit = reverse("experiments:deadline_edit", args=[deadline.pk])
    assert tab.save(edit, {"name": "Last edits", "day": day(6), "pod": pod.pk}).status_code == 302
    deadline.refresh_from_db()
    assert deadline.day.isoformat() == day(6)
    remove = reverse("experiments:deadline_remove", args=[deadline.pk])
    assert "Remove “Last edits”?" in tab.get(remove).content.decode()
    tab.post(remove)
    assert not Deadline.objects.exists()


def test_what_is_over_is_folded_away(client_of, alice, pod):
    today = timezone.localdate()
    Blackout.objects.create(
        name="Last summer", pod=pod, starts_on=today - dt.timedelta(days=9), ends_on=today
    )
    page = client_of(alice).get(LIST).content.decode()
    assert page.index("Those that are over") < page.index("Last summer")


def test_the_empty_page_says_what_belongs_here(client_of, vera):
    page = client_of(vera).get(LIST).content.decode()
    assert "On the days of a blackout no experiment runs" in page
    assert NEW not in page
