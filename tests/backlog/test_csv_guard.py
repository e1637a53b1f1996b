"""No cell of a CSV that Floe writes runs in a spreadsheet, and each comes back to the letter."""

import ast
import csv
import io
import sys
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backlog.csv_guard import csv_lines, formula_safe, unformula

ROOT = Path(__file__).parent.parent.parent
# Every letter that Unicode itself takes for one of the four signs, and the controls that Excel drops.
STARTS = [
    chr(code) for code in range(sys.maxunicode + 1)
    if unicodedata.normalize("NFKC", chr(code))[:1] in ("=", "+", "-", "@", "−")
] + ["\t", "\r", "\n"]  # fmt: skip
# What a spreadsheet may pass over in front of them.
BLANKS = [
    chr(code) for code in range(0x10000)
    if unicodedata.category(chr(code)) in ("Cc", "Cf", "Zs", "Zl", "Zp")
    and chr(code) not in "\t\r\n"
]  # fmt: skip
text = st.text(
    st.one_of(
        st.sampled_from([*STARTS, "'", ";", ",", '"', "|", " ", "\u200b", "a"]), st.characters()
    )
)


@pytest.mark.parametrize("start", STARTS, ids=lambda sign: f"{ord(sign):04x}")
def test_a_sign_that_starts_a_formula_is_guarded(start):
    for cell in (f"{start}1+1", f" {start}1+1", f"x;{start}1+1", f"x\n\u200b{start}1+1"):
        assert formula_safe(cell) != cell
        assert unformula(formula_safe(cell)) == cell


def test_blanks_do_not_hide_a_sign():
    hidden = [f"{blank}=1" for blank in BLANKS if formula_safe(f"{blank}=1")[0] != "'"]
    # Signs of a few scripts that count what follows; no spreadsheet passes over them.
    assert {hex(ord(cell[0])) for cell in hidden} <= {
        "0x600", "0x601", "0x602", "0x603", "0x604", "0x605", "0x6dd", "0x70f", "0x890", "0x891",
        "0x8e2", "0xfff9", "0xfffa", "0xfffb",
    }  # fmt: skip


@given(text)
def test_a_guarded_text_comes_back(cell):
    assert unformula(formula_safe(cell)) == cell


@given(st.lists(st.lists(text.map(lambda part: part.replace("\0", "")), min_size=1), min_size=1))
def test_a_file_comes_back(rows):
    written = "".join(csv_lines(rows)).removeprefix("\ufeff")
    read = list(csv.reader(io.StringIO(written, newline="")))
    assert [[unformula(cell) for cell in row] for row in read] == rows


# Files of a stranger that Floe writes for itself, or gives back as they came.
OTHER_WRITERS = {
    "backlog/csv_guard.py": "the one that guards",
    "backlog/tables/quotes.py": "lines with stray quotation marks, mended for the reader",
    "experiments/results_file/workbook.py": "a workbook unpacked for the reader of results",
    "experiments/results_file/stacking.py": "a table turned for the reader of results",
    "experiments/flows/connecting.py": "rows of a database for the reader of results",
    "experiments/units/id_lists.py": "somebody's own list back, with guarded arms beside it",
}


def test_there_is_one_writer_of_csv_for_people():
    writers = set()
    for path in [*(ROOT / "backlog").rglob("*.py"), *(ROOT / "experiments").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Attribute) and node.attr in ("writer", "DictWriter"):
                writers.add(str(path.relative_to(ROOT)))
    assert writers == set(OTHER_WRITERS)
