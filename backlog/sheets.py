"""A stranger's table as rows of text: pasted cells, .csv, .xlsx.

Pure reading, no Django. Nothing is executed: a formula counts as the value it last showed.
"""

import csv
import io
import json
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from backlog.csv_guard import unformula
from backlog.delimiters import delimiter_of
from backlog.file_kinds import HEAD, OLE, ZIP, Unreadable, encoding_of, kind_of
from backlog.workbooks import Sheet as Worksheet
from backlog.workbooks import opened, refuse_unless_workbook, text_of

MOST_ROWS, MOST_COLUMNS = 100_000, 200
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


class SheetProblem(Unreadable):
    """The table can't be read; `str()` says why and what to do."""


@dataclass
class Sheet:
    """`names` are those of the columns, all different; `notes` say what was passed over. A row may
    have fewer cells than there are names: the others are empty."""

    names: list[str]
    rows: Rows
    notes: list[str] = field(default_factory=list)
    has_header: bool = True


def read_sheet(data: bytes, *, most_rows: int = MOST_ROWS) -> Sheet:
    """The table in pasted text or in the bytes of a text file.

    Raises:
        Unreadable: it holds no table, or too much.
    """
    return _with_header(*_of_text(_decoded(data)), most_rows)


def keep_sheet(path: str, target: str, *, most_rows: int = MOST_ROWS) -> dict[str, Any]:
    """Read the table in a file, text or workbook, and write its rows to `target` as JSON.

    Returns names, notes, has_header and row_count. Raises:
        Unreadable: it holds no table, or too much.
    """
    with Path(path).open("rb") as file:
        kind = kind_of(file.read(HEAD))
    if kind and kind.code in (ZIP, OLE):
        refuse_unless_workbook(Path(path))
        with opened(Path(path)) as sheets:
            rows, notes = _of_workbook(sheets, Path(path), most_rows)
            sheet = _with_header(rows, notes, most_rows)
    else:
        sheet = read_sheet(Path(path).read_bytes(), most_rows=most_rows)
    with Path(target).open("w", encoding="utf-8") as file:
        json.dump({"first": 2 if sheet.has_header else 1, "rows": sheet.rows}, file)
    return {
        "names": sheet.names, "notes": sheet.notes, "has_header": sheet.has_header,
        "row_count": len(sheet.rows),
    }  # fmt: skip


def _decoded(data: bytes) -> str:
    if kind := kind_of(data[:HEAD]):
        raise SheetProblem(kind.sentence)
    encoding = encoding_of(data[:HEAD])
    if encoding is None:
        raise SheetProblem("This is not a text file. Save the table as .csv or .xlsx.")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding != "utf-8":
            raise SheetProblem(
                f"The file can’t be read as {encoding.upper()} from byte {error.start:,} on. Save "
                "it again as CSV (UTF-8)."
            ) from error
        text = data.decode("cp1252", errors="replace")
    at = text.find("\0")
    if at >= 0:
        raise SheetProblem(
            f"There is a NUL character in row {text.count(chr(10), 0, at) + 1:,}. The file was "
            "damaged, or it is not a text file. Save it again as CSV (UTF-8)."
        )
    return text.removeprefix("\ufeff")


def _of_text(text: str) -> tuple[Iterator[list[str]], list[str]]:
    lines = text[:100_000].splitlines()[:50]
    # What is pasted from a spreadsheet has tabs, and whatever signs its sentences have.
    delimiter = "\t" if any("\t" in line for line in lines) else delimiter_of(lines)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    return ([unformula(cell) for cell in row] for row in _lines(reader)), []


def _lines(reader: Any) -> Iterator[list[str]]:
    line = 1
    try:
        for row in reader:
            yield row
            line = reader.line_num + 1
    except csv.Error as error:
        raise SheetProblem(
            f"The table can’t be read from line {line:,} on: {error}. Look for a missing quotation "
            "mark there."
        ) from error


def _of_workbook(
    sheets: list[Worksheet], path: Path, most_rows: int
) -> tuple[Iterator[list[str]], list[str]]:
    if not sheets:
        raise SheetProblem("This workbook has no sheet with cells. Save the table as .csv.")
    notes = _oddities(path, sheets[0].part)
    if len(sheets) > 1:
        notes.append(f"The workbook has several sheets. Only “{sheets[0].title}” was read.")
    return _filled(sheets[0], most_rows), notes


