"""Files of other kinds with the name of a table; their first bytes say what they are."""

import bz2
import gzip
import json
import lzma
import zlib
from collections.abc import Callable

from tests.corpus.texts import GOOD

_PIXEL = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x02\0\0\0" + zlib.compress(
    b"\0" * 999
)
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><text>a,b,c</text></svg>\n'
NAMED: dict[str, tuple[str, Callable[[], bytes]]] = {
    "picture-1.csv": ("a PNG picture", lambda: _PIXEL),
    "picture-2.csv": ("a JPEG picture", lambda: b"\xff\xd8\xff\xe0\0\x10JFIF\0" + b"ab,\n" * 99),
    "picture-3.csv": ("a GIF picture", lambda: b"GIF89a\x01\0\x01\0" + b"ab,\n" * 99),
    "picture-4.csv": ("a WebP picture", lambda: b"RIFF\x24\0\0\0WEBPVP8 " + b"ab,\n" * 99),
    "picture-5.csv": ("an SVG picture", lambda: SVG),
    "picture-6.csv": ("an SVG picture", lambda: b'<?xml version="1.0"?>\n<!-- drawn -->\n' + SVG),
    "film.csv": ("a video", lambda: b"\0\0\0\x20ftypisom" + b"ab,\n" * 99),
    "document.csv": ("a PDF document", lambda: b"%PDF-1.7\n" + b"a,b\n" * 99),
    "page.csv": ("a web page (HTML)", lambda: b"<!doctype html>\n<html><head><title>502, Bad Gateway</title>"),
    "page-2.csv": ("a web page (HTML)", lambda: b"\xef\xbb\xbf\r\n  <HTML>\n<body>Sign in, please</body>"),
    "page-3.csv": ("a web page (HTML)", lambda: "<html><table><tr><td>a,b".encode("utf-16")),
    "feed.csv": ("an XML file", lambda: b'<?xml version="1.0"?><rows><row a="1" b="2"/></rows>'),
    "rows.csv": ("a JSON file", lambda: json.dumps([{"user": n, "group": "A"} for n in range(9)]).encode()),
    "error.csv": ("a JSON file", lambda: b'{\n  "error": "not found", "code": 404\n}\n'),
    "packed-1.csv": ("a compressed file (gzip)", lambda: gzip.compress(GOOD)),
    "packed-bomb.csv": ("a compressed file (gzip)", lambda: gzip.compress(b"a,b\n" * 25_000_000, 1)),
    "packed-2.csv": ("a compressed file (bzip2)", lambda: bz2.compress(GOOD)),
    "packed-3.csv": ("a compressed file (xz)", lambda: lzma.compress(GOOD)),
    "packed-4.csv": ("a 7-Zip archive", lambda: b"7z\xbc\xaf\x27\x1c\0\x04" + b"a,b\n" * 99),
    "database.csv": ("a SQLite database", lambda: b"SQLite format 3\0" + b"a,b\n" * 99),
    "program.csv": ("a program", lambda: b"\x7fELF\x02\x01\x01" + b"a,b\n" * 99),
}  # fmt: skip
FILES: dict[str, Callable[[], bytes]] = {name: make for name, (_, make) in NAMED.items()}
