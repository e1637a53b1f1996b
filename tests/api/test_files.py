"""A file over the API: it says what is open, takes the answers, and counts once all is said."""

import pytest

from experiments.models import Intake, Observation
from tests.factories import launched, make_experiment

FILE = "user,group,Reactivated,Opened,Unsubscribed\n" + "".join(
    f"u{n},{'Group X' if n % 2 else 'Control group'},{int(n % 9 == 0)},1,0\n" for n in range(40)
)
V1 = "/api/v1"


@pytest.fixture
def running(alice, bob, carol, pod, objective):
    return launched(make_experiment(alice, pod, objective=objective, analyst=carol), alice)


@pytest.fixture
def call(api_of, bob):
    def post(path, body=None, expect=200, by=None):
        answer = api_of(by or bob).post(f"{V1}/{path}/", body or {}, format="json")
        assert answer.status_code == expect, answer.content
        return answer.json()

    return post


def send(call, running, content=FILE, **given):
    body = {"filename": "welcome.csv", "content": content, **given}
    return call(f"experiments/{running.pk}/files", body, 201)


def test_a_label_that_floe_does_not_know_is_asked_about_and_nothing_counts(call, running):
    sent = send(call, running)
    assert sent["state"] == "received"
    assert sent["problem"] == ("“Group X”: Choose an arm, or leave out the rows with this label.")
    refused = call(f"files/{sent['id']}/confirm", expect=409)
    assert "“not mapped" not in refused["detail"]
    assert not Observation.objects.exists()
    named = call(f"files/{sent['id']}/answers", {"labels": {"Group X": "Series named"}})
    assert (named["state"], named["problem"]) == ("understood", "")
    assert named["labels"] == {"Control group": "As it is", "Group X": "Series named"}
    assert (named["units"], named["doubts"], named["questions"]) == (40, [], [])
    assert not Observation.objects.exists()
    assert call(f"files/{sent['id']}/confirm", expect=201)["state"] == "counted"
    assert Observation.objects.filter(day=None).count() == 6


def test_the_columns_of_arms_side_by_side_are_their_labels(call, running):
    """The control was missing and the other label was empty."""
    columns = {"shape": "pairs", "count": "count_c", "other_count": "count_t", "arm": ""}
    sent = send(
        call,
        running,
        "when,count_c,count_t,Reactivated_c,Reactivated_t\nall,200,210,20,30\n",
        columns=columns,
    )
    assert sent["problem"] == ""
    assert sent["labels"] == {"count_c": "As it is", "count_t": "Series named"}


def test_which_row_names_the_columns_can_be_answered_anew(call, running):
    content = "Report,of,May,for,all\n" + FILE.replace("Group X", "Series named")
    sent = send(call, running, content, answers={"header": "2"})
    assert [question["key"] for question in sent["questions"]] == ["header"]
    assert (sent["state"], sent["units"]) == ("understood", 40)
    wrong = call(f"files/{sent['id']}/answers", {"answers": {"header": "1"}}, expect=409)
    assert "There is no column" not in wrong["detail"]
    right = call(f"files/{sent['id']}/answers", {"answers": {"header": "2"}})
    assert (right["state"], right["units"]) == ("understood", 40)


def test_a_doubt_has_to_be_acknowledged_by_its_code(call, running):
    content = FILE.replace(",Unsubscribed", ",Gone").replace("Group X", "Series named")
    sent = send(call, running, content)
    assert [doubt["code"] for doubt in sent["doubts"]] == ["lacks:Unsubscribed"]
    refused = call(f"files/{sent['id']}/confirm", {"acknowledged": ["lacks:Opened"]}, 409)
    assert refused["detail"].startswith("This file has no “Unsubscribed”.")
    called = call(f"files/{sent['id']}/answers", {"columns": {"Unsubscribed": "Gone"}})
    assert called["doubts"] == []
    call(f"files/{sent['id']}/confirm", expect=201)


def test_an_open_question_is_a_409_with_its_sentence(call, running):
    sent = send(call, running, labels={"Group X": "Series named"})
    taken = Intake.objects.get(pk=sent["id"])
    choices = [{"key": "no", "label": "Empty means no", "effect": "25 % opened"}]
    taken.understood["questions"] = [
        {"key": "empty:Opened", "text": "Does an empty “Opened” mean no?", "why": "Many are empty.",
         "choices": choices, "answer": ""}
    ]  # fmt: skip
    taken.save()
    refused = call(f"files/{taken.pk}/confirm", expect=409)
    assert refused["detail"] == "1 question is open: Does an empty “Opened” mean no? Answer first."
    again = call(f"files/{taken.pk}/answers", {"answers": {"empty:Opened": "no"}})
    assert again["state"] == "understood"
    assert Intake.objects.get(pk=taken.pk).mapping["answers"] == {"empty:Opened": "no"}


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"labels": {"Group Z": "As it is"}}, "There is no label “Group Z” in “group”."),
        ({"columns": {"Bought": "x"}}, "“Bought” is neither a metric of the plan nor"),
        ({"columns": {"arm": "nowhere"}}, "nowhere"),
    ],
)
def test_a_name_that_does_not_exist_is_said(call, running, given, sentence):
    assert sentence in send(call, running, **given)["problem"]


def test_earlier_data_counts_again_and_a_wrong_file_goes(call, running, vera, charlie):
    labels = {"Group X": "Series named"}
    first = send(call, running, labels=labels)
    call(f"files/{first['id']}/confirm", expect=201)
    second = send(call, running, FILE + "v1,Group X,1,1,0\n")
    assert second["state"] == "understood", "the labels of the first file are remembered"
    call(f"files/{second['id']}/confirm", expect=201)
    again = call(f"files/{first['id']}/again", expect=201)
    assert (again["units"], again["state"]) == (40, "counted")
    call(f"files/{second['id']}/remove", expect=403, by=vera)
    call(f"files/{second['id']}/remove", expect=404, by=charlie)
    gone = call(f"files/{second['id']}/remove")
    assert (gone["state"], gone["units"], gone["labels"]) == ("removed", 0, {})


def test_a_viewer_sees_that_a_file_waits_and_not_what_is_asked(api_of, vera, call, running):
    content = FILE.replace(",Unsubscribed", ",Gone").replace("Group X", "Series named")
    sent = send(call, running, content)
    seen = api_of(vera).get(f"{V1}/files/{sent['id']}/").json()
    assert (seen["filename"], seen["doubts"], seen["labels"]) == ("welcome.csv", [], {})
