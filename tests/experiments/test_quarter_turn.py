"""The turn of a quarter: what slipped, what is carried over, the next one, the close."""

import datetime as dt

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone

from backlog import agenda
from backlog.models import Event, Objective, Quarter, User
from backlog.refusals import Refused
from experiments.flows import turning
from experiments.flows.amending import amend
from experiments.flows.moves import move_experiment
from experiments.flows.scheduling import change_dates, take_off
from experiments.flows.signing_off import sign_off_baseline, slips_of
from experiments.flows.standards import review_standard
from experiments.models import (
    Baseline,
    BaselineRow,
    CalendarMove,
    CarryOver,
    Experiment,
    Slip,
    StandardKind,
)
from tests.factories import launched, make_experiment

NOW = dt.datetime(2027, 1, 4, 12, tzinfo=dt.UTC)
MAKE_DAY = dt.datetime(2026, 10, 20, 12, tzinfo=dt.UTC)


@pytest.fixture
def quarter(db):
    return Quarter.objects.create(
        name="Q4 2026", starts_on=dt.date(2026, 10, 1), ends_on=dt.date(2027, 1, 1)
    )


@pytest.fixture
def made(alice, bob, pod, objective):
    """By title: not started, running into the next quarter, cancelled, as planned so far."""
    first, weeks = dt.date(2026, 10, 20), dt.timedelta(weeks=4)

    def plan(title, starts_on=first):
        return make_experiment(
            alice, pod, objective=objective, analyst=bob, idea_title=title, title=title,
            starts_on=starts_on, ends_on=starts_on + weeks,
        )  # fmt: skip

    with time_machine.travel(MAKE_DAY, tick=False):
        waits = plan("Waits", dt.date(2026, 11, 2))
        late = launched(plan("Late"), alice)
        amend(late, by=alice, reason="More readers", ends_on=dt.date(2027, 1, 20))
        dropped = move_experiment(plan("Dropped"), "cancel", by=alice)
        fine = launched(plan("Fine"), alice)
    return {one.title: Experiment.objects.get(pk=one.pk) for one in (waits, late, dropped, fine)}


@pytest.fixture
def turned():
    """After the end of the quarter."""
    with time_machine.travel(NOW, tick=False) as clock:
        yield clock


def test_the_turn_and_the_slip_report_agree_on_what_was_moved_before_its_first_day(
    quarter, made, alice, bob, olive, pod, objective
):
    with time_machine.travel(dt.datetime(2026, 11, 1, 12, tzinfo=dt.UTC), tick=False):
        sign_off_baseline(quarter, by=olive)
        waits = made["Waits"]
        change_dates(waits, by=alice, starts_on=waits.starts_on + dt.timedelta(days=7),
                     ends_on=waits.ends_on + dt.timedelta(days=7), reason="Late")  # fmt: skip
        hows = {one.experiment: one.sentence for one in turning.departures_of(quarter)}
        assert hows[waits].startswith("Ends 7 days later than planned for 2 Nov to")
        late = {slip.experiment for slip in slips_of(quarter, seen_by=olive).slips if slip.days}
        assert late == set(hows)
        waits.refresh_from_db()
        take_off(waits, by=alice, reason="No one has time")
        hows = {one.experiment: one.sentence for one in turning.departures_of(quarter)}
        assert hows[waits].startswith("Taken off the calendar. It was planned for 2 Nov to")


def address(quarter, step="", *more):
    return reverse(
        f"experiments:quarter_turn{f'_{step}' if step else ''}", args=[quarter.pk, *more]
    )


def test_what_did_not_go_as_placed_is_listed_with_how(made, quarter, turned):
    listed = {one.experiment.title: one.sentence for one in turning.departures_of(quarter)}
    assert listed == {
        "Waits": "Not started. It was planned for 2 Nov to 29 Nov 2026.",
        "Late": "Ends 64 days later than planned for 20 Oct to 16 Nov 2026.",
        "Dropped": "Cancelled. It was planned for 20 Oct to 16 Nov 2026.",
    }


def test_a_baseline_says_what_was_planned(made, quarter, alice, turned):
    baseline = Baseline.objects.create(quarter=quarter, number=1, by=alice)
    day = dt.date(2026, 10, 5)
    BaselineRow.objects.create(
        baseline=baseline, experiment=made["Fine"], starts_on=day, ends_on=day + dt.timedelta(28)
    )
    (only,) = turning.departures_of(quarter)
    assert only.sentence == "Ends 15 days later than planned for 5 Oct to 1 Nov 2026."


