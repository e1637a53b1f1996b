"""Who gets which arm, through the page and the API: namespaces, ramp, lists, holdouts."""

import csv
import io
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from backlog.models import Event
from experiments.flows import assigning, moves
from experiments.flows.holding_out import open_holdout
from experiments.models import Experiment, Holdout, HoldoutReading, HoldoutSnapshot, Split
from experiments.units.assignment import Assigner
from tests.factories import analysed, launched, make_experiment

UNITS = [f"r-{number}" for number in range(600)]


@pytest.fixture
def draft(alice, bob, pod, objective):
    return make_experiment(alice, pod, objective=objective, analyst=bob)


@pytest.fixture
def running(draft, alice):
    return launched(draft, alice)


def page(experiment) -> str:
    return reverse("experiments:experiment_assignment", args=[experiment.pk])


def split_url(experiment) -> str:
    return reverse("experiments:experiment_split", args=[experiment.pk])


def a_list(units=UNITS, head="id", name="list.csv", rest=lambda unit: "") -> SimpleUploadedFile:
    text = "\n".join([head, *(f"{unit}{rest(unit)}" for unit in units)])
    return SimpleUploadedFile(name, text.encode(), "text/csv")


def text_of(answer) -> str:
    return b"".join(answer.streaming_content).decode()


def table_of(answer) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text_of(answer))))


def test_a_list_comes_back_with_arms_that_the_api_gives_too_and_no_id_is_kept(
    client_of, carol, running, api_of
):
    answer = client_of(carol).post(split_url(running), {"file": a_list()})
    assert "EXP-001-arms.csv" in answer["Content-Disposition"]
    rows = table_of(answer)
    assert [row["id"] for row in rows] == UNITS
    arms = {row["id"]: row["arm"] for row in rows}
    assert set(arms.values()) == {arm.name for arm in running.arms}
    split = Split.objects.get()
    assert (split.rows, split.by) == (600, carol)
    assert split.counts == {name: list(arms.values()).count(name) for name in split.counts}
    assert "r-17" not in str(list(Split.objects.values_list()))
    answer = api_of(carol).post(
        f"/api/v1/experiments/{running.pk}/assignments/", {"units": UNITS[:50]}, format="json"
    )
    assert {row["unit"]: row["arm"] for row in answer.json()["units"]} == {
        unit: arms[unit] for unit in UNITS[:50]
    }
    body = client_of(carol).get(page(running)).content.decode()
    assert split.fingerprint[:12] in body


def test_a_quotation_mark_that_is_not_closed_swallows_nobody(client_of, carol, running):
    case = Path(__file__).parent.parent / "corpus" / "cases" / "21b-split-list-unclosed-quote.csv"
    upload = SimpleUploadedFile(case.name, case.read_bytes(), "text/csv")
    rows = table_of(client_of(carol).post(split_url(running), {"file": upload}))
    assert [row["id"] for row in rows] == [f"r{number}" for number in range(60)]
    assert {row["arm"] for row in rows} == {arm.name for arm in running.arms}
    assert Split.objects.get().rows == 60


def test_the_balance_is_shown_before_and_nothing_is_kept(client_of, carol, running):
    answer = client_of(carol).post(split_url(running), {"file": a_list(), "look": "1"})
    body = answer.content.decode()
    assert "Chance alone explains" in body
    assert "600 rows" in body
    assert not Split.objects.exists()


def test_an_even_split_by_columns_and_its_check(client_of, carol, running):
    def kind(unit):
        return ";new" if unit.endswith("7") else ";lapsed"

    data = {"file": a_list(head="id;kind", rest=kind), "strata": "kind"}
    rows = list(
        csv.DictReader(
            io.StringIO(text_of(client_of(carol).post(split_url(running), data))), delimiter=";"
        )
    )
    for stratum in ("new", "lapsed"):
        mine = [row["arm"] for row in rows if row["kind"] == stratum]
        first, second = (mine.count(arm.name) for arm in running.arms)
        assert abs(first - second) <= 1
    check = {"do": "check", "arm": "arm", "file": a_list(head="id,arm", rest=lambda unit: ",x")}
    body = client_of(carol).post(page(running), check).content.decode()
    assert "split evenly by kind" in body


