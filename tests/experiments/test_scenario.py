"""Plan my quarter: a proposal is asked for, worked out, explained, accepted bar by bar, compared."""

import datetime as dt
import itertools

import pytest
from django.urls import reverse
from django.utils import timezone

from backlog.flows.planning import save_objective
from backlog.models import Objective, Quarter
from experiments.flows.quarter import reasons
from experiments.flows.quarter.scenarios import LIMITS, solve_left_behind, solve_now, start_scenario
from experiments.flows.quarter.sentences import Names
from experiments.models import Blackout, Booking, Experiment, Scenario, Segment
from experiments.quarter.solver.problem import Rule
from tests.factories import make_experiment

WEEK = dt.timedelta(days=7)


@pytest.fixture
def coming(quarter):
    """The quarter after the present one, from a Monday."""
    start = quarter.ends_on + dt.timedelta(days=-quarter.ends_on.weekday() % 7)
    Quarter.objects.filter(pk=quarter.pk).update(ends_on=start)
    return Quarter.objects.create(name="Next", starts_on=start, ends_on=start + 13 * WEEK)


@pytest.fixture
def segment(pod):
    return Segment.objects.create(name="Lapsed", pod=pod, size=40_000)


@pytest.fixture
def ideas(alice, bob, pod, objective, segment):
    """Three tests on the same people, so that they can only run one after the other."""
    made = []
    for title in ("One", "Two", "Three"):
        test = make_experiment(
            alice, pod, objective=objective, analyst=bob, segment=segment, channel="E-mail",
            title=title, idea_title=title, starts_on=None, ends_on=None,
        )  # fmt: skip
        type(test.idea).objects.filter(pk=test.idea_id).update(ice=7)
        Booking.objects.filter(experiment=test).update(share=0.5)
        made.append(test)
    return made


@pytest.fixture
def url(coming):
    return reverse("experiments:scenario_list", args=[coming.pk])


def ask(client, url, pod, **more):
    """Ask for a proposal, and do what a worker does once the request is over."""
    answer = client.post(url, {"name": "First", "pod": pod.pk if pod else "", "seconds": 5, **more})
    for waiting in Scenario.objects.filter(state="solving"):
        solve_now(waiting.pk)
    return answer


@pytest.fixture
def scenario(client_of, alice, pod, ideas, url):
    """Asked for by a lead, and worked out at once, as tasks run eagerly in tests."""
    answer = ask(client_of(alice), url, pod)
    assert answer.status_code == 302
    return Scenario.objects.get()


def test_it_places_what_can_run_and_says_why(client_of, alice, ideas, scenario, coming):
    assert scenario.state == "solved"
    rows = list(scenario.rows.exclude(starts_on=None))
    assert {row.experiment for row in rows} == set(ideas)
    places = sorted((row.starts_on, row.ends_on) for row in rows)
    assert all(a[1] <= b[0] for a, b in itertools.pairwise(places))
    assert places[0][0] == coming.starts_on
    page = client_of(alice).get(scenario.get_absolute_url()).content.decode()
    assert "Earliest clean start." in page
    assert "3 weeks are enough: its size needs 3." in page
    assert "none better under these limits" in page
    assert not any(test.calendar_moves.exists() for test in ideas)


def test_one_is_accepted_then_the_others(client_of, alice, ideas, scenario):
    accept = reverse("experiments:scenario_accept", args=[scenario.pk])
    client = client_of(alice)
    client.post(accept, {"test": ideas[0].pk})
    ideas[0].refresh_from_db()
    row = scenario.rows.get(experiment=ideas[0])
    assert (ideas[0].starts_on, row.answer) == (row.starts_on, "accepted")
    client.post(accept)
    assert not scenario.rows.exclude(answer="accepted").exists()
    assert ideas[2].calendar_moves.get().reason == "As proposed in “First”."


def test_what_the_calendar_forbids_by_now_is_named_and_the_rest_is_placed(
    client_of, alice, ideas, scenario
):
    row = scenario.rows.order_by("starts_on").first()
    Blackout.objects.create(name="Freeze", starts_on=row.starts_on, ends_on=row.ends_on)
    accept = reverse("experiments:scenario_accept", args=[scenario.pk])
    page = client_of(alice).post(accept, follow=True).content.decode()
    assert "“Freeze” covers" in page
    assert scenario.rows.filter(answer="accepted").count() == 2


