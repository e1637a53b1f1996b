"""The evidence for a lever: which experiments count for whom, the sentence, and the page behind it."""

import datetime as dt

import pytest
from django.urls import reverse

from backlog.models import Idea
from experiments.flows import learnings, writing_up, writing_up_after
from experiments.flows.deciding import decide
from experiments.flows.evidence import evidence_for
from experiments.models import EvidenceRow, Experiment
from tests.factories import (
    analysed,
    item_of,
    launched,
    make_experiment,
    make_idea,
    make_round,
    totals,
)

URL = reverse("experiments:evidence")


def decided(
    lead, analyst, pod, objective, title, treatment, choice, *, lever="Subject line", by=None
):
    """A decided experiment on a lever; `treatment` is the rate of the arm beside a control of 10 %."""
    made = make_experiment(lead, pod, objective=objective, analyst=analyst, idea_title=title)
    Idea.objects.filter(pk=made.idea_id).update(lever=lever, channel="e-mail")
    launched(made, lead)
    analysed(made, analyst, totals(treatment=treatment))
    made = Experiment.objects.get(pk=made.pk)
    decide(made, by=by or analyst, choice=choice, reason="As it came out.")
    return made


@pytest.fixture
def three(alice, bob, pod, objective):
    return [
        decided(alice, bob, pod, objective, "Name the series", 0.12, "ship"),
        decided(alice, bob, pod, objective, "Name the author", 0.115, "ship"),
        decided(alice, bob, pod, objective, "Name nobody", 0.085, "roll-back"),
    ]


def test_a_decision_keeps_its_lift_and_how_it_ended(three):
    rows = list(EvidenceRow.objects.order_by("pk"))
    assert [row.outcome for row in rows] == ["won", "won", "lost"]
    assert [row.metric for row in rows] == ["Reactivated"] * 3
    assert rows[0].lift == pytest.approx(0.2, abs=1e-6)
    assert rows[0].low < 0.2 < rows[0].high
    assert rows[0].backing == "counts"
    assert rows[0].matters == pytest.approx(0.10)


def test_a_harmed_guardrail_is_not_a_primary_metric_that_got_worse(alice, bob, pod, objective):
    made = make_experiment(alice, pod, objective=objective, analyst=bob)
    launched(made, alice)
    rows = totals(treatment=0.10)
    rows[-1]["successes"] = round(rows[-1]["n"] * 0.05)
    analysed(made, bob, rows)
    decide(Experiment.objects.get(pk=made.pk), by=bob, choice="roll-back")
    assert made.evidence.outcome == "harmed"


def test_the_sentence_names_share_and_pooled_lift(three, bob):
    known = evidence_for(bob, lever="subject LINE", channel="e-mail", outcome="reactivated")
    assert known.sentence.startswith(
        "3 experiments on “subject LINE” in “e-mail”: 67\xa0% won (21\xa0% to 94\xa0%). "
        "Pooled lift of “Reactivated”: +"
    )
    pooled = known.measured
    assert pooled.low < pooled.lift < pooled.high
    assert pooled.prediction_low < pooled.low


def test_a_channel_without_experiments_falls_back_to_the_lever(three, bob):
    known = evidence_for(bob, lever="Subject line", channel="push")
    assert known.scope.channel == ""
    assert len(known.every) == 3


def test_no_evidence_is_said_plainly(three, bob):
    known = evidence_for(bob, lever="Price")
    assert known.sentence == "No evidence yet: no experiment on “Price” has been decided."
    assert evidence_for(bob, lever="  ").every == ()


@pytest.fixture
def published_one(three, alice, bob):
    draft = writing_up.start_post_mortem(three[0], by=bob)
    writing_up.edit_post_mortem(draft, by=bob, surprises="It held.")
    learnings.add_learning(
        draft,
        by=bob,
        claim="Names help",
        scope="Lapsed readers",
        expires_on=dt.date(2030, 1, 1),
    )
    writing_up_after.mark_read(draft, by=alice)
    return writing_up.publish(draft, by=bob)


def test_another_pods_result_counts_only_once_it_is_published(three, charlie, client_of, bob):
    assert evidence_for(charlie, lever="Subject line").every == ()
    page = client_of(charlie).get(URL, {"lever": "Subject line"}).content.decode()
    for made in three:
        assert made.key not in page
        assert made.title not in page
    assert "Subject line</option>" not in page


