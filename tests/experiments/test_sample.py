"""The sample workspace: believable, the same on the same day, in with DEBUG, out in one step."""

import datetime as dt

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import override_settings
from django.utils import timezone

from backlog.flows.workspace import remove_sample
from backlog.models import Event, Idea, Pod, Quarter, RoundIdea, User
from backlog.refusals import Refused
from experiments.flows.sample.loading import load_sample
from experiments.models import Analysis, Experiment, Learning, PlanTemplate, Segment


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
    states = list(Experiment.objects.order_by("number").values_list("state", flat=True))
    assert states == ["closed"] * 6 + ["running"] * 2
    assert [
        e.is_overdue for e in Experiment.objects.filter(state="running").order_by("number")
    ] == [
        False,
        True,
    ]
    outcomes = {e.status for e in Experiment.objects.filter(state="closed")}
    assert outcomes == {"won", "lost", "flat"}
    blind = RoundIdea.objects.with_progress().filter(stage="blind")
    assert [0 < item.scored_count < item.asked_count for item in blind] == [True] * 3
    assert Learning.objects.count() == 6


def test_none_of_its_experiments_began_before_it_was_launched(sample):
    plans = Experiment.objects.exclude(sealed_plan=None).values_list("sealed_plan", flat=True)
    assert [plan["experiment"] for plan in plans if "began_before" in plan] == []


def test_it_has_a_segment_and_a_template_to_begin_with(sample):
    segment, template = Segment.objects.get(), PlanTemplate.objects.get()
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
    assert not Experiment.objects.exists()
    assert not Quarter.objects.exists()


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
