"""Experiments on how people work: from the draft to the decision, and what is refused."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from backlog.models import Event
from backlog.refusals import Refused, SomebodyWasQuicker
from experiments.flows.process import moves, writing
from experiments.flows.process.outcomes import Outcome, record_outcomes
from experiments.learning.process import assign_clusters
from experiments.models import ProcessExperiment, ProcessExperimentUnit
from tests.browsing import form_on
from tests.factories import make_idea

LIST, NEW = "/process-experiments/", "/process-experiments/new/"
WORDS = {
    "title": "Score on Mondays", "hypothesis": "Fewer days until a score.", "as_now": "On Fridays",
    "other_way": "On Mondays", "measure": "Days to score", "measure_unit": "days",
    "direction": "decrease", "unit": "ideas", "clusters": "unit",
}  # fmt: skip


def draft(by, pod, *, ideas=8, **fields):
    made = writing.save_process_experiment(
        ProcessExperiment(), by=by, pod=pod, **{**WORDS, **fields}
    )
    if made.unit == "ideas" and ideas:
        rows = [make_idea(by, pod, f"Idea {at}") for at in range(ideas)]
        writing.choose_units(made, by=by, ideas=rows)
    return made


def running(by, pod, **fields):
    return moves.start_process_experiment(draft(by, pod, **fields), by=by)


def measure(experiment, by, *, now=(9, 7, 12, 8), other=(3, 2, 5, 4)):
    values = {False: iter(now), True: iter(other)}
    return record_outcomes(
        experiment, by=by,
        outcomes={u.pk: Outcome(float(next(values[u.is_treated]))) for u in experiment.units.all()},
    )  # fmt: skip


def page(client, experiment):
    return client.get(experiment.get_absolute_url()).content.decode()


def mondays(count):
    today = timezone.localdate()
    first = today + dt.timedelta(days=-today.weekday() % 7)
    return [first + dt.timedelta(days=7 * at) for at in range(count)]


def test_a_member_proposes_one_a_lead_starts_and_decides_it(client_of, alice, bob, pod, quarter):
    ideas = [make_idea(bob, pod, f"Idea {at}") for at in range(8)]
    client = client_of(bob)
    answer = client.post(NEW, {**WORDS, "pod": pod.pk})
    made = ProcessExperiment.objects.get()
    assert answer["Location"] == reverse("experiments:process_experiment_units", args=[made.pk])
    chosen = form_on(client, answer["Location"], like=["ideas"]).data()
    client.post(answer["Location"], chosen | {"ideas": [idea.pk for idea in ideas]})
    assert made.units.count() == 8
    assert "4 ideas will work as now and 4 the other way. This will be weak evidence." in page(
        client, made
    )
    start = reverse("experiments:process_experiment_move", args=[made.pk, "start"])
    assert client.post(start, {"seen": "draft"}).status_code == 403
    assert client_of(alice).post(start, {"seen": "draft"}).status_code == 302
    made.refresh_from_db()
    assert (made.state, len(made.seed), len(made.fingerprint)) == ("running", 32, 64)
    outcomes = reverse("experiments:process_experiment_outcomes", args=[made.pk])
    data = form_on(client, outcomes, like=["value_"]).data()
    values = {f"value_{u.pk}": "3,5" if u.is_treated else "9" for u in made.units.all()}
    assert client.post(outcomes, data | values).status_code == 302
    shown = page(client, made)
    assert "The other way did better: −5.5 (−5.5 to −5.5) days, p = 0.029." in shown
    assert "This is weak: with 4 and 4 ideas" in shown
    decide = reverse("experiments:process_experiment_decide", args=[made.pk])
    answer = {"seen": "running", "choice": "adopt", "conclusion": "We score on Mondays."}
    assert client.post(decide, answer).status_code == 403
    assert client_of(alice).post(decide, answer).status_code == 302
    made.refresh_from_db()
    assert (made.state, made.choice, made.decided_by) == ("decided", "adopt", alice)
    report = client_of(bob).get(f"/health/report/?pod={pod.pk}").content.decode()
    assert "Score on Mondays: The other way did better" in report
    assert "It is weak. Decision: work the other way from now on. We score on Mondays." in report
    assert "We score on Mondays" in client.get("/health/report/?as=md").content.decode()
    assert 'href="/process-experiments/"' in client.get("/health/").content.decode()


def test_the_lot_follows_from_the_seed_and_gives_each_cluster_one_way(alice, pod):
    made = running(alice, pod)
    lot = assign_clusters([unit.cluster for unit in made.units.all()], salt=made.seed)
    assert {unit.cluster: unit.is_treated for unit in made.units.all()} == lot
    assert sum(lot.values()) == 4
    assert moves.is_as_sealed(made)
    unit = made.units.first()
    ProcessExperimentUnit.objects.filter(pk=unit.pk).update(is_treated=not unit.is_treated)
    assert not moves.is_as_sealed(made)


def test_a_page_says_when_somebody_has_changed_what_was_sealed(client_of, alice, pod):
    made = running(alice, pod)
    assert "The seed gives the same assignment again" in page(client_of(alice), made)
    ProcessExperiment.objects.filter(pk=made.pk).update(measure="Something nicer")
    assert "differ from what was sealed" in page(client_of(alice), made)


@pytest.mark.parametrize(("count", "sentence"), [
    (0, "No ideas are chosen yet. Choose at least 8 ideas."),
    (1, "One idea alone can’t be compared."),
    (3, "3 ideas are too few to show anything: even the clearest difference would have p = 0.67"),
    (7, "7 ideas are too few to show anything: even the clearest difference would have p = 0.057"),
])  # fmt: skip
def test_too_few_units_are_not_started(client_of, alice, pod, count, sentence):
    made = draft(alice, pod, ideas=count)
    assert sentence in page(client_of(alice), made)
    with pytest.raises(Refused, match=sentence.replace("?", ".")):
        moves.start_process_experiment(made, by=alice)
    made.refresh_from_db()
    assert (made.state, made.sealed, made.seed) == ("draft", None, "")


def test_who_chooses_units_reads_how_many_are_needed(client_of, alice, pod, monkeypatch):
    made = draft(alice, pod, ideas=0)
    address = reverse("experiments:process_experiment_units", args=[made.pk])
    needed = "With fewer than 8, no difference can be shown."
    assert needed in client_of(alice).get(address).content.decode()
    monkeypatch.setattr("experiments.views.process_experiments.fewest_clusters", lambda: 9)
    assert needed.replace("8", "9") in client_of(alice).get(address).content.decode()


def test_units_that_fell_out_leave_a_result_that_calls_nothing(client_of, alice, pod):
    made = running(alice, pod)
    values = {False: [9, 8, None, None], True: [3, None, None, None]}
    outcomes = {}
    for unit in made.units.all():
        value = values[unit.is_treated].pop(0)
        outcomes[unit.pk] = Outcome(value, "" if value else "Nobody scored it")
    made = record_outcomes(made, by=alice, outcomes=outcomes)
    shown = page(client_of(alice), made)
    assert "2 and 1 ideas are too few to show anything" in shown
    assert "It may be chance alone." in shown
    for choice in ("adopt", "keep"):
        with pytest.raises(Refused, match="too few to show a difference"):
            moves.decide_process_experiment(made, by=alice, choice=choice, conclusion="x")
    done = moves.decide_process_experiment(
        made, by=alice, choice="cannot-tell", conclusion="Again."
    )
    assert done.state == "decided"
    assert done.get_choice_display() == "The result is inconclusive"


def test_an_arm_without_any_outcome_compares_nothing(client_of, alice, pod):
    made = running(alice, pod)
    outcomes = {
        u.pk: Outcome(None, "Lost") if u.is_treated else Outcome(1.0) for u in made.units.all()
    }
    made = record_outcomes(made, by=alice, outcomes=outcomes)
    assert "one of the two ways has no outcome" in page(client_of(alice), made)


def test_nobody_reads_a_result_before_all_outcomes_are_in(client_of, api_of, alice, pod):
    made = running(alice, pod)
    first, *_ = made.units.all()
    made = record_outcomes(made, by=alice, outcomes={first.pk: Outcome(4321.0)})
    assert made.reading is None
    shown = page(client_of(alice), made)
    assert "1 of 8 outcomes are in." in shown
    assert "4,321" not in shown
    assert "Alice entered 1 outcome. The values follow with the result." in shown
    assert "4321" not in shown
    answer = api_of(alice).get(f"/api/v1/process-experiments/{made.pk}/").json()
    assert (answer["result"], answer["verdict"]) == (None, "")
    assert {unit["value"] for unit in answer["units"]} == {None}
    with pytest.raises(Refused, match="7 of 8 units have no outcome yet"):
        moves.decide_process_experiment(made, by=alice, choice="keep", conclusion="x")


def test_the_form_of_outcomes_shows_no_arms_before_the_result(client_of, alice, pod):
    """Values beside arms would be the result, early. With the result they stand side by side."""
    made = running(alice, pod)
    first = made.units.first()
    record_outcomes(made, by=alice, outcomes={first.pk: Outcome(4321.0)})
    address = reverse("experiments:process_experiment_outcomes", args=[made.pk])
    paste = reverse("experiments:process_experiment_paste", args=[made.pk])
    client = client_of(alice)
    answers = client.get(address), client.post(paste, {"table": f"unit\tvalue\n{first.name}\t1"})
    for answer in answers:
        assert f"value_{first.pk}" in answer.content.decode()
        assert "the other way</td>" not in answer.content.decode()
        assert "as it is now</td>" not in answer.content.decode()
    measure(made, alice)
    assert client.get(address).content.decode().count("the other way</td>") == 4


def test_what_is_sealed_does_not_change_and_a_note_says_what_differs(client_of, alice, bob, pod):
    made = running(alice, pod)
    client = client_of(bob)
    edit = reverse("experiments:process_experiment_edit", args=[made.pk])
    answer = client.post(edit, {**WORDS, "pod": pod.pk, "title": "Another"})
    assert answer.status_code == 409
    assert "doesn’t change. Add a note" in answer.content.decode()
    units = reverse("experiments:process_experiment_units", args=[made.pk])
    assert client.post(units, {"ideas": []}).status_code == 409
    for change in (
        lambda: writing.save_process_experiment(made, by=alice, **WORDS, pod=pod),
        lambda: writing.choose_units(made, by=alice, ideas=[]),
    ):
        with pytest.raises(Refused, match="Add a note"):
            change()
    note = reverse("experiments:process_experiment_note", args=[made.pk])
    client.post(note, {"text": "The second week was <b>short</b>."})
    event = Event.objects.about(made).first()
    assert (
        event.sentence
        == "Bob noted, before the result was shown: The second week was <b>short</b>."
    )
    assert "&lt;b&gt;short&lt;/b&gt;" in page(client, made)
    assert client.post(note, {"text": " "}).status_code == 409


def test_a_change_after_the_result_is_in_the_history(alice, pod):
    made = measure(running(alice, pod), alice)
    first = made.units.first()
    record_outcomes(made, by=alice, outcomes={first.pk: Outcome(1.0)})
    sentence = Event.objects.about(made).first().sentence
    assert f"entered 1 outcome after the result was shown: {first.idea.key} from" in sentence
    made.refresh_from_db()
    moves.decide_process_experiment(made, by=alice, choice="keep", conclusion="As it was.")
    with pytest.raises(
        Refused, match=r"The experiment is decided\. Outcomes are entered while it runs"
    ):
        record_outcomes(made, by=alice, outcomes={first.pk: Outcome(2.0)})


def test_an_outcome_is_not_emptied_once_the_result_was_shown(client_of, alice, pod):
    """Else the result would go away, and a note would say that nobody had seen it."""
    made = measure(running(alice, pod), alice)
    first = made.units.first()
    for empty in (Outcome(None), Outcome(None, "  ")):
        with pytest.raises(Refused, match="can’t be emptied, because the result has been shown"):
            record_outcomes(made, by=alice, outcomes={first.pk: empty})
    address = reverse("experiments:process_experiment_outcomes", args=[made.pk])
    data = form_on(client_of(alice), address, like=["value_"]).data()
    answer = client_of(alice).post(address, data | {f"value_{first.pk}": ""})
    assert answer.status_code == 422
    assert "Enter a number, or why there is none." in answer.content.decode()
    made.refresh_from_db(), first.refresh_from_db()
    assert made.reading
    assert first.value is not None
    writing.note_on_process(made, by=alice, text="The second week was short.")
    assert "noted, after the result was shown" in Event.objects.about(made).first().sentence
    made = record_outcomes(made, by=alice, outcomes={first.pk: Outcome(None, "Nobody scored it")})
    assert "after the result was shown" in Event.objects.about(made).first().sentence
    assert made.reading["units"] == 7


def test_an_outcome_can_be_emptied_before_the_result_is_shown(alice, pod):
    made = running(alice, pod)
    first = made.units.first()
    for outcome in (Outcome(3.0), Outcome(None)):
        record_outcomes(made, by=alice, outcomes={first.pk: outcome})
    first.refresh_from_db()
    assert not first.is_in


def test_a_person_is_never_a_unit(alice, olive, bob, pod, other_pod, charlie):
    """A pod with a handful of people would be one; ideas by themselves are nobody’s outcome."""
    everywhere = writing.save_process_experiment(
        ProcessExperiment(), by=olive, **{**WORDS, "unit": "pods"}
    )
    with pytest.raises(Refused, match="has fewer than 4 people who work in it"):
        writing.choose_units(everywhere, by=olive, pods=[pod, other_pod])
    weeks = writing.save_process_experiment(
        ProcessExperiment(), by=charlie, pod=other_pod, **{**WORDS, "unit": "weeks"}
    )
    with pytest.raises(Refused, match="would be one of persons"):
        writing.choose_units(weeks, by=charlie, weeks=mondays(8))
    own = draft(charlie, other_pod)
    assert own.units.count() == 8
    assert set(ProcessExperiment.Unit.values) == {"pods", "weeks", "ideas"}


def test_a_draft_is_not_changed_into_one_of_persons(client_of, olive, charlie, other_pod):
    made = writing.save_process_experiment(ProcessExperiment(), by=olive, **WORDS)
    ideas = [make_idea(charlie, other_pod, f"Theirs {at}") for at in range(8)]
    writing.choose_units(made, by=olive, ideas=ideas)
    with pytest.raises(Refused, match="has fewer than 4 people who work in it"):
        writing.save_process_experiment(made, by=olive, **{**WORDS, "clusters": "pod"})
    edit = reverse("experiments:process_experiment_edit", args=[made.pk])
    data = form_on(client_of(olive), edit, like=["hypothesis"]).data()
    answer = client_of(olive).post(edit, data | {"clusters": "pod"})
    assert answer.status_code == 422
    assert "would be one of persons" in answer.content.decode()
    made.refresh_from_db()
    assert made.clusters == "unit"
    assert {unit.cluster for unit in made.units.all()} == {unit.name for unit in made.units.all()}


def test_one_whose_pod_has_become_small_is_not_started(client_of, alice, bob, carol, dave, pod):
    made = draft(alice, pod, unit="weeks")
    writing.choose_units(made, by=alice, weeks=mondays(8))
    type(dave).objects.filter(pk=dave.pk).update(is_active=False)
    with pytest.raises(Refused, match="has fewer than 4 people who work in it"):
        moves.start_process_experiment(made, by=alice)
    start = reverse("experiments:process_experiment_move", args=[made.pk, "start"])
    assert client_of(alice).post(start, {"seen": "draft"}).status_code == 409
    type(dave).objects.filter(pk=dave.pk).update(is_active=True)
    assert moves.start_process_experiment(made, by=alice).state == "running"


def test_weeks_have_not_begun_when_the_lot_is_drawn(alice, carol, bob, dave, pod):
    made = draft(alice, pod, unit="weeks")
    with pytest.raises(Refused, match="has begun"):
        writing.choose_units(made, by=alice, weeks=[mondays(1)[0] - dt.timedelta(days=14)])
    writing.choose_units(made, by=alice, weeks=mondays(8))
    assert next(unit.name for unit in made.units.all()) == f"Week of {mondays(1)[0]:%-d %b %Y}"
    made.units.filter(starts_on=mondays(1)[0]).update(
        starts_on=mondays(1)[0] - dt.timedelta(days=7)
    )
    with pytest.raises(Refused, match="has begun, and units are assigned at random before"):
        moves.start_process_experiment(made, by=alice)


def test_what_belongs_together_is_drawn_together(alice, bob, carol, dave, olive, pod, other_pod, charlie):  # fmt: skip
    made = writing.save_process_experiment(
        ProcessExperiment(), by=olive, **{**WORDS, "clusters": "pod"}
    )
    ideas = [make_idea(alice, pod, "Ours"), make_idea(alice, pod, "Ours too")]
    writing.choose_units(made, by=olive, ideas=ideas)
    assert {unit.cluster for unit in made.units.all()} == {pod.name}
    with pytest.raises(Refused, match="One pod alone can’t be compared"):
        moves.start_process_experiment(made, by=olive)
    fields = {**WORDS, "clusters": "unit", "pod": None}
    writing.save_process_experiment(made, by=olive, **fields)
    assert {unit.cluster for unit in made.units.all()} == {unit.name for unit in made.units.all()}


@pytest.mark.parametrize(("fields", "sentence"), [
    ({"unit": "pods"}, "Pods can only be units of an experiment for every pod"),
    ({"clusters": "pod"}, "All units of one pod together are a single cluster"),
    ({"clusters": "week"}, "Only weeks can go together by week"),
    ({"hypothesis": "x" * 1001}, "at most 1000 characters"),
    ({"measure": ""}, "Enter what you measure"),
    ({"unit": "people"}, "“people” can’t be chosen here"),
])  # fmt: skip
def test_what_is_wrong_is_said_beside_what_was_typed(client_of, bob, pod, fields, sentence):
    answer = client_of(bob).post(NEW, {**WORDS, "pod": pod.pk, "as_now": "Kept", **fields})
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert 'value="Kept"' in answer.content.decode()
    assert not ProcessExperiment.objects.exists()


def test_a_pod_of_somebody_else_is_out_of_reach(client_of, api_of, bob, charlie, pod, other_pod):
    theirs = running(charlie, other_pod)
    client = client_of(bob)
    assert client.post(NEW, {**WORDS, "pod": other_pod.pk}).status_code == 422
    for name, rest in (
        ("detail", []),
        ("edit", []),
        ("units", []),
        ("outcomes", []),
        ("decide", []),
    ):
        address = reverse(f"experiments:process_experiment_{name}", args=[theirs.pk, *rest])
        assert client.get(address).status_code == 404
        assert client.post(address).status_code in (404, 405)
    assert "Score on Mondays" not in client.get(LIST).content.decode()
    assert api_of(bob).get(f"/api/v1/process-experiments/{theirs.pk}/").status_code == 404
    mine = draft(bob, pod, ideas=0)
    units = reverse("experiments:process_experiment_units", args=[mine.pk])
    foreign = theirs.units.first().idea_id
    assert client.post(units, {"ideas": [foreign]}).status_code == 422
    assert not mine.units.exists()


def test_units_of_pods_that_one_does_not_see_are_only_counted(
    client_of, api_of, olive, alice, vera, pod, other_pod, charlie
):
    made = writing.save_process_experiment(ProcessExperiment(), by=olive, **WORDS)
    ours = [make_idea(alice, pod, f"Ours {at}") for at in range(4)]
    theirs = [make_idea(charlie, other_pod, f"Hidden {at}") for at in range(4)]
    writing.choose_units(made, by=olive, ideas=[*ours, *theirs])
    made = measure(moves.start_process_experiment(made, by=olive), olive)
    shown = page(client_of(vera), made)
    assert "4 more units of pods that you don’t see." in shown
    assert "Ours 1" in shown
    assert "Hidden" not in shown
    assert theirs[0].key not in shown, "nor in the history"
    assert "The other way did better" in shown
    answer = api_of(vera).get(f"/api/v1/process-experiments/{made.pk}/")
    assert len(answer.json()["units"]) == 4
    assert "Hidden" not in answer.content.decode()
    assert client_of(alice).get(
        reverse("experiments:process_experiment_outcomes", args=[made.pk])
    ).status_code == 403, "one of every pod is for programme owners"  # fmt: skip
    assert "Hidden 1" in page(client_of(olive), made)
    with pytest.raises(PermissionDenied):
        writing.save_process_experiment(ProcessExperiment(), by=alice, **WORDS)


def test_it_is_cancelled_with_a_reason(client_of, alice, bob, pod):
    made = running(alice, pod)
    cancel = reverse("experiments:process_experiment_move", args=[made.pk, "cancel"])
    assert client_of(bob).post(cancel, {"reason": "x"}).status_code == 403
    assert client_of(alice).post(cancel, {"seen": "running"}).status_code == 409
    assert client_of(alice).post(cancel, {"seen": "draft", "reason": "x"}).status_code == 409
    assert client_of(alice).post(cancel, {"seen": "running", "reason": "Moved"}).status_code == 302
    made.refresh_from_db()
    assert made.state == "cancelled"
    assert "Alice cancelled it: Moved" in page(client_of(alice), made)
    bad = reverse("experiments:process_experiment_move", args=[made.pk, "explode"])
    assert client_of(alice).post(bad).status_code == 404


def test_a_cancelled_one_has_no_result_anywhere(client_of, api_of, alice, pod):
    made = measure(running(alice, pod), alice)
    client, address = client_of(alice), f"/api/v1/process-experiments/{made.pk}/"
    assert "days, p = 0.029" in client.get(LIST).content.decode()
    assert api_of(alice).get(address).json()["verdict"] == "better"
    ended = moves.cancel_process_experiment(made, by=alice, reason="The pod was split")
    assert ended.state == "cancelled", "as it is now, not as it was handed in"
    shown, listed = page(client, made), client.get(LIST).content.decode()
    for text in (shown, listed):
        assert "p = 0.029" not in text
        assert "did better" not in text
    assert "no result" in listed
    assert "nothing yet" not in listed
    answer = api_of(alice).get(address).json()
    assert (answer["result"], answer["verdict"], answer["sentence"]) == (None, "", "")
    assert all(unit["value"] is not None for unit in answer["units"]), "what was measured stays"


def test_of_two_who_start_it_the_second_learns_of_the_first(alice, pod):
    made = draft(alice, pod)
    moves.start_process_experiment(made, by=alice, seen="draft")
    with pytest.raises(SomebodyWasQuicker, match="Alice assigned the units at random"):
        moves.start_process_experiment(made, by=alice, seen="draft")


def test_the_database_keeps_the_rules(alice, pod):
    made = draft(alice, pod)
    with pytest.raises(IntegrityError), transaction.atomic():
        ProcessExperiment.objects.filter(pk=made.pk).update(clusters="pod")
    with pytest.raises(IntegrityError), transaction.atomic():
        made.units.update(value=1.0, why_missing="both")


class TestPasting:
    def read(self, client, made, text, **answers):
        address = reverse("experiments:process_experiment_paste", args=[made.pk])
        return client.post(address, {"table": text, **answers})

    def test_a_table_fills_the_form_and_saves_nothing(self, client_of, alice, pod):
        made = running(alice, pod)
        units = list(made.units.all())
        text = "unit\tvalue\n" + "\n".join(f"{u.idea.key}\t{at},5" for at, u in enumerate(units))
        answer = self.read(client_of(alice), made, text)
        form = answer.context["form"]
        assert [row[1].value() for row in form.rows] == [f"{at}.5" for at in range(8)]
        assert "8 values of your table are filled in below" in answer.content.decode()
        assert not made.units.exclude(value=None).exists()
        save = reverse("experiments:process_experiment_outcomes", args=[made.pk])
        data = {bound.html_name: bound.value() or "" for bound in form}
        assert client_of(alice).post(save, data).status_code == 302
        assert sorted(made.units.values_list("value", flat=True)) == [at + 0.5 for at in range(8)]

    def test_numbers_with_two_readings_are_a_question(self, client_of, alice, pod):
        made = running(alice, pod)
        text = "\n".join(f"{unit.name}\t1,234" for unit in made.units.all())
        first = self.read(client_of(alice), made, text)
        assert "“1,234” is 1234" in first.content.decode()
        assert {row[1].value() for row in first.context["form"].rows} == {None}
        for answer, value in (("thousands", "1234"), ("decimals", "1.234")):
            read = self.read(client_of(alice), made, text, **{"answer:numbers": answer})
            assert {row[1].value() for row in read.context["form"].rows} == {value}

    @pytest.mark.parametrize(("text", "sentence"), [
        ("  ", "There is nothing here yet."),
        ("Just one column\nof text", "Paste two columns"),
        ("nobody\t3\nelse\t4", "“nobody” is not a unit of this experiment"),
        ("=cmd()\t3\n<script>\t4", "is not a unit"),
        ("{key}\tmany\nx\t2", "“many” is not a number"),
        ("{key}\t3\n{key}\t4", "is there twice"),
    ])  # fmt: skip
    def test_what_is_not_understood_is_named(self, client_of, alice, pod, text, sentence):
        made = running(alice, pod)
        text = text.replace("{key}", made.units.first().idea.key)
        answer = self.read(client_of(alice), made, text)
        assert answer.status_code == 200
        assert sentence in answer.content.decode()
        assert "<script>\t" not in answer.content.decode()

    def test_a_viewer_pastes_nothing(self, client_of, alice, vera, pod):
        assert self.read(client_of(vera), running(alice, pod), "a\tb").status_code == 403


def test_outcomes_of_two_people_stand_side_by_side(client_of, alice, bob, pod):
    made = running(alice, pod)
    first, second, *_ = made.units.all()
    address = reverse("experiments:process_experiment_outcomes", args=[made.pk])
    one, other = (form_on(client_of(who), address, like=["value_"]).data() for who in (alice, bob))
    client_of(alice).post(address, one | {f"value_{first.pk}": "3"})
    client_of(bob).post(address, other | {f"value_{second.pk}": "4"})
    first.refresh_from_db(), second.refresh_from_db()
    assert (first.value, second.value) == (3.0, 4.0)
    both = client_of(bob).post(address, other | {f"value_{first.pk}": "7"})
    assert both.status_code == 422
    assert "Saved by somebody else" in both.content.decode()
    both = client_of(bob).post(
        address, other | {f"value_{second.pk}": "4", f"why_{second.pk}": "Both"}
    )
    assert "Enter a value, or why there is none" in both.content.decode()


def test_the_list_and_the_page_stay_within_their_queries(
    client_of, alice, pod, django_assert_max_num_queries
):
    made = measure(running(alice, pod), alice)
    client = client_of(alice)
    for address in (LIST, made.get_absolute_url()):
        client.get(address)
        with django_assert_max_num_queries(12):
            client.get(address)


def test_units_that_are_too_many_are_refused(alice, pod):
    made = draft(alice, pod, ideas=0)
    idea = make_idea(alice, pod)
    with pytest.raises(ValidationError, match=r"at most 100 units\. You entered 101"):
        writing.choose_units(made, by=alice, ideas=[idea] * 101)


def test_a_number_beyond_all_measures_is_refused(client_of, alice, pod):
    made = running(alice, pod)
    first = made.units.first()
    with pytest.raises(Refused, match="enter a number of at most"):
        record_outcomes(made, by=alice, outcomes={first.pk: Outcome(1e300)})
    address = reverse("experiments:process_experiment_outcomes", args=[made.pk])
    data = form_on(client_of(alice), address, like=["value_"]).data()
    answer = client_of(alice).post(address, data | {f"value_{first.pk}": "1e300"})
    assert answer.status_code == 422
    assert "enter a number of at most 1,000,000,000,000" in answer.content.decode()


def test_an_idea_that_has_left_for_another_pod_is_named_as_it_was(client_of, alice, pod, other_pod):
    made = running(alice, pod)
    unit = made.units.first()
    type(unit.idea).objects.filter(pk=unit.idea_id).update(pod=other_pod, title="Their secret")
    shown = page(client_of(alice), made)
    assert unit.name in shown
    assert "Their secret" not in shown
    assert f'href="{unit.idea.get_absolute_url()}"' not in shown