def test_a_published_one_is_opened_by_its_post_mortem(published_one, charlie, olive):
    (past,) = evidence_for(charlie, lever="Subject line").every
    assert past.url == published_one.get_absolute_url()
    assert all(one.is_near for one in evidence_for(olive, lever="Subject line").every)


def test_the_page_shows_each_lift_the_pooled_one_and_the_range_of_the_next(three, client_of, bob):
    page = client_of(bob).get(URL, {"lever": "Subject line"}).content.decode()
    for made in three:
        assert page.count(made.key) >= 2  # in the plot and in the table
    for words in ("Pooled", "Next one", "Shrunk", "67\xa0% (21\xa0% to 94\xa0%)"):
        assert words in page
    assert "no experiment" not in page


def test_without_a_lever_every_lever_has_its_row(three, alice, bob, pod, objective, client_of):
    decided(alice, bob, pod, objective, "Cheaper", 0.12, "ship", lever="Price")
    page = client_of(bob).get(URL).content.decode()
    assert "By lever" in page
    assert '<th scope="row">Price</th>' in page
    assert '<th scope="row">Subject line</th>' in page


@pytest.mark.parametrize("query", ["lever=" + "x" * 500, "metric=%F0%9F%92%A9"])
def test_an_odd_address_finds_nothing_and_breaks_nothing(three, client_of, bob, query):
    assert client_of(bob).get(f"{URL}?{query}").status_code == 200


def test_the_idea_the_card_and_the_promotion_say_it(three, client_of, alice, bob, pod):
    idea = make_idea(alice, pod, "Another name", lever="Subject line", channel="e-mail")
    sentence = evidence_for(bob, lever="Subject line", channel="e-mail").sentence
    assert sentence in client_of(bob).get(idea.get_absolute_url()).content.decode()
    promote = reverse("experiments:idea_promote", args=[idea.pk])
    assert sentence in client_of(alice).get(promote).content.decode()
    item = item_of(make_round(alice, pod, idea), idea)
    card = reverse("backlog:round_score", args=[item.round_id, item.pk])
    assert sentence in client_of(bob).get(card).content.decode()


def test_it_asks_the_database_little(
    three, client_of, alice, bob, olive, pod, objective, django_assert_max_num_queries
):
    values = {"lever": "Subject line", "channel": "e-mail", "objective": objective, "tags": ["a"]}
    idea = make_idea(alice, pod, "Another name", **values)
    pages = [URL, f"{URL}?lever=Subject+line", idea.get_absolute_url()]
    for person in (alice, bob, olive):
        client = client_of(person)
        for page in pages:
            with django_assert_max_num_queries(12):
                client.get(page)
    client = client_of(alice)
    with django_assert_max_num_queries(12):
        client.get(reverse("experiments:idea_promote", args=[idea.pk]))
    round_ = make_round(alice, pod, idea)
    item = item_of(round_, idea)
    for person in (alice, bob, olive):
        client = client_of(person)
        for page in (
            idea.get_absolute_url(),
            reverse("backlog:round_score", args=[round_.pk, item.pk]),
        ):
            with django_assert_max_num_queries(12):
                client.get(page)


def test_levers_whose_metric_should_fall_stand_apart_on_a_turned_scale(
    client_of, alice, bob, pod, objective
):
    decided(alice, bob, pod, objective, "Name the series", 0.12, "ship")
    decided(alice, bob, pod, objective, "Cheaper", 0.08, "roll-back", lever="Price")
    url = reverse("experiments:evidence")
    (alone,) = client_of(bob).get(url).context["lever_forest"]
    assert alone["name"] == ""
    EvidenceRow.objects.filter(experiment__idea__lever="Price").update(is_increase_good=False)
    more, fewer = client_of(bob).get(url).context["lever_forest"]
    assert [row["name"] for row in more["rows"]] == ["Subject line"]
    assert [row["name"] for row in fewer["rows"]] == ["Price"]
    page = client_of(bob).get(url).content.decode()
    assert "fewer is better, so the scale is reversed" in page
