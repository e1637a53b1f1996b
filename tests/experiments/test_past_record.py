"""Pages that show imported experiments: none of them breaks, or claims what Floe has not seen."""

import datetime as dt
import re

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone

from backlog.calendar_days import quarter_around
from backlog.flows.transitions import make_move
from backlog.models import Quarter
from backlog.refusals import Refused
from experiments.flows.deciding import decide
from experiments.flows.evidence import evidence_for
from experiments.flows.health.decided import decided_experiments, with_own_scores
from experiments.flows.health.quality import quality_facts, quality_of
from experiments.flows.health.report import quarter_report
from experiments.flows.health.signs import look_for_signs
from experiments.flows.health.work import all_work
from experiments.flows.moves import EXPERIMENT_MOVES, POST_MORTEM_MOVES, move_experiment
from experiments.flows.quarter.facts import calendar_facts
from experiments.flows.quizzing import _suitable
from experiments.flows.signing_off import placed_in
from experiments.hooks.today import waiting_for
from experiments.learning.throughput import throughput
from experiments.models import EvidenceRow, Experiment, PostMortem
from tests.experiments.past_kit import COUNTS, LIFT, WORDS, add, bring_in, latest, paste
from tests.factories import make_experiment, make_idea

BACKINGS = {"counts": COUNTS, "interval": LIFT, "words": WORDS}
PLANNED_ONLY = (
    "experiment_edit", "experiment_amend", "experiment_data", "experiment_results",
    "experiment_decide", "experiment_summary", "experiment_ready", "experiment_assignment",
    "experiment_dry_run", "experiment_place",
)  # fmt: skip
SHOWN = {
    "counts": "from the counts",
    "interval": "as the sheet gives it",
    "words": "Only how it ended",
}


@pytest.fixture(params=BACKINGS)
def backing(request, client_of, alice, pod):
    bring_in(client_of(alice), BACKINGS[request.param])
    return request.param


def text_of(response):
    assert response.status_code == 200, response
    page = response.content.decode()
    main = page[page.find("<main") :]
    return re.sub(r"\s+", " ", re.sub(r"<script.*?</script>|<[^>]+>", " ", main, flags=re.S))


def test_its_page_shows_the_sheet_and_claims_no_plan(client_of, alice, vera, backing):
    test = Experiment.objects.get()
    for person in (alice, vera):
        page = text_of(client_of(person).get(test.get_absolute_url()))
        assert "Floe saw neither its plan nor its data" in page
        assert SHOWN[backing] in page
        assert "imported" in page
        for claim in ("Missing for launch", "sealed", "Bring in", "Minimum quality", "None"):
            assert claim not in page


@pytest.mark.parametrize("name", PLANNED_ONLY)
def test_pages_of_a_plan_lead_to_the_sheet(client_of, alice, backing, name):
    test = Experiment.objects.get()
    response = client_of(alice).get(reverse(f"experiments:{name}", args=[test.pk]))
    assert (response.status_code, response.headers["Location"]) == (302, test.get_absolute_url())


def test_other_pages_of_it_open(client_of, alice, backing):
    test = Experiment.objects.get()
    for name in (
        "experiment_activity",
        "experiment_booking",
        "experiment_clone",
        "postmortem_detail",
    ):
        page = text_of(client_of(alice).get(reverse(f"experiments:{name}", args=[test.pk])))
        assert "Planned and actual" not in page
        assert "No data was counted" not in page


def test_lists_mark_it_as_imported(client_of, alice, backing):
    test = Experiment.objects.get()
    client = client_of(alice)
    addresses = ["/experiments/?show=decided", "/evidence/", f"/search/?q={test.title.split()[0]}",
                 test.idea.get_absolute_url()]  # fmt: skip
    if backing != "interval":
        addresses.append("/library/")
    for address in addresses:
        page = text_of(client.get(address))
        assert test.title in page, address
        assert "not placed" not in page
        assert "imported" in page, address


def test_a_write_up_can_be_begun_and_promises_no_day(client_of, alice, pod):
    client = client_of(alice)
    bring_in(client, LIFT)
    test = Experiment.objects.get()
    client.post(reverse("experiments:postmortem_start", args=[test.pk]))
    written = PostMortem.objects.get()
    assert (written.due_on, written.state) == (None, "draft")
    assert "Floe saw neither its plan nor its data" in written.summary
    assert "planned from" not in written.summary
    text_of(client.get(reverse("experiments:postmortem_edit", args=[test.pk])))


def test_nothing_of_it_waits_on_today(client_of, alice, backing):
    assert waiting_for(alice) == []
    look_for_signs()
    assert "Write up" not in text_of(client_of(alice).get("/"))


def test_the_calendar_and_its_plans_leave_it_out(client_of, alice, pod):
    today = timezone.localdate()
    first, last = today - dt.timedelta(days=15), today - dt.timedelta(days=2)
    sheet = COUNTS.replace("2026-02-02", str(first)).replace("2026-02-16", str(last))
    bring_in(client_of(alice), sheet)
    start, end = quarter_around(today)
    quarter, _ = Quarter.objects.get_or_create(
        starts_on=start, defaults={"name": "Now", "ends_on": end}
    )
    assert not placed_in(quarter).exists()
    facts = calendar_facts(first, today + dt.timedelta(days=30), quarter=None)
    assert Experiment.objects.get().pk not in {bar.key for bar in facts.bars}
    assert "Urgent subject line" not in text_of(client_of(alice).get("/calendar/"))


