"""Past experiments from a spreadsheet: read, looked at, added all or not at all, undone in one step."""

import datetime as dt
import math
import re
from dataclasses import replace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from backlog.flows.imports import asking, kinds
from backlog.flows.imports.working import work_on
from backlog.flows.talking import comment_on
from backlog.models import Event, Idea, Import, Membership, Notification, Pod
from experiments.flows.following import follow_lever
from experiments.flows.learnings import cite
from experiments.models import (
    Booking,
    Decision,
    EvidenceRow,
    Experiment,
    Learning,
    LearningLink,
    Metric,
    PastRecord,
    PostMortem,
    Segment,
)
from tests.experiments.past_kit import (
    COUNTS,
    HEADER,
    LIFT,
    NEW,
    WORDS,
    add,
    bring_in,
    latest,
    paste,
    read,
    undo,
    upload,
    workbook,
)
from tests.factories import make_idea

SPACE = "\N{NO-BREAK SPACE}"
EVERYTHING = (Experiment, Idea, EvidenceRow, Decision, Learning, PostMortem, PastRecord, Booking,
              Metric, Segment)  # fmt: skip


def only(model):
    return model.objects.get()


def ratio_interval(x_c, n_c, x_t, n_t):
    """Katz's interval of a ratio of shares, written down once more."""
    middle = math.log((x_t / n_t) / (x_c / n_c))
    reach = 1.959963985 * math.sqrt(1 / x_t - 1 / n_t + 1 / x_c - 1 / n_c)
    return math.exp(middle) - 1, math.exp(middle - reach) - 1, math.exp(middle + reach) - 1


def test_counts_become_a_decided_experiment_whose_lift_floe_works_out(client_of, alice, pod):
    client = client_of(alice)
    page = paste(client, COUNTS).content.decode()
    assert "Add 1 experiment<" in page
    assert "from counts. Learning: One experiment, clear" in page
    assert not Experiment.objects.exists()
    assert "1 experiment from pasted rows is decided in Floe and marked as imported" in add(client)
    test, row = only(Experiment), only(EvidenceRow)
    assert (test.state, test.is_imported, test.status) == ("decided", True, "won")
    assert (test.starts_on, test.ends_on) == (dt.date(2026, 2, 2), dt.date(2026, 2, 17))
    assert (row.lift, row.low, row.high) == pytest.approx(
        ratio_interval(500, 10_000, 600, 10_000), abs=1e-6
    )
    assert (row.backing, row.is_imported, row.outcome, row.metric) == (
        "counts",
        True,
        "won",
        "Opened",
    )
    assert (test.decision.choice, test.decision.by) == ("ship", None)
    assert [(arm.name, arm.is_control) for arm in test.arms] == [
        ("Control", True),
        ("Variant", False),
    ]
    assert (only(Idea).state, only(Idea).lever, only(Idea).channel) == (
        "promoted",
        "Urgency",
        "e-mail",
    )


def test_no_plan_is_claimed_and_the_history_says_that_it_was_imported(client_of, alice, pod):
    bring_in(client_of(alice), COUNTS)
    test = only(Experiment)
    assert (test.is_sealed, test.sealed_plan, test.sealed_at) == (False, None, None)
    assert not test.analyses.exists()
    sentences = [event.sentence for event in Event.objects.about(test)]
    assert sentences == ["Alice imported it, decided, from “pasted rows”, row 2."]
    assert ["Opened", "10000"] not in only(PastRecord).cells
    assert ["Control sends", "10000"] in only(PastRecord).cells


def test_a_lift_with_its_interval_is_taken_as_the_sheet_gives_it(client_of, alice, pod):
    bring_in(client_of(alice), LIFT)
    row = only(EvidenceRow)
    assert (row.lift, row.low, row.high) == pytest.approx((0.05, 0.01, 0.09))
    assert (row.backing, row.confidence) == ("interval", 0.95)
    booking, idea = only(Booking), only(Idea)
    assert (booking.people_days, booking.days_taken) == (3.0, 5.0)
    assert (idea.impact, idea.confidence, idea.ease, idea.has_imported_score) == (8, 6, 4, True)