def _filled(sheet: Worksheet, most_rows: int) -> Iterator[list[str]]:
    """The rows as text, with those between them that are empty: a sheet ends with its millionth."""
    last = 0
    for number, row in sheet.values(most_rows=most_rows):
        yield from ([] for _ in range(last + 1, number))
        last = max(last, number)
        yield [text_of(value) for value in row]


def _oddities(path: Path, part: str) -> list[str]:
    """What gets lost when a sheet becomes rows of text."""
    seen, tail = {b"<mergeCell ": False, b"<f>": False, b"<f ": False}, b""
    with zipfile.ZipFile(path) as packed, packed.open(part.lstrip("/")) as source:
        while chunk := source.read(1 << 20):
            seen = {sign: is_seen or sign in tail + chunk for sign, is_seen in seen.items()}
            tail = chunk[-16:]
    notes = []
    if seen[b"<mergeCell "]:
        notes.append(
            "In merged cells only the first cell has the value. The others are read as empty."
        )
    if seen[b"<f>"] or seen[b"<f "]:
        notes.append("Formulas are not calculated again. Floe reads the values they last showed.")
    return notes


def _with_header(lines: Iterable[list[str]], notes: list[str], most_rows: int) -> Sheet:
    rows: Rows = []
    empty = waiting = 0
    for cells in lines:
        row = [cell.strip() for cell in cells[: MOST_COLUMNS + 1]]
        if not any(row):
            waiting += 1
            continue
        empty, waiting = empty + waiting, 0
        rows.append(row)
        if len(rows) > most_rows + 1:
            raise SheetProblem(
                f"There are more than {most_rows:,} rows. Split the sheet and import one part at a "
                "time."
            )
    empty += waiting
    if not rows:
        raise SheetProblem("There are no rows here. Copy the cells in your sheet, then paste them.")
    if empty > 1:
        notes.append(f"{empty:,} empty rows were skipped.")
    width = min(max(map(len, rows)), MOST_COLUMNS)
    if max(map(len, rows)) > MOST_COLUMNS:
        notes.append(f"Only the first {MOST_COLUMNS} columns were read.")
    has_header = bool(set(guess(rows[0]).values()) & {"title", "description", "change"})
    header = rows.pop(0) if has_header else []
    rows = [_without_end(row[:width]) for row in rows]
    if not rows:
        raise SheetProblem("There is a header but no row below it. Copy the rows, too.")
    return Sheet(_named(header, width, notes), rows, notes, has_header)


def _without_end(row: list[str]) -> list[str]:
    """Remove the empty cells at its end, so that a wide first row does not widen all others."""
    while row and not row[-1]:
        row.pop()
    return row


def _named(header: list[str], width: int, notes: list[str]) -> list[str]:
    """Name each column by its header or its letter. The second of two equal names says so."""
    names: list[str] = []
    for place in range(width):
        name = (header[place] if place < len(header) else "")[:60] or f"Column {_letter(place)}"
        times = sum(name == other.partition(" (")[0] or name == other for other in names)
        if times:
            notes.append(f"Two columns are called “{name}”. Choose which one counts.")
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
    """Column → field, by its header. Each field goes to the first column that matches.

    >>> guess(["Título", "Equipo", "Impacto", "Coste"])
    {0: 'title', 1: 'pod', 2: 'impact'}
    """
    mapping: dict[int, str] = {}
    for place, name in enumerate(names):
        plain = _plain(name)
        for holds, words in HEADERS.items():
            if plain in words and holds not in mapping.values():
                mapping[place] = holds
    return mapping


_NUMBER = re.compile(r"[+-]?\d{1,4}(?:[.,]\d{1,6})?")


def number_in(text: str) -> float | None:
    """A number with a point or a comma, or None for other text.

    >>> [number_in(text) for text in ("8", "8,5", "8.50", " 7 ", "high", "1.234.567")]
    [8.0, 8.5, 8.5, 7.0, None, None]
    """
    digits = text.strip().replace("−", "-")
    return float(digits.replace(",", ".")) if _NUMBER.fullmatch(digits) else None
