"""When it runs: by form, and after the launch with a reason."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from backlog.models import Event
from experiments.flows.sealing import sizing_of
from experiments.models import Experiment
from tests.browsing import version_on
from tests.factories import launched, make_experiment


@pytest.fixture
def draft(alice, bob, pod, objective):
    return make_experiment(alice, pod, objective=objective, analyst=bob)


@pytest.fixture
def url(draft):
    return reverse("experiments:experiment_dates", args=[draft.pk])


def days(first, last, **more):
    today = timezone.localdate()
    return {"starts_on": (today + dt.timedelta(days=first)).isoformat(),
            "last_day": (today + dt.timedelta(days=last)).isoformat(), **more}  # fmt: skip


def test_people_name_the_last_day(tab_of, bob, draft, url):
    assert tab_of(bob).save(url, days(3, 37)).url == draft.get_absolute_url()
    draft.refresh_from_db()
    assert (draft.ends_on - draft.starts_on).days == 35


def test_what_the_calendar_warns_of_needs_a_reason_that_is_kept(tab_of, bob, draft, url):
    tab = tab_of(bob)
    refused = tab.save(url, days(3, 9))
    assert refused.status_code == 422
    page = refused.content.decode()
    assert "Its size takes 3 weeks. Here it has 1." in page
    assert "Why these days all the same?" in page
    assert tab.save(url, days(3, 9, reason="A first look")).status_code == 302
    move = draft.calendar_moves.first()
    assert (move.reason, move.warnings, move.by) == ("A first look", ["too-short"], bob)


def test_a_last_day_before_the_first_is_refused_beside_it(client_of, bob, url):
    response = client_of(bob).post(url, days(9, 3))
    assert response.status_code == 422
    assert "The last day is before the first. Choose a later one." in str(
        response.context["form"]["last_day"].errors
    )


def test_a_sealed_plan_asks_why_and_keeps_the_amendment(tab_of, alice, bob, draft, url):
    launched(draft, alice)
    draft.refresh_from_db()
    data = {"last_day": days(0, 40)["last_day"]}
    assert tab_of(bob).save(url, data).status_code == 422
    assert tab_of(bob).save(url, data | {"reason": "Fewer came"}).status_code == 302
    amended = Event.objects.about(draft).filter(verb="amend").get()
    assert "before the first look: Fewer came" in amended.sentence


def test_who_is_slower_is_told_and_overwrites_nothing(tab_of, bob, draft, url):
    tab = tab_of(bob)
    read = version_on(tab, url)
    tab.save(url, days(3, 37))
    response = tab.post(url, days(20, 60, **read))
    assert response.status_code == 422
    assert "Somebody changed this while you were editing it." in response.content.decode()
    draft.refresh_from_db()
    assert (draft.ends_on - draft.starts_on).days == 35


def test_viewers_may_not_and_outsiders_find_nothing(client_of, vera, charlie, url):
    for person, status in ((vera, 403), (charlie, 404)):
        assert client_of(person).get(url).status_code == status
        assert client_of(person).post(url, days(3, 9)).status_code == status


def test_the_weeks_that_the_plan_needs_stand_above_the_dates(client_of, bob, draft, url):
    """They were on the plan alone, a page away from the fields that depend on them."""
    page = client_of(bob).get(url).content.decode()
    weeks = sizing_of(draft).weeks
    assert weeks == 3
    assert f"these are {weeks} weeks." in page
    Experiment.objects.update(units_per_week=None)
    assert "The plan takes" not in client_of(bob).get(url).content.decode()
