"""Workbooks and Parquet files come to the same table as the CSV; damaged ones to a sentence."""

import datetime as dt
import io
import json
import zipfile
from io import StringIO

import duckdb
import pytest
from django.core.management import call_command
from openpyxl import Workbook

from experiments.forms.file_sent import FileForm
from experiments.results_file import FileProblem, formats, sniff, unpack
from tests.experiments.posting import mapped
from tests.factories import launched, make_experiment

ROWS = [
    ("user", "group", "came", "minutes", "paid"),
    *((f"r{n}", "AB"[n % 2], dt.datetime(2026, 11, 2 + n), n + 0.5, n % 3 == 0) for n in range(8)),
]


def workbook(*sheets):
    book = Workbook()
    book.remove(book.active)
    for title, rows in sheets:
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def parquet(path):
    with duckdb.connect() as database:
        values = ", ".join(
            f"('{u}', '{g}', DATE '{c:%Y-%m-%d}', {m}, {p})" for u, g, c, m, p in ROWS[1:]
        )
        names = ", ".join(f'"{name}"' for name in ROWS[0])
        database.execute(f"COPY (SELECT * FROM (VALUES {values}) AS t({names})) TO '{path}'")
    return path.read_bytes()


@pytest.mark.parametrize("kind", ["xlsx", "parquet"])
def test_a_table_is_read_as_its_csv(tmp_path, kind):
    path, target = tmp_path / f"r.{kind}", tmp_path / "r.csv"
    path.write_bytes(
        workbook(("Notes", [("read me",)]), ("Data", ROWS)) if kind == "xlsx" else parquet(path)
    )
    note = unpack(path, target).note
    assert note == ("workbook, sheet “Data”; 1 other not read" if kind == "xlsx" else "Parquet")
    seen = sniff(target)
    assert [(c.name, c.kind) for c in seen.columns] == [
        ("user", "text"), ("group", "text"), ("came", "date"), ("minutes", "number"),
        ("paid", "boolean")]  # fmt: skip
    assert seen.rows == 8
    with pytest.raises(FileProblem, match="rows"):
        unpack(path, target, max_rows=3)


@pytest.mark.parametrize("kind", ["xlsx", "parquet"])
def test_the_command_line_reads_the_same_formats_as_the_page(tmp_path, kind):
    path, output = tmp_path / f"r.{kind}", StringIO()
    path.write_bytes(workbook(("Data", ROWS)) if kind == "xlsx" else parquet(path))
    options = ["--variant", "group", "--control", ROWS[1][1], "--metric", "minutes"]
    call_command("analyse", str(path), *options, "--json", stdout=output)
    assert sum(json.loads(output.getvalue())["units"].values()) == len(ROWS) - 1


def test_every_format_is_offered_by_the_page_that_takes_files():
    field = FileForm().fields["file"]
    for each in formats.FORMATS:
        assert set(each.suffixes) <= set(field.widget.attrs["accept"].split(","))
        assert each.name in field.help_text


def test_a_csv_is_left_alone(tmp_path):
    path = tmp_path / "r.csv"
    path.write_text("a,b\n1,2\n")
    assert unpack(path, tmp_path / "other.csv").note == ""
    assert not (tmp_path / "other.csv").exists()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"PAR1 and nothing more", "Parquet file can’t be read"),
        (b"PK\x03\x04 and nothing more", "workbook can’t be opened because it is incomplete"),
        (workbook(("Empty", [])), "No sheet of this workbook has a table"),
    ],
)
def test_a_damaged_table_is_a_sentence(tmp_path, content, sentence):
    path = tmp_path / "r"
    path.write_bytes(content)
    with pytest.raises(FileProblem, match=sentence):
        unpack(path, tmp_path / "r.csv")


def test_an_archive_is_no_workbook(tmp_path):
    path = tmp_path / "r.zip"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("r.csv", "a,b\n1,2\n")
    with pytest.raises(FileProblem, match="ZIP archive"):
        unpack(path, tmp_path / "r.csv")


def test_a_workbook_goes_all_the_way(client_of, alice, bob, pod, objective):
    running = launched(make_experiment(alice, pod, objective=objective, analyst=bob), alice)
    response = mapped(
        client_of(bob), running, workbook(("Data", ROWS)), unit="user", metric_Reactivated="paid",
        label_0="As it is", label_1="Series named", day="came",
    )  # fmt: skip
    assert response.status_code == 302
    page = client_of(bob).get(response.url).content.decode()
    assert "8 days" in page
