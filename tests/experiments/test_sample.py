"""The sample workspace: believable, the same on the same day, in with DEBUG, out in one step."""

import datetime as dt

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import override_settings
from django.urls import reverse
from django.utils import timezone

from backlog.flows.workspace import remove_sample
from backlog.models import Event, Idea, Pod, Quarter, RoundIdea, User
from backlog.refusals import Refused
from experiments.flows.quarter.facts import facts_of_quarter
from experiments.flows.sample.loading import load_sample
from experiments.flows.signing_off import slips_of
from experiments.models import (
    Agreement,
    Analysis,
    Blackout,
    Booking,
    Deadline,
    Experiment,
    Learning,
    PlanTemplate,
    PostMortem,
    RoadmapItem,
    Scenario,
    Segment,
    StandardOwner,
    StandardReview,
)
from experiments.quarter.collisions import collisions
from experiments.quarter.ledger import ledger


# First, as the sample stands from the first test that asks for it until the last of this file.
def test_it_is_refused_without_debug_and_where_people_are(db, settings, alice):
    settings.DEBUG = False
    with pytest.raises(CommandError, match="with DEBUG"):
        call_command("load_sample")
    settings.DEBUG = True
    with pytest.raises(Refused, match="into an empty Floe"):
        load_sample()


@pytest.fixture(scope="module")
def loaded(django_db_setup, django_db_blocker):
    """Loaded once, taken back after the last test; what an experiment changes is taken back by `db`."""
    with django_db_blocker.unblock(), transaction.atomic():
        with override_settings(DEBUG=True):
            load_sample()
        yield
        transaction.set_rollback(True)


@pytest.fixture
def sample(loaded, db, settings):
    settings.DEBUG = True


def test_it_has_past_running_and_overdue_tests_and_a_half_scored_round(sample):
    states = list(Experiment.objects.values_list("state", flat=True))
    assert {state: states.count(state) for state in sorted(set(states))} == {
        "closed": 14, "decided": 1, "draft": 10, "planned": 2, "running": 4,
    }  # fmt: skip
    overdue = [one for one in Experiment.objects.filter(state="running") if one.is_overdue]
    assert [one.title for one in overdue] == ["Hours read"]
    outcomes = {e.status for e in Experiment.objects.filter(state="closed")}
    assert outcomes == {"won", "lost", "flat"}
    blind = RoundIdea.objects.with_progress().filter(stage="blind")
    assert [0 < item.scored_count < item.asked_count for item in blind] == [True] * 3
    assert Learning.objects.count() == 15


def test_its_quarter_has_all_that_a_planning_session_meets(sample):
    assert Pod.objects.count() == 5
    assert 85 <= Idea.objects.count() <= 100
    quarter = Quarter.objects.around(timezone.localdate()).get()
    known = facts_of_quarter(quarter)
    facts = known.facts
    booked = ledger(known.bars, facts.weeks, facts.overlaps)
    assert any(one.total > facts.booked_limit for one in booked)
    assert collisions(known.bars, facts.overlaps)
    assert len(known.free) == 7
    assert Blackout.objects.count() == 2
    ines = User.objects.get(role="owner")
    slips = slips_of(quarter, seen_by=ines).slips
    assert sum(len(slip.moves) for slip in slips) == 1, "places are older than the sign-off"
    days = [slip.days for slip in slips if slip.days]
    assert days == [7]
    proposal = Scenario.objects.get()
    assert proposal.state == "solved"
    assert proposal.rows.exclude(starts_on=None).count() >= 5


def test_one_post_mortem_is_being_written_and_talked_about(sample):
    written = PostMortem.objects.exclude(state="published").get()
    assert (written.has_begun, written.is_late) == (True, False)
    first, answer = written.comments.all()
    assert (answer.thread, first.resolved_at) == (first, None)
    assert [name for _, name in first.mentions] == ["Aiko Tanaka"]


def test_every_decided_experiment_says_what_it_took(sample):
    took = Booking.objects.filter(experiment__decision__isnull=False)
    assert took.count() == took.filter(days_taken__gt=0).count() == 15


