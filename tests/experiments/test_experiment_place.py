"""Placing a test on the calendar: what follows, what is refused, what needs a reason, two at once."""

import datetime as dt
import math

import pytest
from django.urls import reverse
from django.utils import timezone

from backlog.flows.planning import save_objective
from backlog.models import Event, Objective
from backlog.refusals import Refused
from experiments.flows.assigning import book_buckets
from experiments.flows.quarter import sentences
from experiments.flows.quarter.bars import units_of
from experiments.flows.quarter.facts import facts_of_quarter
from experiments.flows.quarter.sentences import Names, sentence_of
from experiments.flows.scheduling import change_dates, take_off, undo_move
from experiments.flows.sealing import sizing_of
from experiments.models import (
    Blackout,
    Booking,
    CalendarMove,
    Experiment,
    PodLimits,
    Segment,
    SegmentOverlap,
)
from experiments.quarter import consequences as codes
from experiments.quarter.consequences import Consequence
from tests.factories import analysed, launched, make_experiment

WEEK = dt.timedelta(days=7)


@pytest.fixture
def segment(pod):
    return Segment.objects.create(name="Lapsed", pod=pod, size=40_000)


@pytest.fixture
def first(alice, bob, pod, objective, quarter, segment):
    """On the calendar for four weeks, with half of a segment."""
    start = quarter.starts_on + 6 * WEEK
    made = make_experiment(
        alice, pod, objective=objective, analyst=bob, segment=segment, channel="E-mail",
        title="First", idea_title="First", starts_on=start, ends_on=start + 4 * WEEK,
    )  # fmt: skip
    Booking.objects.filter(experiment=made).update(share=0.5)
    return made


@pytest.fixture
def second(alice, bob, pod, objective, segment):
    """In the tray, on the same people."""
    made = make_experiment(
        alice, pod, objective=objective, analyst=bob, segment=segment, channel="e-mail ",
        title="Second", idea_title="Second", starts_on=None, ends_on=None,
    )  # fmt: skip
    Booking.objects.filter(experiment=made).update(share=0.3)
    return made


@pytest.fixture
def url(second):
    return reverse("experiments:experiment_place", args=[second.pk])


def at(start, weeks=4, **more):
    last = start + weeks * WEEK - dt.timedelta(days=1)
    return {"starts_on": start.isoformat(), "last_day": last.isoformat(), **more}


def place(test, by, start, weeks=4, **more):
    return change_dates(test, by=by, starts_on=start, ends_on=start + weeks * WEEK, **more)


def test_it_says_what_follows_and_where_it_would_be_clear(client_of, bob, first, second, url):
    page = client_of(bob).get(url, at(first.starts_on)).content.decode()
    assert "50 % of its people (about 6,000 people) are also in “First”" in page
    better = page.partition("Place on ")[2].partition("<")[0]
    weeks = facts_of_quarter(first.objective.quarter).facts.weeks
    clear = next(week for week in weeks if week >= first.ends_on)
    assert better.startswith(f"{clear:%-d %b}")
    second.refresh_from_db()
    assert second.starts_on is None


def test_its_length_is_compared_with_the_whole_weeks_that_it_needs(
    client_of, bob, first, second, url
):
    a_week = math.ceil(units_of(second) / 2.9)  # a bit less than three weeks
    Experiment.objects.filter(pk=second.pk).update(units_per_week=a_week)
    length = "{}, and it needs 3</span>"
    assert (
        length.format("3 weeks") in client_of(bob).get(url, at(first.ends_on, 3)).content.decode()
    )
    ten_days = {"starts_on": first.ends_on.isoformat(),
                "last_day": (first.ends_on + dt.timedelta(days=9)).isoformat()}  # fmt: skip
    page = client_of(bob).get(url, ten_days).content.decode()
    assert "10 days, and it needs 3 weeks</span>" in page
    assert length.format("1 week") in client_of(bob).get(url, at(first.ends_on, 1)).content.decode()


def test_the_page_opens_with_the_days_that_it_has(client_of, bob, first):
    page = client_of(bob).get(reverse("experiments:experiment_place", args=[first.pk]))
    assert page.context["form"].initial["starts_on"] == first.starts_on
    assert f'value="{first.last_day.isoformat()}"' in page.content.decode()


def test_a_place_that_warns_needs_a_reason(client_of, bob, first, second, url):
    refused = client_of(bob).post(url, at(first.starts_on))
    assert refused.status_code == 409
    assert (
        "Give a reason" in refused.content.decode() or "with a reason" in refused.content.decode()
    )
    assert client_of(bob).post(url, at(first.starts_on, reason="We want both")).status_code == 302
    move = second.calendar_moves.get()
    assert (move.by, move.reason) == (bob, "We want both")
    assert "collision" in move.warnings
    assert (
        "because: We want both" in Event.objects.about(second).filter(verb="dates").get().sentence
    )


