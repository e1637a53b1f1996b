"""Rows from a spreadsheet: read, looked at, added all or not at all, and undone in one step."""

import datetime as dt
import io
from dataclasses import replace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection
from django.urls import reverse
from openpyxl import Workbook

from backlog.flows import imports, scoring
from backlog.flows.ideas import edit_idea
from backlog.flows.imports import asking, inserting, kinds, understanding
from backlog.flows.imports.rows import JOINED
from backlog.flows.imports.writing import WRITTEN
from backlog.models import Event, Idea, Import, Membership, Round
from backlog.sheets import HEADERS
from tests.factories import item_of, make_idea, make_round, score

NEW = reverse("backlog:import_new")


def paste(client, text, **more):
    return client.post(NEW, {"rows": text, "pod": "LIF", **more}, follow=True)


def upload(client, data, name="backlog.csv"):
    file = SimpleUploadedFile(name, data)
    return client.post(NEW, {"file": file, "pod": "LIF"}, follow=True)


def add(client, import_=None):
    import_ = import_ or Import.objects.latest("pk")
    page = client.post(import_.get_absolute_url(), {"do": "add"}, follow=True)
    import_.refresh_from_db()
    return page.content.decode()


def workbook(rows, change=None) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    if change:
        change(book.active)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def titles():
    return list(Idea.objects.order_by("pk").values_list("title", flat=True))


SHEET = "Title\tTeam\tOwner\tTags\tNotes\nName the series\tLifecycle\tBob\ta, b\tSeen twice\nAsk why\t\t\t\t\n"


def test_pasted_rows_are_shown_first_and_added_by_one_click(client_of, bob, pod):
    client = client_of(bob)
    page = paste(client, SHEET).content.decode()
    assert "Add 2 ideas" in page
    assert titles() == []
    assert "2 ideas from pasted rows are in the backlog" in add(client)
    idea = Idea.objects.get(title="Name the series")
    assert (idea.key, idea.owner, idea.author, idea.description) == (
        "LIF-1",
        bob,
        None,
        "Seen twice",
    )
    assert Idea.objects.get(title="Ask why").owner is None
    assert [tag.name for tag in idea.tags.all()] == ["a", "b"]
    assert (
        Event.objects.about(idea).first().sentence == "Bob imported it from “pasted rows”, row 2."
    )
    assert [match.key for match in Idea.objects.having_text("seen twice")] == ["LIF-1"]
    make_idea(bob, pod, "The next one")
    assert Idea.objects.latest("pk").key == "LIF-3"


def test_a_double_click_adds_once(client_of, bob, pod):
    client = client_of(bob)
    paste(client, SHEET)
    add(client)
    add(client)
    assert Idea.objects.count() == 2


def test_another_person_sees_nothing_of_it(client_of, alice, bob, olive, pod):
    paste(client_of(bob), SHEET)
    address = Import.objects.get().get_absolute_url()
    for other in (alice, olive):
        assert client_of(other).get(address).status_code == 404
        assert client_of(other).post(f"{address}undo/").status_code == 404
        assert client_of(other).post(address, {"do": "add"}).status_code == 404
    assert titles() == []


def test_a_viewer_is_sent_away_and_a_stranger_s_pod_is_none(client_of, vera, charlie, pod):
    assert "no pod you can add ideas to" in client_of(vera).get(NEW).content.decode()
    assert paste(client_of(vera), SHEET).status_code == 422
    assert paste(client_of(charlie), SHEET).status_code == 422


def test_who_left_the_pod_meanwhile_adds_nothing_and_is_told(client_of, bob, pod):
    client = client_of(bob)
    paste(client, SHEET)
    Membership.objects.filter(user=bob).update(role="viewer")
    assert client.post(Import.objects.get().get_absolute_url(), {"do": "add"}).status_code == 403
    assert titles() == []


def test_a_row_for_a_pod_of_others_waits_for_an_answer(client_of, bob, pod, other_pod):
    client = client_of(bob)
    page = paste(client, "Title\tPod\nOne\tPaywall\nTwo\tLIF\n").content.decode()
    assert "There is no pod “Paywall” that you can add ideas to" in page
    assert "Add 1 idea<" in page
    import_ = Import.objects.get()
    client.post(
        import_.get_absolute_url(),
        {"do": "read", "pod": "LIF", "column-0": "title", "column-1": "pod", "row-2": "pod:LIF"},
    )
    add(client)
    assert titles() == ["One", "Two"]
    assert not other_pod.ideas.exists()


