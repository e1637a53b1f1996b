"""Write the tables of docs/intake.md from the code: `python deploy/write_intake.py`, or `--check`.

Every line of them is what the reader made of an example just now, or a list of words that it knows.
"""

import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from backlog.tables.dates import MONTH_NAMES, style_of_dates
from backlog.tables.numbers import MISSING, style_of
from backlog.tables.yes_no import PAIRS
from experiments.results_file import (
    COUNT_WORDS,
    UNIT_WORDS,
    VARIANT_WORDS,
    FileProblem,
    Mapping,
    MetricColumns,
    Question,
    guess_labels,
    read,
    sniff,
)
from experiments.results_file.arm_words import (
    CONTROL_ALONE,
    CONTROL_WORDS,
    TREATMENT_ALONE,
    TREATMENT_WORDS,
)
from experiments.results_file.figures import figure
from experiments.results_file.words import TOTAL_WORDS

PAGE = Path(__file__).parent.parent / "docs" / "intake.md"
LANGUAGES = ("English", "German", "French", "Spanish", "Portuguese", "Italian", "Dutch",
             "Swedish, Danish and Norwegian", "Polish", "Finnish")  # fmt: skip
NUMBERS = (
    ("1250", "12.5"), ("1 237,65", "12,50"), ("1’250.50", "3’000"), ("1.250.000", "1.250"),
    ("1,250,000", "1,250"), ("1,23,456.50", "12,345.00"), ("1.250,00 €", "1.250"), ("12,5", "1.250"),
    ("$1,250.00", "-$3.50"), ("R$ 1.234,56", "R$ 2,00"), ("(12.50)", "5.25"), ("12.50-", "−5"), ("12,-", "14,50"),
    ("12.5 %", "3 %"), ("1.5k", "2M"), ("1,5E+3", "250"), ("0,125", "1,250"), ("1234.567", "1.250"),
    ("1.250", "900"), ("1,234", "2,375"), ("€ 1.250", "€ 2.500"), ("1.2.3", "12 apples"),
)  # fmt: skip
DATES = (
    ("2026-11-30", "2026/12/1"), ("30.11.2026", "1.12.2026"), ("30/11/2026 08:15", "1/12/2026"),
    ("11/30/2026", "12/1/2026"), ("30.11.26", "1.12.26"), ("11/30/26", "12/01/26"),
    ("26-11-30", "26-12-01"), ("20261130",), ("30 November 2026",), ("30-Nov-2026",),
    ("Monday, November 30, 2026",), ("30. November 2026",), ("30 novembre 2026", "1er décembre 2026"),
    ("30 de noviembre de 2026",), ("30 listopada 2026",), ("30. marraskuuta 2026",),
    ("2026-11-30T08:00:00Z",), ("2026113014",), ("Mo, 30.11.2026", "Di, 01.12.2026"), ("1796025600",), ("1796025600000",),
    ("11-10-2026", "11-11-2026", "12-01-2026"), ("3/4/2026",), ("02.11.2026", "03.11.2026", "04.11.2026"),
    ("November 2026",), ("8:30",),
)  # fmt: skip
LABELS = (
    ("Test group", "Control group"), ("1", "0"), ("TRUE", "FALSE"), ("mailed", "holdout"),
    ("variation_1", "original"), ("T", "C"), ("Testgruppe", "Kontrollgruppe"),
    ("Groupe test", "Groupe témoin"), ("Grupo B", "Grupo de control"), ("A_ask", "Z_control_no_ask"),
    ("ask", "no ask"), ("Variant B", "Variant A (original)"), ("With image", "Without image"), ("B", "A"), ("North", "South"), ("control 2", "control 1"),
)  # fmt: skip


def numbers() -> Iterator[str]:
    yield from ("| the column holds | is read as |", "|---|---|")
    for cells in NUMBERS:
        style = style_of(cells)
        if style.unsure:
            ways = (style_of(cells, answer=answer) for answer in ("thousands", "decimals"))
            result = "**asked**: " + " or ".join(_values(cells, way.value) for way in ways)
        else:
            result = _values(cells, style.value)
        yield f"| {_cells(cells)} | {result} |"