def test_a_first_day_in_the_past_is_said(client_of, bob, second, url):
    before = timezone.localdate() - WEEK
    page = client_of(bob).get(url, at(before)).content.decode()
    assert "Its first day has passed already." in page
    later = client_of(bob).get(url, at(timezone.localdate() + WEEK)).content.decode()
    assert "has passed already" not in later


def test_a_place_without_a_warning_needs_none(client_of, bob, first, second, url):
    assert client_of(bob).post(url, at(first.ends_on)).status_code == 302
    second.refresh_from_db()
    assert second.starts_on == first.ends_on


def test_a_hard_blackout_refuses_with_its_name(client_of, bob, first, second, url):
    Blackout.objects.create(name="Freeze", starts_on=first.ends_on, ends_on=first.ends_on + WEEK)
    refused = client_of(bob).post(url, at(first.ends_on, reason="I must"))
    assert refused.status_code == 409
    assert "“Freeze” covers" in refused.content.decode()
    second.refresh_from_db()
    assert second.starts_on is None


def test_a_soft_one_asks_for_a_reason(bob, first, second):
    Blackout.objects.create(
        name="Quiet week", starts_on=first.ends_on, ends_on=first.ends_on + WEEK, is_hard=False
    )
    with pytest.raises(Refused, match="Quiet week"):
        place(second, bob, first.ends_on)
    place(second, bob, first.ends_on, reason="Nobody minds")


def test_tests_of_another_pod_count_without_their_name(
    client_of, charlie, other_pod, first, segment, objective
):
    Segment.objects.filter(pk=segment.pk).update(pod=None)
    Experiment.objects.filter(pk=first.pk).update(segment=segment)
    make = make_experiment(
        charlie, other_pod, objective=None, analyst=charlie, segment=Segment.objects.get(),
        channel="E-mail", title="Theirs", idea_title="Theirs", starts_on=None, ends_on=None,
    )  # fmt: skip
    answer = client_of(charlie).get(
        reverse("experiments:experiment_place", args=[make.pk]), at(first.starts_on)
    )
    page = answer.content.decode()
    assert "are also in an experiment of another pod" in page
    assert "First" not in page.replace("First day", "")


def test_who_lets_go_after_somebody_else_sees_both(client_of, alice, bob, first, second, url):
    place(second, alice, first.ends_on)
    late = client_of(bob).post(url, at(first.ends_on + WEEK, seen="/"))
    assert late.status_code == 409
    page = late.content.decode()
    assert "Alice moved it to" in page
    assert "while you were holding it." in page
    second.refresh_from_db()
    assert second.starts_on == first.ends_on
    seen = f"{second.starts_on}/{second.ends_on}"
    assert client_of(bob).post(url, at(first.ends_on + WEEK, seen=seen)).status_code == 302


def test_a_move_is_taken_back_once(client_of, bob, first, second):
    place(second, bob, first.ends_on)
    move = second.calendar_moves.first()
    undo = reverse("experiments:move_undo", args=[move.pk])
    assert client_of(bob).post(undo).status_code == 302
    second.refresh_from_db()
    assert second.starts_on is None
    assert client_of(bob).post(undo).status_code == 409
    assert CalendarMove.objects.filter(experiment=second).count() == 2


def test_only_the_latest_move_is_taken_back(bob, first, second):
    place(second, bob, first.ends_on)
    earlier = second.calendar_moves.first()
    place(second, bob, first.ends_on + WEEK)
    with pytest.raises(Refused, match="moved again since"):
        undo_move(earlier, by=bob)


def test_a_sealed_test_keeps_its_start_and_its_end_moves_by_an_amendment(
    client_of, alice, bob, pod, objective
):
    running = launched(make_experiment(alice, pod, objective=objective, analyst=bob), alice)
    url = reverse("experiments:experiment_place", args=[running.pk])
    moved = client_of(bob).post(url, at(running.starts_on + WEEK, reason="Later"))
    assert "you can only move its end" in moved.content.decode()
    ends_on = running.ends_on + WEEK
    with pytest.raises(Refused, match="Give a reason"):
        change_dates(running, by=bob, starts_on=running.starts_on, ends_on=ends_on)
    running.refresh_from_db()
    change_dates(running, by=bob, starts_on=running.starts_on, ends_on=ends_on, reason="Few came")
    assert running.amendments.count() == 1
    assert running.calendar_moves.first().ends_on == ends_on


