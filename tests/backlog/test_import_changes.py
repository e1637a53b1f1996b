"""An exported sheet comes back changed: shown cell by cell, confirmed at once, undone in one step."""

import csv
import datetime as dt
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from backlog.flows import imports
from backlog.flows.ideas import add_idea, edit_idea
from backlog.flows.imports import asking, editing, understanding
from backlog.flows.moves import move_idea
from backlog.models import Event, Idea, Import, Membership, Objective, Quarter, User
from tests.factories import item_of, make_idea, make_round, score

NEW = reverse("backlog:import_new")
TEXT = ("title", "change", "description", "lever")


def export(client, kind="csv", **query):
    """The sheet as a list of rows, each a dict by header."""
    answer = client.get(reverse("backlog:idea_export", args=[kind]), query)
    data = b"".join(answer.streaming_content)
    if kind == "csv":
        return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
    names, *rows = load_workbook(io.BytesIO(data)).active.iter_rows(values_only=True)
    return [dict(zip(names, (cell or "" for cell in row), strict=True)) for row in rows]


def as_csv(rows):
    out = io.StringIO()
    names = list(dict.fromkeys(name for row in rows for name in row))
    writer = csv.DictWriter(out, names)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def as_workbook(rows):
    book = Workbook()
    book.active.append(list(rows[0]))
    for row in rows:
        book.active.append(list(row.values()))
        for cell in book.active[book.active.max_row]:
            cell.data_type = "s" if cell.value else cell.data_type
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def send(client, rows, name="ideas.csv"):
    """Send the sheet; the import and the page that shows what would happen."""
    data = rows if isinstance(rows, bytes) else as_csv(rows)
    file = SimpleUploadedFile(name, data)
    page = client.post(NEW, {"file": file, "pod": "LIF"}, follow=True).content.decode()
    return Import.objects.latest("pk"), " ".join(page.split())


def confirm(client, taken, **more):
    page = client.post(taken.get_absolute_url(), {"do": "add", **more}, follow=True)
    taken.refresh_from_db()
    return " ".join(page.content.decode().split())


def answer(client, taken, **rows):
    """Answer for rows as the page does, with the columns as they are."""
    columns = {f"column-{place}": what for place, what in taken.mapping.items()}
    client.post(taken.get_absolute_url(), {"do": "read", "pod": "LIF", **columns, **rows})
    taken.refresh_from_db()


def undo(client, taken):
    page = client.post(f"{taken.get_absolute_url()}undo/", follow=True).content.decode()
    return " ".join(page.split())


@pytest.fixture
def ten(alice, bob, pod, objective):
    for number in range(12):
        add_idea(
            by=alice, pod=pod, title=f"Idea {number}", description=f"Text {number}", lever="copy",
            tags=["a", "b"], objective=objective, owner=alice,
        )  # fmt: skip


def row_of(rows, key):
    return next(row for row in rows if row["Key"] == key)


@pytest.mark.grooming("B3")
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_ten_rows_change_ten_ideas_and_one_click_puts_them_back(
    client_of, alice, bob, pod, ten, kind
):
    client = client_of(bob)
    before = list(Idea.objects.order_by("pk").values_list(*TEXT, "owner", "objective"))
    rows = sorted(export(client, kind), key=lambda row: int(row["Key"][4:]))
    rows[0]["Title"] = "A better title"
    rows[1]["Owner"] = "Bob"
    rows[2]["Tags"] = "b, new"
    rows[3]["Objective"] = ""
    rows[4]["Lever"] = "timing"
    for row in rows[5:10]:
        row["Description"] += "\nwith a second line 🎯"
    sheet = as_csv(rows) if kind == "csv" else as_workbook(rows)
    taken, page = send(client, sheet, f"ideas.{kind}")
    assert "10 ideas will change</b>, 2 stay as they are" in page
    assert "<del>Idea 0</del>" in page
    assert "<ins>A better title</ins>" in page
    assert Idea.objects.get(key="LIF-1").title == "Idea 0"
    assert "10 ideas are changed" in confirm(client, taken)
    assert Idea.objects.count() == 12
    first, second, third, fourth, fifth, *more = Idea.objects.order_by("pk")
    assert (first.title, second.owner, fourth.objective, fifth.lever) == (
        "A better title", bob, None, "timing",
    )  # fmt: skip
    assert [tag.name for tag in third.tags.all()] == ["b", "new"]
    assert more[0].description == "Text 5\nwith a second line 🎯"
    assert Event.objects.about(first).first().sentence == "Bob changed title."
    assert first.version == 2
    assert "10 ideas are as before" in undo(client, taken)
    assert list(Idea.objects.order_by("pk").values_list(*TEXT, "owner", "objective")) == before
    assert [tag.name for tag in Idea.objects.get(pk=third.pk).tags.all()] == ["a", "b"]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_without_a_change_nothing_changes(client_of, alice, pod, ten, kind):
    client = client_of(alice)
    answer_ = client.get(reverse("backlog:idea_export", args=[kind]))
    taken, page = send(client, b"".join(answer_.streaming_content), f"ideas.{kind}")
    assert "Nothing changes." in page
    assert client.post(taken.get_absolute_url(), {"do": "add"}).status_code == 409
    assert Idea.objects.filter(version=1).count() == 12


