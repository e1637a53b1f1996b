"""Health: how work flows and how well scores foretell results; pods, and oneself, never others."""

import datetime as dt
import random

import pytest
from django.urls import reverse
from django.utils import timezone

from backlog.models import Idea, Membership, Quarter, Rubric
from experiments.flows.health.decided import decided_experiments
from experiments.flows.health.signs import look_for_signs
from experiments.models import (
    Booking,
    Decision,
    EvidenceRow,
    Experiment,
    PostMortem,
    WarningSign,
)
from experiments.views.process import plots, words
from tests.factories import make_idea, make_round

QUERIES = 12
DAY = dt.timedelta(days=1)


@pytest.fixture
def url():
    return reverse("experiments:health")


def decide_many(alice, pod, count, *, lift=0.02, outcome=None, since=60):
    """Decided experiments with scores of 6, without going through each step of their lives."""
    dice, today = random.Random(16), timezone.localdate()
    first = (
        Experiment.objects.order_by("-number").values_list("number", flat=True).first() or 0
    ) + 1
    number = (
        Idea.objects.filter(pod=pod).order_by("-number").values_list("number", flat=True).first()
        or 0
    ) + 1
    made = []
    for n in range(count):
        idea = Idea.objects.create(
            pod=pod, number=number + n, key=f"{pod.prefix}-{number + n}", title=f"Idea {n}",
            author=alice, state="promoted", impact=dice.choice((4, 6, 8)),
            confidence=dice.choice((3, 5, 7, 9)), ease=6, ice=6 + n / 100,
        )  # fmt: skip
        start = today - (since + n % 30) * DAY
        test = Experiment.objects.create(
            pod=pod, idea=idea, number=first + n, title=f"Title {n}", author=alice, state="decided",
            sealed_at=timezone.now() - (since + n % 30) * DAY, starts_on=start, ends_on=start + 20 * DAY,
        )  # fmt: skip
        half = 0.01 + 0.001 * (n % 7)
        EvidenceRow.objects.create(
            experiment=test, outcome="won", metric="Opened",
            lift=lift, low=lift - half, high=lift + half,
        )  # fmt: skip
        Decision.objects.create(
            experiment=test, choice="ship", outcome=outcome or ("won" if n % 3 == 0 else "flat"), by=alice,
            decided_at=timezone.now() - (since - 30) * DAY,
        )  # fmt: skip
        Booking.objects.update_or_create(
            experiment=test, defaults={"people_days": 4 + n % 3, "days_taken": 6 + n % 5}
        )
        made.append(test)
    return made


def test_claims_and_results_are_read_as_they_were(alice, pod):
    (test,) = decide_many(alice, pod, 1, lift=0.03)
    idea = Idea.objects.get(pk=test.idea_id)
    Idea.objects.update(impact=5.5, confidence=5.5)
    (one,) = decided_experiments()
    bands = {
        dimension: [(b.low, b.high) for b in Rubric.objects.latest("pk").bands.filter(dimension=dimension).order_by("band")]
        for dimension in ("impact", "confidence")
    }  # fmt: skip
    assert (one.row.claim_low, one.row.claim_high) == pytest.approx(bands["impact"][2])
    assert one.row.chance == pytest.approx(sum(bands["confidence"][2]) / 2)
    assert one.row.lift == 0.03
    assert one.row.variance == pytest.approx((0.01 / 1.959964) ** 2, rel=1e-5)
    assert (one.row.days_forecast, one.row.days_taken) == (4, 6)
    assert idea.key.startswith(pod.prefix)


def test_a_metric_that_should_fall_turns_its_lift_around(alice, pod):
    (test,) = decide_many(alice, pod, 1, lift=-0.03)
    EvidenceRow.objects.filter(experiment=test).update(is_increase_good=False)
    (one,) = decided_experiments()
    assert one.row.lift == 0.03
    assert one.interval == pytest.approx((0.02, 0.04))


def test_an_idea_that_is_blind_again_claims_nothing(alice, pod):
    (test,) = decide_many(alice, pod, 1)
    Idea.objects.filter(pk=test.idea_id).update(state="scoring")
    (one,) = decided_experiments()
    row = one.row
    assert (row.ice, row.impact, row.confidence, row.ease, row.claim, row.chance) == (None,) * 6


def test_too_few_say_how_many_there_are(client_of, alice, pod, url):
    decide_many(alice, pod, 7)
    page = client_of(alice).get(url)
    html = page.content.decode()
    assert html.count("Not enough data: 7 of 20") == 3
    assert page.context["page"].confidence.headline is None


def test_with_enough_there_is_a_figure_with_its_interval(client_of, alice, pod, url):
    decide_many(alice, pod, 30)
    response = client_of(alice).get(url)
    page, html = response.context["page"], response.content.decode()
    assert "Not enough data" not in html
    assert page.confidence.headline.figure.endswith("→ 33\u00a0%")
    assert page.impact.headline.words == "of the claimed lift is measured"
    taken = sum(6 + n % 5 for n in range(30)) / sum(4 + n % 3 for n in range(30))
    assert page.ease.headline.figure == f"{taken:.1f} ×"
    assert len(page.impact.plot.marks) == 30
    assert [row.predictor for row in page.ranks]


