"""The calendar over the API: read by whom it may be seen, written by nobody."""

import datetime as dt

import pytest
from django.utils import timezone

from experiments.flows.closed_days import save_blackout, save_deadline
from experiments.flows.scheduling import change_dates
from experiments.models import Blackout, Booking, Deadline
from tests.factories import make_experiment

NOUNS = ("blackouts", "deadlines", "calendar-moves", "bookings")
DAY = dt.timedelta(days=1)


@pytest.fixture
def calendar(alice, bob, pod, objective):
    today = timezone.localdate()
    made = make_experiment(alice, pod, objective=objective, analyst=bob)
    change_dates(made, by=alice, starts_on=made.starts_on, ends_on=made.ends_on + DAY,
                 reason="The data were late.")  # fmt: skip
    save_blackout(Blackout(), by=alice, name="Freeze", pod=pod, starts_on=today, ends_on=today + DAY)  # fmt: skip
    save_deadline(Deadline(), by=alice, name="Last edits", pod=pod, day=today)
    Booking.objects.update_or_create(experiment=made, defaults={"share": 0.25})
    return made


def rows(api, noun: str) -> list[dict]:
    answer = api.get(f"/api/v1/{noun}/")
    assert answer.status_code == 200
    return answer.json()["results"]


@pytest.mark.parametrize("noun", NOUNS)
def test_a_pod_reads_its_own_and_outsiders_nothing(api_of, vera, charlie, olive, calendar, noun):
    row, *others = rows(api_of(vera), noun)
    assert rows(api_of(olive), noun) == [row, *others]
    assert rows(api_of(charlie), noun) == []
    assert api_of(vera).get(f"/api/v1/{noun}/{row['id']}/").json() == row
    assert api_of(charlie).get(f"/api/v1/{noun}/{row['id']}/").status_code == 404


@pytest.mark.parametrize("noun", NOUNS)
def test_nobody_writes_it(api_of, olive, calendar, noun):
    api = api_of(olive)
    row, *_ = rows(api, noun)
    assert api.post(f"/api/v1/{noun}/", {}).status_code == 405
    for write in (api.put, api.patch, api.delete):
        assert write(f"/api/v1/{noun}/{row['id']}/", {}).status_code == 405


def test_a_move_says_from_where_to_where_and_why(api_of, vera, alice, calendar):
    move, *_ = rows(api_of(vera), "calendar-moves")  # the newest
    assert (move["experiment"], move["by"]) == (calendar.pk, alice.pk)
    assert move["reason"] == "The data were late."
    assert (
        dt.date.fromisoformat(move["ends_on"]) - dt.date.fromisoformat(move["from_ends_on"]) == DAY
    )


def test_a_booking_names_no_experiment_of_another_pod(
    api_of, bob, charlie, olive, other_pod, calendar, objective
):
    theirs = make_experiment(charlie, other_pod, objective=None, analyst=charlie, waived=())
    Booking.objects.get(experiment=calendar).after.add(theirs)
    (own,) = rows(api_of(bob), "bookings")
    assert own["after"] == []
    (whole,) = [row for row in rows(api_of(olive), "bookings") if row["id"] == own["id"]]
    assert whole["after"] == [theirs.pk]