def test_a_whole_quarter_is_turned_over_several_days(
    client_of, olive, alice, made, quarter, objective, turned
):
    client = client_of(olive)
    page = client.get(address(quarter)).content.decode()
    assert "0 of 5 steps done" in page
    assert "Name why 3 experiments slipped." in page
    assert client.post(address(quarter, "close")).status_code == 302
    quarter.refresh_from_db()
    assert quarter.closed_at is None
    for title, cause, note in (("Waits", "waited", ""), ("Late", "other", "A <b>strike</b>"),
                               ("Dropped", "unwanted", "")):  # fmt: skip
        sent = {"cause": cause, "note": note}
        client.post(address(quarter, "slip", made[title].pk), sent)
    turned.shift(dt.timedelta(days=1))
    client.post(address(quarter, "carry", made["Waits"].pk), {"choice": "clear"})
    client.post(address(quarter, "running"))
    assert {row.experiment.title: row.choice for row in CarryOver.objects.all()} == {
        "Waits": "clear", "Late": "keep", "Fine": "keep",
    }  # fmt: skip
    client.post(address(quarter, "open"))
    following = Quarter.objects.get(name="Q1 2027")
    client.post(address(quarter, "copy"), {"objective": str(objective.pk)})
    client.post(
        address(quarter, "objective"), {"title": "Fewer complaints", "quarter": following.pk}
    )
    assert {one.title for one in following.objectives.all()} == {
        objective.title,
        "Fewer complaints",
    }
    for kind in StandardKind.values:
        client.post(address(quarter, "look", kind))
    page = client.get(address(quarter)).content.decode()
    assert "5 of 5 steps done" in page
    assert "A &lt;b&gt;strike&lt;/b&gt;" in page
    client.post(address(quarter, "close"))
    quarter.refresh_from_db()
    assert (quarter.closed_by, timezone.localdate(quarter.closed_at)) == (
        olive,
        dt.date(2027, 1, 5),
    )
    listed = client.get(reverse("backlog:quarter_list")).content.decode()
    assert "closed on 5 Jan 2027 by Olive" in listed
    assert (
        "closed on 5 Jan 2027"
        in client_of(alice).get(reverse("backlog:quarter_list")).content.decode()
    )
    assert client.get(address(quarter)).status_code == 200
    with pytest.raises(Refused, match="is closed"):
        turning.name_cause(quarter, made["Waits"], by=olive, cause="larger")


def test_clearing_the_dates_puts_it_back_into_the_tray_with_the_move_on_record(
    made, quarter, olive, alice, turned
):
    waits = move_experiment(made["Waits"], "plan", by=alice)
    turning.carry_over(quarter, waits, by=olive, choice="clear")
    waits = Experiment.objects.get(pk=waits.pk)
    assert (waits.state, waits.starts_on, waits.ends_on) == ("draft", None, None)
    move = CalendarMove.objects.first()
    assert (move.from_starts_on, move.starts_on) == (dt.date(2026, 11, 2), None)
    assert move.reason == "Carried over from Q4 2026"
    row = CarryOver.objects.get()
    assert (row.starts_on, row.ends_on) == (dt.date(2026, 11, 2), dt.date(2026, 11, 30))
    assert "Waits" in {one.experiment.title for one in turning.departures_of(quarter)}, (
        "it slipped all the same"
    )


def test_cancelling_what_is_not_carried_over_frees_its_idea(made, quarter, olive, turned):
    waits = made["Waits"]
    turning.carry_over(quarter, waits, by=olive, choice="cancel")
    waits = Experiment.objects.select_related("idea").get(pk=waits.pk)
    assert (waits.state, waits.idea.state) == ("cancelled", "open")
    assert "not carried over from Q4 2026" in Event.objects.about(waits).first().sentence


