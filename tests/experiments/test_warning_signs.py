"""Warning signs: each detector finds its own and nothing else, the clock writes them, people mute them."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from backlog.models import Event, Membership, Quarter, User
from backlog.refusals import Refused
from experiments.flows.health.signs import DETECTORS, look_for_signs, mute_sign
from experiments.flows.scheduling import change_dates
from experiments.models import Experiment, Milestone, PodLimits, Segment, Waiver, WarningSign
from tests.factories import launched, make_experiment, make_idea, make_round

Code = WarningSign.Code
WEEK = dt.timedelta(days=7)
LONG_AGO = dt.timedelta(days=30)


@pytest.fixture
def make(alice, bob, pod, objective):
    def made(number, **fields):
        return [
            make_experiment(alice, pod, objective=objective, analyst=bob, idea_title=f"Idea {n}",
                            title=f"Title {n}", **fields)
            for n in range(number)
        ]  # fmt: skip

    return made


def codes():
    look_for_signs()
    return {sign.code: sign for sign in WarningSign.objects.all()}


def late_steps(tests, *, of_one_name):
    today = timezone.localdate()
    for number, test in enumerate(tests):
        test.milestones.all().delete()
        days = (today - test.starts_on).days - 10
        name = "Ask legal" if of_one_name else f"Step {number}"
        Milestone.objects.create(experiment=test, name=name, anchor="start", offset_days=days)


def test_nothing_is_seen_in_a_quiet_pod(make):
    make(2, starts_on=timezone.localdate() + WEEK, ends_on=timezone.localdate() + 5 * WEEK)
    assert codes() == {}


def test_missed_deadlines(make):
    tests = make(3)
    late_steps(tests, of_one_name=False)
    signs = codes()
    assert set(signs) == {Code.LATE}
    assert (signs[Code.LATE].count, signs[Code.LATE].evidence) == (3, [one.pk for one in tests])
    Milestone.objects.filter(experiment=tests[0]).update(done_at=timezone.now())
    assert codes() == {}, "two are not many, and the row goes with the sign"


def test_the_same_step_in_several_places(make):
    late_steps(make(3), of_one_name=True)
    sign = codes()[Code.SAME_STEP]
    assert (sign.count, sign.name) == (3, "Ask legal")


def test_planned_work_that_is_pushed_aside(make, bob, quarter):
    today = timezone.localdate()
    tests = make(3, starts_on=today + WEEK, ends_on=today + 5 * WEEK, units_per_week=None)
    for test in tests[:2]:
        for weeks in (3, 2):
            change_dates(test, by=bob, starts_on=today + weeks * WEEK,
                         ends_on=today + (weeks + 4) * WEEK, reason="A campaign")  # fmt: skip
            test.refresh_from_db()
    Quarter.objects.update(ends_on=today + 20 * WEEK)
    sign = codes()[Code.PUSHED]
    assert (sign.count, sign.out_of) == (2, 3), "two moves of one experiment count once"
    change_dates(tests[0], by=bob, starts_on=today + WEEK, ends_on=today + 5 * WEEK, reason="Back")
    assert Code.PUSHED not in codes(), "what came back was not pushed"


def test_too_many_at_once(make, alice, pod):
    PodLimits.objects.create(pod=pod, tests_at_once=2)
    tests = [launched(test, alice) for test in make(3)]
    sign = codes()[Code.TOO_MANY]
    assert (sign.count, sign.out_of) == (3, 2)
    PodLimits.objects.update(tests_at_once=3)
    assert Code.TOO_MANY not in codes()
    assert len(tests) == 3


def test_what_waits_for_its_next_step(make):
    tests = make(2)
    Experiment.objects.update(starts_on=timezone.localdate() - LONG_AGO)
    assert codes()[Code.NO_STEP].evidence == [one.pk for one in tests]
    Experiment.objects.filter(pk=tests[0].pk).update(starts_on=timezone.localdate())
    assert Code.NO_STEP not in codes()


def test_waivers_that_pile_up(make, alice, quarter):
    tests = [launched(test, alice) for test in make(3)]
    assert codes()[Code.WAIVERS].count == 3, "each was launched with waivers"
    Waiver.objects.filter(experiment__in=tests[1:]).delete()
    assert Code.WAIVERS not in codes()


def test_silence_is_of_members_without_names_and_never_of_few(alice, pod):
    people = []
    for number in range(4):
        person = User.objects.create_user(
            f"p{number}@example.com", "secret", name=f"Person {number}"
        )
        people.append(Membership.objects.create(pod=pod, user=person, role="member"))
    for number in range(2):
        make_round(alice, pod, make_idea(alice, pod, f"Idea {number}"))
    sign = codes()[Code.SILENT]
    members = Membership.objects.filter(pod=pod, role__in=("member", "lead")).count()
    assert (sign.count, sign.out_of, sign.evidence) == (members, members, [])
    Membership.objects.filter(pod=pod).exclude(user=alice).update(role="viewer")
    assert Code.SILENT not in codes(), "of one person it would be about that person"


def test_an_outcome_that_no_experiment_can_reach(make, pod):
    (test,) = make(1)
    segment = Segment.objects.create(name="Few", size=100)
    Experiment.objects.filter(pk=test.pk).update(segment=segment)
    assert codes()[Code.OUT_OF_REACH].evidence == [test.pk]
    Segment.objects.update(size=10_000_000)
    assert Code.OUT_OF_REACH not in codes()


def test_every_kind_has_a_detector():
    assert set(DETECTORS) == set(Code)


def test_looking_again_keeps_the_day_it_was_first_seen_and_who_muted_it(make, alice):
    late_steps(make(3), of_one_name=False)
    sign = codes()[Code.LATE]
    WarningSign.objects.update(first_seen_on=timezone.localdate() - WEEK)
    mute_sign(sign, by=alice, reason="Holidays")
    again = codes()[Code.LATE]
    assert (again.pk, again.days, again.is_muted) == (sign.pk, 7, True)
    assert "muted “Deadlines are missed”" in Event.objects.filter(verb="mute_sign").get().sentence


def test_muting_takes_a_lead_and_a_reason_and_ends(make, alice, bob, client_of):
    late_steps(make(3), of_one_name=False)
    sign = codes()[Code.LATE]
    with pytest.raises(PermissionDenied):
        mute_sign(sign, by=bob, reason="Because")
    with pytest.raises(Refused, match="Say why"):
        mute_sign(sign, by=alice, reason="  ")
    client, url = client_of(alice), reverse("experiments:health")
    assert [row.sign for row in client.get(url).context["page"].signs] == [sign]
    client.post(reverse("experiments:sign_mute", args=[sign.pk]), {"reason": "Holidays"})
    page = client.get(url).context["page"]
    assert (page.signs, [row.sign for row in page.muted]) == ([], [sign])
    WarningSign.objects.update(muted_until=timezone.localdate())
    assert [row.sign for row in client.get(url).context["page"].signs] == [sign]