def test_a_pod_of_few_scorers_has_no_figure_of_its_own(client_of, alice, pod, url):
    decide_many(alice, pod, 30)
    page = client_of(alice).get(f"{url}?pod={pod.pk}")
    assert page.content.decode().count("Fewer than four people have scored here") == 3


def test_pods_that_one_does_not_see_have_no_tab_no_load_and_no_sign(
    client_of, alice, charlie, pod, url
):
    decide_many(alice, pod, 3)
    WarningSign.objects.create(pod=pod, code="late", count=3)
    Membership.objects.filter(user=charlie).delete()
    response = client_of(charlie).get(f"{url}?pod={pod.pk}")
    page = response.context["page"]
    assert (page.pod, page.pods, page.loads, page.signs) == (None, [], [], [])
    assert pod.name not in response.content.decode()
    mute = reverse("experiments:sign_mute", args=[WarningSign.objects.get().pk])
    assert client_of(charlie).post(mute, {"reason": "x"}).status_code == 404


def test_ones_own_scores_are_for_oneself(client_of, alice, bob, pod, url):
    made = make_round(alice, pod, make_idea(alice, pod, "Another"))
    tests = decide_many(alice, pod, 25)
    item = made.round_ideas.create(
        idea=tests[0].idea, position=2, stage="settled", revealed_at=timezone.now()
    )
    item.scores.create(scorer=bob, impact=10, confidence=10, ease=10)
    own = client_of(bob).get(f"{url}?own").context["page"]
    assert (own.n, own.confidence.missing.n) == (1, 1)
    assert client_of(alice).get(f"{url}?own").context["page"].n == 0


def test_stages_are_counted_in_the_quarter_in_which_they_ended(
    client_of, alice, bob, pod, objective, quarter, url
):
    today = timezone.localdate()
    Quarter.objects.filter(pk=quarter.pk).update(
        starts_on=today - 40 * DAY, ends_on=today + 51 * DAY
    )
    tests = decide_many(alice, pod, 4, since=50)
    PostMortem.objects.create(
        experiment=tests[0],
        author=alice,
        summary="x",
        state="published",
        published_at=timezone.now(),
    )
    page = client_of(alice).get(url).context["page"]
    rows = {row.label: row.words for row in page.days.rows}
    assert rows["Decision to post-mortem"] == "20 d"
    assert page.decisions.now == 4
    assert page.learning.rate == 0


def test_the_page_keeps_its_budget_with_many_experiments(
    client_of, alice, pod, url, django_assert_max_num_queries
):
    decide_many(alice, pod, 40)
    look_for_signs()
    client = client_of(alice)
    client.get(url)
    with django_assert_max_num_queries(QUERIES):
        client.get(url)


def test_every_sign_has_its_words(pod):
    for code in WarningSign.Code:
        sentence = words.sign_words(
            WarningSign(pod=pod, code=code, count=3, out_of=4, name="Ask legal")
        )
        assert sentence.endswith(".")
        assert "{" not in sentence


def test_points_stay_in_their_plots():
    rows = [
        plots.DecidedExperiment(str(n), claim_low=0.0, claim_high=c, lift=lift, variance=v,
                                days_forecast=d, days_taken=t)
        for n, (c, lift, v, d, t) in enumerate(
            [(0.15, -0.9, 0.2, 0.2, 900.0), (0.0, 0.0, 1e-9, 5.0, 5.0), (0.05, 3.0, 4.0, 60.0, 0.5)]
        )
    ]  # fmt: skip
    for plot in (plots.impact(rows), plots.days(rows)):
        for mark in plot.marks:
            assert plots.LEFT <= mark.x <= plots.RIGHT
            assert plots.TOP <= mark.y <= plots.BOTTOM
    assert plots.impact([]).marks == plots.days([]).marks == ()


def test_the_stages_stand_in_a_table_with_their_percentiles_and_what_is_in_them(
    client_of, alice, pod, url
):
    tests = decide_many(alice, pod, 4)
    PostMortem.objects.filter(experiment__in=tests).delete()
    for days, one in zip((2, 4, 6, 12), tests, strict=True):
        now = timezone.now()
        Decision.objects.filter(experiment=one).update(decided_at=now)
        over = timezone.localdate() - dt.timedelta(days=days)
        Experiment.objects.filter(pk=one.pk).update(ends_on=over)
    page = client_of(alice).get(url).context["page"]
    rows = {row.label: row for row in page.days.table}
    waited = rows["End to decision"]
    assert (waited.now.n, waited.now.median, waited.now.p85) == (4, 5.0, pytest.approx(9.3))
    assert (rows["Decision to post-mortem"].here, rows["Decision to post-mortem"].age) == (4, 0.0)
    html = client_of(alice).get(url).content.decode()
    assert "85 of 100 within" in html
