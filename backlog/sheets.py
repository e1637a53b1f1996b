"""A stranger's table of ideas as rows of text: pasted cells, .csv, .xlsx, read by the one reader.

Pure, no Django. What this module knows is how ideas are headed: which words name their columns, and
which numbers can be scores. A table of something else is kept the same way, with words of its own.
"""

import json
import re
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from backlog.csv_guard import unformula
from backlog.tables import Table, read_table
from backlog.tables.folding import folded
from backlog.tables.questions import plain_question

MOST_ROWS = 100_000
Words = Mapping[str, Sequence[str]]  # field → the words that head its column
Mapped = tuple[dict[int, str], list[str]]  # column → field, and what has to be said of it

# The words that head a column, in ten languages, without accents → what it holds.
HEADERS: dict[str, tuple[str, ...]] = {
    "title": ("title", "idea", "name", "test", "test name", "summary", "experiment", "titulo",
              "nombre", "titel", "idee", "bezeichnung", "idea title", "card name", "task name", "titre",
              "titolo", "ide", "rubrik", "onderwerp", "pomysl", "tytul", "otsikko"),
    "pod": ("pod", "team", "squad", "equipo", "celula", "bereich", "abteilung"),
    "objective": ("objective", "goal", "okr", "objetivo", "meta", "ziel"),
    "owner": ("owner", "responsible", "assignee", "responsable", "dueno", "encargado",
              "verantwortlich", "verantwortliche", "zustandig", "besitzer"),
    "observation": ("observation", "because we saw", "insight", "problem", "observacion",
                    "problema", "beobachtung", "erkenntnis"),
    "change": ("change", "hypothesis", "we believe that", "solution", "cambio", "hipotesis",
               "solucion", "anderung", "hypothese", "losung"),
    "audience": ("audience", "for", "segment", "audiencia", "publico", "segmento", "zielgruppe"),
    "outcome": ("outcome", "metric", "will move", "kpi", "metrica", "resultado", "kennzahl",
                "metrik", "ergebnis"),
    "expected_effect": ("expected effect", "by", "by how much", "effect", "uplift", "expected lift", "expected uplift",
                        "efecto", "efecto esperado", "effekt", "erwarteter effekt"),
    "lever": ("lever", "palanca", "hebel"),
    "channel": ("channel", "canal", "kanal"),
    "tags": ("tags", "tag", "labels", "label", "etiquetas", "schlagworte", "stichworte"),
    "description": ("description", "notes", "details", "comments", "more about it", "descripcion",
                    "notas", "comentarios", "beschreibung", "notizen", "bemerkung", "kommentar"),
    "impact": ("impact", "i", "impacto", "wirkung", "auswirkung", "impatto", "vaikutus", "wplyw",
               "paverkan", "pavirkning"),
    "confidence": ("confidence", "c", "confianza", "zuversicht", "konfidenz", "sicherheit", "confiance",
                   "fiducia", "confianca", "vertrouwen", "pewnosc", "varmuus", "tillit", "sakerhet"),
    "ease": ("ease", "e", "facilidad", "leichtigkeit", "einfachheit", "ease of implementation",
             "facilite", "facilita", "facilidade", "gemak", "latwosc", "helppous", "enkelhet", "lethed"),
    "author": ("author", "submitted by", "proposed by", "suggested by", "created by", "reporter",
               "idea by", "autor", "autora", "propuesto por", "eingereicht von", "auteur"),
    "submitted": ("submitted on", "submitted", "date", "created", "created on", "created at", "added",
                  "added on", "date added", "fecha", "creado", "datum", "eingereicht am", "erstellt"),
    "status": ("status", "state", "stage", "estado", "stand", "statut", "stato"),
    "snoozed_until": ("snoozed until",),
    "reason": ("reason",),
    "quarter": ("quarter", "trimestre", "quartal"),
    "key": ("key", "idea key"),
    "stamp": ("floe version",),
}  # fmt: skip
# A column that no field is for: its text is appended to the description under its name, or, where it
# sums scores up, kept with the scores and as blind as they are.
KEPT, BESIDE_SCORES = "kept", "beside_scores"

# Any of them makes a row that has nothing else the names of one column.
_SUMS = ("ice", "ice score", "score", "total", "total score", "average", "rank", "rice", "rice score",
         "points", "scorers", "puntuacion", "punkte")  # fmt: skip
_COMPUTED = ("ice", "scorers")  # of our own export
_PLACES = ("", "no", "nr", "number", "row", "id", "num", "numero", "nummer")
_TITLES = ("title", "titles", "idea", "ideas", "titulo", "titel", "idee", "idea title")
_NUMBERS = 0.5  # of the cells of a column that holds numbers rather than text