def test_only_words_get_the_lowest_grade_even_beside_a_clear_experiment(client_of, alice, pod):
    bring_in(client_of(alice), COUNTS, WORDS)
    row = EvidenceRow.objects.get(experiment__title="More emoji")
    assert (row.backing, row.lift, row.outcome) == ("words", None, "lost")
    learning = Learning.objects.get(claim="Emoji tire people")
    assert (learning.graded_by, learning.grade) == ("words-only", 1)
    same = WORDS.replace("Lever", "Metric\tLever").replace("Urgency", "Opened\tUrgency")
    bring_in(client_of(alice), same.replace("More emoji", "Again").replace("Emoji", "Still"))
    assert Learning.objects.get(claim="Still tire people").graded_by == "words-only"


def test_a_win_in_words_without_a_metric_is_not_graded_by_the_lift_of_another_metric(
    client_of, alice, pod
):
    won = WORDS.replace("lost", "won").replace("Emoji tire people", "Emoji are liked")
    bring_in(client_of(alice), COUNTS, won)
    assert Learning.objects.get(claim="Emoji are liked").graded_by == "words-only"


def test_a_messy_sheet_in_spanish_comes_through(client_of, alice, pod):
    sheet = workbook([
        ["Nuestros experimentos 2025", None, None, None, None, None, None, None, None, None],
        ["Nombre", "Fecha fin", "Palanca", "Métrica", "n A", "conv A", "n B", "conv B", "Resultado",
         "Aprendizaje"],
        ["<b>Botón rojo</b> 🎉", dt.date(2026, 3, 31), "Color", "Compra", "12.500", "1.250", "12.500",
         "1.400", "Ganó", "El rojo vende"],
        [None] * 10,
        ["=HYPERLINK(\"x\")", dt.date(2026, 4, 30), "Color", "Compra", None, None, None, None,
         "sin diferencia", None],
        ["TOTAL", None, None, None, "25.000", "2.500", "25.000", "2.800", None, None],
        [None, dt.date(2026, 4, 30), "Color", "Compra", "1", "1", "1", "1", "Ganó", None],
    ])  # fmt: skip
    client = client_of(alice)
    page = upload(client, sheet).content.decode()
    assert "The names of the columns are in row 2" in page
    assert "&lt;b&gt;Botón rojo&lt;/b&gt;" in page
    assert "<b>Botón" not in page
    assert "looks like a sum of other rows" in page
    assert "1 has no title" in page
    add(client)
    titles = [test.title for test in Experiment.objects.order_by("number")]
    assert titles[0] == "<b>Botón rojo</b> 🎉"
    assert len(titles) == 1 or "HYPERLINK" in titles[1]
    row = EvidenceRow.objects.get(experiment__title=titles[0])
    assert row.lift == pytest.approx(1_400 / 1_250 - 1)
    assert [arm["name"] for arm in row.experiment.past.arms] == ["A", "B"]


def test_pasted_rows_with_decimal_commas_are_read(client_of, alice, pod):
    sheet = (
        "Titel;Ende;Metrik;Effekt;Untergrenze;Obergrenze;Ergebnis\n"
        "Neuer Text;31.03.2026;Kauf;2,5 %;-0,4 %;5,4 %;unentschieden\n"
    )
    client = client_of(alice)
    paste(client, sheet)
    read(client, **{"answer:level": "0.95"})
    assert "marked as imported" in add(client)
    row = only(EvidenceRow)
    assert (row.lift, row.low, row.high) == pytest.approx((0.025, -0.004, 0.054))
    assert row.outcome == "inconclusive"


def test_what_could_change_a_figure_is_asked_and_nothing_is_added_before(client_of, alice, pod):
    sheet = (
        "Test\tDate\tMetric\tLift\tLow\tHigh\tResult\nOne\t3/4/2026\tBought\t0.5\t0.1\t0.9\twon\n"
    )
    client = client_of(alice)
    page = paste(client, sheet).content.decode()
    for question in ("What comes first in the dates", "per cent or fractions", "How sure are the"):
        assert question in page
    add(client)
    assert not Experiment.objects.exists()
    answers = {"answer:dates": "mdy", "answer:unit": "fraction", "answer:level": "0.9"}
    page = read(client, **answers)
    assert "Add 1 experiment<" in page
    add(client)
    row = only(EvidenceRow)
    assert (row.lift, row.low, row.high, row.confidence) == pytest.approx((0.5, 0.1, 0.9, 0.9))
    assert only(Experiment).last_day == dt.date(2026, 3, 4)


