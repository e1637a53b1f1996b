"""Moving over: every column of a sheet survives, names are mapped once, nobody becomes the author."""

import datetime as dt
import re

import pytest
from django.urls import reverse
from django.utils import timezone

from backlog.flows.scoring.giving import asked_for
from backlog.models import Event, Idea, Import, Objective, Quarter, RoundIdea
from tests.factories import item_of, make_idea, make_round, score

NEW = reverse("backlog:import_new")
LIST = reverse("backlog:import_list")


def paste(client, text):
    page = client.post(NEW, {"rows": text, "pod": "LIF"}, follow=True).content.decode()
    return Import.objects.latest("pk"), " ".join(page.split())


def read(client, taken, **more):
    """Press “Read the rows again” with these answers."""
    columns = {f"column-{place}": what for place, what in taken.mapping.items()}
    given = {"do": "read", "pod": "LIF", **columns, **more}
    page = client.post(taken.get_absolute_url(), given, follow=True)
    taken.refresh_from_db()
    return " ".join(page.content.decode().split())


def add(client, taken):
    client.post(taken.get_absolute_url(), {"do": "add"})
    taken.refresh_from_db()
    assert taken.state == "added", taken.problem
    return list(Idea.objects.filter(came_by=taken).order_by("pk"))


@pytest.mark.grooming("A3")
def test_a_column_that_no_field_is_for_goes_on_in_the_description(client_of, bob, pod):
    client = client_of(bob)
    taken, page = paste(
        client, "Idea\tCost centre\tNotes\tLink\nOne\t0815\tLong\thttps://x.example\n"
    )
    assert "Kept in the description" in page
    (idea,) = add(client, taken)
    assert idea.description == "Long\n\nCost centre: 0815\nLink: https://x.example"


def test_a_column_can_be_left_out_and_numbers_of_rows_are(client_of, bob, pod):
    client = client_of(bob)
    taken, page = paste(client, "#\tIdea\tBudget\n1\tOne\t5\n2\tTwo\t6\n3\tThree\t7\n")
    assert "Columns left out: #" in page
    read(client, taken, **{"column-2": ""})
    assert [idea.description for idea in add(client, taken)] == ["", "", ""]


@pytest.mark.grooming("A5")
def test_sums_of_scores_stay_as_blind_as_the_scores(client_of, alice, bob, carol, pod):
    client = client_of(bob)
    taken, _ = paste(client, "Idea\tImpact\tConfidence\tEase\tTotal\nOne\t7\t6\t5\t210\n")
    (idea,) = add(client, taken)
    assert (idea.description, idea.imported_scores) == ("", "Total 210")
    make_round(alice, pod, idea)
    words = re.sub(r"<[^>]+>", " ", client.get(idea.get_absolute_url()).content.decode())
    assert not re.search(r"\b210\b", words)  # a key or a token may hold these digits


@pytest.mark.grooming("D2")
def test_headers_with_brackets_and_strokes_are_known(client_of, bob, pod):
    taken, _ = paste(
        client_of(bob),
        "Idea\tImpact (1-10)\tConfidence\tEase\tDescription / notes\tObjective / KPI\tExpected uplift\n"
        "One\t7\t6\t5\tx\ty\t10 %\n",
    )
    assert list(taken.mapping.values()) == [
        "title", "impact", "confidence", "ease", "description", "objective", "expected_effect",
    ]  # fmt: skip


# --- Nobody becomes the author ------------------------------------------------------------------
@pytest.mark.grooming("B5")
def test_the_importer_is_neither_author_nor_owner_and_is_asked_to_score(
    client_of, alice, bob, carol, pod
):
    client = client_of(bob)
    taken, _ = paste(client, "Idea\tOwner\nOne\tSomebody Else\nTwo\t\n")
    one, two = add(client, taken)
    assert [(idea.author, idea.owner) for idea in (one, two)] == [(None, None)] * 2
    assert one.description == "Owner: Somebody Else"
    assert Event.objects.about(one).first().sentence == "Bob imported it from “pasted rows”, row 2."
    round_ = make_round(alice, pod, one)
    item = item_of(round_, one)
    assert bob in asked_for(item)
    score(item, bob, 7, 6, 5)
    assert RoundIdea.objects.get(pk=item.pk).scores.filter(scorer=bob).exists()
    page = client.get(one.get_absolute_url()).content.decode()
    assert "Imported without an author" in page
    assert "abstains" not in client.get(round_.get_absolute_url()).content.decode()


