"""The report of a quarter: its numbers again from raw rows, who reads it, and addresses that end."""

import datetime as dt
import re
from urllib.parse import quote

import pytest
from django.urls import reverse
from django.utils import timezone

from backlog.models import Idea, Membership, Objective, Quarter, RubricBand
from experiments.flows.health.report import quarter_report
from experiments.flows.signing_off import sign_off_baseline
from experiments.models import (
    Decision,
    Experiment,
    Learning,
    PostMortem,
    ReportLink,
    Slip,
)
from experiments.stats import shrink
from experiments.views.process.report_words import slip_words
from tests.experiments.test_health import decide_many
from tests.factories import make_experiment

DAY = dt.timedelta(days=1)


@pytest.fixture
def url():
    return reverse("experiments:report")


@pytest.fixture
def period(quarter):
    today = timezone.localdate()
    Quarter.objects.filter(pk=quarter.pk).update(
        starts_on=today - 80 * DAY, ends_on=today + 11 * DAY
    )
    quarter.refresh_from_db()
    return quarter


def share(client, quarter, pod=None, days="30"):
    return client.post(
        reverse("experiments:report_share"),
        {"quarter": quarter.pk, "pod": pod.pk if pod else "", "days": days},
    )


def address_in(response):
    return re.search(r'value="https?://[^/]+(/shared/[^"]+)"', response.content.decode())[1]


def test_every_number_is_what_the_raw_rows_say(alice, olive, pod, period):
    objective = Objective.objects.create(quarter=period, pod=pod, title="Come back")
    tests = decide_many(alice, pod, 9, lift=0.04, since=60)
    Experiment.objects.filter(pk__in=[one.pk for one in tests[:4]]).update(objective=objective)
    Decision.objects.filter(experiment=tests[1]).update(outcome="lost")
    Decision.objects.filter(experiment=tests[8]).update(decided_at=timezone.now() - 100 * DAY)
    written = PostMortem.objects.create(
        experiment=tests[0],
        author=alice,
        summary="x",
        state="published",
        published_at=timezone.now(),
    )
    for claim in ("One", "Two"):
        Learning.objects.create(
            post_mortem=written, claim=claim, scope="Here", expires_on=period.ends_on - DAY
        )
    report = quarter_report(period, None, reader=olive)

    decided = [
        one for one in Decision.objects.select_related("experiment__idea", "experiment__evidence")
        if period.starts_on <= one.decided_at.date() < period.ends_on
    ]  # fmt: skip
    assert len(report.rows) == len(decided) == 8
    planned = [
        one for one in Experiment.objects.all()
        if period.starts_on <= one.starts_on < period.ends_on
    ]  # fmt: skip
    assert (report.planned, report.started) == (len(planned), len(planned))
    outcomes = {
        code: sum(one.outcome == code for one in decided) for code in ("won", "lost", "flat")
    }
    assert {code: report.outcomes[code] for code in outcomes} == outcomes

    every = list(
        Decision.objects.select_related("experiment__idea", "experiment__evidence").order_by(
            "decided_at", "pk"
        )
    )
    ends = [one.experiment.evidence for one in every]
    variances = [((row.high - row.low) / 2 / 1.959963984540054) ** 2 for row in ends]
    shrunk = dict(zip([one.experiment_id for one in every],
                      shrink([row.lift for row in ends], variances), strict=True))  # fmt: skip
    bands = list(
        RubricBand.objects.filter(dimension="impact").order_by("band").values_list("low", "high")
    )
    won = [one for one in decided if one.outcome == "won"]
    claims = []
    for one in won:
        # Of an even score, the one below and the one above lie a quarter into two bands.
        second = int(one.experiment.idea.impact) // 2
        quarters = [low + (high - low) / 4 for low, high in bands[second - 1 : second + 1]]
        claims.append(sum(quarters) / 2)
    assert report.winners.claimed == pytest.approx(sum(claims) / len(claims))
    assert report.winners.n == len(won)
    assert report.winners.measured == pytest.approx(0.04)
    assert report.winners.shrunk == pytest.approx(
        sum(shrunk[one.experiment_id] for one in won) / len(won)
    )
    served = next(one for one in report.objectives if one.objective == objective)
    assert (served.planned, served.decided) == (4, 4)
    assert served.won == sum(
        one.outcome == "won" and one.experiment.objective_id == objective.pk for one in decided
    )
    assert report.learning_count == len(report.expired) == 2


def test_what_was_signed_off_is_what_was_planned(alice, bob, olive, pod, objective, period):
    today = timezone.localdate()
    tests = [
        make_experiment(alice, pod, objective=objective, analyst=bob, idea_title=f"Idea {n}",
                        starts_on=today + n * DAY, ends_on=today + (n + 7) * DAY)
        for n in range(2)
    ]  # fmt: skip
    sign_off_baseline(period, by=olive)
    Experiment.objects.filter(pk=tests[0].pk).update(
        starts_on=today + 20 * DAY, ends_on=today + 40 * DAY
    )
    Slip.objects.create(
        quarter=period, experiment=tests[0], cause="data", note="Events were missing"
    )
    report = quarter_report(period, None, reader=olive)
    assert report.planned == 2
    (slip,) = [one for one in report.slips.slips if one.days]
    assert slip_words(slip, report).endswith("days later. Data were late: Events were missing.")
    assert report.causes[tests[0].pk].note == "Events were missing"