@pytest.mark.parametrize("role", ["owner", "member", "viewer"])
def test_its_calendar_opens_for_everybody(sample, client, role):
    who = (
        User.objects.filter(role="owner")
        if role == "owner"
        else User.objects.filter(memberships__role=role)
    )
    client.force_login(who.first())
    for quarter in Quarter.objects.all():
        for view in ("quarter", "half-year", "six-weeks"):
            url = reverse("experiments:calendar")
            assert client.get(url, {"quarter": quarter.name, "view": view}).status_code == 200


def test_none_of_its_experiments_began_before_it_was_launched(sample):
    plans = Experiment.objects.exclude(sealed_plan=None).values_list("sealed_plan", flat=True)
    assert [plan["experiment"] for plan in plans if "began_before" in plan] == []


def test_it_has_a_segment_and_a_template_to_begin_with(sample):
    segment, template = (
        Segment.objects.get(name__startswith="Readers lapsed"),
        PlanTemplate.objects.get(),
    )
    assert segment.rules.count() == 3
    assert (template.name, template.pod.prefix) == ("One change in the newsletter", "LIF")


def test_nothing_in_it_lies_in_the_future_but_plans(sample):
    now = timezone.now()
    assert not Event.objects.filter(at__gt=now).exists()
    assert not Idea.objects.filter(created_at__gt=now).exists()
    assert not Analysis.objects.filter(computed_at__gt=now).exists()


def test_everything_that_can_be_marked_is_marked(sample):
    assert not User.objects.filter(is_sample=False).exists()
    assert not Pod.objects.filter(is_sample=False).exists()
    assert not Quarter.objects.filter(is_sample=False).exists()


def test_its_standards_have_owners_and_looks(sample, client):
    client.force_login(User.objects.get(role="owner"))
    rows = {row.standard.kind.value: row for row in client.get("/standards/").context["rows"]}
    assert [kind for kind, row in rows.items() if row.owner is None] == ["milestones"]
    looked = {kind for kind, row in rows.items() if row.looked_on}
    assert looked == {"metrics", "rubric", "naming", "agreements"}
    assert not any(row.due for row in rows.values())
    assert not RoadmapItem.objects.filter(owner=None).exists()


def test_the_same_day_gives_the_same_sample(sample, settings):
    def contents():
        ideas = Idea.objects.order_by("key").values_list(
            "key", "ice", "ice_low", "rank", "rank_low"
        )
        return list(ideas), [(a.head, a.sentence) for a in Analysis.objects.order_by("pk")]

    first = contents()
    remove_sample(by=User.objects.get(role="admin"))
    load_sample()
    assert contents() == first


def test_an_admin_takes_it_out_and_what_people_made_stays(sample, django_user_model):
    kept = User.objects.create_user(
        "real@example.com", "a long password", name="Real", role="admin"
    )
    pod = Pod.objects.create(name="Ours", prefix="OUR")
    remove_sample(by=kept)
    assert list(User.objects.all()) == [kept]
    assert list(Pod.objects.all()) == [pod]
    for model in (
        Experiment,
        Quarter,
        Segment,
        Blackout,
        Deadline,
        Agreement,
        RoadmapItem,
        Scenario,
        StandardOwner,
        StandardReview,
    ):
        assert not model.objects.exists(), model


def test_a_sample_account_can_not_sign_in_without_debug(sample, settings, client):
    maya = User.objects.get(name="Maya Okafor")
    maya.set_password("a long password")
    maya.save()
    form = {"login": maya.email, "password": "a long password"}
    settings.DEBUG = False
    assert client.post("/account/login/", form).status_code == 200
    assert "_auth_user_id" not in client.session
    settings.DEBUG = True
    assert client.post("/account/login/", form).status_code == 302
    settings.DEBUG = False  # and a session from before is not enough either
    assert client.get("/ideas/").status_code == 302


def test_the_overdue_test_is_due_on_the_calendar(sample):
    overdue = Experiment.objects.get(title="Hours read")
    assert overdue.ends_on == timezone.localdate() - dt.timedelta(days=2)
    assert overdue.status == "analysing"