def test_columns_can_be_mapped_by_hand(client_of, bob, pod):
    client = client_of(bob)
    paste(client, "What\tWhere\nName the series\te-mail\n")
    import_ = Import.objects.get()
    assert import_.mapping == {"0": "title", "1": "kept"}
    answers = {"pod": "LIF", "column-0": "title", "column-1": "channel"}
    client.post(import_.get_absolute_url(), answers)
    add(client)
    assert [idea.channel for idea in Idea.objects.order_by("pk")] == ["Where", "e-mail"]


def test_what_is_there_already_is_left_out_until_somebody_says_otherwise(
    client_of, alice, bob, pod
):
    make_idea(alice, pod, "Name the Séries")
    client = client_of(bob)
    page = paste(client, "Title\nname the series\nNew\nnew\nName a series\n").content.decode()
    assert "Same as LIF-1: left out" in page
    assert "Same as row 3: left out" in page
    assert "Similar to LIF-1" in page
    answers = {"pod": "LIF", "column-0": "title", "row-2": "add", "row-4": "out"}
    client.post(Import.objects.get().get_absolute_url(), answers)
    add(client)
    assert titles()[1:] == ["name the series", "New", "Name a series"]


@pytest.mark.grooming("A3")
def test_two_columns_on_one_text_are_joined_and_none_vanishes(client_of, bob, pod):
    client = client_of(bob)
    paste(
        client, "Title\tDescription\tLink\tTags\tPrio\nOne\tLong\thttps://x.example\ta, b\thigh\n"
    )
    import_ = Import.objects.get()
    mapping = {"column-0": "title", "column-1": "description", "column-2": "description",
               "column-3": "tags", "column-4": "tags"}  # fmt: skip
    client.post(import_.get_absolute_url(), {"do": "read", "pod": "LIF", **mapping})
    add(client)
    idea = Idea.objects.get()
    assert idea.description == "Long\n\nLink: https://x.example"
    assert sorted(tag.name for tag in idea.tags.all()) == ["a", "b", "high"]


@pytest.mark.grooming("A3")
@pytest.mark.parametrize("field", [name for name in HEADERS if name not in JOINED])
def test_two_columns_on_what_has_one_value_are_a_question(client_of, bob, pod, field):
    client = client_of(bob)
    paste(client, "Title\tFirst\tSecond\nOne\t1\t2\n")
    import_ = Import.objects.get()
    mapping = {"column-0": "title", "column-1": field, "column-2": field}
    page = client.post(
        import_.get_absolute_url(), {"do": "read", "pod": "LIF", **mapping}, follow=True
    )
    assert "“First” and “Second” are both read as the" in page.content.decode().replace(
        "“Title”, “First” and", "“First” and"
    )
    refused = client.post(import_.get_absolute_url(), {"do": "add"})
    assert (refused.status_code, Idea.objects.count()) == (409, 0)
    client.post(
        import_.get_absolute_url(), {"do": "read", "pod": "LIF", "column-0": "title"}, follow=True
    )
    add(client)
    assert Idea.objects.count() == 1


def test_of_many_rows_as_many_are_compared_as_time_allows_and_the_page_says_so(
    client_of, alice, bob, pod, monkeypatch
):
    monkeypatch.setattr(understanding, "COMPARED", 1)
    monkeypatch.setattr(understanding, "COMPARED_FOR", 0.0)
    make_idea(alice, pod, "Name the Séries")
    page = paste(client_of(bob), "Title\nName a series\nName that series\n").content.decode()
    assert page.count("Similar to LIF-1") == 1
    assert "similar ideas for 1 of the rows" in page


