"""Credit of touch models: brought in, questioned, undone, held against experiments."""

import datetime as dt
from itertools import product

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from backlog.models import Event
from backlog.refusals import Refused
from experiments.flows import deciding
from experiments.flows.credit import counting
from experiments.flows.credit.counting import add_credit, covered_by, credit_report, undo_credit
from experiments.flows.evidence import PastExperiment
from experiments.flows.segmenting import save_segment
from experiments.learning.credit import CreditVerdict
from experiments.learning.scopes import Scope
from experiments.models import CreditImport, CreditRow, EvidenceRow, Experiment, Metric, Segment
from tests.factories import analysed, launched, make_experiment

PAGE, NEW, ADD = "/library/credit/", "/library/credit/new/", "/library/credit/add/"
HEAD = "segment\tchannel\tmodel\tfrom\tto\tconversions\n"


@pytest.fixture
def segment(alice, pod):
    return save_segment(Segment(), by=alice, pod=pod, name="Lapsed")


@pytest.fixture
def paid(alice, pod):
    return Metric.objects.create(name="Paid", pod=pod, direction="increase")


def line(segment="Lapsed", channel="e-mail", model="last touch", days=("2026-10-01", "2026-10-31"), n="900"):  # fmt: skip
    return f"{segment}\t{channel}\t{model}\t{days[0]}\t{days[1]}\t{n}\n"


def row(segment, *, model="last-touch", channel="e-mail", n=900.0, month=10):
    return CreditRow(
        segment=segment, channel=channel, model=model, conversions=n,
        starts_on=dt.date(2026, month, 1), ends_on=dt.date(2026, month + 1, 1),
    )  # fmt: skip


def measured(alice, bob, pod, objective, segment, *, lift, low, high, metric="Paid", **fields):
    """A decided experiment with this lift, as the evidence keeps it."""
    made = make_experiment(
        alice, pod, objective=objective, analyst=bob, idea_title=f"Test {lift} {metric}"
    )
    running = launched(made, alice)
    analysed(running, bob)
    deciding.decide(running, by=bob, choice="ship")
    Experiment.objects.filter(pk=made.pk).update(segment=segment, channel="E-mail", **fields)
    EvidenceRow.objects.filter(experiment=made).update(
        metric=metric, backing="counts", lift=lift, low=low, high=high, outcome="won"
    )
    return made


def posted(pod, metric, text, **more):
    return {"pod": pod.pk, "metric": metric.pk, "table": text, **more}


def verdicts(user):
    return {(one.channel, one.model): one.check.verdict for one in credit_report(user).rows}


def test_a_table_is_looked_at_added_and_undone(client_of, bob, pod, segment, paid):
    client = client_of(bob)
    text = HEAD + line() + line(model="first touch", n="1200")
    shown = client.post(NEW, posted(pod, paid, text))
    assert "2 rows understood" in shown.content.decode()
    assert "1 Oct 2026 to 31 Oct 2026" in shown.content.decode()
    assert not CreditRow.objects.exists(), "nothing counts before it was looked at"
    assert client.post(ADD, posted(pod, paid, text)).status_code == 302
    page = client.get(PAGE).content.decode()
    assert "First or last touch alone never credits a result" in page
    assert "Last touch for Lifecycle credits 900 of “Paid”" in page
    assert "no experiment yet" in page
    made = CreditImport.objects.get()
    assert Event.objects.about(made).first().sentence == "Bob added 2 rows of credit on “Paid”."
    undo = reverse("experiments:library_credit_undo", args=[made.pk])
    assert client.post(undo).status_code == 302
    made.refresh_from_db()
    assert made.state == "undone"
    assert credit_report(bob).rows == []
    assert client.post(undo).status_code == 409
    assert client.post(ADD, posted(pod, paid, text)).status_code == 302, "its days are free again"


def test_experiments_confirm_credit_and_touch_models_do_not(
    client_of, alice, bob, pod, objective, segment, paid
):
    rows = [row(segment, model=model) for model in ("first-touch", "last-touch")]
    add_credit(rows, by=bob, pod=pod, metric=paid)
    assert set(verdicts(bob).values()) == {CreditVerdict.NO_TEST}
    measured(alice, bob, pod, objective, segment, lift=0.3, low=0.1, high=0.5, metric="Opened")
    assert set(verdicts(bob).values()) == {CreditVerdict.NO_TEST}, "opens are no payments"
    measured(alice, bob, pod, objective, segment, lift=0.25, low=0.1, high=0.42)
    report = credit_report(bob)
    assert {one.check.verdict for one in report.rows} == {CreditVerdict.CONFIRMED}
    assert {round(one.confirmed.value) for one in report.rows} == {180}
    shown = client_of(bob).get(PAGE).content.decode()
    assert "180 (82 to 266)" in shown
    assert "900 (100\N{NO-BREAK SPACE}%) where experiments confirm an effect" in shown
    measured(alice, bob, pod, objective, segment, lift=-0.2, low=-0.3, high=-0.1)
    assert set(verdicts(bob).values()) == {CreditVerdict.NOT_CONFIRMED}
    assert "not confirmed by experiments" in client_of(bob).get(PAGE).content.decode()