def test_a_list_is_checked_against_the_hash(client_of, carol, running):
    rows = table_of(client_of(carol).post(split_url(running), {"file": a_list()}))
    arms = {row["id"]: row["arm"] for row in rows}
    check = {"do": "check", "arm": "arm",
             "file": a_list(head="id,arm", rest=lambda unit: f",{arms[unit]}")}  # fmt: skip
    body = client_of(carol).post(page(running), check).content.decode()
    assert "600 of 600 rows have the arm" in body
    assert "This list was split on" in body
    check["file"] = a_list(["r-1", "stranger"], head="id,arm", rest=lambda unit: ",nonsense")
    body = client_of(carol).post(page(running), check).content.decode()
    assert "0 of 2 rows" in body
    assert "No list with exactly these ids" in body


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "empty"),
        ("id\n", "no row with an id"),
        ("id,other\na,1\n,2\n", "Row 3 has no id"),
        ("PK\x03\x04", "a ZIP archive, not a table"),
        ("id\n" + "x" * 500, "at most 400 characters"),
    ],
)
def test_a_list_that_cannot_be_split_says_why_and_where(client_of, carol, running, text, sentence):
    upload = SimpleUploadedFile("list.csv", text.encode() or b" ", "text/csv")
    answer = client_of(carol).post(split_url(running), {"file": upload})
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not Split.objects.exists()


def test_an_arm_that_a_spreadsheet_would_run_is_made_safe(alice, bob, pod, objective, client_of):
    arms = [{"name": "=cmd()", "weight": 1, "is_control": True}, {"name": "B", "weight": 1}]
    test = launched(make_experiment(alice, pod, objective=objective, analyst=bob, arms=arms), alice)
    rows = table_of(client_of(alice).post(split_url(test), {"file": a_list()}))
    assert {row["arm"] for row in rows} == {"'=cmd()", "B"}


def test_before_the_launch_after_the_end_and_masked_nobody_assigns(
    client_of, api_of, alice, bob, carol, draft
):
    url = f"/api/v1/experiments/{draft.pk}/assignments/"
    answer = api_of(carol).post(url, {"units": ["a"]}, format="json")
    assert (answer.status_code, "Launch it first" in str(answer.json())) == (409, True)
    launched(draft, alice)
    answer = api_of(bob).post(url, {"units": ["a"]}, format="json")
    assert "masked arms" in str(answer.json())
    assert api_of(carol).post(url, {"units": ["a", " "]}, format="json").status_code == 400
    assert api_of(carol).post(url, {"units": ["a"] * 10_001}, format="json").status_code == 400
    analysed(draft, carol)
    moves.move_experiment(draft, "conclude", by=alice)
    answer = api_of(carol).post(url, {"units": ["a"]}, format="json")
    assert "Only a running experiment" in str(answer.json())


def test_two_tests_of_a_namespace_share_no_unit(tab_of, alice, bob, pod, objective, draft):
    other = make_experiment(alice, pod, objective=objective, analyst=bob, idea_title="Other")
    for test, share in ((draft, 60), (other, 40)):
        tab_of(bob).save(page(test), {"do": "namespace", "namespace": "Mail", "share": share})
    third = make_experiment(alice, pod, objective=objective, analyst=bob, idea_title="Third")
    answer = tab_of(bob).save(page(third), {"do": "namespace", "namespace": "mail", "share": 1})
    assert answer.status_code == 422
    assert "mail has 0 % left" in answer.content.decode()
    one, two = (
        Assigner.of_plan(
            launched(Experiment.objects.get(pk=test.pk), alice).plan_at_launch, ramp=100
        )
        for test in (draft, other)
    )
    first, second = one.codes(UNITS) >= 0, two.codes(UNITS) >= 0
    assert (first ^ second).all()
    answer = tab_of(bob).save(page(draft), {"do": "namespace", "namespace": "", "share": ""})
    assert "sealed" in answer.content.decode()