@pytest.mark.grooming("A5", "B12", "D2")
def test_the_scores_of_the_sheet_count_and_say_that_they_were_not_blind(
    client_of, alice, bob, carol, pod
):
    client = client_of(bob)
    page = paste(
        client, "Título;Impacto;Confianza;Facilidad\nUno;8,5;7;6\nDos;0;11;5\nTres;9;9;9\n"
    )
    page = page.content.decode()
    assert "Impact 8,5 counts as 9" in page
    assert "Impact “0” is not a number from 1 to 10" in page
    assert "Confidence “11” is not a number from 1 to 10" in page
    add(client)
    one, two, three = Idea.objects.order_by("pk")
    assert (one.ice, one.impact, one.has_imported_score, one.scorer_count) == (
        7.333333333,
        9,
        True,
        1,
    )
    assert (two.ice, two.imported_scores) == (None, "impact 0, confidence 11, ease 5")
    assert one.imported_scores == "impact 8,5, confidence 7, ease 6"
    assert (one.description, two.description) == ("", "")
    assert "impact 8,5" in client.get(one.get_absolute_url()).content.decode()
    assert [three.rank, one.rank] == [1, 2]
    round_ = Round.objects.get()
    assert (round_.is_imported, round_.state) == (True, "closed")
    assert "imported" in client.get(reverse("backlog:idea_list")).content.decode()
    blind = make_round(alice, pod, three)
    score(item_of(blind, three), carol, 2, 2, 2)
    scoring.reveal(item_of(blind, three), by=alice)
    three.refresh_from_db()
    assert (three.ice, three.has_imported_score) == (2, False)


def test_the_whole_import_is_undone_but_for_what_somebody_touched(client_of, bob, pod):
    client = client_of(bob)
    mine = make_idea(bob, pod, "Mine")
    paste(client, "Title\tImpact\tConfidence\tEase\tTags\nOne\t1\t2\t3\ta\nTwo\t4\t5\t6\tb\n")
    add(client)
    edit_idea(Idea.objects.get(title="Two"), by=bob, title="Two, and better")
    import_ = Import.objects.get()
    page = client.post(f"{import_.get_absolute_url()}undo/", follow=True).content.decode()
    assert titles() == [mine.title, "Two, and better"]
    assert "Some ideas stay because somebody has changed them: LIF-3." in page
    assert not Idea.objects.having_text("one").exists()
    assert client.post(f"{import_.get_absolute_url()}undo/").status_code == 302


def test_what_is_in_a_round_or_named_as_a_duplicate_s_other_is_kept(client_of, alice, bob, pod):
    client = client_of(alice)
    paste(client, "Title\nOne\nTwo\nThree\n")
    add(client)
    one, two, _ = Idea.objects.order_by("pk")
    make_round(alice, pod, one)
    Idea.objects.filter(pk=make_idea(alice, pod, "Four").pk).update(duplicate_of=two)
    client.post(f"{Import.objects.get().get_absolute_url()}undo/")
    assert titles() == ["One", "Two", "Four"]


def test_nothing_is_added_where_one_row_cannot_be(client_of, bob, pod):
    client = client_of(bob)
    paste(client, SHEET)

    def fails(execute, sql, *others):
        if 'INSERT INTO "backlog_event"' in sql:
            raise RuntimeError("disk full")
        return execute(sql, *others)

    with connection.execute_wrapper(fails):
        page = add(client)
    assert titles() == []
    assert "Nothing was added" in page
    assert "are in the backlog" in add(client)


def test_a_large_table_is_worked_on_by_a_task_and_swept_up(client_of, bob, pod, monkeypatch):
    queued = []
    monkeypatch.setitem(kinds.KINDS, "ideas", replace(kinds.KINDS["ideas"], at_once=1))
    monkeypatch.setattr(asking, "queue_on_commit", lambda task, pk: queued.append(pk))
    client = client_of(bob)
    page = paste(client, SHEET).content.decode()
    assert "Being read: 2 rows" in page
    (pk,) = queued
    imports.work_on(pk)
    imports.work_on(pk)
    page = client.get(Import.objects.get().get_absolute_url()).content.decode()
    assert "Add 2 ideas" in page
    add(client)
    assert titles() == []
    Import.objects.update(asked_at="2020-01-01T00:00Z")
    assert imports.work_on_left_behind() == 1
    imports.work_on(pk)
    assert len(titles()) == 2


# --- Bad input: a sentence each, nothing lost ---------------------------------------------------
def test_merged_cells_and_formulas_of_a_workbook_are_said(client_of, bob, pod):
    rows = [["Title", "Notes"], ["One", "=1+1"], ["Two", "merged"], ["", ""]]
    data = workbook(rows, lambda sheet: sheet.merge_cells("B3:B4"))
    page = upload(client_of(bob), data, "b.xlsx").content.decode()
    assert "In merged cells only the first cell has the value" in page
    assert "Formulas are not calculated again" in page
    add(client_of(bob))
    assert titles() == ["One", "Two"]


