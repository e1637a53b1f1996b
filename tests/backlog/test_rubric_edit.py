"""The rubric: versions, a preview, and rounds that keep theirs."""

import re

import pytest
from django.urls import reverse

from backlog.models import Rubric
from tests.factories import item_of, make_idea, make_round

URL = reverse("backlog:rubric_edit")


@pytest.fixture
def typed(client_of, olive):
    """What the form holds when it is opened."""
    page = client_of(olive).get(URL).content.decode()
    fields = re.findall(r'<input[^>]* name="([^"]+)"[^>]*>', page)
    values = {}
    for tag in re.findall(r"<input[^>]*>", page):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and value and name[1] in fields:
            values[name[1]] = value[1]
    return {k: v for k, v in values.items() if k == "version" or re.match(r"\w+-\d-", k)}


def test_the_next_version_holds_for_new_rounds_and_old_ones_keep_theirs(
    client_of, olive, alice, bob, pod, typed
):
    first, second = make_idea(alice, pod, "One"), make_idea(alice, pod, "Two")
    before = make_round(alice, pod, first)
    data = typed | {"impact-5-words": "Once a year", "note": "Rare was unclear"}
    assert client_of(olive).post(URL, data).status_code == 302
    after = make_round(alice, pod, second)
    client = client_of(bob)
    card = lambda round_, idea: client.get(  # noqa: E731
        reverse("backlog:round_score", args=[round_.pk, item_of(round_, idea).pk])
    ).content.decode()
    assert "9–10 · Rare" in card(before, first)
    assert "9–10 · Once a year" in card(after, second)
    newest = Rubric.objects.latest()
    page = client.get(reverse("backlog:rubric_detail", args=[newest.pk])).content.decode()
    assert "Rare was unclear" in page
    assert "(was Rare," in page


def test_a_preview_saves_nothing(client_of, olive, typed):
    page = client_of(olive).post(URL, typed | {"impact-5-words": "Once", "preview": "1"})
    assert "9–10 · Once" in page.content.decode()
    assert Rubric.objects.count() == 1


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("impact-5-words", "", "Impact 9–10: fill in what it means and what it claims."),
        ("impact-5-low", "much", "Impact 9–10: enter a number."),
        ("confidence-5-low", "1", "a higher score must claim more"),
        ("ease-1-high", "2", "enter the smaller number of each range first"),
    ],
)
def test_what_makes_no_sense_is_said_and_kept(client_of, olive, typed, field, value, sentence):
    response = client_of(olive).post(URL, typed | {field: value})
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert Rubric.objects.count() == 1


def test_two_who_edit_at_once_are_told(client_of, olive, typed):
    client = client_of(olive)
    client.post(URL, typed | {"impact-5-words": "Theirs"})
    page = client.post(URL, typed | {"impact-5-words": "Mine"}).content.decode()
    for words in ("Somebody changed this while you were editing it", "Theirs", "Mine"):
        assert words in page
    client.post(URL, typed | {"impact-4-words": "Beside it"})
    kept = Rubric.objects.latest().by_dimension()["impact"]
    assert [band.words for band in kept][3:] == ["Beside it", "Theirs"]
