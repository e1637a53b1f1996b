"""A messy sheet of sixty ideas moved over, exported, ten rows changed, and brought back."""

import datetime as dt
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from openpyxl import Workbook, load_workbook

from backlog.models import Idea, Import, Objective, Quarter
from tests.factories import make_idea

HEAD = ["#", "Idea", "Team", "Owner", "Submitted by", "Date", "Status", "Objective / KPI",
        "Impact (1-10)", "Confidence", "Ease", "Expected uplift", "Prio", "Description / notes",
        "Cost centre"]  # fmt: skip
NAMES = ("Bob", "Carol", "Somebody Gone")
STATES = ("To do", "Doing", "Shipped", "Won't do")
ODD = ("Say “thanks” 🎉", "Two\nlines", "-10 % for friends", "'Quoted", "0815 campaign", "=SUM me",
       "Ñandú für alle", "a; b, c | d", "−5 % churn", 'He said "now"')  # fmt: skip


def messy_rows():
    yield ["Growth ideas 2026 (do not share)"]
    yield []
    yield ["Scores are the team’s, see Ana. Last update: yesterday"]
    yield []
    yield HEAD
    for number in range(60):
        if number == 45:
            yield ["", "--- PARKING LOT ---"]
            yield []
        yield [
            number + 1, ODD[number] if number < len(ODD) else f"Idea {number:03d}",
            "CRM" if number < 35 else "Lifecycle", NAMES[number % 3], NAMES[(number + 1) % 3],
            dt.date(2026, 1, 1) + dt.timedelta(days=number), STATES[number % 4],
            "Win back readers" if number % 2 else "", number % 10 + 1,
            "4,5" if number == 7 else 6, 5, "10 %" if number % 5 else 0.1, "high", f"Note\n{number} 🎯",
            "0815",
        ]  # fmt: skip
    yield ["", "TOTAL", "", "", "", "", "", "", 330, 360, 300]


@pytest.fixture
def sheet():
    book = Workbook()
    for row in messy_rows():
        book.active.append(row)
        for cell in book.active[book.active.max_row]:
            if isinstance(cell.value, str):
                cell.data_type = "s"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


class Clicks:
    """A person’s requests, counted."""

    def __init__(self, client):
        self.client, self.count = client, 0

    def get(self, address):
        self.count += 1
        return self.client.get(address)

    def post(self, address, data):
        self.count += 1
        return " ".join(self.client.post(address, data, follow=True).content.decode().split())

    def send(self, data, name):
        self.get(reverse("backlog:import_new"))
        file = SimpleUploadedFile(name, data)
        page = self.post(reverse("backlog:import_new"), {"file": file, "pod": "LIF"})
        return Import.objects.latest("pk"), page


@pytest.fixture
def goals(pod):
    today = timezone.localdate()
    for year in (today.year, today.year + 5):
        start = dt.date(year, 1, 1)
        quarter = Quarter.objects.create(
            name=f"Q1 {year}", starts_on=start, ends_on=dt.date(year, 4, 1)
        )
        Objective.objects.create(quarter=quarter, pod=pod, title="Win back readers")


@pytest.mark.grooming("B1", "B2", "B3", "B4", "B5", "B12", "D2")
def test_sixty_messy_rows_move_over_and_ten_come_back_changed(
    client_of, alice, bob, carol, pod, goals, sheet
):
    make_idea(alice, pod, "Already here")
    clicks = Clicks(client_of(alice))
    taken, page = clicks.send(sheet, "growth.xlsx")
    assert taken.columns == HEAD
    assert "35 rows" in page
    assert "15 rows" in page
    assert taken.counts["ask"] == 37  # of the unknown pod, TOTAL, and the parking lot
    columns = {f"column-{place}": what for place, what in taken.mapping.items()}
    names = {"name:pod:crm": "LIF", "name:status:doing": "open"}
    clicks.post(taken.get_absolute_url(), {"do": "read", "pod": "LIF", **columns, **names})
    taken.refresh_from_db()
    assert (taken.counts["add"], taken.counts["ask"]) == (60, 2)
    page = clicks.post(taken.get_absolute_url(), {"do": "add"})
    assert "60 ideas from growth.xlsx are in the backlog" in page
    assert clicks.count == 4
    check_what_came(bob, carol)

    clicks = Clicks(client_of(alice))
    data = b"".join(
        clicks.get(reverse("backlog:idea_export", args=["xlsx"]) + "?status=all").streaming_content
    )
    book = load_workbook(io.BytesIO(data))
    head = [cell.value for cell in book.active[1]]
    for row in range(2, 12):
        book.active.cell(row, head.index("Lever") + 1).value = f"lever {row}"
    out = io.BytesIO()
    book.save(out)
    taken, page = clicks.send(out.getvalue(), "ideas.xlsx")
    assert "10 ideas will change" in page
    assert taken.counts["cant"] == taken.counts["add"] == 0
    page = clicks.post(taken.get_absolute_url(), {"do": "add"})
    assert "10 ideas are changed" in page
    assert clicks.count == 4
    assert Idea.objects.filter(lever__startswith="lever").count() == 10
    page = clicks.post(taken.get_undo_url(), {})
    assert "10 ideas are as before" in page
    assert not Idea.objects.filter(lever__startswith="lever").exists()


def check_what_came(bob, carol):
    ideas = {idea.title: idea for idea in Idea.objects.all()}
    assert len(ideas) == 61
    assert {"TOTAL", "--- PARKING LOT ---", HEAD[1]}.isdisjoint(ideas)
    for title in ODD:
        assert " ".join(title.split()) in ideas
    first, last = ideas["Say “thanks” 🎉"], ideas["Idea 059"]
    assert (first.owner, first.author) == (bob, carol)
    assert first.description == "Note\n0 🎯\n\nPrio: high\nCost centre: 0815"
    assert (first.impact, last.impact) == (1, 10)
    assert timezone.localdate(last.created_at) == dt.date(2026, 3, 1)
    assert last.objective.quarter.name.endswith("2026")
    assert ideas["Two lines"].author is None
    assert "Author: Somebody Gone" in ideas["Two lines"].description
    states = [idea.state for idea in Idea.objects.filter(came_by__isnull=False)]
    assert (states.count("open"), states.count("rejected")) == (30, 30)