def _values(cells: tuple[str, ...], value: Callable[[str], float | None]) -> str:
    return " · ".join(
        "rejected" if (number := value(cell)) is None else figure(number) for cell in cells
    )


def dates() -> Iterator[str]:
    yield from ("| the column holds | is read as |", "|---|---|")
    for cells in DATES:
        style = style_of_dates(cells)
        orders = style.readings if style.is_unsure else (style.order,)
        ways = [
            [style_of_dates(cells, answer=order).date(cell) for cell in cells] for order in orders
        ]
        texts = [
            " · ".join("not a day" if day is None else day.isoformat() for day in way)
            for way in ways
        ]
        yield f"| {_cells(cells)} | {'**asked**: ' if len(texts) > 1 else ''}{' or '.join(texts)} |"


def _cells(cells: tuple[str, ...]) -> str:
    return " · ".join(f"`{cell}`" for cell in cells)


def months() -> Iterator[str]:
    yield from ("| month | names and short names, without accents |", "|--:|---|")
    for number, names in enumerate(MONTH_NAMES, 1):
        yield f"| {number} | {', '.join(names.split())} |"


def yes_and_no() -> Iterator[str]:
    yield from ("| yes | no |", "|---|---|", "| 1 | 0 |")
    for yes, no in PAIRS:
        yield f"| {yes} | {no or '*(empty)*'} |"


def nothing() -> Iterator[str]:
    yield ", ".join(f"`{word}`" for word in MISSING if word) + ", and an empty cell."


def labels() -> Iterator[str]:
    yield from ("| labels in the file | Control | Variant |", "|---|---|---|")
    for pair in LABELS:
        meant = guess_labels(pair, ["Control", "Variant"], "Control")
        arms = {arm: label for label, arm in meant.items() if arm}
        shown = (
            f"`{arms[arm]}`" if arm in arms else "choose an arm" for arm in ("Control", "Variant")
        )
        yield f"| {_cells(pair)} | {' | '.join(shown)} |"


def words() -> Iterator[str]:
    yield from ("| a column or label | words |", "|---|---|")
    for name, known in (
        ("control, within a label", CONTROL_WORDS), ("control, alone", CONTROL_ALONE),
        ("treatment beside a control, within a label", TREATMENT_WORDS),
        ("treatment beside a control, alone", TREATMENT_ALONE),
        ("column with the arm", VARIANT_WORDS), ("column with the person", UNIT_WORDS),
        ("column with the number of units", COUNT_WORDS), ("row that adds up the arms", TOTAL_WORDS),
    ):  # fmt: skip
        yield f"| {name} | {', '.join(sorted(set(known)))} |"


REVENUE = MetricColumns("Revenue", "mean", "Revenue")
CONVERTED = MetricColumns("Converted", "proportion", "Converted")
UNITS = Mapping("units", "group", "user")
DAILY = Mapping("totals", "group", count="users", day="day", accumulation="daily")
TOTALS = Mapping("totals", "group", count="users")


def _units(name: str, *cells: str) -> str:
    rows = [f"u{n};{('Control', 'Variant')[n % 2]};{cell}" for n, cell in enumerate(cells)]
    return "\n".join([f"user;group;{name}", *rows])


ASKED = (
    (_units("Revenue", "1.250", "900", "2.400", "750"), UNITS, REVENUE),
    (_units("Converted", "ja", "", "", "ja"), UNITS, CONVERTED),
    (_units("Revenue", "10", "12", "", "", "20", "22"), UNITS, REVENUE),
    (_units("Converted", "ja", "nix", "nix", "ja"), UNITS, CONVERTED),
    (_units("Converted", "bought", "left", "left", "bought"), UNITS, CONVERTED),
    ("group;day;users;Converted\nControl;11-10-2026;10;3\nVariant;11-10-2026;10;4", DAILY, CONVERTED),
    ("group;users;Conversion rate\nControl;1000;10\nVariant;1000;13", TOTALS,
     MetricColumns("Converted", "proportion", "Conversion rate")),
    ("id;arm;outcome\nuser;group;Converted\nu1;Control;1\nu2;Variant;0\nu3;Control;0", UNITS, CONVERTED),
)  # fmt: skip


