"""Tables of ideas that went wrong once, sent through the page: each has its right rows, or a question."""

import io
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import Workbook

from backlog.models import Idea, Import

CASES = Path(__file__).parent.parent / "corpus" / "cases"
NEW = reverse("backlog:import_new")
THREE = ("Thank readers by name", "Shorter sign-up", "Pause instead of cancel")


@pytest.fixture
def bring(client_of, bob, pod):
    """Send a file or paste a text; the page of the rows."""

    def send(content, name="backlog.csv"):
        client = client_of(bob)
        if isinstance(content, str):
            return client.post(NEW, {"rows": content, "pod": "LIF"}, follow=True)
        file = SimpleUploadedFile(name, content)
        return client.post(NEW, {"file": file, "pod": "LIF"}, follow=True)

    return send


@pytest.fixture
def added(client_of, bob):
    """Add what was understood; title → the scores of each idea that came."""

    def add():
        taken = Import.objects.latest("pk")
        client_of(bob).post(taken.get_absolute_url(), {"do": "add"})
        return {
            idea.title: (idea.impact, idea.confidence, idea.ease)
            for idea in Idea.objects.order_by("pk")
        }

    return add


@pytest.mark.grooming("B1")
@pytest.mark.parametrize(
    ("file", "ideas"),
    [
        ("17-backlog-one-tab.csv", dict(zip(THREE, ((5, 5, 5), (6, 6, 6), (7, 7, 7)), strict=True))),
        ("18-backlog-header-not-known.csv", {THREE[0]: (7, 6, 5), THREE[1]: (8, 4, 6)}),
        ("18b-backlog-header-in-row-3.csv", {THREE[0]: (7, 6, 5)}),
        ("18c-backlog-sep-line.csv", {THREE[0]: (7, 6, 5)}),
        ("18d-backlog-no-title-column.csv", {THREE[0]: (7, 6, 5), THREE[1]: (8, 4, 6)}),
        ("20-backlog-averages.csv", {THREE[0]: (7, 7, 5), THREE[1]: (7, 7, 5)}),
        ("21-backlog-unclosed-quote.csv",
         dict.fromkeys((*THREE, "Gift a month"), (None, None, None))),
        ("22-backlog-hidden-sheet.xlsx", {THREE[0]: (7, 6, 5)}),
    ],
)  # fmt: skip
def test_each_file_brings_its_ideas_with_their_scores(bring, added, file, ideas):
    page = bring((CASES / file).read_bytes(), file).content.decode()
    assert f"Add {len(ideas)} idea" in page
    assert added() == ideas


def test_a_tab_in_a_description_stays_in_it(bring, added):
    bring((CASES / "17-backlog-one-tab.csv").read_bytes())
    added()
    assert Idea.objects.get(title="Shorter sign-up").description == "two fields:\tname and mail"


def test_pasted_lines_with_commas_are_titles(bring, added):
    text = (CASES / "23-backlog-lines-with-commas.txt").read_text()
    bring(text)
    assert list(added()) == [line for line in text.splitlines() if line]


@pytest.mark.grooming("B1")
@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        ("18b-backlog-header-in-row-3.csv", "The names of the columns are in row 3."),
        ("18d-backlog-no-title-column.csv",
         "No column is called title, so “Feature” is read as the title."),
        ("20-backlog-averages.csv", "Impact 7.33 counts as 7"),
        ("21-backlog-unclosed-quote.csv", "The quotation mark in row 2 is not closed."),
        ("22-backlog-hidden-sheet.xlsx", "Only “"),
    ],
)  # fmt: skip
def test_what_was_guessed_is_said(bring, file, sentence):
    assert sentence in bring((CASES / file).read_bytes(), file).content.decode()


@pytest.mark.parametrize(
    ("table", "ideas"),
    [
        ("Hypothesis,Reach,Impact,Confidence,Effort\nShorter mails,90,7,6,3\n", ["Shorter mails"]),
        ("Nr;Vorhaben;Wirkung;Zuversicht;Leichtigkeit\n1;Kürzer;7;6;5\n2;Früher;8;6;5\n",
         ["Kürzer", "Früher"]),
        ("# exported\n\nIdea|Impact|Confidence|Ease\nSend, then ask|7|6|5\n", ["Send, then ask"]),
        ("Growth plan,,,\n,,,\nIdea,Impact,Confidence,Ease\nOne,7,6,5\nTwo,7,6,5\n",
         ["One", "Two"]),
    ],
)  # fmt: skip
def test_others_of_the_kind_bring_their_titles(bring, added, table, ideas):
    bring(table.encode())
    assert list(added()) == ideas