def test_one_is_left_out_and_taken_in_again(client_of, alice, ideas, scenario):
    row = scenario.rows.get(experiment=ideas[0])
    leave = reverse("experiments:scenario_leave", args=[scenario.pk, row.pk])
    client = client_of(alice)
    client.post(leave)
    assert "Take it in again" in client.get(scenario.get_absolute_url()).content.decode()
    client.post(leave, {"again": "yes"})
    row.refresh_from_db()
    assert row.answer == "open"


def test_what_is_left_out_says_what_stopped_it(client_of, alice, pod, ideas, url, coming):
    last = coming.starts_on + 9 * WEEK
    Blackout.objects.create(name="Rebuild", starts_on=coming.starts_on, ends_on=last, pod=pod)
    ask(client_of(alice), url, pod)
    scenario = Scenario.objects.get()
    assert scenario.rows.filter(starts_on=None).count() == 2
    page = client_of(alice).get(scenario.get_absolute_url()).content.decode()
    assert "“Rebuild” closes days of its run" in page
    assert "It would take the place of" in page
    assert "It would fit the next quarter." in page


def test_rules_that_can_not_all_be_kept_are_named(client_of, alice, pod, ideas, url, coming):
    save_objective(Objective(quarter=coming), by=alice, pod=pod, title="Nobody serves it")
    ask(client_of(alice), url, pod, tests_per_objective=1)
    page = client_of(alice).get(Scenario.objects.get().get_absolute_url()).content.decode()
    assert "“Nobody serves it” is to have 1 experiment, and none can serve it." in page


def test_a_goal_that_goes_on_is_served_by_a_test_of_the_quarter_before(
    client_of, alice, pod, objective, ideas, url, coming
):
    save_objective(Objective(quarter=coming), by=alice, pod=objective.pod, title=objective.title)
    ask(client_of(alice), url, pod, tests_per_objective=1)
    page = client_of(alice).get(Scenario.objects.get().get_absolute_url()).content.decode()
    assert "1</b><span>of 1 objectives served" in page.replace("\n", "")
    assert "Not all rules can be kept" not in page


def test_the_same_problem_has_the_same_plan(alice, pod, ideas, coming):
    def plan(name):
        made = start_scenario(by=alice, quarter=coming, pod=pod, name=name, limits={"seconds": 5})
        if made.state == "solving":
            solve_now(made.pk)
        return list(made.rows.order_by("experiment").values_list("experiment", "starts_on"))

    assert plan("One") == plan("Two")


def test_two_proposals_are_held_against_each_other(client_of, alice, pod, ideas, url, scenario):
    ask(client_of(alice), url, pod, name="Second", booked_limit="40")
    compare = reverse("experiments:scenario_compare", args=[scenario.quarter_id])
    page = client_of(alice).get(compare).content.decode()
    assert "Experiments placed" in page
    assert "left out" in page


def test_two_experiments_of_one_title_stay_two_in_the_comparison(
    client_of, alice, pod, ideas, url, scenario
):
    Experiment.objects.update(title="The same")
    ask(client_of(alice), url, pod, name="Second")
    compare = reverse("experiments:scenario_compare", args=[scenario.quarter_id])
    table = client_of(alice).get(compare).context["table"]
    assert [title for title, *_ in table.tests] == ["The same"] * len(ideas)


def test_a_lead_who_left_the_pod_compares_nothing_of_it(
    client_of, alice, charlie, pod, ideas, url, scenario
):
    ask(client_of(alice), url, pod, name="Second")
    Scenario.objects.update(by=charlie)
    compare = reverse("experiments:scenario_compare", args=[scenario.quarter_id])
    table = client_of(charlie).get(compare).context["table"]
    assert (table.tests, table.figures[0]) == ([], ("Experiments placed", "0", "0"))


def test_nothing_to_place_is_a_sentence(client_of, alice, pod, url):
    answer = ask(client_of(alice), url, pod)
    assert answer.status_code == 422
    assert "Nothing is left to place." in answer.content.decode()