@pytest.mark.grooming("B12")
def test_authors_days_and_states_of_the_sheet_are_kept(client_of, alice, bob, pod):
    client = client_of(alice)
    taken, _ = paste(
        client,
        "Idea\tSubmitted by\tDate\tStatus\n"
        "One\tAlice\t2025-11-30\tShipped\n"
        "Two\tSomebody Gone\t2025-12-24\tParked\n"
        "Three\t\tsoon\tWon't do\n"
        "Four\talice@example.com\t\tTo do\n",
    )
    one, two, three, four = add(client, taken)
    assert (one.author, two.author, four.author) == (alice, None, alice)
    assert two.description == "Author: Somebody Gone"
    assert timezone.localdate(one.created_at) == dt.date(2025, 11, 30)
    assert one.days_old > 300
    assert three.description == "Submitted on: soon"
    assert (one.state, one.reason) == (
        "rejected", "Done before it was imported: “Shipped” in the sheet.",
    )  # fmt: skip
    assert (two.state, three.state, four.state) == ("snoozed", "rejected", "open")
    client.post(f"{taken.get_absolute_url()}undo/")
    assert not Idea.objects.exists()


@pytest.mark.grooming("B12")
def test_old_ideas_of_a_sheet_come_up_to_be_groomed(client_of, alice, pod):
    client = client_of(alice)
    taken, _ = paste(client, "Idea\tDate\nOld one\t2024-01-05\nOlder one\t2023-02-05\n")
    add(client, taken)
    page = client.get(reverse("backlog:idea_groom")).content.decode()
    assert "Old one" in page
    assert "Older one" in page


def test_a_member_does_not_put_ideas_away_by_a_sheet(client_of, bob, pod):
    """As on their pages, where leads snooze and reject."""
    taken, page = paste(
        client_of(bob),
        "Idea\tStatus\tSnoozed until\nOne\tShipped\t\nTwo\tParked\t2031-01-05\nThree\tOpen\t\n",
    )
    assert "Only leads of Lifecycle snooze and reject ideas, so it comes in open" in page
    ideas = add(client_of(bob), taken)
    assert [(idea.state, idea.description) for idea in ideas] == [
        ("open", "Status: Shipped"), ("open", "Status: Parked\n\nSnoozed until: 2031-01-05"), ("open", ""),
    ]  # fmt: skip
    assert {event.verb for event in Event.objects.filter(subject="idea")} == {"add"}


def test_history_says_that_a_sheet_put_an_idea_away(client_of, alice, pod):
    client = client_of(alice)
    taken, _ = paste(client, "Idea\tStatus\nOne\tShipped\n")
    (one,) = add(client, taken)
    assert {event.verb for event in Event.objects.about(one)} == {"add", "reject"}
    assert "Done before it was imported" in client.get(one.get_absolute_url()).content.decode()


def test_an_imported_idea_that_somebody_rejected_stays_at_undo(client_of, alice, bob, pod):
    client = client_of(alice)
    taken, _ = paste(client, "Idea\tStatus\nOne\tDone\nTwo\tOpen\n")
    _, two = add(client, taken)
    client.post(reverse("backlog:idea_move", args=[two.pk, "reject"]), {"reason": "Too dear"})
    client.post(f"{taken.get_absolute_url()}undo/")
    assert list(Idea.objects.values_list("title", flat=True)) == ["Two"]


def test_days_that_can_be_read_in_two_ways_are_asked(client_of, bob, pod):
    client = client_of(bob)
    taken, page = paste(client, "Idea\tDate\nOne\t3/4/2025\nTwo\t5/6/2025\n")
    assert "What comes first in the dates of" in page
    assert client.post(taken.get_absolute_url(), {"do": "add"}).status_code == 409
    read(client, taken, **{"answer:dates": "mdy"})
    one, _ = add(client, taken)
    assert timezone.localdate(one.created_at) == dt.date(2025, 3, 4)