def test_a_new_end_of_a_sealed_plan_is_typed_with_its_reason(client_of, alice, bob, pod, objective):
    running = launched(make_experiment(alice, pod, objective=objective, analyst=bob), alice)
    url = reverse("experiments:experiment_place", args=[running.pk])
    days = at(running.starts_on, 6)
    page = client_of(bob).get(url, days).content.decode()
    assert "The plan was sealed on" in page
    assert 'name="reason"' in page
    refused = client_of(bob).post(url, days)
    assert refused.status_code == 409
    assert "Give a reason" in refused.content.decode()
    assert client_of(bob).post(url, days | {"reason": "Fewer came"}).status_code == 302
    amended = Event.objects.about(running).filter(verb="amend").get()
    assert "before the first look: Fewer came" in amended.sentence


def test_a_new_end_after_a_look_has_its_price_beside_it(client_of, alice, bob, pod, objective):
    running = launched(make_experiment(alice, pod, objective=objective, analyst=bob), alice)
    url = reverse("experiments:experiment_place", args=[running.pk])
    later = at(running.starts_on, 6)
    assert "A result has been seen." not in client_of(bob).get(url, later).content.decode()
    analysed(running, bob)
    assert "A result has been seen." not in client_of(bob).get(url, later).content.decode()
    client_of(bob).get(reverse("experiments:experiment_results", args=[running.pk]))
    assert "A result has been seen." in client_of(bob).get(url, later).content.decode()
    same = at(running.starts_on, 4)
    assert "A result has been seen." not in client_of(bob).get(url, same).content.decode()


def test_the_weeks_that_the_plan_needs_stand_above_the_dates(client_of, bob, first):
    url = reverse("experiments:experiment_place", args=[first.pk])
    weeks = sizing_of(first).weeks
    assert f"these are {weeks} week" in client_of(bob).get(url).content.decode()
    Experiment.objects.update(units_per_week=None)
    assert "The plan takes" not in client_of(bob).get(url).content.decode()


def test_only_a_dock_of_the_calendar_swaps_the_plan(client_of, bob, second, first, url):
    """On its own page there is no plan to swap, and a form that aimed at one was never sent."""
    calendar = reverse("experiments:calendar")
    days, client = at(first.starts_on), client_of(bob)
    on_calendar = {
        "HX-Request": "true",
        "HX-Target": "dock",
        "HX-Current-URL": f"http://testserver{calendar}",
    }
    on_page = on_calendar | {"HX-Current-URL": f"http://testserver{url}"}
    assert 'hx-target="#plan"' in client.get(url, days, headers=on_calendar).content.decode()
    assert 'hx-target="#plan"' not in client.get(url, days, headers=on_page).content.decode()
    page = client.get(
        url, days, headers={"Referer": f"http://testserver{calendar}"}
    ).content.decode()
    assert 'hx-target="#plan"' not in page
    assert f'name="back" value="{calendar}"' in page, "but it leads back to the calendar"


def test_a_decided_test_stays_where_it_was(alice, bob, pod, objective, quarter):
    done = make_experiment(alice, pod, objective=objective, analyst=bob)
    Experiment.objects.filter(pk=done.pk).update(state="decided")
    done.refresh_from_db()
    with pytest.raises(Refused, match="can’t be changed any more"):
        place(done, bob, quarter.starts_on)


def test_a_test_that_has_started_stays_on_the_calendar(alice, bob, pod, objective):
    running = launched(make_experiment(alice, pod, objective=objective, analyst=bob), alice)
    with pytest.raises(Refused, match="stays on the calendar"):
        take_off(running, by=bob)


def test_a_planned_test_has_dates(bob, first):
    Experiment.objects.filter(pk=first.pk).update(state="planned")
    first.refresh_from_db()
    with pytest.raises(Refused, match="Move it back to draft first"):
        take_off(first, by=bob)


def test_it_waits_for_the_test_that_it_depends_on(bob, first, second):
    second.booking.after.add(first)
    with pytest.raises(Refused, match="waits for “First”"):
        place(second, bob, first.starts_on, reason="I must")
    place(second, bob, first.ends_on)
    with pytest.raises(Refused, match="“Second” waits for"):
        place(first, bob, first.starts_on + WEEK, reason="I must")


def test_people_days_count_against_what_the_pod_has(bob, pod, first, second):
    PodLimits.objects.create(pod=pod, people_days=0, tests_at_once=5)
    Booking.objects.filter(experiment=second).update(people_days=4, build_days=4)
    with pytest.raises(Refused, match=r"would need 3 people-days in 2 weeks from .* and has 0"):
        place(second, bob, first.ends_on)