def test_a_channel_that_costs_conversions_is_named(client_of, alice, bob, pod, objective, segment, paid):  # fmt: skip
    add_credit([row(segment), row(segment, channel="push")], by=bob, pod=pod, metric=paid)
    measured(alice, bob, pod, objective, segment, lift=-0.2, low=-0.3, high=-0.1)
    assert verdicts(bob)["push", "Last touch"] == CreditVerdict.NO_TEST
    assert (
        "not confirmed by experiments: fewer convert" in client_of(bob).get(PAGE).content.decode()
    )


def test_only_experiments_that_the_reader_sees_confirm_anything(
    alice, bob, charlie, olive, pod, other_pod, objective
):
    everybodys = save_segment(Segment(), by=olive, pod=None, name="Lapsed")
    metric = Metric.objects.create(name="Paid", direction="increase")
    add_credit([row(everybodys)], by=olive, pod=None, metric=metric)
    measured(alice, bob, pod, objective, None, lift=0.25, low=0.1, high=0.42)
    Experiment.objects.update(segment=everybodys)
    assert verdicts(bob)["e-mail", "Last touch"] == CreditVerdict.CONFIRMED
    assert verdicts(charlie)["e-mail", "Last touch"] == CreditVerdict.NO_TEST


def test_credit_of_another_pod_is_out_of_reach(client_of, bob, charlie, pod, other_pod, segment, paid):  # fmt: skip
    made = add_credit([row(segment)], by=bob, pod=pod, metric=paid)
    client = client_of(charlie)
    assert "Lapsed" not in client.get(PAGE).content.decode()
    assert (
        client.post(reverse("experiments:library_credit_undo", args=[made.pk])).status_code == 404
    )
    theirs = Metric.objects.create(name="Gave", pod=other_pod, direction="increase")
    answer = client.post(NEW, posted(other_pod, theirs, HEAD + line()))
    assert "you see no segment “Lapsed”" in answer.content.decode()
    assert client.post(NEW, posted(pod, paid, HEAD + line())).status_code == 422
    with pytest.raises(Refused, match="belongs to another pod"):
        add_credit([row(segment)], by=charlie, pod=other_pod, metric=theirs)
    with pytest.raises(ValidationError, match="belongs to another pod"):
        add_credit([row(segment)], by=charlie, pod=other_pod, metric=paid)
    with pytest.raises(PermissionDenied):
        add_credit([row(segment)], by=charlie, pod=pod, metric=paid)


def test_a_metric_of_another_pod_is_refused_beside_the_metric(
    client_of, olive, pod, other_pod, segment, paid
):
    client = client_of(olive)
    shared = save_segment(Segment(), by=olive, pod=None, name="Everybody")
    text = HEAD + line(segment=shared.name)
    for address in (NEW, ADD):
        for where in (other_pod.pk, ""):
            answer = client.post(address, {"pod": where, "metric": paid.pk, "table": text})
            assert answer.status_code == 422
            assert "“Paid” belongs to another pod. Choose another." in answer.content.decode()
    assert not CreditImport.objects.exists()
    assert client.post(ADD, posted(pod, paid, text)).status_code == 302


def test_what_no_longer_holds_when_it_is_added_is_said_on_the_page(
    client_of, bob, pod, segment, paid, monkeypatch
):
    def wrong(*args, **kwargs):
        raise ValidationError({"metric": "“Paid” belongs to another pod.", "n": "No number."})

    monkeypatch.setattr("experiments.views.credit.add_credit", wrong)
    answer = client_of(bob).post(ADD, posted(pod, paid, HEAD + line()))
    assert answer.status_code == 422
    assert "“Paid” belongs to another pod." in answer.content.decode()
    assert "No number." in answer.content.decode()


def test_a_viewer_brings_nothing_in(client_of, vera, pod, segment, paid):
    client = client_of(vera)
    assert client.get(NEW).status_code == 403
    assert client.post(ADD, posted(pod, paid, HEAD + line())).status_code == 403
    assert client.get(PAGE).status_code == 200


