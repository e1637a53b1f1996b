"""Workbooks that swell, lie or are broken. Each starts from a workbook as Excel writes it."""

import functools
import io
import struct
import zipfile
from collections.abc import Callable

from tests.corpus.texts import HEAD, ROWS

SHEET, STRINGS, BOOK = "xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/workbook.xml"
RELATIONS, TYPES, STYLES = "xl/_rels/workbook.xml.rels", "[Content_Types].xml", "xl/styles.xml"
SCHEMAS = "http://schemas.openxmlformats.org"
MAIN = f'xmlns="{SCHEMAS}/spreadsheetml/2006/main"'
LAUGHS = (
    '<!DOCTYPE l [<!ENTITY a "lol">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    + "]>"
)


@functools.cache
def good() -> bytes:
    """A workbook as Excel writes it, with shared strings."""
    lines = [line.split(",") for line in (HEAD + ROWS).splitlines()]
    strings = list(dict.fromkeys(cell for line in lines for cell in line if not cell.isdigit()))
    rows = "".join(
        f'<row r="{number}">'
        + "".join(
            f'<c r="{letter}{number}"><v>{cell}</v></c>'
            if cell.isdigit()
            else f'<c r="{letter}{number}" t="s"><v>{strings.index(cell)}</v></c>'
            for letter, cell in zip("ABCD", line, strict=True)
        )
        + "</row>"
        for number, line in enumerate(lines, 1)
    )
    items = "".join(f"<si><t>{text}</t></si>" for text in strings)
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    relation = f"{SCHEMAS}/officeDocument/2006/relationships"
    package = f"{SCHEMAS}/package/2006"
    types = {BOOK: "sheet.main", SHEET: "worksheet", STRINGS: "sharedStrings", STYLES: "styles"}
    parts = {
        TYPES: f'<Types xmlns="{package}/content-types"><Default Extension="rels" ContentType='
        '"application/vnd.openxmlformats-package.relationships+xml"/>'
        + "".join(f'<Override PartName="/{part}" ContentType="{kind}.{what}+xml"/>'
                  for part, what in types.items()) + "</Types>",
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
        f'Type="{relation}/officeDocument" Target="{BOOK}"/></Relationships>',
        BOOK: f'<workbook {MAIN} xmlns:r="{relation}"><sheets><sheet name="Data" sheetId="1" r:id="r1"/>'
        "</sheets></workbook>",
        RELATIONS: f'<Relationships xmlns="{package}/relationships">'
        + "".join(f'<Relationship Id="r{n}" Type="{relation}/{what}" Target="/{part}"/>'
                  for n, (part, what) in enumerate(list(types.items())[1:], 1)) + "</Relationships>",
        SHEET: f"<worksheet {MAIN}><sheetData>{rows}</sheetData></worksheet>",
        STRINGS: f"<sst {MAIN}>{items}</sst>",
        STYLES: f'<styleSheet {MAIN}><cellXfs count="1"><xf numFmtId="0"/></cellXfs></styleSheet>',
    }  # fmt: skip
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as new:
        for name, part in parts.items():
            new.writestr(name, part)
    return data.getvalue()


def changed(
    changes: dict[str, Callable[[bytes], bytes | None]], *, more: dict[str, bytes] | None = None
) -> bytes:
    """The good workbook with parts changed, left out (None) or added."""
    data = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(good())) as old,
        zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new,
    ):
        for name in old.namelist():
            part = changes.get(name, lambda same: same)(old.read(name))
            if part is not None:
                new.writestr(name, part)
        for name, part in (more or {}).items():
            new.writestr(name, part)
    return data.getvalue()


def sheet_of(rows: str) -> bytes:
    """The good workbook with other rows in its sheet."""
    xml = f"<worksheet {MAIN}><sheetData>{rows}</sheetData></worksheet>".encode()
    return changed({SHEET: lambda _: xml})


def _in_xml(part: str, old: str, new: str) -> bytes:
    def change(xml: bytes) -> bytes:
        assert old.encode() in xml, (part, old)
        return xml.replace(old.encode(), new.encode(), 1)

    return changed({part: change})


def _text(ref: str, text: str) -> str:
    return f'<c r="{ref}" t="inlineStr"><is><t>{text}</t></is></c>'


def _heads(number: int = 1) -> str:
    return f'<row r="{number}">{_text(f"A{number}", "title")}{_text(f"B{number}", "user")}</row>'