@pytest.mark.parametrize("field", ["booked_limit", "seconds", "at_once"])
def test_a_limit_of_nothing_is_refused_beside_it(client_of, alice, pod, ideas, url, field):
    answer = ask(client_of(alice), url, pod, **{field: "0"})
    assert answer.status_code == 422
    assert answer.context["form"][field].errors


def test_a_lead_plans_their_own_pod_only(client_of, alice, charlie, vera, pod, ideas, url):
    answer = client_of(alice).post(url, {"name": "All", "pod": "", "seconds": 5})
    assert answer.status_code == 422
    ask(client_of(alice), url, pod)
    scenario = Scenario.objects.get()
    assert client_of(charlie).get(scenario.get_absolute_url()).status_code == 404
    accept = reverse("experiments:scenario_accept", args=[scenario.pk])
    assert client_of(vera).post(accept).status_code == 403
    assert client_of(charlie).post(accept).status_code == 404


def test_a_programme_owner_plans_every_pod(client_of, olive, ideas, url):
    assert ask(client_of(olive), url, None).status_code == 302
    assert Scenario.objects.get().rows.count() == 3


def test_a_search_that_no_worker_finishes_is_queued_again_and_given_up_at_last(
    alice, pod, ideas, coming
):
    long_ago = timezone.now() - dt.timedelta(minutes=5)
    left = Scenario.objects.create(
        quarter=coming, pod=pod, name="Left", by=alice, limits=dict(LIMITS), queued_at=long_ago
    )
    assert solve_left_behind() == 1
    Scenario.objects.filter(pk=left.pk).update(state="solving", tries=3, leased_until=None)
    solve_left_behind()
    left.refresh_from_db()
    assert left.state == "failed"
    assert left.problem


def test_a_stopped_search_keeps_the_best_so_far(client_of, alice, pod, ideas, coming):
    made = Scenario.objects.create(
        quarter=coming, pod=pod, name="Stopped", by=alice, limits=dict(LIMITS), is_to_stop=True
    )
    assert solve_now(made.pk)
    made.refresh_from_db()
    assert made.result["ended_by"] == "stop"
    assert made.rows.exclude(starts_on=None).exists()
    assert (
        "You stopped the search." in client_of(alice).get(made.get_absolute_url()).content.decode()
    )


def test_progress_is_shown_while_it_is_worked_out(client_of, alice, pod, coming):
    made = Scenario.objects.create(
        quarter=coming, pod=pod, name="At work", by=alice, limits=dict(LIMITS),
        progress={"rounds": 3, "rounds_planned": 40, "placements": 7, "gap": 0.021},
    )  # fmt: skip
    page = client_of(alice).get(made.get_absolute_url()).content.decode()
    assert "7 experiments placed so far; at most 3 % more value is possible" in page
    stop = reverse("experiments:scenario_stop", args=[made.pk])
    client_of(alice).post(stop)
    made.refresh_from_db()
    assert made.is_to_stop


def test_every_rule_has_its_words():
    names = Names({1: "One"}, {1: "Pod"}, {1: "Lapsed"}, {1: "Goal"})
    table = [
        line.split("|")[1].strip()
        for line in (Rule.__doc__ or "").splitlines()
        if line.strip().startswith("| ")
    ]
    codes = {code for code in table if code != "code" and not code.startswith("-")}
    assert codes == set(reasons.RULES)
    for code in codes:
        rule = {"code": code, "keys": [1, 2], "pod": 1, "segment": 1, "objective": 1, "name": "Freeze",
                "weeks": ["2026-11-02"], "amount": 3.0, "limit": 2.0}  # fmt: skip
        assert reasons.rule_words(rule, names).endswith(".")


def test_rules_that_the_calendar_breaks_already_name_both_experiments():
    rule = {"code": "collision", "keys": [1, 2], "weeks": ["2026-12-07"]}
    full = {"code": "capacity", "pod": 7, "limit": 4, "weeks": ["2026-12-21"]}
    (line,) = reasons.reason_words([{"rule": rule, "against": [full]}], Names({1: "One"}, {}, {}))
    assert line[1] == (
        "“One” and an experiment of another pod share people in the week of 7 Dec. "
        "Another pod has too few people-days left of its 4 in the week of 21 Dec."
    )