def test_one_reads_it_of_the_pods_that_one_sees(
    client_of, alice, charlie, olive, pod, other_pod, period, url
):
    decide_many(alice, pod, 3)
    Membership.objects.filter(user=charlie).update(pod=other_pod)
    own = client_of(charlie).get(f"{url}?pod={pod.pk}").context["report"]
    assert own.pod == other_pod
    assert own.rows == []
    assert len(client_of(alice).get(url).context["report"].rows) == 3
    assert client_of(olive).get(url).context["report"].pod is None
    Membership.objects.filter(user=charlie).delete()
    assert "You are in no pod yet" in client_of(charlie).get(url).content.decode()


def test_markdown_says_the_same_and_escapes_what_people_wrote(
    client_of, alice, olive, pod, period, url
):
    decide_many(alice, pod, 1, outcome="won")
    Experiment.objects.update(title="[x](javascript:alert(1)) *bold* <b>")
    response = client_of(olive).get(f"{url}?as=md")
    text = response.content.decode()
    assert response["Content-Type"].startswith("text/markdown")
    assert "1 experiment was decided: 1 won." in text
    assert r"\[x\](javascript:alert(1)) \*bold\* \<b\>" in text


def test_it_is_presented_section_by_section_with_the_same_numbers(
    client_of, alice, olive, pod, period, url, django_assert_max_num_queries
):
    decide_many(alice, pod, 10, outcome="won")
    client = client_of(olive)
    client.get(url)
    with django_assert_max_num_queries(24):
        response = client.get(f"{url}?quarter={quote(period.name)}&pod={pod.pk}&present=1")
    page = response.content.decode()
    assert "10 experiments were decided: 10 won." in page
    assert [len(table) for table in response.context["tables"]] == [8, 2]
    assert all(f"<b>Title {n}</b>" in page for n in range(10))
    assert f"{url}?quarter={quote(period.name).replace('%20', '+')}&amp;pod={pod.pk}" in page
    assert "present=1" in client.get(url).content.decode()


def test_a_presentation_shows_only_the_pods_that_one_sees(
    client_of, alice, charlie, pod, other_pod, period, url
):
    decide_many(alice, pod, 3)
    Membership.objects.filter(user=charlie).update(pod=other_pod)
    page = client_of(charlie).get(f"{url}?pod={pod.pk}&present=1").content.decode()
    assert "No experiment was decided in this quarter." in page
    assert "Title 0" not in page


def test_an_address_shows_the_report_without_an_account_until_it_ends(
    client, client_of, alice, olive, pod, period
):
    decide_many(alice, pod, 2, outcome="won")
    made = share(client_of(olive), period)
    address = address_in(made)
    page = client.get(address)
    assert page.status_code == 200
    assert "2 experiments were decided: 2 won." in page.content.decode()
    assert (page["Cache-Control"], page["Referrer-Policy"]) == ("private, no-store", "no-referrer")
    assert "/experiments/" not in page.content.decode(), "there is nothing that they could open"
    assert 'href="?present=1"' in page.content.decode()
    shown = client.get(f"{address}?present=1")
    assert "2 experiments were decided: 2 won." in shown.content.decode()
    assert f'href="{address}" data-leave' in shown.content.decode()
    assert "/experiments/" not in shown.content.decode()
    assert (shown["Cache-Control"], shown["Referrer-Policy"]) == (
        "private, no-store",
        "no-referrer",
    )
    assert (shown["X-Robots-Tag"], 'content="noindex"' in shown.content.decode()) == (
        "noindex",
        True,
    )
    link = ReportLink.objects.get()
    assert link.digest not in address
    ReportLink.objects.update(expires_on=timezone.localdate())
    assert client.get(f"{address}?present=1").status_code == 410
    over = client.get(address)
    assert over.status_code == 410
    assert "This address no longer works" in over.content.decode()
    assert "2 experiments" not in over.content.decode()


def test_it_ends_when_its_person_ends_it_or_leaves(client, client_of, alice, olive, pod, period):
    address = address_in(share(client_of(alice), period, pod))
    link = ReportLink.objects.get()
    end = reverse("experiments:report_end", args=[link.pk])
    assert client_of(olive).post(end).status_code == 404, "it is not hers"
    assert client.get(address).status_code == 200
    assert client_of(alice).post(end).status_code == 302
    assert client.get(address).status_code == 410
    again = address_in(share(client_of(alice), period, pod))
    alice.is_active = False
    alice.save()
    assert client.get(again).status_code == 404
    assert client.get("/shared/rep_nonsense/").status_code == 404


def test_members_do_not_share_and_leads_share_their_own_pod_alone(
    client_of, alice, bob, pod, other_pod, period
):
    assert share(client_of(bob), period, pod).status_code == 403
    assert share(client_of(alice), period).status_code == 403
    assert share(client_of(alice), period, other_pod).status_code == 404
    assert share(client_of(alice), period, pod, days="3650").status_code == 409
    assert ReportLink.objects.count() == 0


def test_a_quarter_without_anything_is_a_page(client_of, olive, period, url):
    page = client_of(olive).get(f"{url}?quarter={quote(period.name)}").content.decode()
    assert "No experiment was decided in this quarter." in page
    assert Idea.objects.count() == 0


def test_the_page_keeps_its_budget(
    client_of, alice, olive, pod, period, url, django_assert_max_num_queries
):
    decide_many(alice, pod, 30)
    client = client_of(olive)
    client.get(url)
    with django_assert_max_num_queries(25):
        client.get(url)