def test_a_metric_of_which_less_may_be_better_is_asked_about(client_of, alice, pod):
    sheet = (
        "Test\tEnd\tMetric\tn A\tconv A\tn B\tconv B\n"
        "Fewer mails\t2026-03-31\tUnsubscribed\t10000\t500\t10000\t400\n"
    )
    client = client_of(alice)
    page = paste(client, sheet).content.decode()
    assert "Is more of “Unsubscribed” better?" in page
    read(client, **{"answer:direction:unsubscribed": "decrease"})
    add(client)
    row, metric = only(EvidenceRow), only(Metric)
    assert (row.outcome, row.is_increase_good, metric.direction) == ("won", False, "decrease")


def test_words_that_floe_does_not_know_are_asked_once_for_all_rows(client_of, alice, pod):
    sheet = "Test\tEnd\tResult\nOne\t2026-03-31\tControl\nTwo\t2026-03-31\tcontrol\n"
    client = client_of(alice)
    page = paste(client, sheet).content.decode()
    assert "What does “Control” say of how the experiment ended?" in page
    read(client, **{"answer:outcome:control": "lost"})
    add(client)
    assert [row.outcome for row in EvidenceRow.objects.all()] == ["lost", "lost"]


def test_names_are_mapped_once_for_all_rows_or_kept(client_of, alice, pod):
    Metric.objects.create(name="Opened", pod=pod)
    make_idea(alice, pod, "Something", lever="Scarcity")
    client = client_of(alice)
    page = paste(client, COUNTS.replace("Opened\t1", "Open rate\t1")).content.decode()
    assert "Names that Floe does not know" in page
    read(client, **{"name:lever:urgency": "Scarcity", "name:metric:open rate": "Opened"})
    add(client)
    assert only(Experiment).idea.lever == "Scarcity"
    assert only(EvidenceRow).metric == "Opened"
    assert [metric.name for metric in Metric.objects.all()] == ["Opened"]
    assert only(Segment).name == "Lapsed"


def test_a_member_makes_no_segment_and_the_name_stays_as_words(client_of, bob, pod):
    bring_in(client_of(bob), COUNTS)
    assert not Segment.objects.exists()
    assert only(Experiment).audience == "Lapsed"
    assert only(Learning).segment == "Lapsed"


def test_a_row_without_a_day_or_an_ending_waits_for_an_answer(client_of, alice, pod):
    sheet = "Test\tEnd\tLever\tResult\nNo day\t\tUrgency\twon\nNo end\t2026-03-31\tUrgency\t\n"
    client = client_of(alice)
    page = paste(client, sheet).content.decode()
    assert "No day says when it ended" in page
    assert "Nothing says how it ended" in page
    assert "0 experiments will be added" in page
    read(client, day="2026-01-31", **{"row-3": "outcome:flat"})
    add(client)
    ended = {test.title: test.decision for test in Experiment.objects.select_related("decision")}
    assert ended["No day"].decided_at.date() == dt.date(2026, 1, 31)
    assert ended["No end"].outcome == "flat"


def test_a_future_day_and_a_contradiction_are_left_out_and_named(client_of, alice, pod):
    later = dt.date.today() + dt.timedelta(days=30)
    sheet = COUNTS + f"Tomorrow\t\t{later}\tUrgency\t\t\t\t\t\t\t\twon\t\t\n"
    sheet += "Odd\t\t2026-03-31\tUrgency\t\t\tOpened\t10000\t600\t10000\t500\twon\t\t\n"
    client = client_of(alice)
    page = paste(client, sheet).content.decode()
    assert "It ends in the future, so it is not a past experiment" in page
    assert "its figures clearly show the opposite" in page
    add(client)
    assert only(Experiment).title == "Urgent subject line"


def test_counts_that_cannot_be_are_named_and_only_the_word_counts(client_of, alice, pod):
    sheet = HEADER + "Odd\t\t2026-03-31\tUrgency\t\t\tOpened\t100\t500\t100\t60\twon\t\t\n"
    client = client_of(alice)
    page = paste(client, sheet).content.decode()
    assert "“Control” has 500 conversions of 100 units" in page
    add(client)
    assert (only(EvidenceRow).backing, only(EvidenceRow).lift) == ("words", None)


