"""Parquet files that swell, lie or are broken."""

import functools
import tempfile
from collections.abc import Callable
from pathlib import Path

import duckdb


def written(select: str, options: str = "") -> bytes:
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as database:
        path = Path(folder) / "t.parquet"
        database.execute(f"COPY ({select}) TO '{path}' (FORMAT parquet{options})")
        return path.read_bytes()


@functools.cache
def good() -> bytes:
    return written(
        "SELECT 'u' || i AS user, CASE WHEN i % 2 = 0 THEN 'A' ELSE 'B' END AS \"group\", "
        "i % 7 AS minutes FROM range(40) t(i)"
    )


def _patched(at: int, new: bytes) -> bytes:
    data = bytearray(good())
    at = at if at >= 0 else len(data) + at
    data[at : at + len(new)] = new
    return bytes(data)


def _wide(columns: int) -> bytes:
    return written("SELECT " + ", ".join(f"1 AS c{n}" for n in range(columns)))


FILES: dict[str, Callable[[], bytes]] = {
    # 1,200 texts of a megabyte in a file of a few kilobytes, and 400,000 of 5,000 letters
    "long-texts.parquet": lambda: written(
        "SELECT 'u' || i AS user, repeat('x', 1000000) AS text FROM range(1200) t(i)"),
    "dictionary.parquet": lambda: written(
        "SELECT i AS user, repeat('xyz', 1500) || (i % 3) AS text FROM range(400000) t(i)"),
    "3-million-rows.parquet": lambda: written("SELECT 1 AS user, 2 AS text FROM range(3000000)"),
    "2000-columns.parquet": lambda: _wide(2_000),
    "lists.parquet": lambda: written("SELECT 1 AS user, range(5) AS list FROM range(9)"),
    "groups.parquet": lambda: written("SELECT 1 AS user, {'a': 1, 'b': {'c': 2}} AS g FROM range(9)"),
    "maps.parquet": lambda: written("SELECT 1 AS user, MAP {'a': 1} AS m FROM range(9)"),
    "bytes.parquet": lambda: written("SELECT 1 AS user, 'abc'::BLOB AS b FROM range(9)"),
    "nothing-more.parquet": lambda: b"PAR1 and nothing more",
    "twice-the-mark.parquet": lambda: b"PAR1\0\0\0\0PAR1",
    **{f"cut-off-at-{share}.parquet": (lambda share=share: good()[: len(good()) * share // 100])
       for share in (10, 50, 99)},
    "end-too-long.parquet": lambda: _patched(-8, b"\xff\xff\xff\x7f"),
    "end-of-noise.parquet": lambda: _patched(-120, bytes(range(150, 250))),
    "pages-of-noise.parquet": lambda: _patched(4, bytes(range(100, 200))),
    "encrypted.parquet": lambda: b"PARE" + good()[4:-4] + b"PARE",
}  # fmt: skip
