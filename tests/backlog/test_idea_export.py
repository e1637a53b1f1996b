"""What is filtered leaves as a file that no spreadsheet runs, and comes in again as it was."""

import csv
import io

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from backlog.flows import imports
from backlog.flows.ideas import add_idea
from backlog.models import Idea
from tests.factories import item_of, make_idea, make_round, score

ODD = ("=HYPERLINK(1)", "a;=1+1", "'=1", "-2", 'quote " and, comma', "two\nlines", "حملة", "+1;'@x")


def exported(client, kind="csv", **query) -> bytes:
    answer = client.get(reverse("backlog:idea_export", args=[kind]), query)
    assert answer.status_code == 200
    return b"".join(answer.streaming_content)


def rows(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))


@pytest.fixture
def odd(alice, pod, objective):
    for number, text in enumerate(ODD):
        add_idea(
            by=alice, pod=pod, title=f"{text.splitlines()[0]} {number}", description=text,
            change=text, lever=text[:20].splitlines()[0], tags=["a", f"b{number}"],
            objective=objective,
        )  # fmt: skip


def test_no_cell_of_a_csv_runs(client_of, bob, odd):
    for row in rows(exported(client_of(bob))):
        assert not any(cell.startswith(("=", "+", "-", "@")) for cell in row.values())


def test_no_cell_of_a_workbook_is_a_formula(client_of, bob, odd):
    book = load_workbook(io.BytesIO(exported(client_of(bob), "xlsx")))
    assert {cell.data_type for row in book.active for cell in row} <= {"s", "n", "inlineStr"}
    assert not any(cell.data_type == "f" for row in book.active for cell in row)


FIELDS = ("title", "description", "change", "lever", "objective", "owner", "pod")


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_it_comes_in_again_as_it_was(client_of, alice, pod, odd, kind):
    data = exported(client_of(alice), kind)
    before = {tuple(row) for row in Idea.objects.values_list(*FIELDS)}
    tags = sorted(Idea.objects.values_list("title", "tags__name"))
    Idea.objects.all().delete()
    taken = imports.receive(by=alice, pod=pod, name=f"a.{kind}", data=data)
    imports.confirm(taken, by=alice)
    assert {tuple(row) for row in Idea.objects.values_list(*FIELDS)} == before
    assert sorted(Idea.objects.values_list("title", "tags__name")) == tags


def test_only_what_is_filtered_and_seen_leaves(client_of, bob, alice, charlie, pod, other_pod):
    make_idea(alice, pod, "Name the series", lever="copy")
    make_idea(alice, pod, "Ask why")
    make_idea(charlie, other_pod, "Theirs")
    titles = [row["Title"] for row in rows(exported(client_of(bob)))]
    assert sorted(titles) == ["Ask why", "Name the series"]
    assert [r["Title"] for r in rows(exported(client_of(bob), lever="copy"))] == ["Name the series"]
    assert [r["Title"] for r in rows(exported(client_of(bob), q="ask"))] == ["Ask why"]


def test_a_hidden_score_stays_hidden(client_of, alice, bob, carol, pod):
    idea = make_idea(alice, pod, "Hidden")
    round_ = make_round(alice, pod, idea)
    seen = set()
    for value in (2, 9):
        score(item_of(round_, idea), carol, value, value, value)
        seen.add(exported(client_of(bob)))
    assert len(seen) == 1


def test_another_kind_is_not_there(client_of, bob, pod):
    assert client_of(bob).get(reverse("backlog:idea_export", args=["exe"])).status_code == 404
