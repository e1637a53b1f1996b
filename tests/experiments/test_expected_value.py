"""Expected value as a second ranking: suggested, switched on, stored, explained, planned with."""

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from backlog.flows import scoring
from backlog.models import Event, Idea, Workspace
from backlog.refusals import Refused
from backlog.views.columns import value_per_day
from experiments.flows.health import valuing
from experiments.flows.health.valuing import read_claims_again, use_expected_value, value_new_ideas
from experiments.flows.quarter.proposing import EXPECTED, expected_worth, problem_for
from experiments.flows.quarter.scenarios import start_scenario
from experiments.hooks.valued import value_words
from experiments.learning.records import Estimate, no_estimate
from experiments.models import ValueReading
from tests.experiments.test_health import decide_many
from tests.factories import item_of, make_experiment, make_idea, make_round, make_scored_idea, score

CHANGE = reverse("experiments:expected_value")
LIST = reverse("backlog:idea_list")


@pytest.fixture
def gain(monkeypatch):
    """What past experiments say about expected value against ICE."""

    def say(estimate):
        monkeypatch.setattr(valuing, "ranking_gain", lambda rows: estimate)
        monkeypatch.setattr("experiments.views.process.page.ranking_gain", lambda rows: estimate)

    say(Estimate(0.04, 0.01, 0.07, 120))
    return say


@pytest.fixture
def switched_on(gain, olive):
    Workspace(pk=1).save()
    use_expected_value(by=olive, is_used=True)
    read_claims_again()


def test_the_owner_turns_it_on_and_off_with_a_trail(gain, olive, alice, client_of):
    with pytest.raises(PermissionDenied):
        use_expected_value(by=alice, is_used=True)
    client = client_of(olive)
    client.post(CHANGE, {"use": "yes"})
    client.post(CHANGE, {"use": "yes"})
    assert Workspace.current().uses_expected_value
    client.post(CHANGE)
    assert not Workspace.current().uses_expected_value
    sentences = (
        Event.objects.filter(verb="expected").order_by("pk").values_list("sentence", flat=True)
    )
    assert [one.split(" ", 1)[1] for one in sentences] == [
        "turned on expected value beside ICE.",
        "turned off expected value beside ICE.",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("estimate", "words"),
    [
        (no_estimate(7), "there are 7"),
        (Estimate(0.02, -0.01, 0.05, 60), "do not show"),
        (Estimate(-0.02, -0.05, -0.01, 60), "do not show"),
    ],
)
def test_without_a_gain_that_excludes_chance_it_stays_off(gain, olive, estimate, words):
    gain(estimate)
    with pytest.raises(Refused, match=words):
        use_expected_value(by=olive, is_used=True)
    assert not Workspace.current().uses_expected_value


def test_health_offers_it_only_where_it_is_suggested_and_only_to_owners(
    gain, olive, alice, pod, client_of
):
    decide_many(alice, pod, 30)
    url, offer = reverse("experiments:health"), "Use expected value beside ICE"
    assert offer in client_of(olive).get(url).content.decode()
    assert "4 points of the value won" in client_of(alice).get(url).content.decode()
    assert offer not in client_of(alice).get(url).content.decode()
    gain(Estimate(0.02, -0.01, 0.05, 60))
    assert offer not in client_of(olive).get(url).content.decode()


def test_every_scored_idea_gets_its_value(alice, bob, pod, switched_on, client_of):
    idea = make_scored_idea(alice, pod, {bob: (7, 7, 7)})
    plain = make_idea(alice, pod, "Without a score")
    assert value_new_ideas() == 1
    idea.refresh_from_db()
    plain.refresh_from_db()
    assert idea.expected_value == pytest.approx(
        idea.expected_lift * idea.expected_chance / idea.expected_days
    )
    assert idea.expected_order == idea.expected_value > 0
    assert (plain.expected_value, plain.expected_order) == (None, -1)
    assert value_new_ideas() == 0
    html = client_of(alice).get(LIST).content.decode()
    assert value_per_day(idea.expected_value) in html
    assert "Expected value" in html


def test_off_is_a_list_without_the_column_and_ideas_without_values(
    alice, bob, pod, olive, switched_on, client_of
):
    make_scored_idea(alice, pod, {bob: (7, 7, 7)})
    value_new_ideas()
    use_expected_value(by=olive, is_used=False)
    assert read_claims_again() == 1
    assert not Idea.objects.exclude(expected_value=None).exists()
    assert not ValueReading.objects.exists()
    for query in ({}, {"columns": "title,expected"}, {"sort": "-expected"}):
        assert "Expected value" not in client_of(alice).get(LIST, query).content.decode()
    columns = client_of(alice).get(reverse("backlog:idea_columns")).content.decode()
    assert "Expected value" not in columns