def _strings_of(text: str, times: int) -> bytes:
    strings = f'<sst {MAIN} count="1" uniqueCount="1"><si><t>{text}</t></si></sst>'
    rows = _heads() + "".join(
        f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(2, times)
    )
    xml = f"<worksheet {MAIN}><sheetData>{rows}</sheetData></worksheet>"
    return changed({STRINGS: lambda _: strings.encode(), SHEET: lambda _: xml.encode()})


def _encrypted() -> bytes:
    data = bytearray(good())
    at = data.find(b"PK\x01\x02")
    while at >= 0:
        data[at + 8] |= 1
        at = data.find(b"PK\x01\x02", at + 4)
    return bytes(data)


def _lying_sizes() -> bytes:
    """A ZIP whose directory says that every part unpacks to ten bytes."""
    data = bytearray(sheet_of(_heads() + f'<row r="2">{_text("A2", " " * 20_000_000)}</row>'))
    at = data.find(b"PK\x01\x02")
    while at >= 0:
        struct.pack_into("<I", data, at + 24, 10)
        at = data.find(b"PK\x01\x02", at + 4)
    return bytes(data)


def _flipped(at: float) -> bytes:
    data = bytearray(good())
    place = int(len(data) * at)
    data[place : place + 20] = bytes(255 - byte for byte in data[place : place + 20])
    return bytes(data)


def _parts(*names: str) -> Callable[[], bytes]:
    def make() -> bytes:
        data = io.BytesIO()
        with zipfile.ZipFile(data, "w") as new:
            for name in names:
                new.writestr(name, b"<a/>")
        return data.getvalue()

    return make


def _container(inside: str) -> bytes:
    return (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        + b"\0" * 1000
        + inside.encode("utf-16-le")
        + b"\0" * 3000
    )