def is_header(cells: Sequence[str], words: Words = HEADERS) -> bool:
    """Whether a row names columns: a single title, two known names or more, or one in front.

    A row of an idea may hold one known word by chance, such as “Test” in a column of its own.

    >>> is_header(["Feature", "Impact", "Confidence", "Ease"]), is_header(["Thank readers", "test"])
    (True, False)
    """
    filled = [cell for cell in cells if cell.strip()]
    if len(filled) == 1:
        return plain_name(filled[0]) in _TITLES
    known = guess(cells, words)
    counts = bool(cells[0].strip()) and plain_name(cells[0]) in _PLACES  # such as “#” or “No.”
    leads = known.get(int(counts)) in ("title", "description", "change")
    return leads or (len(known) > 1 and 3 * len(known) >= len(filled))


def read_sheet(text: str, answers: dict[str, str] | None = None) -> Table:
    """The table in pasted text. Raises Unreadable: it holds no table, or too much."""
    return read_table(text, answers, is_header=is_header, most_rows=MOST_ROWS)


def keep_sheet(
    path: str, target: str, *, answers: dict[str, str] | None = None, is_pasted: bool = False
) -> dict[str, Any]:
    """Read the table of ideas in a file, text or workbook, and write its rows to `target` as JSON."""
    return keep_table(
        path, target, answers=answers, is_pasted=is_pasted, names_columns=is_header,
        mapping_of=mapping_of, most_rows=MOST_ROWS,
    )  # fmt: skip


def keep_table(
    path: str,
    target: str,
    *,
    answers: dict[str, str] | None,
    is_pasted: bool,
    names_columns: Callable[[Sequence[str]], bool],
    mapping_of: Callable[[Table, Sequence[Sequence[str]]], Mapped],
    most_rows: int,
) -> dict[str, Any]:
    """Read a table, and write its rows to `target` as JSON.

    Args:
        names_columns: whether the cells of a row are names that the caller knows.
        mapping_of: column → field for a table and its rows, with what has to be said of it.

    Returns names, notes, questions, mapping (column → field) and row_count. Raises:
        Unreadable: it holds no table, or too much.
    """
    source = Path(path).read_text(encoding="utf-8") if is_pasted else Path(path)
    table = read_table(source, answers, is_header=names_columns, most_rows=most_rows)
    bare = (lambda cell: cell) if table.is_workbook else unformula  # there no cell needs a guard
    rows = [[bare(cell) for cell in row.cells] for row in table.rows]
    lines = [row.line for row in table.rows]
    kept = {"header": table.header, "lines": lines, "rows": rows}
    Path(target).write_text(json.dumps(kept), encoding="utf-8")
    mapping, note = mapping_of(table, rows)
    return {
        "names": table.names,
        "notes": [
            *(_merged(path) if table.is_workbook else ()),
            *table.notes,
            *_doubled(table.names),
            *note,
        ],
        "questions": [plain_question(question) for question in table.questions],
        "mapping": {str(place): what for place, what in mapping.items()},
        "row_count": len(rows),
    }


def mapping_of(table: Table, rows: Sequence[Sequence[str]]) -> Mapped:
    """Column → field, and what has to be said of it. Without a title, the first text is offered."""
    if not table.has_header:
        return _with_the_rest({0: "title"}, table, rows), []
    mapping, notes = with_title(guess(table.names), table, rows)
    return _with_the_rest(mapping, table, rows), [*notes, *_about_scale(mapping, rows)]


def _with_the_rest(
    mapping: dict[int, str], table: Table, rows: Sequence[Sequence[str]]
) -> dict[int, str]:
    """A mapping that also keeps what no field is for, but for numbers of rows and our own sums."""
    is_ours = "stamp" in mapping.values()
    whole = dict(mapping)
    for place, name in enumerate(table.names):
        plain = plain_name(name)
        if place in mapping or (is_ours and plain in _COMPUTED):
            continue
        if plain in _PLACES and _counts_rows(place, rows):
            continue
        whole[place] = BESIDE_SCORES if plain in _SUMS else KEPT
    return dict(sorted(whole.items()))


def _counts_rows(place: int, rows: Sequence[Sequence[str]]) -> bool:
    cells = [row[place] for row in rows if place < len(row) and row[place]]
    numbers = [int(cell) for cell in cells if cell.isdecimal() and len(cell) < 7]
    return len(numbers) * 10 >= len(cells) * 9 and all(
        later > earlier for earlier, later in pairwise(numbers)
    )


