"""Which row names the columns and which sheet counts: asked before anything is mapped."""

import io

import pytest
from django.urls import reverse
from openpyxl import Workbook

from experiments.models import Intake
from tests.experiments.guessing_kit import filled_in, send
from tests.experiments.posting import confirmed
from tests.factories import launched, make_experiment

TWO_HEADS = (
    "user,group,Reactivated\nReader,Arm,Outcome\n"
    "u1,control,1\nu2,Series named,0\nu3,control,0\nu4,Series named,1\n"
)


def two_sheets():
    book = Workbook()
    for sheet, counts in ((book.active, (100, 10)), (book.create_sheet("Week 2"), (200, 30))):
        sheet.append(["group", "users", "Reactivated"])
        sheet.append(["control", *counts])
        sheet.append(["Series named", *counts])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.fixture
def running(alice, bob, carol, pod, objective):
    made = make_experiment(alice, pod, objective=objective, analyst=carol, reading="any-time")
    return launched(made, alice)


@pytest.fixture
def sent(client_of, bob, running):
    """Send a table; the address of its next page."""

    def upload(data, name="r.csv"):
        response = send(client_of(bob), running, data, name)
        assert response.status_code == 302
        return response.url

    return upload


def test_the_row_of_the_names_is_asked_first_and_can_be_changed_later(client_of, bob, sent):
    client, url = client_of(bob), sent(TWO_HEADS.encode())
    page = client.get(url).content.decode()
    assert "Which row names the columns?" in page
    assert "Read this table" in page
    assert 'name="variant"' not in page
    assert client.post(url, {"table": "1", "answer:header": "2"}).url == url
    taken = Intake.objects.get()
    assert [column["name"] for column in taken.sniffed["columns"]] == ["Reader", "Arm", "Outcome"]
    page = client.get(url).content.decode()
    assert "Which table of the file is read" in page
    client.post(url, {"table": "1", "answer:header": "1"})
    taken.refresh_from_db()
    assert [column["name"] for column in taken.sniffed["columns"]] == [
        "user",
        "group",
        "Reactivated",
    ]
    values = filled_in(client, url)
    assert values["variant"] == "group"


def test_nothing_is_read_before_the_table_is_clear(client_of, bob, running, sent):
    client, url = client_of(bob), sent(TWO_HEADS.encode())
    values = {"shape": "units", "variant": "group", f"metric_{running.primary.pk}": "Reactivated"}
    assert "Which row names the columns?" in client.post(url, values).content.decode()
    assert Intake.objects.get().state == "received"


def test_the_sheet_is_asked_and_the_chosen_one_is_read(client_of, bob, sent):
    client, url = client_of(bob), sent(two_sheets(), "two.xlsx")
    page = client.get(url).content.decode()
    assert "Which sheet of the workbook counts?" in page
    client.post(url, {"table": "1", "answer:sheet": "Week 2"})
    answer = client.post(url, filled_in(client, url))
    taken = Intake.objects.get()
    assert answer.status_code == 302, answer.context["form"].errors
    assert taken.understood["units"] == {"As it is": 200, "Series named": 200}
    assert confirmed(client, answer.url).status_code == 302


def test_the_next_file_is_read_as_the_last_one_was_answered(client_of, bob, sent):
    client, url = client_of(bob), sent(two_sheets(), "two.xlsx")
    client.post(url, {"table": "1", "answer:sheet": "Week 2"})
    confirmed(client, client.post(url, filled_in(client, url)).url)
    url = sent(two_sheets(), "two.xlsx")
    page = client.get(url).content.decode()
    assert 'name="variant"' in page
    assert "as in the file of" in page
    assert Intake.objects.latest("pk").sniffed["rows"] == 2


def test_the_table_of_a_file_that_counts_stays(client_of, bob, running, sent):
    client, url = client_of(bob), sent(TWO_HEADS.encode())
    client.post(url, {"table": "1", "answer:header": "1"})
    values = filled_in(client, url) | {"label_0": "-"}  # the second row of names
    confirmed(client, client.post(url, values).url)
    answer = client.post(url, {"table": "1", "answer:header": "2"})
    assert (answer.status_code, answer.url) == (
        302, reverse("experiments:experiment_data", args=[running.pk]),
    )  # fmt: skip
    assert Intake.objects.get().state == "counted"