ODD = st.text(
    st.sampled_from("=+-@'\"\n\t,;| 0−9aé🎯👨\u200d👩ß<>&_x\\ 中\u00a0"), min_size=0, max_size=24
).map(str.strip)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(texts=st.lists(st.tuples(ODD, ODD, ODD), min_size=1, max_size=4))
def test_whatever_people_write_comes_back_as_it_was(client_of, alice, pod, texts):
    Idea.objects.all().delete()
    for title, description, lever in texts:
        add_idea(
            by=alice, pod=pod, title=f"{' '.join(title.split())} x"[:200], description=description,
            lever=" ".join(lever.split()), change=title,
        )  # fmt: skip
    client = client_of(alice)
    for kind in ("csv", "xlsx"):
        data = b"".join(client.get(reverse("backlog:idea_export", args=[kind])).streaming_content)
        taken = imports.receive(by=alice, pod=pod, name=f"a.{kind}", data=data)
        counts = taken.counts
        assert (counts["same"], counts["change"], counts["cant"]) == (len(texts), 0, 0), (
            taken.understood
        )


def test_guards_that_a_workbook_kept_are_no_change(client_of, alice, pod):
    make_idea(alice, pod, "=1+1", description="-2 first")
    client = client_of(alice)
    rows = export(client)
    assert rows[0]["Title"] == "'=1+1"
    _, page = send(client, as_workbook(rows), "from-a-csv.xlsx")
    assert "Nothing changes." in page


# --- Somebody else changed it, too --------------------------------------------------------------
def test_what_others_changed_since_the_export_is_no_change_of_mine(client_of, alice, bob, pod, ten):
    client = client_of(bob)
    rows = export(client)
    edit_idea(Idea.objects.get(key="LIF-1"), by=alice, lever="theirs", title="Theirs")
    row_of(rows, "LIF-1")["Description"] = "mine"
    taken, page = send(client, rows)
    assert "1 idea will change" in page
    confirm(client, taken)
    idea = Idea.objects.get(key="LIF-1")
    assert (idea.title, idea.lever, idea.description) == ("Theirs", "theirs", "mine")


def test_one_cell_that_both_changed_stays_and_is_shown_side_by_side(
    client_of, alice, bob, pod, ten
):
    client = client_of(bob)
    rows = export(client)
    edit_idea(Idea.objects.get(key="LIF-1"), by=alice, title="Theirs")
    row_of(rows, "LIF-1").update(Title="Mine", Lever="mine")
    taken, page = send(client, rows)
    assert "Somebody has changed the title since, so it stays" in page
    assert "<span>Theirs</span>" in page
    assert "<span>Mine</span>" in page
    confirm(client, taken)
    idea = Idea.objects.get(key="LIF-1")
    assert (idea.title, idea.lever) == ("Theirs", "mine")


def test_the_sheet_s_side_can_be_taken(client_of, alice, bob, pod, ten):
    client = client_of(bob)
    rows = export(client)
    edit_idea(Idea.objects.get(key="LIF-1"), by=alice, title="Theirs")
    row_of(rows, "LIF-1")["Title"] = "Mine"
    taken, _ = send(client, rows)
    assert client.post(taken.get_absolute_url(), {"do": "add"}).status_code == 409
    number = next(at for at, row in enumerate(rows, 2) if row["Key"] == "LIF-1")
    answer(client, taken, **{f"row-{number}": "mine"})
    confirm(client, taken)
    assert Idea.objects.get(key="LIF-1").title == "Mine"