def test_an_idea_that_is_blind_again_has_no_value_anywhere(alice, bob, pod, switched_on, client_of):
    idea = make_scored_idea(alice, pod, {bob: (7, 7, 7)})
    value_new_ideas()
    idea.refresh_from_db()
    hidden = value_per_day(idea.expected_value)
    assert hidden in client_of(alice).get(idea.get_absolute_url()).content.decode()
    item = item_of(make_round(alice, pod, idea), idea)
    score(item, bob, 3, 3, 3)
    read_claims_again()
    value_new_ideas()
    idea.refresh_from_db()
    assert (idea.expected_lift, idea.expected_chance, idea.expected_days) == (None, None, None)
    assert (idea.expected_value, idea.expected_order) == (None, -1)
    for url in (LIST, f"{LIST}?sort=-expected", idea.get_absolute_url()):
        assert hidden not in client_of(alice).get(url).content.decode()
    assert value_words(idea) == []
    scoring.reveal(item, by=alice)
    value_new_ideas()
    idea.refresh_from_db()
    assert idea.expected_value is not None


def test_the_list_sorts_by_it_and_ideas_without_one_come_last(
    alice, bob, pod, switched_on, client_of
):
    slow = make_scored_idea(alice, pod, {bob: (9, 9, 1)}, title="Slow")
    quick = make_scored_idea(alice, pod, {bob: (6, 6, 10)}, title="Quick")
    make_idea(alice, pod, "Unscored")
    value_new_ideas()
    slow.refresh_from_db()
    quick.refresh_from_db()
    assert slow.ice < quick.ice or slow.expected_value < quick.expected_value
    page = client_of(alice).get(LIST, {"sort": "-expected"}).content.decode()
    assert page.index("Quick") < page.index("Slow") < page.index("Unscored")


def test_the_idea_says_what_its_value_is_made_of(alice, bob, pod, switched_on):
    idea = make_scored_idea(alice, pod, {bob: (7, 7, 7)})
    decide_many(alice, pod, 30)
    read_claims_again()
    idea.refresh_from_db()
    first, second, third = value_words(idea)
    assert first.startswith(
        f"ICE {idea.ice:.1f} → expected +{idea.expected_lift * 100:.1f}\u00a0% × "
    )
    days = f"{idea.expected_days:.1f}" if idea.expected_days < 10 else f"{idea.expected_days:.0f}"
    assert f"chance / {days}\u00a0days." in first
    assert second == f"That is {value_per_day(idea.expected_value)} per working day."
    assert "the chance by 30 decided experiments" in third
    assert "the days by 30 finished experiments" in third


def test_too_few_decided_experiments_leave_the_claims(alice, bob, pod, switched_on):
    idea = make_scored_idea(alice, pod, {bob: (7, 7, 7)})
    value_new_ideas()
    idea.refresh_from_db()
    assert "Nothing was corrected" in value_words(idea)[2]


def test_it_can_be_turned_off_where_it_is_not_suggested_any_more(
    switched_on, gain, olive, client_of
):
    gain(no_estimate(3))
    client = client_of(olive)
    assert "Stop using expected value" in client.get(reverse("experiments:health")).content.decode()
    client.post(CHANGE)
    assert not Workspace.current().uses_expected_value


def test_calibration_moves_the_values(alice, bob, pod, switched_on):
    idea = make_scored_idea(alice, pod, {bob: (7, 9, 7)})
    value_new_ideas()
    idea.refresh_from_db()
    before = idea.expected_chance
    decide_many(alice, pod, 60, outcome="flat")
    assert read_claims_again() > 0
    idea.refresh_from_db()
    assert idea.expected_chance < before / 2
    assert read_claims_again() == 0


def test_plan_my_quarter_counts_lift_times_chance(alice, bob, pod, objective, switched_on):
    test = make_experiment(
        alice, pod, objective=objective, analyst=bob, starts_on=None, ends_on=None
    )
    Idea.objects.filter(pk=test.idea_id).update(impact=7, confidence=7, ease=7, ice=7, ice_order=7)
    value_new_ideas()
    scenario = start_scenario(
        by=alice, quarter=objective.quarter, pod=pod, name="A", limits={"seconds": 1}
    )
    assert scenario.limits["worth"] == EXPECTED
    idea = Idea.objects.get(pk=test.idea_id)
    (candidate,) = problem_for(scenario).candidates
    assert candidate.bar.value == pytest.approx(100 * idea.expected_lift * idea.expected_chance)
    idea.state = "scoring"
    test.idea = idea
    assert expected_worth(test) == 0


def test_plan_my_quarter_counts_ice_while_it_is_off(alice, bob, pod, objective):
    test = make_experiment(
        alice, pod, objective=objective, analyst=bob, starts_on=None, ends_on=None
    )
    Idea.objects.filter(pk=test.idea_id).update(ice=7, ice_order=7)
    scenario = start_scenario(
        by=alice, quarter=objective.quarter, pod=pod, name="A", limits={"seconds": 1}
    )
    assert scenario.limits["worth"] == "ice"
    assert problem_for(scenario).candidates[0].bar.value == 7