def test_it_counts_in_the_quarter_of_its_own_day_and_its_stages_took_no_known_time(
    client_of, alice, pod
):
    today = timezone.localdate()
    bring_in(client_of(alice), COUNTS, WORDS.replace("2026-11-20", str(today)))
    stays = [stay for one in all_work() for stay in one.stays]
    start, end = quarter_around(today)
    assert throughput(stays, "decided", [(start, end)]) == (1,)
    assert {stay.stage for stay in stays} == {"decided"}
    assert all(stay.left is None for stay in stays)
    page = text_of(client_of(alice).get("/health/"))
    assert "Decision to post-mortem" not in page


def test_the_quarter_report_counts_it_as_decided_and_not_as_planned(client_of, alice, pod):
    today = timezone.localdate()
    start, end = quarter_around(today)
    quarter, _ = Quarter.objects.get_or_create(
        starts_on=start, defaults={"name": "Now", "ends_on": end}
    )
    bring_in(client_of(alice), COUNTS, LIFT.replace("2026-10-05", str(today - dt.timedelta(days=9)))
             .replace("2026-10-19", str(today)))  # fmt: skip
    report = quarter_report(quarter, None, reader=alice)
    assert (report.planned, report.started, len(report.rows), report.imported) == (0, 0, 1, 1)
    assert (report.quality, report.learning_count) == (None, 0)
    page = text_of(client_of(alice).get("/health/report/"))
    assert "1 of the decided experiments was imported from a spreadsheet" in page
    text = client_of(alice).get("/health/report/?as=md").content.decode()
    assert "Won: Lower price (Lifecycle, Bought, imported)" in text


def test_it_has_no_minimum_quality(client_of, alice, backing):
    test = Experiment.objects.get()
    assert quality_of(test, ()) is None
    assert quality_facts([test]) == {}


def test_calibration_has_its_scores_and_nobody_is_taken_for_their_scorer(client_of, alice, pod):
    bring_in(client_of(alice), LIFT)
    (one,) = decided_experiments()
    assert (one.row.impact, one.row.confidence, one.row.won) == (8, 6, True)
    assert one.row.lift == pytest.approx(0.05)
    assert (one.row.days_forecast, one.row.days_taken) == (3.0, 5.0)
    assert one.row.scorers == frozenset()
    assert with_own_scores([one], alice) == []


def test_the_quiz_asks_others_about_it_but_not_who_brought_it_in(client_of, alice, bob, pod):
    bring_in(client_of(alice), COUNTS, LIFT, WORDS)
    measured = {"Urgent subject line", "Lower price"}
    assert {row.experiment.title for row in _suitable(bob)} == measured
    assert not _suitable(alice).exists()


def test_an_idea_like_it_hears_that_it_was_tried_and_imported(client_of, alice, bob, pod):
    bring_in(client_of(alice), COUNTS)
    page = client_of(bob).get(f"{reverse('backlog:idea_similar')}?title=Urgent+subject+line")
    text = text_of(page)
    assert "Imported from a spreadsheet: Opened +20.0" in text
    assert "imported" in text


def test_evidence_of_a_lever_rests_on_it_at_once(client_of, alice, bob, pod):
    bring_in(client_of(alice), COUNTS)
    idea = make_idea(bob, pod, "Another one", lever="urgency", channel="E-Mail")
    known = evidence_for(bob, lever=idea.lever, channel=idea.channel)
    assert (known.evidence.trials, known.evidence.imported) == (1, 1)
    assert "it won. Its lift of “Opened”: +20.0" in known.sentence.replace(
        "\N{NO-BREAK SPACE}", " "
    )


def test_only_an_experiment_of_a_sheet_comes_in_decided(alice, carol, pod, objective):
    test = make_experiment(alice, pod, objective=objective, analyst=carol)
    with pytest.raises(Refused, match="Only an experiment from a spreadsheet"):
        make_move(test, EXPERIMENT_MOVES["bring_in"], by=alice)
    written = PostMortem.objects.create(experiment=test)
    with pytest.raises(Refused, match="Only an experiment from a spreadsheet"):
        make_move(written, POST_MORTEM_MOVES["bring_in"], by=alice)
    assert test.state == "draft"


def test_a_decision_made_in_floe_still_names_what_is_done(alice, carol, pod, objective):
    test = make_experiment(alice, pod, objective=objective, analyst=carol)
    with pytest.raises(ValidationError, match="Choose a decision"):
        decide(test, by=carol, choice="")


def test_the_pages_keep_to_their_budget_of_queries(
    client_of, alice, pod, django_assert_max_num_queries
):
    client = client_of(alice)
    paste(client, COUNTS)
    address = latest().get_absolute_url()
    with django_assert_max_num_queries(12):
        client.get(address)
    add(client)
    for page in (address, Experiment.objects.get().get_absolute_url()):
        with django_assert_max_num_queries(12):
            client.get(page)


def test_it_goes_no_further(client_of, alice, backing):
    test = Experiment.objects.get()
    client = client_of(alice)
    for name in ("launch", "cancel", "resume"):
        with pytest.raises(Refused):
            move_experiment(test, name, by=alice)
    address = reverse("experiments:experiment_move", args=[test.pk, "bring_in"])
    assert client.post(address).status_code == 404
    decide = reverse("experiments:experiment_decide", args=[test.pk])
    assert client.post(decide, {"choice": "ship"}).status_code in (302, 409, 422)
    assert EvidenceRow.objects.count() == 1
