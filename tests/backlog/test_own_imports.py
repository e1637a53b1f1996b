"""Own fields leave in an export and come back: as columns of new ideas, and changed cell by cell."""

import datetime as dt

import pytest

from backlog.flows.ideas import edit_idea
from backlog.flows.own_values import own_values_of
from backlog.models import Idea, IdeaValue
from tests.backlog.test_import_changes import answer, as_workbook, confirm, export, send, undo
from tests.factories import make_idea, make_own_fields


@pytest.fixture
def fields(db):
    return make_own_fields()


@pytest.fixture
def ideas(alice, pod, fields):
    made = [make_idea(alice, pod, f"Idea {n}") for n in range(3)]
    values = ("North", 12.345, dt.date(2026, 12, 1), "=1+1")
    for idea in made:
        own = dict(zip((one.slug for one in fields.values()), values, strict=True))
        edit_idea(idea, by=alice, own=own)
    return made


def full(idea):
    return list(own_values_of(idea).values())


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_an_export_has_a_column_for_each_and_runs_nothing(client_of, alice, ideas, kind):
    row = export(client_of(alice), kind)[0]
    assert [row[name] for name in ("Market", "Effort", "Due")] == ["North", "12.345", "2026-12-01"]
    assert row["Note"] == ("'=1+1" if kind == "csv" else "=1+1")
    assert list(row)[-1] == "Floe version"


@pytest.mark.parametrize("name", ["ideas.csv", "ideas.xlsx"])
def test_a_sheet_that_is_as_it_was_changes_nothing(client_of, alice, ideas, name):
    client = client_of(alice)
    sheet = export(client)
    taken, _ = send(client, as_workbook(sheet) if name.endswith("xlsx") else sheet, name)
    assert taken.counts["same"] == 3
    assert not taken.counts["change"]
    assert not taken.counts.get("add")


def test_changed_cells_are_shown_written_and_undone(client_of, alice, ideas):
    client = client_of(alice)
    sheet = export(client)
    sheet[0] |= {"Market": "south", "Effort": "2,5", "Due": "", "Note": "plain"}
    key = sheet[0]["Key"]
    taken, page = send(client, sheet)
    assert "Effort" in page
    assert "12.345" in page
    assert taken.counts["change"] == 1
    confirm(client, taken)
    idea = Idea.objects.get(key=key)
    assert full(idea) == ["South", 2.5, None, "plain"]
    undo(client, taken)
    assert full(idea) == ["North", 12.345, dt.date(2026, 12, 1), "=1+1"]


def test_what_somebody_else_has_changed_stays_unless_the_sheet_is_preferred(
    client_of, alice, bob, ideas, fields
):
    client = client_of(alice)
    sheet = export(client)
    row = next(one for one in sheet if one["Title"] == "Idea 1")
    row["Effort"], row["Note"] = "7", "Mine"
    effort = fields["Effort"].slug
    edit_idea(Idea.objects.get(pk=ideas[1].pk), by=bob, own={effort: 3.0})
    taken, page = send(client, sheet)
    assert "Somebody has changed Effort since, so it stays" in page
    confirm(client, taken)
    assert own_values_of(ideas[1])[effort] == 3.0
    assert full(ideas[1])[3] == "Mine"


def test_values_that_cannot_be_are_named_and_stay(client_of, alice, ideas):
    client = client_of(alice)
    sheet = export(client)
    sheet[0] |= {"Market": "East", "Effort": "many", "Due": "soon", "Note": "x" * 201}
    taken, page = send(client, sheet)
    assert taken.counts["change"] == 0
    for words in ("“East” can’t be a value of Market", "“many” is not a number",
                  "“soon” is not a date", "can’t be a value of Note"):  # fmt: skip
        assert words in page


def test_columns_called_like_a_field_fill_new_ideas(client_of, alice, pod, fields):
    client = client_of(alice)
    rows = [
        {"Idea": "A", "MARKET": "south", "effort": "1.234,5", "Due": "31.12.2026", "note": "=2"},
        {"Idea": "B", "MARKET": "East", "effort": "", "Due": "", "note": ""},
    ]
    taken, page = send(client, rows)
    slugs = {one.slug for one in fields.values()}
    assert slugs <= set(taken.mapping.values())
    assert "“East” can’t be a value of Market, so it goes into the description" in page
    confirm(client, taken)
    one, other = Idea.objects.order_by("pk")
    assert full(one) == ["South", 1234.5, dt.date(2026, 12, 31), "=2"]
    assert full(other) == [None] * 4
    assert "Market: East" in other.description
    undo(client, taken)
    assert not Idea.objects.exists()
    assert not IdeaValue.objects.exists()


def test_a_column_is_mapped_by_hand_and_two_on_one_field_are_refused(client_of, alice, pod, fields):
    client = client_of(alice)
    taken, page = send(client, [{"Idea": "A", "Size": "3", "Weight": "4"}])
    slug = fields["Effort"].slug
    assert f'value="{slug}"' in page
    taken.mapping |= {"1": slug, "2": slug}
    answer(client, taken)
    assert "are both read as the Effort" in taken.problem
    taken.mapping |= {"1": slug, "2": ""}
    answer(client, taken)
    confirm(client, taken)
    assert own_values_of(Idea.objects.get())[slug] == 3.0


def test_numbers_that_can_be_read_in_two_ways_are_a_question(client_of, alice, pod, fields):
    client = client_of(alice)
    taken, page = send(client, [{"Idea": "A", "Effort": "1.250"}, {"Idea": "B", "Effort": "2.500"}])
    assert "What does the “.” in “" in page
    assert "“1.250” is 1250" in page
    confirm(client, taken)
    assert not Idea.objects.exists()
    answer(client, taken, **{f"answer:numbers:{fields['Effort'].slug}": "decimals"})
    confirm(client, taken)
    assert set(IdeaValue.objects.values_list("number", flat=True)) == {1.25, 2.5}


def test_an_export_names_no_value_of_another_pod(client_of, charlie, ideas):
    assert export(client_of(charlie)) == []