def test_days_count_once(client_of, bob, pod, segment, paid):
    add_credit([row(segment)], by=bob, pod=pod, metric=paid)
    overlap = HEAD + line(days=("2026-10-31", "2026-11-30")) + line(channel="E-MAIL", days=("2026-11-01", "2026-11-02"))  # fmt: skip
    shown = client_of(bob).post(NEW, posted(pod, paid, overlap)).content.decode()
    assert "these days are counted already. Undo the earlier import first." in shown
    assert "1 row understood" in shown
    twice = HEAD + line(days=("2027-01-01", "2027-01-31")) * 2
    shown = client_of(bob).post(NEW, posted(pod, paid, twice)).content.decode()
    assert "1 row understood" in shown
    with pytest.raises(Refused, match="No row of this table can be added"):
        add_credit([row(segment)], by=bob, pod=pod, metric=paid)
    other = row(segment, month=11)
    add_credit([other], by=bob, pod=pod, metric=paid)
    assert [one.conversions for one in credit_report(bob).rows] == [1800.0]


def test_of_two_who_add_the_same_days_only_one_does(bob, alice, pod, segment, paid, monkeypatch):
    """The second has to wait for the first, and then looks at what counts."""
    held = counting.held

    def held_after_somebody_else(obj):
        monkeypatch.setattr(counting, "held", held)
        add_credit([row(segment)], by=alice, pod=pod, metric=paid)
        return held(obj)

    monkeypatch.setattr(counting, "held", held_after_somebody_else)
    with pytest.raises(Refused, match="No row of this table can be added"):
        add_credit([row(segment)], by=bob, pod=pod, metric=paid)


def test_what_a_scope_covers_is_found_as_scopes_say():
    parts = ["", "push", "  PUSH ", "e-mail"]
    scopes = [Scope(*four) for four in product(["", "Offer"], parts, parts, parts)]
    every = [PastExperiment(at, "", "", scope, None, None, True) for at, scope in enumerate(scopes)]
    covered = covered_by(scopes, every)
    assert len(covered) == len(scopes)
    for scope in scopes:
        assert covered[scope] == [past for past in every if scope.covers(past.scope)]


def test_each_experiment_is_folded_once_however_many_channels_there_are(monkeypatch):
    folds = []
    folded = Scope.folded.fget
    monkeypatch.setattr(Scope, "folded", property(lambda one: folds.append(one) or folded(one)))
    scopes = [Scope("", f"channel {at}", "Lapsed", "Paid") for at in range(50)]
    every = [PastExperiment(at, "", "", scope, None, None, True) for at, scope in enumerate(scopes)]
    covered_by(scopes, every)
    assert len(folds) == len(scopes) + len(every)


def test_what_can_be_read_in_two_ways_is_a_question(client_of, bob, pod, segment, paid):
    client = client_of(bob)
    text = HEAD + line(n="1,250", days=("3/4/2026", "5/4/2026"))
    shown = client.post(NEW, posted(pod, paid, text)).content.decode()
    assert "What does the “,” in “conversions” stand for?" in shown
    assert "What comes first in the dates of “from”, “to”?" in shown
    assert "Read the table</button>" in shown
    assert client.post(ADD, posted(pod, paid, text)).status_code == 200
    assert not CreditRow.objects.exists(), "open questions are answered first"
    answers = {"answer:numbers": "thousands", "answer:dates": "mdy"}
    assert client.post(ADD, posted(pod, paid, text, **answers)).status_code == 302
    made = CreditRow.objects.get()
    assert (made.conversions, made.starts_on, made.last_day) == (
        1250.0, dt.date(2026, 3, 4), dt.date(2026, 5, 4),
    )  # fmt: skip


@pytest.mark.parametrize(("text", "sentence"), [
    ("", "Paste the table, or choose a file."),
    ("   ", "Paste the table, or choose a file."),
    ("segment,channel\nLapsed,push", "The table has no column model, from, to, conversions."),
    (HEAD, "There is a header but no row below it."),
    (HEAD + line(segment="Nobody"), "Row 2: you see no segment “Nobody”."),
    (HEAD + line(segment="=cmd|' /C calc'!A0"), "you see no segment “=cmd|"),
    (HEAD + line(segment="<script>alert(1)</script>"), "you see no segment “&lt;script&gt;"),
    (HEAD + line(n="-4"), "“-4” is not a number of conversions."),
    (HEAD + line(n="1e400"), "is not a number of conversions."),
    (HEAD + line(n="many"), "“many” is not a number of conversions."),
    (HEAD + line(days=("2026-10-31", "2026-10-01")), "the last day is before the first."),
    (HEAD + line(days=("soon", "later")), "from and to must be days"),
    (HEAD + line(channel=""), "the channel or the model is empty"),
    (HEAD + line(model="x" * 61), "has over 60 characters"),
])  # fmt: skip
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(client_of, bob, pod, segment, paid, text, sentence):  # fmt: skip
    answer = client_of(bob).post(NEW, posted(pod, paid, text))
    page = answer.content.decode()
    assert sentence.replace("'", "&#x27;") in page
    assert "<script>alert" not in page
    client_of(bob).post(ADD, posted(pod, paid, text))
    assert not CreditRow.objects.exists()


