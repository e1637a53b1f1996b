"""Two people at the rules of one segment: rows that come, go and move lose nobody's change."""

import pytest
from django.urls import reverse

from experiments.flows.segmenting import save_segment
from experiments.models import Segment
from tests.browsing import form_on, posting

RULES = [{"text": text, "reason": f"r{text}", "cost": 10} for text in "ABC"]


@pytest.fixture
def segment(alice, pod):
    return save_segment(Segment(), by=alice, pod=pod, name="Lapsed", rules=RULES)


@pytest.fixture
def url(segment):
    return reverse("experiments:segment_edit", args=[segment.pk])


def row(at, text, reason, cost=10):
    kind = {f"rules-{at}-kind": "exclude", f"rules-{at}-text": text}
    return kind | {f"rules-{at}-reason": reason, f"rules-{at}-cost": str(cost)}


def sent(form, *rows):
    kept = {name: value for name, value in form.data().items() if not name.startswith("rules-")}
    kept |= {"rules-TOTAL_FORMS": str(len(rows)), "rules-INITIAL_FORMS": "0"}
    for at, values in enumerate(rows):
        kept |= row(at, *values)
    return kept


def rules(segment):
    return [(rule.text, rule.reason, rule.cost) for rule in segment.rules.all()]


A, B, C, D = (("A", "rA"), ("B", "rB"), ("C", "rC"), ("D", "rD"))
THEIRS = {"adds one": (A, B, C, D), "removes one": (B, C), "removes and adds": (B, C, D),
          "moves one": (B, A, C), "replaces the last": (A, B, D)}  # fmt: skip


@pytest.mark.parametrize("theirs", THEIRS.values(), ids=THEIRS)
@pytest.mark.parametrize("at", range(3))
def test_a_cell_changed_beside_rows_that_came_or_went_is_shown_and_not_lost(
    client_of, alice, segment, url, theirs, at
):
    client = client_of(alice)
    read = form_on(client, url)
    assert client.post(url, sent(read, *theirs)).status_code == 302
    saved = rules(segment)
    mine = [A, B, C]
    mine[at] = (mine[at][0], "typed by me", 999)
    answer = client.post(url, sent(read, *mine))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert rules(segment) == saved
    assert page.count("typed by me") >= 2, "beside theirs, and still in the form"
    again = max(
        (f for f in posting(page, url) if f.action == url), key=lambda form: len(form.controls)
    )
    assert client.post(url, again.data()).status_code == 302
    assert ("typed by me", 999) in [(reason, cost) for _, reason, cost in rules(segment)]


def test_cells_of_different_rows_merge_while_the_rows_are_the_same(client_of, alice, segment, url):
    client = client_of(alice)
    read = form_on(client, url)
    assert client.post(url, sent(read, ("A", "theirs"), B, C)).status_code == 302
    assert client.post(url, sent(read, A, B, ("C", "mine"))).status_code == 302
    assert rules(segment) == [("A", "theirs", 10), ("B", "rB", 10), ("C", "mine", 10)]


def test_a_list_that_only_others_changed_stays_theirs(client_of, alice, segment, url):
    client = client_of(alice)
    read = form_on(client, url)
    assert client.post(url, sent(read, B, C, D)).status_code == 302
    data = sent(read, A, B, C) | {"name": "Another name"}
    assert client.post(url, data).status_code == 302
    segment.refresh_from_db()
    assert segment.name == "Another name"
    assert [text for text, _, _ in rules(segment)] == ["B", "C", "D"]