def test_the_ramp_goes_up_by_steps_and_is_on_record(client_of, alice, bob, draft, tab_of):
    tab_of(alice).save(page(draft), {"do": "ramp", "ramp": 5})
    launched(Experiment.objects.get(pk=draft.pk), alice)
    url = page(draft)
    assert client_of(bob).post(url, {"do": "ramp", "ramp": 20}).status_code == 403
    answer = tab_of(alice).save(url, {"do": "ramp", "ramp": 1})
    assert "a ramp can’t go down" in answer.content.decode()
    tab_of(alice).save(url, {"do": "ramp", "ramp": 20, "reason": "Nobody complained"})
    draft.refresh_from_db()
    assert draft.ramp == 20
    sentence = Event.objects.filter(verb="ramp").order_by("-pk").first().sentence
    assert sentence == f"{alice} raised the ramp to 20 % of the units: Nobody complained"
    assert client_of(alice).post(url, {"do": "ramp", "ramp": 33}).status_code == 422


def test_a_holdout_is_left_out_of_what_is_launched_after_it_and_told_why(
    alice, carol, olive, draft, objective, api_of
):
    open_holdout(by=olive, quarter=objective.quarter, share=20)
    draft.refresh_from_db()
    running = launched(draft, alice)
    assert running.sealed_plan["assignment"]["holdout"]["share"] == 20
    assigned = assigning.assign(running, UNITS, by=carol)
    held = [row for row in assigned if row["why"] == "held-out"]
    assert 70 < len(held) < 170
    assert {row["arm"] for row in held} == {None}


def test_the_holdout_says_what_the_programme_was_worth(client_of, olive, bob, objective, draft):
    assert client_of(bob).post(reverse("experiments:holdout_list"), {"share": 5}).status_code == 403
    data = {"quarter": objective.quarter.pk, "share": 10}
    client_of(olive).post(reverse("experiments:holdout_list"), data)
    holdout = Holdout.objects.get()
    url = reverse("experiments:holdout_detail", args=[holdout.pk])
    units = [f"u{number}" for number in range(3000)]
    apart = reverse("experiments:holdout_tell_apart", args=[holdout.pk])
    rows = table_of(client_of(olive).post(apart, {"file": a_list(units)}))
    held = {row["id"] for row in rows if row["held_out"] == "yes"}
    assert HoldoutSnapshot.objects.get().counts["held out"] == len(held)

    def outcome(unit):
        number = int(unit[1:])
        return f",{int(number % 10 == 0 if unit in held else number % 5 == 0)}"

    form = {"file": a_list(units, head="id,bought", rest=outcome), "outcome": "bought",
            "metric": draft.primary.metric.pk}  # fmt: skip
    assert client_of(olive).post(url, form).status_code == 302
    reading = HoldoutReading.objects.get()
    assert reading.counts == {"held out": len(held), "everybody else": 3000 - len(held)}
    values = reading.result["values"]
    assert reading.effect["difference"] == pytest.approx(
        values["everybody else"] - values["held out"]
    )
    body = client_of(bob).get(url).content.decode()
    assert "<b>better</b>" in body
    form["file"] = a_list(["a", "b"], head="id,bought", rest=lambda unit: ",perhaps")
    answer = client_of(olive).post(url, form)
    assert "neither yes nor no" in answer.content.decode()


def test_a_holdout_is_opened_for_the_quarter_that_runs_unless_another_is_chosen(
    client_of, olive, objective
):
    page = client_of(olive).get(reverse("experiments:holdout_list")).content.decode()
    assert f'<option value="{objective.quarter_id}" selected>' in page
    open_holdout(by=olive, quarter=objective.quarter, share=5)
    page = client_of(olive).get(reverse("experiments:holdout_list")).content.decode()
    assert " selected>" not in page