# --- Values are mapped once ---------------------------------------------------------------------
@pytest.mark.grooming("D2")
def test_an_unknown_pod_is_mapped_once_for_all_its_rows(client_of, alice, bob, pod):
    client = client_of(bob)
    rows = "".join(f"Idea {n}\tCRM\n" for n in range(35))
    taken, page = paste(client, f"Idea\tPod\n{rows}")
    assert "35 rows" in page
    assert taken.counts.get("add", 0) == 0
    page = read(client, taken, **{"name:pod:crm": "LIF"})
    assert "Add 35 ideas" in page
    assert {idea.pod for idea in add(client, taken)} == {pod}


def test_a_pod_of_others_can_not_be_chosen(client_of, bob, pod, other_pod):
    client = client_of(bob)
    taken, _ = paste(client, "Idea\tPod\nOne\tCRM\n")
    read(client, taken, **{"name:pod:crm": other_pod.prefix})
    assert taken.counts.get("add", 0) == 0


def test_people_and_states_are_mapped_once(client_of, alice, bob, charlie, pod):
    client = client_of(alice)
    taken, page = paste(client, "Idea\tOwner\tStatus\nOne\tAli\tFoo\nTwo\tAli\tFoo\n")
    assert "2 rows" in page
    read(client, taken, **{"name:person:ali": str(alice.pk), "name:status:foo": "rejected"})
    assert {(idea.owner, idea.state) for idea in add(client, taken)} == {(alice, "rejected")}
    taken, _ = paste(client, "Idea\tOwner\nThree\tAli\n")
    read(client, taken, **{"name:person:ali": str(charlie.pk)})
    assert add(client, taken)[0].owner is None


@pytest.fixture
def quarters(db):
    made = []
    for year in (2024, 2025, 2031):
        start = dt.date(year, 4, 1)
        quarter = Quarter.objects.create(
            name=f"Q2 {year}", starts_on=start, ends_on=dt.date(year, 7, 1)
        )
        made.append(Objective.objects.create(quarter=quarter, title="Win back readers"))
    return made


@pytest.mark.grooming("B4")
def test_an_objective_is_that_of_its_quarter(client_of, bob, pod, quarters):
    client = client_of(bob)
    taken, _ = paste(
        client,
        "Idea\tObjective\tDate\tQuarter\n"
        "One\tWin back readers\t2025-05-01\t\n"
        "Two\tWin back readers\t\tQ2 2031\n"
        "Three\tWin back readers\t\t\n",
    )
    one, two, three = add(client, taken)
    assert (one.objective, two.objective, three.objective) == (quarters[1], quarters[2], None)
    assert "Objective: Win back readers" in three.description


@pytest.mark.grooming("B4")
def test_where_nothing_says_the_quarter_it_is_asked_once(client_of, bob, pod, quarters):
    client = client_of(bob)
    taken, page = paste(client, "Idea\tObjective\nOne\tWin back readers\nTwo\tWin back readers\n")
    assert "Win back readers (Q2 2025)" in page
    read(client, taken, **{"name:objective:win back readers": str(quarters[1].pk)})
    assert {idea.objective for idea in add(client, taken)} == {quarters[1]}


@pytest.mark.grooming("B4")
def test_a_title_that_several_quarters_have_carries_its_quarter(client_of, bob, pod, quarters):
    make_idea(bob, pod, "One", objective=quarters[2])
    client = client_of(bob)
    assert "Win back readers · Q2 2031" in client.get(reverse("backlog:idea_list")).content.decode()
    for route in ("backlog:idea_new", "backlog:idea_filter"):
        assert "Win back readers · Q2 2031" in client.get(reverse(route)).content.decode()


# --- Where the table begins, and what is in it --------------------------------------------------
MESSY = "Growth ideas,,\nupdated by Ana,,\nVorhaben,Nutzen,Wer\nShorter mails,much,Bob\nTOTAL,,\n--- PARKING LOT ---,,\nLater mails,some,\n"