def test_conversions_as_a_rate_become_whole_numbers(client_of, alice, pod):
    sheet = (
        "Test\tEnd\tMetric\tControl n\tControl CR\tVariant n\tVariant CR\n"
        "Rates\t2026-03-31\tBought\t8.123\t4,2 %\t8.099\t5,1 %\n"
    )
    client = client_of(alice)
    page = paste(client, sheet).content.decode()
    assert "The conversions of “Control” are worked out from its rate" in page
    add(client)
    arms = only(PastRecord).arms
    assert [(arm["units"], arm["conversions"]) for arm in arms] == [(8123, 341), (8099, 413)]
    assert only(EvidenceRow).lift == pytest.approx((413 / 8099) / (341 / 8123) - 1)


def test_a_start_after_the_decision_is_left_out(client_of, alice, pod):
    sheet = "Test\tStart\tDecided\tResult\nOdd\t2026-05-01\t2026-03-31\twon\n"
    client = client_of(alice)
    assert "It ends before it starts" in paste(client, sheet).content.decode()
    add(client)
    assert only(Experiment).starts_on is None


def test_arms_without_a_control_are_compared_with_nothing(client_of, alice, pod):
    sheet = (
        "Test\tEnd\tMetric\tn A\tconv A\tn B\tconv B\tn C\tconv C\tResult\n"
        "No control\t2026-03-31\tBought\t\t\t10000\t510\t10000\t650\twon\n"
    )
    bring_in(client_of(alice), sheet)
    row = only(EvidenceRow)
    assert (row.backing, row.lift, row.experiment.past.arms) == ("words", None, [])


def test_a_lift_that_is_not_that_of_the_counts_is_pointed_out(client_of, alice, pod):
    sheet = (
        "Test\tEnd\tMetric\tn A\tconv A\tn B\tconv B\tLift\n"
        "Off\t2026-03-31\tBought\t10000\t500\t10000\t600\t35 %\n"
        "Fine\t2026-03-31\tBought\t10000\t500\t10000\t600\t20,1 %\n"
    )
    page = paste(client_of(alice), sheet).content.decode()
    assert page.count("and its counts give +20") == 1


def test_of_several_variants_the_interval_of_the_clear_one_is_adjusted(client_of, alice, pod):
    sheet = (
        "Test\tEnd\tMetric\tn A\tconv A\tn B\tconv B\tn C\tconv C\n"
        "Three\t2026-03-31\tBought\t10000\t500\t10000\t510\t10000\t650\n"
    )
    bring_in(client_of(alice), sheet)
    row = only(EvidenceRow)
    assert row.experiment.past.arm == "C"
    assert row.lift == pytest.approx(0.3)
    assert row.confidence == pytest.approx(0.975)
    assert row.low < ratio_interval(500, 10_000, 650, 10_000)[1]


def test_two_columns_on_one_field_are_refused_with_a_sentence(client_of, alice, pod):
    client = client_of(alice)
    paste(client, COUNTS)
    page = read(client, **{"column-1": "ended"})
    assert "“Start” and “End” are both read as the ended, and an experiment has one" in page
    assert "0 experiments will be added" in page
    add(client)
    assert not Experiment.objects.exists()


def test_the_same_sheet_again_adds_nothing_twice(client_of, alice, pod):
    client = client_of(alice)
    bring_in(client, COUNTS)
    page = paste(
        client, COUNTS + COUNTS.removeprefix(HEADER).replace("Urgent", "Calm")
    ).content.decode()
    assert "Same as EXP-001: left out" in page
    add(client)
    assert [test.title for test in Experiment.objects.order_by("pk")] == [
        "Urgent subject line", "Calm subject line",
    ]  # fmt: skip


def test_an_idea_of_the_same_title_stays_as_it_is(client_of, alice, pod):
    idea = make_idea(alice, pod, "Urgent subject line")
    client = client_of(alice)
    page = paste(client, COUNTS).content.decode()
    assert "LIF-1 has the same title, and stays as it is" in page
    add(client)
    idea.refresh_from_db()
    assert (idea.state, idea.experiments.count()) == ("open", 0)
    assert only(Experiment).idea.key == "LIF-2"


def test_a_clone_of_an_imported_experiment_is_a_plan_of_its_own(client_of, alice, pod):
    client = client_of(alice)
    bring_in(client, COUNTS)
    address = reverse("experiments:experiment_clone", args=[only(Experiment).pk])
    client.post(address, {"title": "Again"})
    clone = Experiment.objects.get(title="Again")
    assert (clone.is_imported, clone.state) == (False, "draft")
    assert "Missing for launch" in client.get(clone.get_absolute_url()).content.decode()