@pytest.mark.grooming("D2")
@pytest.mark.parametrize(
    ("scores", "sentence"),
    [
        ("7/10,6/10,5/10", "ready"),
        ("8.5,6,5", "Impact 8.5 counts as 9"),
        ("70 %,6,5", "Impact “70 %” is not a number from 1 to 10"),
        ("4/5,6,5", "Impact “4/5” is not a number from 1 to 10"),
        ("50,6,5", "Impact “50” is not a number from 1 to 10"),
        ("high,6,5", "Impact “high” is not a number from 1 to 10"),
    ],
)
def test_no_score_is_guessed_in_silence(bring, scores, sentence):
    page = bring(f"Idea,Impact,Confidence,Ease\nOne,{scores}\n".encode()).content.decode()
    assert sentence in page


def test_scores_that_end_at_five_are_pointed_out(bring):
    rows = "".join(f"Idea {n},{n % 5 + 1},{n % 4 + 1},{n % 3 + 1}\n" for n in range(8))
    page = bring(f"Idea,Impact,Confidence,Ease\n{rows}".encode()).content.decode()
    assert "No score is above 5." in page


def test_a_row_of_ideas_that_holds_a_known_word_is_no_header(bring, added):
    bring(b"Thank readers,test,Bob\nShorter sign-up,test,Bob\nPause first,idea,Bob\n")
    page_titles = list(added())
    assert page_titles == ["Thank readers", "Shorter sign-up", "Pause first"]


def test_a_first_row_without_known_words_is_a_question(client_of, bob, bring, added):
    table = b"Vorschlag;Aufwand;Nutzen\nKuerzer;3;7\nFrueher;2;8\n"
    page = bring(table).content.decode()
    taken = Import.objects.get()
    assert "Does row 1 name the columns?" in page
    assert 'aria-disabled="true"' in page
    client = client_of(bob)
    assert client.post(taken.get_absolute_url(), {"do": "add"}).status_code == 409
    assert not Idea.objects.exists()
    client.post(taken.get_absolute_url(), {"do": "table", "answer:header": "1"})
    taken.refresh_from_db()
    assert taken.columns == ["Vorschlag", "Aufwand", "Nutzen"]
    page = client.get(taken.get_absolute_url()).content.decode()
    assert "“Vorschlag” is read as the title" in page
    client.post(taken.get_absolute_url(), {"do": "table", "answer:header": "0"})
    taken.refresh_from_db()
    assert taken.columns == ["Column A", "Column B", "Column C"]
    client.post(taken.get_absolute_url(), {"do": "table", "answer:header": "1"})
    assert list(added()) == ["Kuerzer", "Frueher"]


def test_which_sheet_is_asked_where_several_could_be_meant(client_of, bob, bring, added):
    book = Workbook()
    for number, sheet in enumerate((book.active, book.create_sheet("Second"))):
        sheet.append(["Idea", "Impact", "Confidence", "Ease"])
        for row in range(3):
            sheet.append([f"Idea {number}{row}", 7, 6, 5])
    out = io.BytesIO()
    book.save(out)
    page = bring(out.getvalue(), "two.xlsx").content.decode()
    taken = Import.objects.get()
    assert "Which sheet of the workbook counts?" in page
    client_of(bob).post(taken.get_absolute_url(), {"do": "table", "answer:sheet": "Second"})
    assert list(added()) == ["Idea 10", "Idea 11", "Idea 12"]


@pytest.mark.grooming("B2")
def test_a_row_that_is_ready_can_be_left_out(client_of, bob, bring, added):
    bring(b"Idea,Impact,Confidence,Ease\nOne,7,6,5\nTwo,7,6,5\n")
    taken = Import.objects.get()
    places = {f"column-{place}": what for place, what in taken.mapping.items()}
    client_of(bob).post(taken.get_absolute_url(), {"do": "read", "row-2": "out", **places})
    assert list(added()) == ["Two"]


@pytest.mark.parametrize(
    "names",
    [
        "Idée;Impact;Confiance;Facilité", "Titolo;Impatto;Fiducia;Facilità",
        "Título;Impacto;Confiança;Facilidade", "Titel;Impact;Vertrouwen;Gemak",
        "Idé;Påverkan;Säkerhet;Enkelhet", "Idé;Påvirkning;Tillit;Lethed",
        "Pomysł;Wpływ;Pewność;Łatwość", "Otsikko;Vaikutus;Varmuus;Helppous",
    ],
)  # fmt: skip
def test_the_names_of_columns_are_known_in_ten_languages(bring, added, names):
    bring(f"{names}\n{THREE[0]};7;6;5\n{THREE[1]};8,0;4,0;6\n".encode())
    assert added() == {THREE[0]: (7, 6, 5), THREE[1]: (8, 4, 6)}