FILES: dict[str, Callable[[], bytes]] = {
    # Swelling
    "row-20-million.xlsx": lambda: sheet_of(_heads() + _heads(20_000_000)),
    "row-2-million.xlsx": lambda: sheet_of(_heads() + _heads(2_000_000)),
    "row-of-minus-one.xlsx": lambda: sheet_of(_heads() + _heads(-1)),
    "row-of-letters.xlsx": lambda: sheet_of(_heads() + '<row r="x"><c><v>1</v></c></row>'),
    "column-xfd.xlsx": lambda: sheet_of(_heads() + "".join(
        f'<row r="{n}">{_text(f"XFD{n}", "x")}</row>' for n in range(2, 3000))),
    "column-zzzz.xlsx": lambda: sheet_of(_heads() + f'<row r="2">{_text("ZZZZ2", "x")}</row>'),
    "200000-rows.xlsx": lambda: sheet_of(_heads() + "<row><c><v>1</v></c></row>" * 200_000),
    "one-string-2000-times.xlsx": lambda: _strings_of("x" * 130_000, 2_000),
    "one-string-of-a-megabyte.xlsx": lambda: _strings_of("x" * (1 << 20), 4),
    "strings-of-120-mb.xlsx": lambda: _strings_of("x" * (120 << 20), 4),
    "sheet-of-blanks-100-mb.xlsx": lambda: sheet_of(_heads() + " " * (100 << 20)),
    "6000-parts.xlsx": lambda: changed({}, more={f"xl/media/{n}.xml": b"<a/>" for n in range(6_000)}),
    "300-sheets.xlsx": lambda: changed(
        {}, more={f"xl/worksheets/more{n}.xml": b"<worksheet/>" for n in range(300)}),
    "lying-sizes.xlsx": _lying_sizes,
    "styles-9-million.xlsx": lambda: _in_xml(STYLES, "<cellXfs", "<cellXfs><xf/>" + "<xf/>" * 9_000_000 + "</cellXfs><cellXfs"),
    # Document types and entities
    "entities.xlsx": lambda: _in_xml(SHEET, "<worksheet", LAUGHS + "<worksheet"),
    "entities-in-strings.xlsx": lambda: changed({STRINGS: lambda xml: LAUGHS.encode() + xml.replace(b"title", b"&j;")}),
    "entity-from-disk.xlsx": lambda: changed({BOOK: lambda xml: b'<!DOCTYPE w [<!ENTITY p SYSTEM "file:///etc/passwd">]>' + xml}),
    "doctype-in-utf-16.xlsx": lambda: changed(
        {SHEET: lambda _: f'<?xml version="1.0" encoding="UTF-16"?>{LAUGHS}<worksheet {MAIN}/>'.encode("utf-16")}),
    # Broken
    **{f"cut-off-at-{share}.xlsx": (lambda share=share: good()[: len(good()) * share // 100])
       for share in (1, 30, 60, 99)},
    **{f"flipped-at-{share}.xlsx": (lambda share=share: _flipped(share / 100)) for share in (40, 70)},
    "without-strings.xlsx": lambda: changed({STRINGS: lambda _: None}),
    "without-sheet.xlsx": lambda: changed({SHEET: lambda _: None}),
    "without-book.xlsx": lambda: changed({BOOK: lambda _: None}),
    "without-relations.xlsx": lambda: changed({RELATIONS: lambda _: None}),
    "without-types.xlsx": lambda: changed({TYPES: lambda _: None}),
    "wrong-types.xlsx": lambda: changed({TYPES: lambda xml: xml.replace(b"spreadsheetml", b"wordprocessingml")}),
    "sheet-is-the-book.xlsx": lambda: _in_xml(RELATIONS, "/xl/worksheets/sheet1.xml", "/xl/workbook.xml"),
    "sheet-is-nowhere.xlsx": lambda: _in_xml(RELATIONS, "/xl/worksheets/sheet1.xml", "../../../etc/passwd"),
    "not-xml.xlsx": lambda: changed({SHEET: lambda xml: xml[: len(xml) // 2]}),
    "string-9999.xlsx": lambda: _in_xml(SHEET, 't="s"><v>0</v>', 't="s"><v>9999</v>'),
    "string-minus.xlsx": lambda: _in_xml(SHEET, 't="s"><v>0</v>', 't="s"><v>x</v>'),
    "cell-nowhere.xlsx": lambda: _in_xml(SHEET, 'r="A1"', 'r="1A!"'),
    "number-of-9000-digits.xlsx": lambda: sheet_of(_heads() + f'<row r="2"><c r="A2"><v>{"9" * 9000}</v></c></row>'),
    "style-of-letters.xlsx": lambda: sheet_of(_heads() + '<row r="2"><c r="A2" s="x"><v>1</v></c></row>'),
    "date-of-nothing.xlsx": lambda: sheet_of(_heads() + '<row r="2"><c r="A2" t="d"><v>never</v></c></row>'),
    "no-sheets.xlsx": lambda: changed({BOOK: lambda xml: xml.replace(b"<sheets>", b"<!--").replace(b"</sheets>", b"-->")}),
    "way-out.xlsx": lambda: changed({}, more={"../../evil.xml": b"<a/>"}),
    "encrypted-parts.xlsx": _encrypted,
    "protected.xlsx": lambda: _container("EncryptedPackage"),
    "old.xlsx": lambda: _container("Workbook"),
    "empty-sheet.xlsx": lambda: sheet_of(""),
    # Other things in a ZIP archive
    "archive.xlsx": _parts("table.csv"),
    "letter.xlsx": _parts("[Content_Types].xml", "word/document.xml"),
    "slides.xlsx": _parts("[Content_Types].xml", "ppt/presentation.xml"),
    "open-document.xlsx": _parts("mimetype", "content.xml"),
    "binary-workbook.xlsx": _parts("[Content_Types].xml", "xl/workbook.bin"),
    # Odd
    "odd-row-of-a-million.xlsx": lambda: sheet_of(_heads() + _heads(1_048_576)),
    "odd-half-a-letter.xlsx": lambda: sheet_of(_heads() + f'<row r="2">{_text("A2", "_xD800_ idea")}{_text("B2", "_x0000_")}</row>'),
    "odd-number-over-a-double.xlsx": lambda: sheet_of(
        _heads() + '<row r="2"><c r="A2"><v>1e999</v></c><c r="B2"><v>-1e999</v></c></row>'),
    "odd-date-out-of-time.xlsx": lambda: sheet_of(_heads() + '<row r="2"><c r="A2" t="d"><v>9999-12-31</v></c></row>'),
    "odd-deep.xlsx": lambda: sheet_of(_heads() + "<a>" * 100_000 + "</a>" * 100_000),
    "odd-rows-backwards.xlsx": lambda: sheet_of("".join(_heads(n) for n in (9, 1, 1_000_000, 2) * 50)),
}  # fmt: skip