def with_title(mapping: dict[int, str], table: Table, rows: Sequence[Sequence[str]]) -> Mapped:
    """A mapping without a title gets one: the first column that holds text is offered."""
    if "title" in mapping.values():
        return mapping, []
    texts = [place for place in range(len(table.names)) if _is_text(place, rows)]
    free = [place for place in texts if place not in mapping or mapping[place] == "change"]
    first = (free or texts)[:1]
    if not first:
        return mapping, []
    name = table.names[first[0]]
    note = f"No column is called title, so “{name}” is read as the title. Change it if it is not."
    return dict(sorted({**mapping, first[0]: "title"}.items())), [note]


def _is_text(place: int, rows: Sequence[Sequence[str]]) -> bool:
    cells = [row[place] for row in rows[:200] if place < len(row) and row[place]]
    numbers = sum(number_in(cell) is not None for cell in cells)
    return bool(cells) and numbers < _NUMBERS * len(cells)


def _about_scale(mapping: dict[int, str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A sentence where scores look as if they were on another scale than 1 to 10."""
    places = [place for place, what in mapping.items() if what in ("impact", "confidence", "ease")]
    cells = [row[place] for row in rows for place in places if place < len(row)]
    values = [value for value in map(number_in, cells) if value is not None]
    if len(places) < 3 or len(values) < 15 or max(values) > 5:
        return []
    return [
        f"No score is above {max(values):g}. Floe reads them as they are, on its scale from 1 to 10. "
        "If your scale ends at 5, double them in your sheet first."
    ]


def _doubled(names: Sequence[str]) -> list[str]:
    known = set(names)
    return [
        f"Two columns are called “{name}”. Choose which one counts."
        for name in names
        if f"{name} (2)" in known
    ]


def _merged(path: str) -> list[str]:
    """What gets lost when a sheet with merged cells becomes rows of text."""
    with zipfile.ZipFile(path) as packed:
        parts = [name for name in packed.namelist() if name.startswith("xl/worksheets/sheet")]
        if any(_holds(packed, name, b"<mergeCell ") for name in parts):
            return [
                "In merged cells only the first cell has the value. The others are read as empty."
            ]
    return []


def _holds(packed: zipfile.ZipFile, name: str, sign: bytes) -> bool:
    tail = b""
    with packed.open(name) as source:
        while chunk := source.read(1 << 20):
            if sign in tail + chunk:
                return True
            tail = chunk[-16:]
    return False


def plain_name(header: str) -> str:
    """A header as it stands in these lists: words without case, accents and signs.

    >>> plain_name(" Conv. (Ä) ")
    'conv a'
    """
    return " ".join(re.sub(r"[^\w]+", " ", folded(header)).split())


def guess(names: Iterable[str], words: Words = HEADERS) -> dict[int, str]:
    """Column → field, by its header. Each field goes to the first column that matches.

    >>> guess(["Título", "Equipo", "Impacto", "Coste"])
    {0: 'title', 1: 'pod', 2: 'impact'}
    >>> guess(["Idea", "Impact (1-10)", "Description / notes"])
    {0: 'title', 1: 'impact', 2: 'description'}
    """
    mapping: dict[int, str] = {}
    listed = list(names)
    for spellings in (lambda name: [plain_name(name)], _parts_of):
        for place, name in enumerate(listed):
            if place in mapping:
                continue
            for holds, heads in words.items():
                is_free = holds not in mapping.values()
                if is_free and any(plain in heads for plain in spellings(name)):
                    mapping[place] = holds
                    break
    return dict(sorted(mapping.items()))


def _parts_of(name: str) -> list[str]:
    """A header without what stands in brackets, and each of its parts.

    >>> _parts_of("Description / notes"), _parts_of("Impact (1-10)")
    (['description notes', 'description', 'notes'], ['impact', 'impact'])
    """
    bare = _BRACKETS.sub(" ", name[:200])
    return [plain_name(bare), *(plain_name(part) for part in re.split(r"[/|&+]", bare))]


_BRACKETS = re.compile(r"\([^()]{0,80}\)|\[[^\[\]]{0,80}\]")
_NUMBER = re.compile(r"[+-]?\d{1,4}(?:[.,]\d{1,17})?")
_OUT_OF_TEN = re.compile(r"(.{1,25}?)\s{0,3}/\s{0,3}10")


@lru_cache(maxsize=8192)
def number_in(text: str) -> float | None:
    """A number with a point or a comma, also out of ten, or None for other text.

    >>> [number_in(text) for text in ("8", "8,5", "7.333333333333333", "7/10", "high", "70 %")]
    [8.0, 8.5, 7.333333333333333, 7.0, None, None]
    """
    digits = text.strip()[:40].replace("−", "-")
    if match := _OUT_OF_TEN.fullmatch(digits):
        digits = match.group(1)
    return float(digits.replace(",", ".")) if _NUMBER.fullmatch(digits) else None