def test_a_change_between_the_preview_and_the_confirmation_changes_nothing(
    client_of, alice, bob, pod, ten
):
    client = client_of(bob)
    rows = export(client)
    row_of(rows, "LIF-1")["Title"] = "Mine"
    row_of(rows, "LIF-2")["Title"] = "Mine, too"
    taken, _ = send(client, rows)
    edit_idea(Idea.objects.get(key="LIF-1"), by=alice, title="Theirs")
    page = confirm(client, taken)
    assert "Somebody has changed LIF-1 since you looked. Nothing was changed" in page
    assert taken.state == "understood"
    assert Idea.objects.get(key="LIF-2").title == "Idea 1"
    confirm(client, taken)
    assert Idea.objects.get(key="LIF-1").title == "Theirs"
    assert Idea.objects.get(key="LIF-2").title == "Mine, too"


def test_without_the_version_every_difference_is_shown_and_an_empty_cell_is_none(
    client_of, alice, pod, ten
):
    client = client_of(alice)
    sheet = [{"Key": "lif-1", "Title": "Idea 0", "Lever": "", "Channel": "push"}]
    taken, page = send(client, sheet)
    assert "<del>empty</del>" in page
    confirm(client, taken)
    idea = Idea.objects.get(key="LIF-1")
    assert (idea.lever, idea.channel) == ("copy", "push")


def test_undo_keeps_what_somebody_changed_since_and_names_it(client_of, alice, bob, pod, ten):
    client = client_of(bob)
    rows = export(client)
    row_of(rows, "LIF-1").update(Title="Mine", Lever="timing")
    row_of(rows, "LIF-2").update(Title="Mine, too")
    taken, _ = send(client, rows)
    confirm(client, taken)
    edit_idea(Idea.objects.get(key="LIF-1"), by=alice, title="Later")
    page = undo(client, taken)
    assert (
        "2 ideas are as before. Somebody has changed this since, so it stays: LIF-1 (title)."
        in page
    )
    idea = Idea.objects.get(key="LIF-1")
    assert (idea.title, idea.lever) == ("Later", "copy")
    assert Idea.objects.get(key="LIF-2").title == "Idea 1"


# --- What a sheet can’t change ------------------------------------------------------------------
def test_scores_in_a_sheet_change_none_and_a_blind_one_says_nothing(
    client_of, alice, bob, carol, pod, ten
):
    client = client_of(bob)
    rows = export(client)
    row_of(rows, "LIF-1")["Impact"] = "9"
    _, page = send(client, rows)
    assert "Scores come from rounds, so those in the sheet change nothing" in page
    idea = Idea.objects.get(key="LIF-2")
    round_ = make_round(alice, pod, idea)
    score(item_of(round_, idea), carol, 3, 3, 3)
    pages = []
    for value in ("3", "9"):
        sheet = [{"Key": "LIF-2", "Title": "Idea 1", "Impact": value}]
        _, page = send(client, sheet)
        assert "It is in a blind round, so its scores are left alone" in page
        pages.append(Import.objects.latest("pk").understood["changes"])
    assert pages[0] == pages[1]


def test_a_status_moves_by_the_same_rules_as_on_the_page(client_of, alice, bob, pod, ten):
    client = client_of(alice)
    rows = export(client)
    later = (timezone.localdate() + dt.timedelta(days=9)).isoformat()
    row_of(rows, "LIF-1").update({"Status": "Rejected", "Reason": "Too dear"})
    row_of(rows, "LIF-2").update({"Status": "Snoozed", "Snoozed until": later})
    row_of(rows, "LIF-3")["Status"] = "Rejected"
    row_of(rows, "LIF-4")["Status"] = "Promoted"
    taken, page = send(client, rows)
    assert "Write why into “Reason” to reject it" in page
    assert "“Promoted” can’t be set in a sheet" in page
    confirm(client, taken)
    assert list(Idea.objects.order_by("pk").values_list("state", flat=True)[:4]) == [
        "rejected", "snoozed", "open", "open",
    ]  # fmt: skip
    assert Event.objects.about(Idea.objects.get(key="LIF-1")).first().sentence == (
        "Alice rejected it: Too dear"
    )
    undo(client, taken)
    assert not Idea.objects.exclude(state="open").exists()
    member = client_of(bob)
    rows = export(member)
    row_of(rows, "LIF-1").update({"Status": "Rejected", "Reason": "Too dear"})
    _, page = send(member, rows)
    assert "Only leads of Lifecycle change the status" in page


