"""From idea to experiment on one page."""

import pytest
from django.urls import reverse

from experiments.models import Experiment, Metric, Segment
from tests.experiments.posting import ARM_ROWS, METRIC_ROWS, plan_data
from tests.factories import HYPOTHESIS, make_experiment, make_idea


@pytest.fixture
def idea(alice, pod, objective):
    return make_idea(alice, pod, objective=objective, **HYPOTHESIS)


@pytest.fixture
def url(idea):
    return reverse("experiments:idea_promote", args=[idea.pk])


def page_of(response):
    return response.content.decode()


def test_it_drafts_an_experiment_with_per_cent_kept_as_fractions(client_of, alice, idea, url):
    response = client_of(alice).post(url, plan_data())
    made = Experiment.objects.get()
    assert response.url == made.get_absolute_url()
    assert (made.state, made.author, made.idea) == ("draft", alice, idea)
    assert made.hypothesis.startswith("Because we saw that half of the lapsed readers")
    assert [(a.name, a.is_control) for a in made.arms] == [
        ("As it is", True), ("Series named", False)]  # fmt: skip
    primary, guardrail = made.measured
    assert (primary.role, primary.baseline, primary.smallest_effect) == ("primary", 0.1, 0.1)
    assert (guardrail.role, guardrail.baseline, guardrail.margin) == ("guardrail", 0.01, 0.005)
    idea.refresh_from_db()
    assert idea.state == "promoted"


def test_the_page_is_filled_from_the_idea(client_of, alice, objective, url):
    page = page_of(client_of(alice).get(url))
    assert 'value="Name the series"' in page
    assert f'<option value="{objective.pk}" selected>' in page
    assert 'value="readers lapsed 30 to 90 days"' in page
    assert 'value="naming the series in the subject line"' in page


def test_dates_are_offered_and_taken_by_a_plain_button(client_of, alice, bob, pod, objective, url):
    other = make_experiment(alice, pod, objective=objective, analyst=bob, idea_title="Other")
    page = client_of(alice).get(url)
    first, second = page.context["dates"][:2]
    assert first.note == f"Overlaps with {other.key} of Lifecycle."
    assert second.note == "No other experiment of Lifecycle runs then."
    taken = page_of(client_of(alice).post(url, plan_data(take=second.take)))
    assert f'name="starts_on" value="{second.starts_on}"' in taken
    assert f'name="last_day" value="{second.last_day}"' in taken
    assert Experiment.objects.count() == 1
    for odd in ("dates-", "dates-x-3", "dates-9999-12-30-99", "dates-2026-11-30-<b>"):
        assert client_of(alice).post(url, plan_data(take=odd)).status_code == 200
    assert Experiment.objects.count() == 1


def test_dates_offered_mind_the_segment_in_other_pods(
    client_of, alice, bob, charlie, pod, other_pod, objective, url
):
    lapsed = Segment.objects.create(name="Lapsed")
    make_experiment(alice, pod, objective=objective, analyst=bob, idea_title="Other")
    far = make_experiment(charlie, other_pod, objective=None, analyst=charlie, waived=(),
                          idea_title="Their secret", segment=lapsed)  # fmt: skip
    Experiment.objects.filter(pod=pod).update(state="cancelled")

    def offered(person, **fields):
        answer = client_of(person).post(url, plan_data(look="1", **fields))
        return answer.context["dates"], page_of(answer)

    assert offered(alice)[0][0].note == "No other experiment of Lifecycle runs then."
    dates, page = offered(alice, segment=lapsed.pk)
    assert dates[0].note == "Overlaps with an experiment of another pod on the same segment."
    assert dates[1].note == "No other experiment of Lifecycle or on “Lapsed” runs then."
    assert dates[1].starts_on >= far.ends_on
    assert far.key not in page
    other_pod.memberships.create(user=alice, role="viewer", duty="analysis")
    dates, _ = offered(alice, segment=lapsed.pk)
    assert dates[0].note == f"Overlaps with {far.key} of Paywall on the same segment."
    for odd in ("9" * 30, "x", "-1"):
        assert (
            offered(alice, segment=odd)[0][0].note == "No other experiment of Lifecycle runs then."
        )


def test_a_double_click_makes_one_and_lands_on_it(client_of, alice, url):
    client = client_of(alice)
    first, second = client.post(url, plan_data()), client.post(url, plan_data())
    assert Experiment.objects.count() == 1
    assert second.status_code == 302
    assert second.url == first.url
    assert "was already promoted" in page_of(client.get(second.url))


def test_a_decimal_comma_and_a_per_cent_sign_are_read(client_of, alice, url):
    rows = [METRIC_ROWS[0] | {"baseline": "4,2 %", "smallest_effect": "12,5"}]
    client_of(alice).post(url, plan_data(metrics=rows))
    primary = Experiment.objects.get().primary
    assert primary.baseline == pytest.approx(0.042)
    assert primary.smallest_effect == pytest.approx(0.125)


def test_a_mean_keeps_its_own_unit(client_of, alice, url):
    rows = [METRIC_ROWS[0] | {"kind": "mean", "baseline": "21.4", "baseline_sd": "40"}]
    client_of(alice).post(url, plan_data(metrics=rows))
    primary = Experiment.objects.get().primary
    assert (primary.metric.kind, primary.baseline, primary.baseline_sd) == ("mean", 21.4, 40)


