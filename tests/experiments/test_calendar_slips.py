"""The baseline of a quarter and the slip report: who signs off, what moved, and who may see it."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from backlog.models import Event
from backlog.refusals import Refused
from experiments.flows.moves import move_experiment
from experiments.flows.signing_off import Slip, sign_off_baseline, slips_of
from experiments.models import Baseline, BaselineRow, CalendarMove, Experiment
from tests.factories import make_experiment

URL = reverse("experiments:calendar_slips")
DAY = dt.timedelta(days=1)


@pytest.fixture
def placed(alice, bob, pod, objective):
    """Three experiments with days in the quarter."""
    return [
        make_experiment(alice, pod, objective=objective, analyst=bob, idea_title=title, title=title)
        for title in ("First", "Second", "Third")
    ]


@pytest.fixture
def baseline(olive, quarter, placed):
    return sign_off_baseline(quarter, by=olive, note="All leads were there.")


def moved(experiment: Experiment, by, days: int, reason: str = "", start: int = 0) -> CalendarMove:
    """Move its end by so many days, as the calendar does it."""
    before = experiment.starts_on, experiment.ends_on
    experiment.starts_on += start * DAY
    experiment.ends_on += days * DAY
    experiment.save()
    return CalendarMove.objects.create(
        experiment=experiment, by=by, reason=reason, from_starts_on=before[0],
        from_ends_on=before[1], starts_on=experiment.starts_on, ends_on=experiment.ends_on,
    )  # fmt: skip


def test_a_programme_owner_signs_off_and_everybody_reads_who_and_when(
    client_of, olive, vera, quarter, placed
):
    url = reverse("experiments:quarter_sign_off", args=[quarter.pk])
    page = client_of(olive).get(url).content.decode()
    assert "each of these 3 experiments" in page
    client_of(olive).post(url, {"note": "All leads were there."})
    baseline = Baseline.objects.get()
    assert (baseline.number, baseline.rows.count()) == (1, 3)
    assert "signed off" in Event.objects.about(quarter).first().sentence
    shown = client_of(vera).get(URL).content.decode()
    assert "Signed off by Olive" in shown
    assert "All leads were there." in shown
    assert shown.count("as planned") == 3


def test_an_empty_quarter_is_not_signed_off(client_of, olive, quarter):
    with pytest.raises(Refused, match="Nothing is placed"):
        sign_off_baseline(quarter, by=olive)
    answer = client_of(olive).post(
        reverse("experiments:quarter_sign_off", args=[quarter.pk]), {"note": ""}
    )
    assert answer.status_code == 422
    assert "Place experiments on the calendar first." in answer.content.decode()
    assert not Baseline.objects.exists()


def test_a_cancelled_experiment_is_not_signed_off(olive, alice, quarter, placed):
    move_experiment(placed[0], "cancel", by=alice)
    assert sign_off_baseline(quarter, by=olive).rows.count() == 2


def test_without_a_baseline_the_page_teaches(client_of, olive, vera, quarter):
    sign = reverse("experiments:quarter_sign_off", args=[quarter.pk])
    page = client_of(olive).get(URL).content.decode()
    assert "No baseline yet" in page
    assert sign in page
    page = client_of(vera).get(URL).content.decode()
    assert "a programme owner signs it off" in page
    assert sign not in page


def test_it_shows_each_move_with_who_when_and_why(client_of, alice, bob, vera, placed, baseline):
    moved(placed[0], alice, 7, "The data were late.")
    moved(placed[0], bob, 3, "", start=2)
    moved(placed[1], alice, -4)
    page = client_of(vera).get(URL).content.decode()
    assert "10 days later" in page
    assert "4 days earlier" in page
    assert "The data were late." in page
    assert "Bob: from" in page
    assert "No reason given." in page


def test_a_start_that_moved_alone_is_named(client_of, alice, vera, placed, baseline):
    moved(placed[0], alice, 0, start=1)
    assert "starts 1 day later" in client_of(vera).get(URL).content.decode()


def test_sums_are_by_pod_and_never_by_person(olive, alice, bob, vera, quarter, placed, baseline,
                                             pod, objective):  # fmt: skip
    moved(placed[0], alice, 7)
    moved(placed[1], bob, -2)
    move_experiment(placed[2], "cancel", by=alice)
    make_experiment(alice, pod, objective=objective, analyst=bob, idea_title="New", title="New")
    report = slips_of(quarter, seen_by=vera)
    (sums,) = report.pods
    assert (sums.planned, sums.as_planned, sums.cancelled, sums.added, sums.moves) == (
        3,
        0,
        1,
        1,
        2,
    )
    assert (sums.days_later, sums.days_earlier) == (7, 2)
    assert [row.title for row in report.added] == ["New"]


def test_one_that_was_taken_off_the_calendar_says_so(client_of, vera, placed, baseline):
    Experiment.objects.filter(pk=placed[0].pk).update(starts_on=None, ends_on=None)
    assert "taken off the calendar" in client_of(vera).get(URL).content.decode()


def test_moves_before_the_sign_off_do_not_count(olive, alice, vera, quarter, placed):
    moved(placed[0], alice, 7)
    sign_off_baseline(quarter, by=olive)
    assert all(
        not slip.moves and slip.is_as_planned for slip in slips_of(quarter, seen_by=vera).slips
    )


def test_a_second_sign_off_is_numbered_and_the_first_can_still_be_read(
    client_of, olive, alice, vera, quarter, placed, baseline
):
    moved(placed[0], alice, 7, "Late data")
    assert sign_off_baseline(quarter, by=olive).number == 2
    client = client_of(vera)
    assert "7 days later" not in client.get(URL).content.decode()
    first = client.get(URL, {"baseline": "1"}).content.decode()
    assert "7 days later" in first
    for odd in ("x", "99", "-1", "9" * 30, "²"):
        assert client.get(URL, {"baseline": odd}).status_code == 200


def test_an_outsider_reads_that_it_was_signed_off_and_nothing_of_the_pod(
    client_of, charlie, alice, placed, baseline
):
    moved(placed[0], alice, 7, "Late data")
    page = client_of(charlie).get(URL).content.decode()
    assert "Signed off by Olive" in page
    assert "None of the experiments in this baseline belongs to your pods." in page
    assert "Late data" not in page
    assert placed[0].key not in page


def test_it_costs_the_same_number_of_queries_for_many(
    django_assert_max_num_queries, client_of, vera, placed, baseline, alice
):
    for experiment in placed:
        moved(experiment, alice, 1, "x")
    client = client_of(vera)
    client.get(URL)
    with django_assert_max_num_queries(16):
        client.get(URL)


@given(st.integers(-200, 200), st.integers(1, 200), st.integers(-50, 50))
def test_a_slip_is_the_difference_of_the_ends_in_days(shift, length, longer):
    start = dt.date(2026, 10, 1)
    was = BaselineRow(starts_on=start, ends_on=start + length * DAY)
    test = Experiment(starts_on=start + shift * DAY, ends_on=was.ends_on + (shift + longer) * DAY)
    slip = Slip(test, was, ())
    assert (slip.days, slip.start_days) == (shift + longer, shift)
    assert slip.is_as_planned == (shift == 0 and longer == 0)


def test_a_quarter_that_is_named_is_shown_and_an_unknown_one_is_the_present(
    client_of, vera, quarter
):
    client = client_of(vera)
    assert quarter.name in client.get(URL, {"quarter": quarter.name}).content.decode()
    assert quarter.name in client.get(URL, {"quarter": "Q9 1999"}).content.decode()
    assert timezone.localdate() >= quarter.starts_on