def test_sixty_columns_are_offered_and_dates_stay_text(client_of, bob, pod):
    head = ["Title", "When", *(f"Week {n}" for n in range(58))]
    data = workbook([head, ["One", dt.date(2026, 3, 1), *range(58)]])
    page = upload(client_of(bob), data, "b.xlsx").content.decode()
    assert page.count('name="column-') == 60
    assert "2026-03-01" in page


def test_twenty_thousand_empty_rows_are_passed_over(client_of, bob, pod):
    page = paste(client_of(bob), "Title\nOne\n" + "\t\t\n" * 20_000 + "Two\n").content.decode()
    assert "20,000 empty rows were skipped" in page
    assert "Add 2 ideas" in page


def test_a_title_of_5000_characters_goes_on_in_the_description(client_of, bob, pod):
    client = client_of(bob)
    page = paste(client, f"Title\n{'x' * 5000}\n").content.decode()
    assert "The title has 5,000 characters" in page
    add(client)
    idea = Idea.objects.get()
    assert (len(idea.title), idea.description) == (200, "x" * 5000)


def test_right_to_left_text_and_double_headers(client_of, bob, pod):
    client = client_of(bob)
    page = paste(client, "Title\tNotes\tNotes\nحملة الشتاء\tأ\tب\n").content.decode()
    assert "Two columns are called “Notes”" in page
    assert 'dir="auto"' in page
    add(client)
    assert titles() == ["حملة الشتاء"]


def test_a_spanish_sheet_in_latin_1(client_of, bob, pod):
    text = "Título;Descripción;Impacto;Confianza;Facilidad\nAño nuevo;Campaña;8,5;7;6\n"
    client = client_of(bob)
    upload(client, text.encode("latin-1"))
    add(client)
    idea = Idea.objects.get()
    assert (idea.title, idea.impact) == ("Año nuevo", 9)


def test_a_file_of_40_mb_is_refused_with_a_sentence(client_of, bob, pod, settings):
    settings.IMPORT_FILE_MAX_BYTES = 1024 * 1024
    answer = upload(client_of(bob), b"Title\n" + b"x" * (2 * 1024 * 1024))
    assert answer.status_code == 413
    assert "has 2 MB; files up to 1 MB are taken" in answer.content.decode()


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "is empty"),
        (b"\n \n;;\n", "There are no rows here"),
        (b"Title\n", "a header but no row below it"),
        (b"\xd0\xcf\x11\xe0" + b"x" * 99, "an old Excel workbook (.xls), not a table"),
        (b"PK\x03\x04 and no zip", "can’t be opened"),
        (b"\x89PNG\r\n\x1a\n\0\0\0", "a PNG picture, not a table"),
    ],
)
def test_what_is_no_table_gets_a_sentence(client_of, bob, pod, data, says):
    answer = upload(client_of(bob), data)
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert titles() == []


def test_too_many_rows_are_said(client_of, bob, pod):
    data = b"Title\n" + b"x\n" * 100_002
    assert "more than 100,000 rows" in upload(client_of(bob), data).content.decode()


def test_no_cell_runs_and_no_script_does(client_of, bob, pod):
    client = client_of(bob)
    page = paste(client, "Title\n<script>alert(1)</script>\n=HYPERLINK(1)\n").content.decode()
    assert "<script>alert" not in page
    add(client)
    assert titles() == ["<script>alert(1)</script>", "=HYPERLINK(1)"]


def indexes():
    with connection.cursor() as cursor:
        tables = [connection.introspection.get_constraints(cursor, table) for table in WRITTEN]
    return [
        {
            (tuple(one["columns"]), tuple(one.get("orders") or ()), one["unique"])
            for one in table.values()
        }
        for table in tables
    ]


def test_a_large_import_leaves_every_index_as_it_was(client_of, bob, pod, monkeypatch):
    monkeypatch.setattr(inserting, "MANY", 1)
    before = indexes()
    client = client_of(bob)
    paste(client, "Title\tImpact\tConfidence\tEase\nOne\t8\t7\t6\nTwo\t3\t4\t5\n")
    add(client)
    assert titles() == ["One", "Two"]
    assert indexes() == before


def test_indexes_come_back_where_a_large_import_fails(bob, pod, monkeypatch):
    monkeypatch.setattr(inserting, "MANY", 1)
    before = indexes()
    with pytest.raises(IntegrityError), inserting.in_bulk(*WRITTEN, rows=10):
        inserting.insert_rows(Idea, [{"pod_id": pod.pk, "number": 1, "key": "X-1", "title": ""}])
    assert indexes() == before
    assert not titles()