@pytest.mark.grooming("B1", "B2")
def test_the_row_of_names_can_be_chosen_by_its_number(client_of, bob, pod):
    client = client_of(bob)
    taken, page = paste(client, MESSY)
    assert "Read the column names from row" in page
    client.post(taken.get_absolute_url(), {"do": "table", "answer:header_row": "3"})
    taken.refresh_from_db()
    assert taken.columns == ["Vorhaben", "Nutzen", "Wer"]
    page = " ".join(client.get(taken.get_absolute_url()).content.decode().split())
    assert "This looks like a sum of other rows" in page
    assert "This looks like a line between rows" in page
    assert [idea.title for idea in add(client, taken)] == ["Shorter mails", "Later mails"]


@pytest.mark.parametrize(("row", "sentence"), [
    ("999", "Row 999 is not in this table. Its last row is row 4."),
    ("0", "Row “0” is not in this table. Its last row is row 4."),
    ("-1", "Row “-1” is not in this table. Its last row is row 4."),
    ("x", "Row “x” is not in this table. Its last row is row 4."),
    ("9" * 5000, "is not in this table. Its last row is row 4."),
    ("2", "Row 2 is empty. Enter the number of the row with the column names."),
    ("4", "Row 4 is the last one, so it can’t name the columns of any other row."),
])  # fmt: skip
def test_a_row_that_can_not_name_the_columns_is_refused_and_changes_nothing(
    client_of, bob, pod, row, sentence
):
    client = client_of(bob)
    taken, _ = paste(client, "Idea\tNotes\n\t\nOne\tx\nTwo\ty\n")
    page = client.post(taken.get_absolute_url(), {"do": "table", "answer:header_row": row})
    assert page.status_code == 409
    assert sentence in page.content.decode()
    taken.refresh_from_db()
    assert (taken.columns, taken.counts["add"]) == (["Idea", "Notes"], 2)


@pytest.mark.parametrize(("sheet", "row"), [
    ("Idea\tNotes\n\t\n\t\nOne\tx\nTwo\ty\n", 1),
    ("Growth ideas\t\n\t\nIdea\tNotes\n\t\nOne\tx\nTwo\ty\n", 3),
])  # fmt: skip
def test_the_page_names_the_row_in_which_the_names_stand(client_of, bob, pod, sheet, row):
    _, page = paste(client_of(bob), sheet)
    assert f'name="answer:header_row" min="1" max="100000" value="{row}"' in page


def test_reading_the_table_again_keeps_what_was_answered(client_of, bob, pod, other_pod):
    client = client_of(bob)
    taken, _ = paste(client, "Growth\t\t\nIdea\tPod\tWhy\nOne\tCRM\tx\nTwo\tCRM\ty\n")
    read(client, taken, **{"name:pod:crm": "LIF", "column-2": "observation", "row-4": "out"})
    client.post(taken.get_absolute_url(), {"do": "table", "answer:header_row": "2"})
    taken.refresh_from_db()
    assert (taken.mapping["2"], taken.choices["rows"]) == ("observation", {"4": "out"})
    (idea,) = add(client, taken)
    assert (idea.title, idea.pod, idea.observation) == ("One", pod, "x")


# --- The list of imports ------------------------------------------------------------------------
@pytest.mark.grooming("D10")
def test_imports_are_listed_with_their_undo_and_only_to_their_person(client_of, alice, bob, pod):
    client = client_of(bob)
    assert "You have not imported anything yet" in client.get(LIST).content.decode()
    taken, _ = paste(client, "Idea\nOne\nTwo\n")
    add(client, taken)
    page = " ".join(client.get(LIST).content.decode().split())
    assert "2 ideas added, of 2 rows" in page
    assert taken.get_undo_url() in page
    assert taken.get_undo_url() not in client_of(alice).get(LIST).content.decode()
    client.post(taken.get_undo_url())
    assert not Idea.objects.exists()
    assert taken.get_undo_url() not in client.get(LIST).content.decode()
    for route in ("backlog:import_new", "backlog:settings"):
        assert LIST in client.get(reverse(route)).content.decode()