def test_a_key_of_another_pod_a_key_that_is_gone_and_one_twice_change_nothing(
    client_of, alice, bob, charlie, pod, other_pod, ten
):
    theirs = make_idea(charlie, other_pod, "Theirs")
    client = client_of(bob)
    rows = export(client)
    stamp = rows[0]["Floe version"]
    rows.append({**rows[0], "Key": theirs.key, "Title": "Stolen", "Floe version": stamp})
    rows.append({**rows[0], "Key": "LIF-999", "Title": "Gone"})
    rows.append({**rows[0], "Title": "Twice"})
    taken, page = send(client, rows)
    assert f"There is no idea {theirs.key} that you can see" in page
    assert "There is no idea LIF-999 that you can see" in page
    assert f"{rows[0]['Key']} is in row 2 already" in page
    assert taken.counts["cant"] == 3
    assert client.post(taken.get_absolute_url(), {"do": "add"}).status_code == 409
    theirs.refresh_from_db()
    assert theirs.title == "Theirs"
    assert Idea.objects.count() == 13


def test_ideas_that_one_may_only_look_at_stay(client_of, bob, charlie, pod, other_pod, ten):
    theirs = make_idea(charlie, other_pod, "Theirs")
    Membership.objects.create(user=bob, pod=other_pod, role="viewer")
    bob = User.objects.get(pk=bob.pk)
    client = client_of(bob)
    rows = export(client)
    row_of(rows, theirs.key)["Title"] = "Stolen"
    taken, page = send(client, rows)
    assert f"{theirs.key} belongs to Paywall, and you can’t change its ideas" in page
    assert client.post(taken.get_absolute_url(), {"do": "add"}).status_code == 409


def test_who_may_no_longer_write_changes_nothing(client_of, bob, pod, ten):
    client = client_of(bob)
    rows = export(client)
    rows[0]["Title"] = "Mine"
    taken, _ = send(client, rows)
    Membership.objects.filter(user=bob).update(role="viewer")
    assert client.post(taken.get_absolute_url(), {"do": "add"}).status_code == 403
    assert not Idea.objects.filter(title="Mine").exists()


def test_all_rows_change_or_none(client_of, alice, bob, pod, ten, monkeypatch):
    client = client_of(bob)
    rows = export(client)
    for row in rows[:3]:
        row["Title"] += "!"
    taken, _ = send(client, rows)
    done = []

    def third_fails(idea, **more):
        done.append(idea)
        if len(done) == 3:
            raise editing.Refused("The disk is full.")
        return edit_idea(idea, **more)

    monkeypatch.setattr(editing, "edit_idea", third_fails)
    page = confirm(client, taken)
    assert "The disk is full. Nothing was changed or added." in page
    assert not Idea.objects.filter(title__endswith="!").exists()


def test_names_that_are_not_there_and_texts_that_are_too_long_leave_the_cell(
    client_of, bob, pod, ten
):
    client = client_of(bob)
    rows = export(client)
    rows[0].update(Owner="Nobody Known", Title="x" * 201, Objective="None such")
    rows[1].update(Title="", Pod="Paywall")
    taken, page = send(client, rows)
    assert "“Nobody Known” is not in Lifecycle, so the owner stays" in page
    assert "The title has 201 characters" in page
    assert "Lifecycle has no objective “None such”, so the objective stays" in page
    assert "An idea needs a title, so the title stays" in page
    assert taken.counts["change"] == 0


def test_the_objective_of_the_right_quarter_is_taken(client_of, alice, pod, ten, objective):
    later = Quarter.objects.create(
        name="Q1 2031", starts_on=dt.date(2031, 1, 1), ends_on=dt.date(2031, 4, 1)
    )
    twin = Objective.objects.create(quarter=later, pod=pod, title=objective.title)
    client = client_of(alice)
    rows = export(client)
    row_of(rows, "LIF-1")["Quarter"] = "Q1 2031"
    taken, page = send(client, rows)
    assert f"<ins>{objective.title} (Q1 2031)</ins>" in page
    confirm(client, taken)
    assert Idea.objects.get(key="LIF-1").objective == twin