def test_a_double_click_adds_once(client_of, alice, pod):
    client = client_of(alice)
    bring_in(client, COUNTS)
    add(client)
    assert Experiment.objects.count() == 1


def test_add_takes_what_the_page_shows_or_shows_it_again(client_of, alice, pod):
    client = client_of(alice)
    paste(client, COUNTS + COUNTS.removeprefix(HEADER).replace("Urgent", "Calm"))
    page = read(client, do="add", **{"row-3": "out"})
    assert "You had changed something, so the rows were read again" in page
    assert not Experiment.objects.exists()
    read(client, do="add", **{"row-3": "out"})
    assert only(Experiment).title == "Urgent subject line"


def test_undo_takes_everything_back(client_of, alice, pod):
    client = client_of(alice)
    bring_in(client, COUNTS)
    page = undo(client)
    assert "Alice undid “pasted rows”: 1 experiment was removed" in page
    assert {model.__name__: model.objects.count() for model in EVERYTHING} == dict.fromkeys(
        (model.__name__ for model in EVERYTHING), 0
    )
    bring_in(client, COUNTS)
    assert Experiment.objects.count() == 1


@pytest.mark.parametrize("built", ["a comment", "a citation", "a change"])
def test_undo_leaves_what_somebody_has_built_on_and_says_what(client_of, alice, pod, built):
    client = client_of(alice)
    bring_in(client, COUNTS + COUNTS.removeprefix(HEADER).replace("Urgent", "Calm"))
    test = Experiment.objects.get(title="Urgent subject line")
    if built == "a comment":
        comment_on(test.idea, by=alice, text="I remember this one")
    elif built == "a citation":
        learning = Learning.objects.get(post_mortem__experiment=test)
        cite(make_idea(alice, pod, "Another"), learning, by=alice)
    else:
        address = reverse("experiments:experiment_booking", args=[test.pk])
        page = client.get(address).content.decode()
        version = re.search(r'name="version" value="([^"]+)"', page)[1]
        client.post(address, {"days_taken": "4", "version": version})
        assert Booking.objects.get(experiment=test).version > 1
    page = undo(client)
    assert "Some stay because something was built on them" in page
    assert test.key in page
    assert only(Experiment) == test
    assert Metric.objects.filter(name="Opened").exists()


def test_learnings_can_stay_drafts_of_the_pod(client_of, alice, charlie, pod):
    client = client_of(alice)
    paste(client, COUNTS)
    read(client, learnings="draft")
    add(client)
    assert only(PostMortem).state == "draft"
    address = only(Learning).get_absolute_url()
    assert client_of(charlie).get(address).status_code == 404
    undo(client)
    bring_in(client, COUNTS)
    assert only(PostMortem).state == "published"
    assert client_of(charlie).get(only(Learning).get_absolute_url()).status_code == 200


def test_no_follower_is_told_of_what_is_long_past(client_of, alice, carol, pod):
    follow_lever("Urgency", by=carol)
    bring_in(client_of(alice), COUNTS)
    assert not Notification.objects.filter(to=carol).exists()


@pytest.mark.parametrize("lever", ["Urgency", "Überschrift", "Última hora"])
def test_two_imported_learnings_of_one_scope_are_linked_by_the_days_of_their_experiments(
    client_of, alice, pod, lever
):
    counts = COUNTS.replace("\tUrgency\t", f"\t{lever}\t")
    assert lever in counts
    later = counts.replace("2026-02", "2026-05").replace("Urgent", "Later").replace("more", "again")
    client = client_of(alice)
    bring_in(client, later, counts)
    link = only(LearningLink)
    assert (link.kind, link.newer.claim) == ("replicates", "Urgency opens again mails")
    assert Learning.objects.filter(graded_by="replicated").count() in (0, 2)


def test_another_person_sees_nothing_of_it(client_of, alice, bob, olive, pod):
    paste(client_of(alice), COUNTS)
    address = latest().get_absolute_url()
    for other in (bob, olive):
        assert client_of(other).get(address).status_code == 404
        assert client_of(other).post(address, {"do": "add"}).status_code == 404
        assert client_of(other).post(f"{address}undo/").status_code == 404
    assert (
        client_of(alice).get(reverse("backlog:import_detail", args=[latest().pk])).status_code
        == 404
    )


