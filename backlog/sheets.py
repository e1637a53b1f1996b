"""A stranger's table as rows of text: pasted cells, .csv, .xlsx.

Pure reading, no Django. Nothing is executed: of a formula the value is taken that it last showed.
"""

import csv
import datetime as dt
import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from backlog.csv_guard import unformula

MOST_ROWS, MOST_COLUMNS, MOST_UNPACKED = 100_000, 200, 400 * 1024 * 1024
DELIMITERS = "\t;,|"
Rows = list[list[str]]

# The words that head a column, in English, Spanish and German, without accents → what it holds.
HEADERS: dict[str, tuple[str, ...]] = {
    "title": ("title", "idea", "name", "test", "test name", "summary", "experiment", "titulo",
              "nombre", "titel", "idee", "bezeichnung", "idea title"),
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
    "expected_effect": ("expected effect", "by", "by how much", "effect", "uplift", "expected lift",
                        "efecto", "efecto esperado", "effekt", "erwarteter effekt"),
    "lever": ("lever", "palanca", "hebel"),
    "channel": ("channel", "canal", "kanal"),
    "tags": ("tags", "tag", "labels", "label", "etiquetas", "schlagworte", "stichworte"),
    "description": ("description", "notes", "details", "comments", "more about it", "descripcion",
                    "notas", "comentarios", "beschreibung", "notizen", "bemerkung", "kommentar"),
    "impact": ("impact", "i", "impacto", "wirkung", "auswirkung"),
    "confidence": ("confidence", "c", "confianza", "zuversicht", "konfidenz", "sicherheit"),
    "ease": ("ease", "e", "facilidad", "leichtigkeit", "einfachheit", "ease of implementation"),
}  # fmt: skip


class SheetProblem(Exception):  # noqa: N818  (a sentence for the person who sent it)
    """The table can't be read; `str()` says why and what to do."""


@dataclass
class Sheet:
    """`names` are those of the columns, all different; `notes` say what was passed over."""

    names: list[str]
    rows: Rows
    notes: list[str] = field(default_factory=list)
    has_header: bool = True


def read_sheet(data: bytes, *, most_rows: int = MOST_ROWS) -> Sheet:
    """The table in a file or in pasted text.

    Raises:
        SheetProblem: it holds no table, or too much.
    """
    if data[:4] == b"PK\x03\x04":
        rows, notes = _of_workbook(data, most_rows)
    elif data[:4] == b"\xd0\xcf\x11\xe0":
        raise SheetProblem("This is an old .xls workbook. Save it as .xlsx or .csv and try again.")
    else:
        rows, notes = _of_text(_decoded(data), most_rows)
    return _with_header(rows, notes, most_rows)


def _decoded(data: bytes) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _of_text(text: str, most_rows: int) -> tuple[Iterator[list[str]], list[str]]:
    text = text.replace("\0", "")
    delimiter = _delimiter_of(text[:100_000])
    csv.field_size_limit(10_000_000)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    return ([unformula(cell) for cell in row] for row in _lines(reader)), []


def _lines(reader: Iterable[list[str]]) -> Iterator[list[str]]:
    try:
        yield from reader
    except csv.Error as error:
        raise SheetProblem(f"The table can't be read on from here: {error}.") from error


def _delimiter_of(text: str) -> str:
    """The sign that splits most lines into as many cells as the first, and into the most."""
    lines = [line for line in text.splitlines()[:50] if line.strip()]
    if not lines:
        return "\t"
    if any("\t" in line for line in lines):
        return "\t"

    def fit(sign: str) -> tuple[int, int]:
        cells = [len(row) for row in csv.reader(lines, delimiter=sign)]
        alike = sum(count == cells[0] for count in cells)
        return (alike if cells[0] > 1 else 0, cells[0])

    return max(DELIMITERS, key=fit)


