"""The calendar as a file: its columns, whose rows, and that nothing in it runs."""

import csv
import datetime as dt
import io

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from experiments.flows.signing_off import sign_off_baseline
from experiments.models import Booking, Experiment
from tests.factories import make_experiment

DAY = dt.timedelta(days=1)


def exported(client, kind="csv", **query) -> bytes:
    answer = client.get(reverse("experiments:calendar_export", args=[kind]), query)
    assert answer.status_code == 200
    return b"".join(answer.streaming_content)


def rows(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))


@pytest.fixture
def placed(alice, bob, pod, objective):
    made = make_experiment(
        alice, pod, objective=objective, analyst=bob, owner=bob, title="=1+1;@x", channel="-E-mail"
    )
    Booking.objects.update_or_create(experiment=made, defaults={"share": 0.25, "people_days": 4.5})
    return made


def test_each_experiment_is_a_row_with_its_baseline_and_what_it_takes(
    client_of, olive, bob, quarter, placed
):
    first, after = placed.starts_on, placed.ends_on
    sign_off_baseline(quarter, by=olive)
    Experiment.objects.filter(pk=placed.pk).update(ends_on=after - 3 * DAY)
    (row,) = rows(exported(client_of(bob)))
    assert row == {
        "Key": placed.key, "Title": "'=1+1;'@x", "Pod": "Lifecycle",
        "Objective": "Win back readers", "State": "Draft", "First day": first.isoformat(),
        "Last day": (after - 4 * DAY).isoformat(), "Baseline first day": first.isoformat(),
        "Baseline last day": (after - DAY).isoformat(), "Slip in days": "-3",
        "Share of the segment in %": "25", "People-days": "4.5", "Segment": "",
        "Channel": "'-E-mail", "Owner": "Bob",
    }  # fmt: skip


def test_a_workbook_has_numbers_and_days_and_no_formula(client_of, olive, bob, quarter, placed):
    sign_off_baseline(quarter, by=olive)
    sheet = load_workbook(io.BytesIO(exported(client_of(bob), "xlsx"))).active
    head, row = list(sheet)
    cells = dict(zip((cell.value for cell in head), row, strict=True))
    assert sheet.title == "Calendar"
    assert cells["Title"].value == "=1+1;@x"
    assert cells["Title"].data_type in ("s", "inlineStr")
    assert cells["First day"].value.date() == placed.starts_on
    assert (cells["Share of the segment in %"].value, cells["Slip in days"].value) == (25, 0)


def test_an_outsider_gets_no_row_and_a_cancelled_experiment_is_none(
    client_of, charlie, bob, placed
):
    assert rows(exported(client_of(charlie))) == []
    Experiment.objects.filter(pk=placed.pk).update(state="cancelled")
    assert rows(exported(client_of(bob))) == []


def test_it_holds_the_days_that_the_calendar_shows(client_of, bob, quarter, placed):
    away = (placed.ends_on + 30 * DAY).isoformat()
    assert len(rows(exported(client_of(bob), view="six-weeks"))) == 1
    assert rows(exported(client_of(bob), view="six-weeks", **{"from": away})) == []


def test_before_the_first_baseline_its_columns_are_empty(client_of, bob, placed):
    (row,) = rows(exported(client_of(bob)))
    assert (row["Baseline first day"], row["Slip in days"]) == ("", "")


@pytest.mark.parametrize("kind", ["pdf", "xls", "csv2"])
def test_another_kind_of_file_is_not_there(client_of, bob, quarter, kind):
    url = reverse("experiments:calendar_export", args=[kind])
    assert client_of(bob).get(url).status_code == 404


def test_without_a_quarter_there_is_no_file(client_of, bob):
    url = reverse("experiments:calendar_export", args=["csv"])
    assert client_of(bob).get(url).status_code == 404