def test_tests_at_once_count_against_the_pods_limit(bob, pod, first, second):
    PodLimits.objects.create(pod=pod, tests_at_once=1)
    Experiment.objects.filter(pk=second.pk).update(segment=None)
    second.refresh_from_db()
    with pytest.raises(Refused, match="would run 2 experiments at once"):
        place(second, bob, first.starts_on)


def test_a_namespace_is_not_given_away_twice(bob, first, second):
    for test in (first, second):
        book_buckets(test, by=bob, namespace="mail", share=50)
        Booking.objects.filter(experiment=test).update(share=0.6)
        test.refresh_from_db()
    sentence = r"of its namespace would take 120\s% of the people in 5 weeks"
    with pytest.raises(Refused, match=sentence):
        place(second, bob, first.starts_on)
    place(second, bob, first.ends_on)


def test_an_experiment_of_unknown_size_takes_what_it_has_of_its_namespace(bob, quarter, first):
    Booking.objects.update(share=None)
    Experiment.objects.update(segment=None, audience_size=None)
    first.refresh_from_db()
    (bar,) = facts_of_quarter(quarter).bars
    assert bar.share == 1.0
    book_buckets(first, by=bob, namespace="mail", share=30)
    (bar,) = facts_of_quarter(quarter).bars
    assert bar.share == pytest.approx(0.3)


def test_overlapping_segments_collide_by_what_is_declared(bob, pod, first, second, segment):
    other = Segment.objects.create(name="Weekend readers", pod=pod, size=10_000)
    Experiment.objects.filter(pk=second.pk).update(segment=other)
    second.refresh_from_db()
    place(second, bob, first.starts_on)
    undo_move(second.calendar_moves.first(), by=bob)
    SegmentOverlap.objects.create(
        first=segment, second=other, share_of_first=0.05, share_of_second=0.2
    )
    second.refresh_from_db()
    with pytest.raises(Refused, match=r"10 % of its people .*are also in “First”"):
        place(second, bob, first.starts_on)


@pytest.mark.parametrize(
    ("first_day", "last_day", "sentence"),
    [
        ("2026-13-01", "2026-12-01", "Enter a day, such as 2026-11-14."),
        ("0001-01-01", "2026-12-01", "Choose a day between 2000 and 2200."),
        ("2026-12-01", "9999-12-31", "Choose a day between 2000 and 2200."),
        ("", "", "This field is required."),
    ],
)
def test_a_day_that_is_none_is_a_sentence(client_of, bob, url, first_day, last_day, sentence):
    answer = client_of(bob).post(url, {"starts_on": first_day, "last_day": last_day})
    assert answer.status_code == 422
    assert sentence in answer.content.decode()


def test_an_end_before_the_start_is_refused(client_of, bob, first, url):
    day = first.ends_on
    answer = client_of(bob).post(url, {"starts_on": day, "last_day": day - WEEK, "reason": "x"})
    assert answer.status_code == 409
    assert "The last day is before the first." in answer.content.decode()


def test_every_consequence_has_its_words():
    names = Names({1: "One"}, {1: "Pod"}, {1: "Lapsed"})
    day = dt.date(2026, 11, 2)
    for code in sentences.WORDS:
        one = Consequence(code, keys=(1, 2), name="Freeze", pod=1, segment=1, weeks=(day,),
                          starts_on=day, ends_on=day + WEEK, amount=0.5, limit=1.0, units=100)  # fmt: skip
        sentence = sentence_of(one, names)
        assert sentence.endswith("."), sentence
    known = {value for name, value in vars(codes).items() if name.isupper()}
    assert known == set(sentences.WORDS)


def test_a_blind_idea_has_no_value_and_no_ease_in_the_plan(alice, quarter, first):
    idea = first.idea
    type(idea).objects.filter(pk=idea.pk).update(state="scoring", ice=9.5, ease=9)
    bar = next(bar for bar in facts_of_quarter(quarter).bars if bar.key == first.pk)
    assert (bar.value, bar.people_days) == (0.0, 0.0)


def test_its_share_is_worked_out_from_its_size(quarter, first):
    Booking.objects.update(share=None)
    (bar,) = facts_of_quarter(quarter).bars
    assert bar.units
    assert bar.share == pytest.approx(bar.units / 40_000)


def test_objectives_of_other_pods_do_not_appear(client_of, charlie, alice, pod, quarter):
    save_objective(Objective(quarter=quarter), by=alice, pod=pod, title="Secret goal")
    assert (
        "Secret goal"
        not in client_of(charlie).get(reverse("experiments:calendar")).content.decode()
    )