def test_what_was_typed_about_a_slip_is_kept_where_it_is_refused(
    client_of, olive, quarter, made, turned
):
    url = address(quarter, "slip", made["Late"].pk)
    answer = client_of(olive).post(url, {"cause": "", "note": "The import broke <twice>"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert f"{made['Late'].key}: Choose a cause." in page
    assert page.count('value="The import broke &lt;twice&gt;"') == 1
    answer = client_of(olive).post(address(quarter, "carry", made["Late"].pk), {"choice": "clear"})
    assert answer.status_code == 422
    assert f"{made['Late'].key}: “clear” can’t be chosen here." in answer.content.decode()


@pytest.mark.parametrize(
    ("step", "sentence"),
    [
        (lambda q, m, o: turning.name_cause(q, m["Fine"], by=o, cause="data"), "went as planned"),
        (lambda q, m, o: turning.name_cause(q, m["Late"], by=o, cause="other"), "Say in the note"),
        (lambda q, m, o: turning.name_cause(q, m["Late"], by=o, cause="moon"), "not a valid choice"),
        (lambda q, m, o: turning.carry_over(q, m["Late"], by=o, choice="clear"), "has started"),
        (lambda q, m, o: turning.carry_over(q, m["Dropped"], by=o, choice="keep"), "settled already"),
        (lambda q, m, o: turning.carry_over(q, m["Late"], by=o, choice="moon"), "not a valid choice"),
        (lambda q, m, o: turning.copy_objectives(q, by=o, chosen=["1"]), "Open the next quarter first"),
        (lambda q, m, o: turning.close_the_quarter(q, by=o), "Name why 3 experiments slipped."),
    ],
)  # fmt: skip
def test_a_step_that_makes_no_sense_is_refused(made, quarter, olive, turned, step, sentence):
    with pytest.raises((Refused, ValidationError), match=sentence):
        step(quarter, made, olive)
    assert not Slip.objects.exists()
    assert not CarryOver.objects.exists()


def test_what_is_settled_twice_counts_once(made, quarter, olive, turned):
    turning.carry_over(quarter, made["Late"], by=olive, choice="keep")
    with pytest.raises(Refused, match="settled already"):
        turning.carry_over(quarter, made["Late"], by=olive, choice="cancel")
    assert Experiment.objects.get(pk=made["Late"].pk).state == "running"


def test_a_cause_can_be_corrected(made, quarter, olive, turned):
    turning.name_cause(quarter, made["Late"], by=olive, cause="waited")
    turning.name_cause(quarter, made["Late"], by=olive, cause="data", note="One feed")
    assert (Slip.objects.get().cause, Slip.objects.get().note) == ("data", "One feed")


def test_a_quarter_is_turned_by_programme_owners_from_a_week_before_its_end(
    client_of, alice, olive, made, quarter
):
    late = made["Late"]
    with time_machine.travel(dt.datetime(2026, 12, 24, 12, tzinfo=dt.UTC), tick=False):
        page = client_of(olive).get(address(quarter)).content.decode()
        assert "can be turned from 25 Dec 2026 on" in page
        with pytest.raises(Refused, match="25 Dec 2026"):
            turning.carry_over(quarter, late, by=olive, choice="keep")
    with time_machine.travel(dt.datetime(2026, 12, 25, 12, tzinfo=dt.UTC), tick=False):
        with pytest.raises(PermissionDenied):
            turning.carry_over(quarter, late, by=alice, choice="keep")
        turning.carry_over(quarter, late, by=olive, choice="keep")
        with pytest.raises(Refused, match="ends on 31 Dec 2026"):
            turning.close_the_quarter(quarter, by=olive)


def test_what_still_may_start_in_the_last_week_has_not_slipped(made, quarter):
    Experiment.objects.filter(pk=made["Waits"].pk).update(
        starts_on=dt.date(2026, 12, 29), ends_on=dt.date(2027, 1, 19)
    )
    for day, slipped in ((29, False), (30, True)):
        with time_machine.travel(dt.datetime(2026, 12, day, 12, tzinfo=dt.UTC), tick=False):
            listed = {one.experiment.title for one in turning.departures_of(quarter)}
            assert ("Waits" in listed) == slipped


def test_what_was_settled_stays_on_the_page(made, quarter, olive, turned):
    turning.carry_over(quarter, made["Waits"], by=olive, choice="cancel")
    settled = {one.title: row.choice for one, row in turning.leftovers_of(quarter) if row}
    assert settled == {"Waits": "cancel"}


def titles(person):
    return [item.title for item in agenda.waiting_for(User.objects.get(pk=person.pk))]


def test_today_asks_programme_owners_to_turn_the_newest_quarter_until_it_is_closed(
    client_of, olive, alice, quarter
):
    Quarter.objects.create(
        name="Q3 2026", starts_on=dt.date(2026, 7, 1), ends_on=dt.date(2026, 10, 1)
    )
    with time_machine.travel(dt.datetime(2026, 12, 26, 12, tzinfo=dt.UTC), tick=False):
        assert "Turn Q4 2026" in titles(olive)
        assert "Turn Q3 2026" not in titles(olive)
        assert not [title for title in titles(alice) if title.startswith("Turn")]
        assert address(quarter) in client_of(olive).get(reverse("backlog:today")).content.decode()
        listed = client_of(olive).get(reverse("backlog:quarter_list")).content.decode()
        assert address(quarter) in listed
        assert address(quarter) not in client_of(alice).get(reverse("backlog:quarter_list")).content.decode()  # fmt: skip
    with time_machine.travel(NOW, tick=False):
        turning.open_next(quarter, by=olive)
        turning.close_the_quarter(quarter, by=olive)
        assert not [title for title in titles(olive) if title.startswith("Turn")]


def test_a_wrong_objective_keeps_what_was_typed(client_of, olive, quarter, turned):
    following = turning.open_next(quarter, by=olive)
    answer = client_of(olive).post(
        address(quarter, "objective"), {"title": "", "metric": "Churn", "quarter": following.pk}
    )
    assert answer.status_code == 422
    assert "Enter a title." in answer.content.decode()
    assert 'value="Churn"' in answer.content.decode()
    assert not Objective.objects.filter(quarter=following).exists()


def test_a_look_before_the_quarter_turned_is_not_the_review_at_its_turn(
    client_of, olive, quarter, turned
):
    with time_machine.travel(dt.datetime(2026, 12, 1, tzinfo=dt.UTC), tick=False):
        review_standard("metrics", by=olive)
    page = client_of(olive).get(address(quarter)).context["page"]
    assert not any(is_done for _, is_done in page.rows)
    review_standard("metrics", by=olive)
    page = client_of(olive).get(address(quarter)).context["page"]
    assert [row.standard.kind for row, is_done in page.rows if is_done] == ["metrics"]