def _of_workbook(data: bytes, most_rows: int) -> tuple[Iterator[list[str]], list[str]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            if sum(part.file_size for part in packed.infolist()) > MOST_UNPACKED:
                raise SheetProblem("Unpacked, this workbook is too large. Save its sheet as .csv.")
            notes = _oddities(packed)
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        sheets = [sheet for sheet in book.worksheets if sheet.max_row != 0]
        if len(book.worksheets) > 1 and sheets:
            notes.append(f"The workbook has several sheets; “{sheets[0].title}” was read.")
        sheet = sheets[0]
        sheet.reset_dimensions()
    except (
        zipfile.BadZipFile,
        InvalidFileException,
        KeyError,
        ValueError,
        OSError,
        IndexError,
    ) as e:
        raise SheetProblem("This workbook can't be opened. Save it as .xlsx or .csv again.") from e
    return ([_cell(value) for value in row] for row in sheet.iter_rows(values_only=True)), notes


def _oddities(packed: zipfile.ZipFile) -> list[str]:
    """What of the first sheet does not survive as rows of text."""
    first = min((n for n in packed.namelist() if n.startswith("xl/worksheets/sheet")), default="")
    if not first:
        return []
    seen, tail = {b"<mergeCell ": False, b"<f>": False, b"<f ": False}, b""
    with packed.open(first) as part:
        while chunk := part.read(1 << 20):
            seen = {sign: found or sign in tail + chunk for sign, found in seen.items()}
            tail = chunk[-16:]
    notes = []
    if seen[b"<mergeCell "]:
        notes.append("Of merged cells the first holds the value; the others are read as empty.")
    if seen[b"<f>"] or seen[b"<f "]:
        notes.append("Formulas are not run: the values count that they last showed.")
    return notes


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, (dt.datetime, dt.date)):
        day = value.isoformat()
        return day.removesuffix("T00:00:00")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).replace("\0", "")


def _with_header(found: Iterable[list[str]], notes: list[str], most_rows: int) -> Sheet:
    rows: Rows = []
    empty = waiting = 0
    for row in found:
        if not any(cell.strip() for cell in row):
            waiting += 1
            continue
        empty, waiting = empty + waiting, 0
        rows.append([cell.strip() for cell in row])
        if len(rows) > most_rows + 1:
            raise SheetProblem(
                f"There are more than {most_rows:,} rows. Split the sheet and bring in one part "
                "after the other."
            )
    empty += waiting
    if not rows:
        raise SheetProblem("There are no rows here. Copy the cells in the sheet, then paste them.")
    if empty > 1:
        notes.append(f"{empty:,} empty rows were passed over.")
    width = min(max(map(len, rows)), MOST_COLUMNS)
    if max(map(len, rows)) > MOST_COLUMNS:
        notes.append(f"Only the first {MOST_COLUMNS} columns were read.")
    has_header = bool(set(guess(rows[0]).values()) & {"title", "description", "change"})
    header = rows.pop(0) if has_header else []
    rows = [(row + [""] * (width - len(row)))[:width] for row in rows]
    if not rows:
        raise SheetProblem("There is a header and no row below it. Copy the rows too.")
    return Sheet(_named(header, width, notes), rows, notes, has_header)


def _named(header: list[str], width: int, notes: list[str]) -> list[str]:
    """Every column by its header or its letter; of two alike the second says that it is."""
    names: list[str] = []
    for place in range(width):
        name = (header[place] if place < len(header) else "")[:60] or f"Column {_letter(place)}"
        times = sum(name == other.partition(" (")[0] or name == other for other in names)
        if times:
            notes.append(f"“{name}” heads two columns; choose which of them counts.")
            name = f"{name} ({times + 1})"
        names.append(name)
    return names


def _letter(place: int) -> str:
    first, second = divmod(place, 26)
    return (chr(64 + first) if first else "") + chr(65 + second)


def _plain(header: str) -> str:
    accents = str.maketrans("áéíóúüñäöç", "aeiouunaoc")
    return " ".join(re.sub(r"[^\w]+", " ", header.lower().translate(accents)).split())


def guess(names: Iterable[str]) -> dict[int, str]:
    """Column → what it holds, by its header; each thing once, the first column that fits.

    >>> guess(["Título", "Equipo", "Impacto", "Coste"])
    {0: 'title', 1: 'pod', 2: 'impact'}
    """
    found: dict[int, str] = {}
    for place, name in enumerate(names):
        plain = _plain(name)
        for holds, words in HEADERS.items():
            if plain in words and holds not in found.values():
                found[place] = holds
    return found


_NUMBER = re.compile(r"[+-]?\d{1,4}(?:[.,]\d{1,6})?")


def number_in(text: str) -> float | None:
    """A number with a point or a comma; None where it is none.

    >>> [number_in(text) for text in ("8", "8,5", "8.50", " 7 ", "high", "1.234.567")]
    [8.0, 8.5, 8.5, 7.0, None, None]
    """
    said = text.strip().replace("−", "-")
    return float(said.replace(",", ".")) if _NUMBER.fullmatch(said) else None
