"""What a file is by its first bytes, whatever its name, and the refusal of files without a
table."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

HEAD: Final = 4096
XLSX, PARQUET, ZIP, OLE = "xlsx", "parquet", "zip", "ole"

_RESULTS: Final = "Choose the file with the table."
_EXPORT: Final = "Export the table behind it as CSV."
_SHEET: Final = "Save the sheet as CSV (UTF-8)."
_UNPACK: Final = "Unpack it, and choose the file with the table."


class Unreadable(Exception):  # noqa: N818  (the file has the problem, the code no error)
    """A stranger's file can't be read; `str()` says what is wrong, where, and what to do."""


class Kind(NamedTuple):
    """`code` names what a reader may know how to read; `name` completes “This is …”."""

    code: str
    name: str
    remedy: str

    @property
    def sentence(self) -> str:
        return f"This is {self.name}, not a table. {self.remedy}"


_STARTS: Final = (
    (b"PAR1", Kind(PARQUET, "a Parquet file", "Export it as CSV.")),
    (b"PK\x03\x04", Kind(ZIP, "a ZIP archive", _UNPACK)),
    (b"PK\x05\x06", Kind("empty-zip", "an empty ZIP archive", _RESULTS)),
    (b"\xd0\xcf\x11\xe0", Kind(OLE, "an old Excel workbook (.xls)", "Save it as .xlsx or .csv.")),
    (b"\x89PNG", Kind("png", "a PNG picture", _RESULTS)),
    (b"\xff\xd8\xff", Kind("jpeg", "a JPEG picture", _RESULTS)),
    (b"GIF8", Kind("gif", "a GIF picture", _RESULTS)),
    (b"BM", Kind("bmp", "a BMP picture", _RESULTS)),
    (b"II*\0", Kind("tiff", "a TIFF picture", _RESULTS)),
    (b"MM\0*", Kind("tiff", "a TIFF picture", _RESULTS)),
    (b"%PDF", Kind("pdf", "a PDF document", _EXPORT)),
    (b"%!PS", Kind("ps", "a PostScript document", _EXPORT)),
    (b"{\\rtf", Kind("rtf", "an RTF document", _EXPORT)),
    (b"\x1f\x8b", Kind("gzip", "a compressed file (gzip)", _UNPACK)),
    (b"BZh", Kind("bzip2", "a compressed file (bzip2)", _UNPACK)),
    (b"\xfd7zXZ\0", Kind("xz", "a compressed file (xz)", _UNPACK)),
    (b"\x28\xb5\x2f\xfd", Kind("zstd", "a compressed file (Zstandard)", _UNPACK)),
    (b"7z\xbc\xaf\x27\x1c", Kind("7z", "a 7-Zip archive", _UNPACK)),
    (b"Rar!\x1a\x07", Kind("rar", "a RAR archive", _UNPACK)),
    (b"SQLite format 3\0", Kind("sqlite", "a SQLite database", "Export the table as CSV.")),
    (b"ARROW1\0\0", Kind("arrow", "an Arrow file", "Export it as CSV or Parquet.")),
    (b"ORC", Kind("orc", "an ORC file", "Export it as CSV or Parquet.")),
    (b"Obj\x01", Kind("avro", "an Avro file", "Export it as CSV or Parquet.")),
    (b"\x7fELF", Kind("elf", "a program", _RESULTS)),
    (b"MZ\x90", Kind("exe", "a program", _RESULTS)),
    (b"OggS", Kind("ogg", "a sound or video file", _RESULTS)),
    (b"ID3", Kind("mp3", "a sound file (MP3)", _RESULTS)),
)  # fmt: skip
# These starts are letters and could begin a table, so what follows must be binary.
_LETTERS: Final = (b"BM", b"BZh", b"ORC", b"ID3")
_SAYS: Final = (
    (re.compile(rb"(?:<\?xml[^>]{0,200}>\s{0,99})?(?:<!--.{0,999}?-->\s{0,99})?(?:<!DOCTYPE svg[^>]{0,200}>\s{0,99})?<svg[\s>]", re.I | re.S),
     Kind("svg", "an SVG picture", _RESULTS)),
    (re.compile(rb"(?:<\?xml[^>]{0,200}>\s{0,99})?(?:<!--.{0,999}?-->\s{0,99})?<(?:!DOCTYPE html|html|head|body|table|div|script|p|h1)[\s>/]", re.I | re.S),
     Kind("html", "a web page (HTML)", "It may be a sign-in page or an error page. Open it in a browser to check, and export the table again.")),
    (re.compile(rb"<(?:\?xml|!DOCTYPE|!--|!ENTITY)", re.I), Kind("xml", "an XML file", "Export it as CSV.")),
    (re.compile(rb"[\[{]\s{0,99}(?:[\[{]\s{0,99})?\"|\[\s{0,99}[\[{]|[\[{]\s{0,99}[\]}]\s{0,9}\Z"),
     Kind("json", "a JSON file", "Export it as CSV.")),
)  # fmt: skip
_MARKS: Final = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)
_OFFICE: Final = (b"[Content_Types].xml", b"_rels/.rels", b"docProps/", b"xl/")


def kind_of(head: bytes) -> Kind | None:
    """What a file is, by its first bytes, or None if it can be text.

    >>> kind_of(b"\\x89PNG\\r\\n\\x1a\\n").sentence
    'This is a PNG picture, not a table. Choose the file with the table.'
    >>> kind_of(b"user;arm\\n1;A\\n")
    """
    bare = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    for start, kind in _STARTS:
        if bare.startswith(start) and (start not in _LETTERS or _is_binary(bare)):
            is_office = kind.code == ZIP and bare[30:].startswith(_OFFICE)
            return Kind(ZIP, "an Excel workbook", _SHEET) if is_office else kind
    if bare[:4] == b"RIFF" and bare[8:12] in (b"WEBP", b"WAVE", b"AVI "):
        what = "a WebP picture" if bare[8:12] == b"WEBP" else "a sound or video file"
        return Kind("riff", what, _RESULTS)
    if bare[4:8] == b"ftyp":
        return Kind("mp4", "a video or picture (MP4, HEIC)", _RESULTS)
    text = _as_ascii(bare)
    for pattern, kind in _SAYS:
        if pattern.match(text):
            return kind
    return None


def encoding_of(head: bytes) -> str | None:
    """By the byte order mark, or by the positions of the NULs in UTF-16. None means that it is not
    text.

    >>> encoding_of("a,b".encode("utf-16-le")), encoding_of(b"a,b"), encoding_of(bytes(range(32)))
    ('utf-16-le', 'utf-8', None)
    """
    if head[:4] in (b"\xff\xfe\0\0", b"\0\0\xfe\xff"):
        return "utf-32"
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding
    even, odd = head[::2].count(0), head[1::2].count(0)
    if max(even, odd) > len(head) * 0.3 and min(even, odd) < len(head) * 0.02:
        return "utf-16-le" if odd > even else "utf-16-be"
    return None if _is_binary(head) else "utf-8"


def _is_binary(head: bytes) -> bool:
    """More than one byte in twenty is a control character that no text holds."""
    nothing = head.count(0)
    controls = sum(byte < 9 or 13 < byte < 32 for byte in head) - nothing
    return max(controls, nothing) > len(head) * 0.05


def _as_ascii(head: bytes) -> bytes:
    """Without the NULs that UTF-16 puts between letters, and without its mark."""
    if encoding_of(head) in ("utf-16-le", "utf-16-be"):
        head = head.removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff").replace(b"\0", b"")
    return head.lstrip()