def test_it_takes_fourteen_arms_and_not_fifteen(client_of, alice, url):
    rows = [{"name": f"Arm {n}", "weight": "1"} for n in range(15)]
    refused = client_of(alice).post(url, plan_data(arms=rows))
    assert refused.status_code == 422
    assert "An experiment can have at most 14 arms." in page_of(refused)
    assert not Experiment.objects.exists()
    client_of(alice).post(url, plan_data(arms=rows[:14]))
    assert len(Experiment.objects.get().arms) == 14


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"title": ""}, "Give it a title."),
        ({"title": "x" * 201}, "at most 200 characters"),
        (
            {"arms-1-name": "as it IS "},
            "Two arms have the same name. Rename one of them.",
        ),
        ({"arms-1-name": ""}, "Name this arm."),
        ({"arms-1-weight": "0"}, "More than 0."),
        ({"arms-1-DELETE": "on"}, "Name at least two arms"),
        (
            {"metrics-2-role": "primary"},
            "Only one metric can be the primary one, because it decides.",
        ),
        ({"metrics-2-name": "reactivated"}, "Two rows have the same metric. Remove one of them."),
        ({"metrics-0-baseline": "about ten"}, "Enter a number, such as 4.2."),
        ({"metrics-0-baseline": "1e999"}, "Enter a number, such as 4.2."),
        ({"metrics-0-baseline": "140"}, "Enter a share from 0 to 100 %."),
        ({"metrics-2-margin": "-1"}, "Enter 0 or more."),
        ({"units_per_week": "0"}, "Enter 1 or more."),
        ({"starts_on": "2026-12-01"}, "Set both days or neither."),
        ({"starts_on": "2026-12-08", "last_day": "2026-12-01"}, "The last day is before"),
    ],
)
def test_what_is_wrong_is_said_beside_it_and_nothing_is_lost(
    client_of, alice, idea, url, changes, sentence
):
    data = plan_data(audience="Readers lapsed 30 to 90 days", **changes)
    response = client_of(alice).post(url, data)
    assert response.status_code == 422
    assert sentence in page_of(response)
    assert 'value="Readers lapsed 30 to 90 days"' in page_of(response)
    assert not Experiment.objects.exists()
    idea.refresh_from_db()
    assert idea.state == "open"


def test_a_removed_row_does_not_come_back_with_an_error(client_of, alice, url):
    rows = [*ARM_ROWS, {"name": "Third", "weight": "1", "DELETE": "on"}]
    page = page_of(client_of(alice).post(url, plan_data(arms=rows, title="")))
    assert '<li class="arm" data-item hidden>' in page


def test_a_row_can_be_added_without_javascript_and_nothing_is_judged_yet(client_of, alice, url):
    response = client_of(alice).post(url, plan_data(title="", more="arms"))
    page = page_of(response)
    assert response.status_code == 200
    assert 'name="arms-2-name"' in page
    assert 'value="Series named"' in page
    assert 'class="err"' not in page
    assert not Experiment.objects.exists()


def test_the_calculator_works_without_javascript(client_of, alice, url):
    response = client_of(alice).post(url, plan_data(title="", look="1"))
    assert response.status_code == 200
    assert "14,751" in page_of(response)
    assert not Experiment.objects.exists()


def test_a_known_metric_is_held_to_its_kind(client_of, alice, pod, url):
    Metric.objects.create(name="Reactivated", pod=pod, kind="mean")
    response = client_of(alice).post(url, plan_data())
    assert response.status_code == 422
    assert "“Reactivated” is defined as “mean of a number”." in page_of(response)


def test_metrics_of_other_pods_are_not_offered(client_of, alice, other_pod, url):
    Metric.objects.create(name="Secret of the paywall", pod=other_pod)
    assert "Secret of the paywall" not in page_of(client_of(alice).get(url))


def test_an_idea_that_was_rejected_says_why_it_cannot_be_promoted(client_of, alice, idea, url):
    type(idea).objects.filter(pk=idea.pk).update(state="rejected", reason="Too costly")
    page = page_of(client_of(alice).get(url))
    assert "It is rejected now" in page
    assert 'form="plan">Create experiment' not in page
    assert client_of(alice).post(url, plan_data()).status_code == 422


def test_members_may_not_and_outsiders_find_nothing(client_of, bob, vera, charlie, idea, url):
    for person, status in ((bob, 403), (vera, 403), (charlie, 404)):
        assert client_of(person).get(url).status_code == status
        assert client_of(person).post(url, plan_data()).status_code == status
    assert url not in page_of(client_of(vera).get(idea.get_absolute_url()))
    assert not Experiment.objects.exists()


def test_another_pods_experiment_does_not_leak_through_its_idea(client_of, charlie, alice, pod):
    made = make_experiment(alice, pod, objective=None, analyst=alice)
    page = reverse("experiments:idea_promote", args=[made.idea_id])
    assert client_of(charlie).get(page).status_code == 404


def test_it_asks_the_database_little(client_of, alice, url, django_assert_max_num_queries):
    client = client_of(alice)
    with django_assert_max_num_queries(12):
        client.get(url)


def test_over_the_api_the_hypothesis_of_the_idea_is_kept_as_well(api_of, alice, idea):
    made = api_of(alice).post(
        "/api/v1/experiments/", {"idea": idea.pk}, format="json", HTTP_IDEMPOTENCY_KEY="one"
    )
    assert made.json()["hypothesis"] == idea.hypothesis_sentence
    assert made.json()["hypothesis"].startswith("Because we saw ")


def test_a_hypothesis_with_parts_missing_is_still_a_sentence(idea):
    idea.observation = idea.expected_effect = ""
    assert idea.hypothesis_sentence == (
        f"We believe that {idea.change} for {idea.audience} will move {idea.outcome}."
    )
