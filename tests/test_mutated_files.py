"""Files changed at random: whatever the readers make of them, only a refusal of ours comes out."""

import contextlib
import zipfile
from io import BytesIO
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from backlog.file_kinds import Unreadable, encoding_of, kind_of
from backlog.sheets import keep_sheet
from experiments.plan.audience import ids_in
from experiments.results_file import sniff
from experiments.results_file.apart import look
from experiments.units.id_lists import read_ids
from tests.corpus import parquets, texts, workbooks

PLACES = st.lists(
    st.tuples(st.floats(0, 1, exclude_max=True), st.binary(max_size=12), st.integers(0, 40)),
    max_size=4,
)
QUICK = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@st.composite
def changed(draw, good):
    """Bytes cut out, put in and written over, and perhaps an end that is missing."""
    data = bytearray(good)
    for at, new, gone in draw(PLACES):
        place = int(at * len(data))
        data[place : place + gone] = new
    return bytes(data[: int(len(data) * draw(st.sampled_from([1, 1, 1, 0.9, 0.5, 0.1])))])


@st.composite
def workbook_with_a_changed_part(draw):
    """Whole as an archive: what is wrong stands in its XML, and gets past the check of the ZIP."""
    good = workbooks.good()
    with zipfile.ZipFile(BytesIO(good)) as packed:
        name = draw(st.sampled_from(sorted(packed.namelist())))
        part = packed.read(name)
    words = st.sampled_from(
        [b'r="A1"', b's="0"', b"<v>1</v>", b"</row>", b"<row", b't="s"', b"Id="]
    )
    word, new = (
        draw(words),
        draw(
            st.sampled_from([b"", b'r="ZZZ9"', b'r="-1"', b"<v>x</v>", b'r=""', b"<v/>", b"\xff"])
        ),
    )
    part = part.replace(word, new, draw(st.integers(1, 3))) if word in part else draw(changed(part))
    return workbooks.changed({name: lambda _: part})


def read_everywhere(data):
    with TemporaryDirectory() as folder:
        path = f"{folder}/sent"
        with open(path, "wb") as file:
            file.write(data)
        for reader, more in (
            (keep_sheet, {"target": f"{folder}/rows"}),
            (look, {"work_folder": folder, "max_rows": 1000, "max_bytes": 1 << 20}),
            (read_ids, {}),
        ):
            with contextlib.suppress(Unreadable):
                reader(path, **more)


@QUICK
@example(texts.GOOD.replace(b"u19,B", b"u19,BPK\x05\x06"))
@example(texts.GOOD + b"PK\x05\x06" + bytes(18))
@given(changed(texts.GOOD))
def test_a_changed_csv(data):
    read_everywhere(data)


@QUICK
@given(st.binary(max_size=300))
def test_noise(data):
    kind_of(data)
    encoding_of(data)
    read_everywhere(data)


@QUICK
@given(st.one_of(changed(workbooks.good()), workbook_with_a_changed_part()))
def test_a_changed_workbook(data):
    read_everywhere(data)


@QUICK
@given(changed(parquets.good()))
def test_a_changed_parquet_file(data):
    read_everywhere(data)


@QUICK
@given(st.text(max_size=300))
def test_a_pasted_list(text):
    with contextlib.suppress(Unreadable):
        ids_in(text)


@pytest.mark.parametrize(
    ("good", "rows"), [(texts.GOOD, 40), (workbooks.good(), 40), (parquets.good(), 40)]
)
def test_what_they_start_from_is_read(tmp_path, good, rows):
    path = tmp_path / "good"
    path.write_bytes(good)
    looked = look(str(path), work_folder=str(tmp_path), max_rows=1000, max_bytes=1 << 20)
    assert looked["sniffed"]["rows"] == rows
    assert sniff(tmp_path / looked["made"] if looked["made"] else path).rows == rows