def test_the_example_of_a_doubt_about_days_is_one_that_reads_two_ways(client_of, bob, pod, segment, paid):  # fmt: skip
    text = HEAD + line(days=("5/5/2026", "3/6/2026"))
    shown = client_of(bob).post(NEW, posted(pod, paid, text)).content.decode()
    assert "“3/6/2026” is 3 June 2026" in shown
    assert "“3/6/2026” is 6 March 2026" in shown


def test_a_file_fills_the_table(client_of, bob, pod, segment, paid):
    data = (HEAD + line()).replace("\t", ";").encode("cp1252")
    file = SimpleUploadedFile("credit.csv", data)
    answer = client_of(bob).post(NEW, {"pod": pod.pk, "metric": paid.pk, "file": file})
    page = answer.content.decode()
    assert "1 row understood" in page
    assert "Lapsed;e-mail;last touch" in page, "the next click sends it as text"
    for content in (b"PK\x03\x04 no text", b"\x00\x01\x02\x00" * 50):
        file = SimpleUploadedFile("credit.csv", content)
        answer = client_of(bob).post(NEW, {"pod": pod.pk, "metric": paid.pk, "file": file})
        assert answer.status_code == 422


def test_another_model_keeps_its_name(bob, client_of, pod, segment, paid):
    text = HEAD + line(model="Time decay") + line(model="Linear")
    client_of(bob).post(ADD, posted(pod, paid, text))
    assert {one.model for one in credit_report(bob).rows} == {"Time decay", "Linear"}


def test_what_should_fall_is_not_credited(bob, pod, segment):
    left = Metric.objects.create(name="Left", pod=pod, direction="decrease")
    with pytest.raises(Refused, match="Less of “Left” is better"):
        add_credit([row(segment)], by=bob, pod=pod, metric=left)


def test_credit_for_every_pod_is_the_programme_owners(bob, olive, segment, pod, paid):
    metric = Metric.objects.create(name="Paid by all", direction="increase")
    with pytest.raises(PermissionDenied):
        add_credit([row(segment)], by=bob, pod=None, metric=metric)
    shared = save_segment(Segment(), by=olive, pod=None, name="Everybody")
    made = add_credit([row(shared)], by=olive, pod=None, metric=metric)
    with pytest.raises(PermissionDenied):
        undo_credit(made, by=bob)


def test_credit_of_a_segment_that_became_a_pods_own_is_for_that_pod(bob, charlie, olive, pod):
    metric = Metric.objects.create(name="Paid by all", direction="increase")
    shared = save_segment(Segment(), by=olive, pod=None, name="Everybody")
    add_credit([row(shared)], by=olive, pod=None, metric=metric)
    assert len(credit_report(charlie).rows) == 1
    Segment.objects.filter(pk=shared.pk).update(pod=pod)
    assert credit_report(charlie).rows == []
    assert len(credit_report(bob).rows) == 1


def test_a_lift_above_zero_with_a_wide_interval_confirms_nothing(
    alice, bob, pod, objective, segment, paid
):
    add_credit([row(segment)], by=bob, pod=pod, metric=paid)
    measured(alice, bob, pod, objective, segment, lift=0.2, low=-0.05, high=0.5)
    assert set(verdicts(bob).values()) == {CreditVerdict.NOT_CONFIRMED}


def test_the_page_stays_within_its_queries(client_of, alice, bob, pod, objective, segment, paid, django_assert_max_num_queries):  # fmt: skip
    rows = [row(segment, channel=f"channel {at}") for at in range(60)]
    add_credit(rows, by=bob, pod=pod, metric=paid)
    measured(alice, bob, pod, objective, segment, lift=0.25, low=0.1, high=0.42)
    client = client_of(bob)
    client.get(PAGE)
    with django_assert_max_num_queries(12):
        assert "channel 59" in client.get(PAGE).content.decode()
