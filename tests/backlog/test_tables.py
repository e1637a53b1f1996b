"""Tables of ideas and lists, as the one reader of tables understands them."""

from pathlib import Path

import pytest
from openpyxl import Workbook

from backlog.sheets import guess
from backlog.tables import FileProblem, read_table
from experiments.units.id_lists import read_ids, with_columns

CASES = Path(__file__).parent.parent / "corpus" / "cases"


def is_header(cells):
    return bool(guess(cells))


def read(source, answers=None):
    return read_table(source, answers, is_header=is_header)


def cells_of(table):
    return [row.cells for row in table.rows]


SCORES = ["Impact", "Confidence", "Ease"]


@pytest.mark.parametrize(
    ("file", "names", "rows"),
    [
        ("17-backlog-one-tab.csv", ["Idea", "Description", *SCORES], [
            ["Thank readers by name", "plain text", "5", "5", "5"],
            ["Shorter sign-up", "two fields:\tname and mail", "6", "6", "6"],
            ["Pause instead of cancel", "more text", "7", "7", "7"]]),
        ("18-backlog-header-not-known.csv", ["Feature", *SCORES], [
            ["Thank readers by name", "7", "6", "5"], ["Shorter sign-up", "8", "4", "6"]]),
        ("18b-backlog-header-in-row-3.csv", ["Idea", *SCORES],
         [["Thank readers by name", "7", "6", "5"]]),
        ("18c-backlog-sep-line.csv", ["Idea", *SCORES], [["Thank readers by name", "7", "6", "5"]]),
        ("18d-backlog-no-title-column.csv", ["Feature", *SCORES, "Notes"], [
            ["Thank readers by name", "7", "6", "5", "first"],
            ["Shorter sign-up", "8", "4", "6", "second"]]),
        ("20-backlog-averages.csv", ["Idea", *SCORES], [
            ["Thank readers by name", "7.333333333333333", "6.666666666666667", "5"],
            ["Shorter sign-up", "7.33", "6.67", "5"]]),
        ("21-backlog-unclosed-quote.csv", ["Idea", "Description"], [
            ["Thank readers by name", "starts here"], ["Shorter sign-up", "second"],
            ["Pause instead of cancel", "third"], ["Gift a month", "fourth"]]),
        ("22-backlog-hidden-sheet.xlsx", ["Idea", *SCORES],
         [["Thank readers by name", "7", "6", "5"]]),
    ],
)  # fmt: skip
def test_each_case_of_a_backlog_has_its_rows(file, names, rows):
    table = read(CASES / file)
    assert (table.names, cells_of(table), table.questions) == (names, rows, ())


def test_a_line_of_pasted_text_without_names_is_one_cell():
    lines = (CASES / "23-backlog-lines-with-commas.txt").read_text()
    table = read(lines)
    assert cells_of(table) == [[line] for line in lines.splitlines()]
    assert not table.has_header


def test_an_unclosed_mark_is_named_with_its_row():
    (note,) = read(CASES / "21-backlog-unclosed-quote.csv").notes
    assert "in row 2 is not closed" in note


@pytest.mark.parametrize("end", ["", "\n"])
@pytest.mark.parametrize("mark", [7, 30, 59])
def test_a_list_with_an_unclosed_mark_keeps_all_of_its_ids(tmp_path, mark, end):
    path = tmp_path / "list.csv"
    rows = [f"r{n},{chr(34) if n == mark else ''}n{n}" for n in range(60)]
    path.write_text("\n".join(["id,name", *rows]) + end)
    assert read_ids(path).units == [f"r{n}" for n in range(60)]
    back = "".join(with_columns(path, {"arm": ["A"] * 60})).splitlines()
    assert back[0] == "id,name,arm"
    assert back[mark + 1] == f"r{mark},n{mark},A"


def test_the_split_list_of_the_cases_keeps_all_of_its_ids():
    assert len(read_ids(CASES / "21b-split-list-unclosed-quote.csv").units) == 60


def test_a_list_of_one_column_is_a_list(tmp_path):
    path = tmp_path / "list.csv"
    path.write_text("id\nr1\nr2\n")
    assert read_ids(path).units == ["r1", "r2"]


@pytest.mark.parametrize(
    ("above", "row"),
    [("", 1), ("Growth backlog\n\n", 3), ("# exported today\n# by Ana\n", 3), ("a,,\nb,,\n", 3)],
)
@pytest.mark.parametrize("sign", [",", ";", "\t"])
def test_the_row_of_known_names_is_found_below_whatever_stands_above(above, row, sign):
    table = read(f"{above}Idea,Impact,Ease\nOne,7,5\nTwo,6,4\n".replace(",", sign))
    assert table.names == ["Idea", "Impact", "Ease"]
    assert [one.line for one in table.rows] == [row + 1, row + 2]


def test_a_header_that_nobody_knows_is_a_question():
    text = "Vorschlag\tPunkte\nMehr Bilder\t7\nWeniger Text\t5\n"
    table = read(text)
    (question,) = table.questions
    assert (question.key, [choice.key for choice in question.choices]) == ("header", ["1", "0"])
    assert len(read(text, {"header": "1"}).rows) == 2
    assert len(read(text, {"header": "0"}).rows) == 3
    assert read(text, {"header": "0"}).questions[0].answer == "0"


def test_of_two_visible_sheets_with_a_table_one_is_asked_for(tmp_path):
    book = Workbook()
    book.active.title = "Old"
    for name in ("Old", "New"):
        sheet = book["Old"] if name == "Old" else book.create_sheet(name)
        sheet.append(["Idea", "Impact"])
        sheet.append([f"An idea of {name}", 7])
    book.save(tmp_path / "b.xlsx")
    (question,) = read(tmp_path / "b.xlsx").questions
    assert [choice.key for choice in question.choices] == ["Old", "New"]
    assert cells_of(read(tmp_path / "b.xlsx", {"sheet": "New"})) == [["An idea of New", "7"]]
    book["Old"].sheet_state = "hidden"
    book.save(tmp_path / "b.xlsx")
    assert read(tmp_path / "b.xlsx").questions == ()
    assert cells_of(read(tmp_path / "b.xlsx")) == [["An idea of New", "7"]]


@pytest.mark.parametrize("text", ["", " \n\n", "Idea,Impact\n"])
def test_what_holds_no_rows_is_a_sentence(text):
    with pytest.raises(FileProblem):
        read(text)


def test_a_text_over_several_lines_stays_one_cell():
    table = read('Idea,Description\nOne,"first line\nsecond, with a comma"\nTwo,plain\n')
    assert cells_of(table) == [["One", "first line\nsecond, with a comma"], ["Two", "plain"]]
    assert table.notes == []
