"""Text that is not a table, or is a larger table than anybody needs."""

import codecs
from collections.abc import Callable

HEAD = "title,user,group,minutes\n"
ROWS = "".join(f"Idea {n},u{n},{'AB'[n % 2]},{n % 7}\n" for n in range(40))
GOOD = (HEAD + ROWS).encode()

FILES: dict[str, Callable[[], bytes]] = {
    "empty.csv": lambda: b"",
    "blanks.csv": lambda: b" \r\n\t\r\n" * 50,
    "mark-of-utf-8.csv": lambda: codecs.BOM_UTF8,
    "mark-of-utf-16.csv": lambda: codecs.BOM_UTF16_LE,
    "half-a-letter-of-utf-16.csv": lambda: codecs.BOM_UTF16_LE + GOOD.decode().encode("utf-16-le") + b"x",
    "lone-surrogate-of-utf-16.csv": lambda: codecs.BOM_UTF16_LE + (HEAD + ROWS).encode("utf-16-le") + b"\x00\xd8,\x00",
    "nul.csv": lambda: GOOD + b"Idea 41,u41,A,\x00\n" + GOOD,
    "nuls.csv": lambda: b"\0" * 100_000,
    "noise.csv": lambda: bytes(range(256)) * 40,
    "one-line-of-5-mb.csv": lambda: GOOD + b"x" * (5 << 20),
    "one-line-of-wide-letters.csv": lambda: GOOD + "é😀".encode() * (1 << 20),
    "odd-line-of-commas.csv": lambda: b"a" + b"," * 2_000_000,
    "quote-not-closed-at-the-top.csv": lambda: b'"' + GOOD * 400,
    "quote-not-closed-below.csv": lambda: GOOD + b'Idea 41,"u41,A,3\n' + GOOD.replace(b'"', b"") * 400,
    "name-of-a-megabyte.csv": lambda: b"title,user," + b"g" * (1 << 20) + b",minutes\na,b,c,1\n",
    "odd-many-columns.csv": lambda: (",".join(f"c{n}" for n in range(60_000)) + "\n").encode() + b"1,2\n" * 3,
    "odd-many-rows.csv": lambda: HEAD.encode() + b"a,u,A,1\n" * 100_010,
    "odd-separators.csv": lambda: b";;;;\n" * 500,
    "only-a-header.csv": HEAD.encode,
    "odd-latin-1.csv": lambda: GOOD.replace(b"Idea", "Idée".encode("latin-1")),
    "odd-utf-16.csv": lambda: GOOD.decode().encode("utf-16"),
    "odd-utf-16-without-mark.csv": lambda: GOOD.decode().encode("utf-16-be"),
    "odd-utf-32.csv": lambda: GOOD.decode().encode("utf-32"),
    "odd-lone-surrogate.csv": lambda: GOOD.replace(b"Idea 3,", b"Idea \xed\xa0\x80,"),
    "odd-carriage-returns.csv": lambda: GOOD.replace(b"\n", b"\r"),
    "odd-wide-first-row.csv": lambda: HEAD.strip().encode() + b"," * 150 + b"\n" + ROWS.encode() * 200,
    "odd-controls.csv": lambda: GOOD.replace(b"Idea 3,", b"Idea \x01\x08\x1b,"),
    "odd-right-to-left.csv": lambda: GOOD.replace(b"Idea 3,", "\u202eidea\u2066,".encode()),
    "odd-quotes.csv": lambda: HEAD.encode() + b'"' * 100_000 + b"\n" + ROWS.encode(),
}  # fmt: skip