def questions() -> Iterator[str]:
    yield from (
        "| key | question | why it is asked | readings, over all arms together |",
        "|---|---|---|---|",
    )
    for content, mapping, metric in ASKED:
        for question in _questions_of(content, mapping, metric):
            ways = "; ".join(
                f"{choice.label}{f' ({choice.effect})' if choice.effect else ''}"
                for choice in question.choices
            )
            yield f"| `{question.key}` | {question.text} | {question.why} | {ways} |"


def _questions_of(content: str, mapping: Mapping, metric: MetricColumns) -> tuple[Question, ...]:
    with _file(content) as path:
        seen = sniff(path)
        return seen.questions or _read(path, mapping, metric).questions


PROBLEMS = (
    (_units("Revenue", *["7", "8", "9", "5"] * 10, "1~237,65", "2~300,10", "3~100,00", "1~999,99"), REVENUE),
    (_units("Revenue", *("soon" if n % 4 == 1 else "5" for n in range(80))), REVENUE),
    (_units("Converted", *["ja", "ja", "jein", "vielleicht", "nie gefragt", "jein"] * 3), CONVERTED),
    ("user;group;Converted\n" + "\n".join(
        f"4.{892 + n}E+14;{('Control', 'Variant')[n % 2]};{n % 2}" for n in range(30)) + "\nu1;Control;1\nu2;Variant;0",
     CONVERTED),
)  # fmt: skip
REFUSED = (
    "just some words\nwithout columns",
    "1,2,3\n4,5,6",
    "user,group,Converted",
    "user;group;Revenue\n" + "\n".join(f"1;a;u{n};Control;5" for n in range(9)),
    'user;group;Revenue\nu1;Control;5\nu2;Variant;"a note\nwithout\nany end',
    _units("Revenue", "=A1*2", "=A2*2", "=A3*2", "=A4*2"),
    "user;group;Revenue\nu1;Control;5\nu2;Control;6",
)


def problems() -> Iterator[str]:
    yield from ("| the page says | and does not offer to confirm without a reason |", "|---|---|")
    for content, metric in PROBLEMS:
        with _file(content) as path:
            for sentence in _read(path, UNITS, metric).problems:
                what, _, remedy = sentence.partition(". ")
                yield f"| {what}. | {remedy} |"


def refused() -> Iterator[str]:
    yield from ("| begins with | the sentence |", "|---|---|")
    for content in REFUSED:
        with _file(content) as path:
            try:
                sniff(path)
                _read(path, UNITS, REVENUE)
            except FileProblem as problem:
                head = content[:40].replace("\n", "⏎")
                yield f"| `{head}` | {problem} |"


def _read(path: Path, mapping: Mapping, metric: MetricColumns):  # type: ignore[no-untyped-def]
    mapped = Mapping(**{**vars(mapping), "metrics": (metric,)})
    return read(
        path, mapped, labels={"Control": "Control", "Variant": "Variant"}, control="Control"
    )


@contextmanager
def _file(content: str) -> Iterator[Path]:
    """A file with this content, for as long as it is read."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "r.csv"
        path.write_text(content, encoding="utf-8")
        yield path


TABLES: dict[str, Callable[[], Iterator[str]]] = {
    "numbers": numbers, "dates": dates, "months": months, "yes and no": yes_and_no, "nothing": nothing,
    "labels": labels, "words": words, "questions": questions, "problems": problems, "refused": refused,
}  # fmt: skip


def page() -> str:
    """The page with every table written again."""
    text = PAGE.read_text()
    for name, make in TABLES.items():
        table = "\n".join(make())
        block = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end -->)", re.DOTALL)
        text, count = block.subn(lambda match, table=table: f"{match[1]}{table}\n{match[2]}", text)
        assert count == 1, name
    return text


def main() -> int:
    text = page()
    if "--check" in sys.argv:
        return int(text != PAGE.read_text())
    PAGE.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