def test_no_formula_and_no_script_runs_and_both_come_back(client_of, alice, pod, ten):
    client = client_of(alice)
    rows = export(client)
    row_of(rows, "LIF-1")["Title"] = "<script>alert(1)</script>"
    row_of(rows, "LIF-2")["Title"] = "'=HYPERLINK(1)"
    taken, page = send(client, rows)
    assert "<script>alert" not in page
    confirm(client, taken)
    assert Idea.objects.get(key="LIF-1").title == "<script>alert(1)</script>"
    assert Idea.objects.get(key="LIF-2").title == "=HYPERLINK(1)"
    assert row_of(export(client), "LIF-2")["Title"] == "'=HYPERLINK(1)"


def test_too_many_changes_at_once_are_refused_with_a_sentence(
    client_of, bob, pod, ten, monkeypatch
):
    monkeypatch.setattr(understanding, "MOST_CHANGED", 2)
    client = client_of(bob)
    rows = export(client)
    for row in rows:
        row["Title"] += "!"
    taken, page = send(client, rows)
    assert "12 ideas would change, and one import can change at most 2." in page
    refused = client.post(taken.get_absolute_url(), {"do": "add"})
    assert (refused.status_code, Idea.objects.filter(title__endswith="!").count()) == (409, 0)


def test_a_row_without_a_key_is_new_and_undo_takes_it_out_again(client_of, bob, pod, ten):
    client = client_of(bob)
    rows = export(client)
    rows[0]["Title"] = "Changed"
    rows.append({**rows[1], "Key": "", "Title": "Quite new"})
    taken, page = send(client, rows)
    assert "Change 1 idea, add 1" in page
    confirm(client, taken)
    assert Idea.objects.count() == 13
    assert "1 idea was removed and 1 idea is as before" in undo(client, taken)
    assert not Idea.objects.filter(title__in=("Changed", "Quite new")).exists()


def test_keys_of_another_tool_are_kept_in_words(client_of, bob, pod, ten):
    taken, _ = send(client_of(bob), [{"Key": "JIRA-12", "Title": "From elsewhere"}])
    confirm(client_of(bob), taken)
    assert Idea.objects.get(title="From elsewhere").description == "Key: JIRA-12"


def test_a_column_of_one_s_own_goes_on_in_the_description_once(client_of, bob, pod, ten):
    client = client_of(bob)
    for _ in range(2):
        rows = export(client)
        row_of(rows, "LIF-1")["Cost centre"] = "4711"
        taken, _ = send(client, rows)
        if taken.counts["change"]:
            confirm(client, taken)
    assert Idea.objects.get(key="LIF-1").description == "Text 0\n\nCost centre: 4711"


def test_days_that_a_spreadsheet_turned_around_are_no_change(client_of, alice, pod, ten):
    until = timezone.localdate() + dt.timedelta(days=40)
    move_idea(Idea.objects.get(key="LIF-1"), "snooze", by=alice, snoozed_until=until)
    Idea.objects.update(created_at=timezone.make_aware(dt.datetime(2026, 3, 14, 12)))
    client = client_of(alice)
    rows = export(client, status="all")
    for row in rows:
        for name in ("Submitted on", "Snoozed until"):
            row[name] = "/".join(reversed(row[name].split("-")))
    assert rows[0]["Submitted on"] == "14/03/2026"
    _, page = send(client, rows)
    assert "Nothing changes." in page


def test_many_changes_are_made_by_a_task(client_of, alice, pod, ten, monkeypatch):
    queued = []
    monkeypatch.setattr(asking, "CHANGED_AT_ONCE", 3)
    monkeypatch.setattr(asking, "queue_on_commit", lambda task, pk: queued.append(pk))
    client = client_of(alice)
    rows = export(client)
    for row in rows:
        row["Lever"] = "timing"
    taken, _ = send(client, rows)
    assert "Being added" in confirm(client, taken)
    assert not Idea.objects.filter(lever="timing").exists()
    imports.work_on(*queued)
    assert Idea.objects.filter(lever="timing").count() == 12