def test_a_viewer_and_a_stranger_bring_nothing_in(client_of, vera, charlie, pod):
    assert "no pod you can add experiments to" in client_of(vera).get(NEW).content.decode()
    assert paste(client_of(vera), COUNTS).status_code == 422
    assert paste(client_of(charlie), COUNTS).status_code == 422
    assert not Import.objects.exists()


def test_rows_of_another_pod_stay_out_whatever_is_sent(client_of, alice, pod, other_pod):
    client = client_of(alice)
    page = paste(client, "Test\tPod\tEnd\tResult\nOne\tPaywall\t2026-03-31\twon\n").content.decode()
    assert "There is no pod “Paywall” that you can add ideas to" in page
    read(client, **{"row-2": "pod:PAY", "name:pod:paywall": "Paywall"})
    add(client)
    assert not Experiment.objects.exists()
    read(client, **{"row-2": "pod:LIF"})
    add(client)
    assert only(Experiment).pod == pod


def test_an_unknown_pod_is_mapped_once_for_all_rows(client_of, alice, pod):
    client = client_of(alice)
    paste(client, "Test\tPod\tEnd\tResult\nOne\tCRM\t2026-03-31\twon\nTwo\tCRM\t2026-03-31\twon\n")
    read(client, **{"name:pod:crm": pod.name})
    add(client)
    assert {test.pod for test in Experiment.objects.all()} == {pod}
    assert Experiment.objects.count() == 2


def test_who_left_the_pod_meanwhile_adds_nothing(client_of, bob, pod):
    client = client_of(bob)
    paste(client, COUNTS)
    Membership.objects.filter(user=bob).update(role="viewer")
    assert client.post(latest().get_absolute_url(), {"do": "add"}).status_code == 403
    assert not Experiment.objects.exists()


def test_a_script_in_a_cell_is_text_on_every_page(client_of, alice, pod):
    script = "<script>alert(1)</script>"
    client = client_of(alice)
    sheet = COUNTS.replace("Urgent subject line", script).replace("Lapsed", script)
    page = paste(client, sheet.replace("Urgency opens", f"{script} opens")).content.decode()
    assert script not in page
    add(client)
    test = only(Experiment)
    for address in (test.get_absolute_url(), only(PostMortem).get_absolute_url(),
                    only(Learning).get_absolute_url()):  # fmt: skip
        page = client.get(address).content.decode()
        assert script not in page
        assert "&lt;script&gt;" in page


def test_a_huge_cell_is_cut_and_said_so(client_of, alice, pod):
    client = client_of(alice)
    long = "word " * 400
    page = paste(client, COUNTS.replace("Urgency opens more mails", long)).content.decode()
    assert "The learning has 1,999 characters. It is cut to 300" in page
    add(client)
    assert len(only(Learning).claim) <= 300
    assert long.strip() in only(PostMortem).summary


def test_a_large_table_is_worked_on_by_a_task(client_of, alice, pod, monkeypatch):
    few = replace(kinds.kind_of("experiments"), at_once=0)
    monkeypatch.setitem(kinds.KINDS, "experiments", few)
    queued = []
    monkeypatch.setattr(asking, "queue_on_commit", lambda task, pk: queued.append(pk))
    client = client_of(alice)
    assert "Being read" in paste(client, COUNTS).content.decode()
    work_on(queued.pop())
    assert "Being added" in add(client)
    work_on(queued.pop())
    assert Experiment.objects.count() == 1


def test_hundreds_of_rows_take_few_queries(client_of, alice, pod):
    rows = "".join(
        COUNTS.removeprefix(HEADER).replace("Urgent subject line", f"Test {number}")
        for number in range(90)
    )
    client = client_of(alice)
    paste(client, HEADER + rows)
    with CaptureQueriesContext(connection) as queries:
        add(client)
    assert Experiment.objects.count() == 90
    assert len(queries) < 140


def test_too_many_rows_are_refused_with_the_number(client_of, alice, pod):
    page = paste(client_of(alice), "Test\tResult\n" + "One\twon\n" * 2_001)
    assert page.status_code == 422
    assert "more than 2,000 rows" in page.content.decode()


def test_numbers_go_on_after_those_of_floe(client_of, alice, pod):
    bring_in(client_of(alice), COUNTS, LIFT)
    assert [test.number for test in Experiment.objects.order_by("pk")] == [1, 2]
    assert Pod.objects.get(pk=pod.pk).ideas_numbered == 2
