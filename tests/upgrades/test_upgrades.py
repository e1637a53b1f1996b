"""A database of an earlier day is migrated and opened: each page answers with the words it had.

`2026-11.json.gz` was made by `make.py` when results and plans were still stored as the engines 1 to
3 wrote them. What is deliberately said better since stands in `bettered.json`, as pairs of the lines
before and the lines now; `BETTER=1 python -m pytest tests/upgrades` writes those pairs again, to be
read before they are committed.
"""

import difflib
import json
import os
import re
from pathlib import Path

import pytest
import time_machine
from django.core.management import call_command
from django.test import override_settings
from django.urls import reverse

from backlog.models import Pod, User
from experiments.models import Analysis
from tests.upgrades import database
from tests.upgrades.pages import COMPARED, ROLES, addresses, browser_of, look, words

HERE = Path(__file__).parent
BETTERED = HERE / "bettered.json"


@pytest.fixture(scope="module")
def kept():
    return database.read(HERE / "2026-11.json.gz")


@pytest.fixture(scope="module", autouse=True)
def upgraded(kept, django_db_setup, django_db_blocker, tmp_path_factory):
    """A database of its own in place of the tests' one, at the moment when it was kept."""
    with (
        django_db_blocker.unblock(),
        database.another(tmp_path_factory.mktemp("upgrade")),
        time_machine.travel(kept["at"], tick=False),
        override_settings(DEBUG=True),  # accounts of the sample open nothing without
    ):
        database.restore(kept)
        yield


def test_every_row_is_there(kept):
    assert Analysis.objects.count() == len(kept["tables"]["experiments.analysis"]["rows"])
    assert set(Analysis.objects.values_list("engine_version", flat=True)) == {"1", "2", "3"}


def test_every_page_opens():
    """To the owner, from whom nothing is hidden."""
    browser = browser_of(User.objects.get(name=ROLES["owner"]))
    rest = [address for route, address in addresses() if route not in COMPARED]
    opened = {address: look(browser, address)[0] for address in rest}
    assert {address: status for address, status in opened.items() if status >= 500} == {}
    assert sum(status == 200 for status in opened.values()) > 300


def test_every_page_says_what_it_said(kept):
    now, differences = words(), []
    assert set(now) == set(kept["words"])
    for address, by_role in kept["words"].items():
        assert set(now[address]) == set(by_role), address
        for role, before in by_role.items():
            differences += _differences(before, now[address][role])
    pairs = sorted({json.dumps(pair, ensure_ascii=False) for pair in differences})
    if os.environ.get("BETTER"):
        BETTERED.write_text("[\n" + ",\n".join(pairs) + "\n]\n")
    listed = {json.dumps(pair, ensure_ascii=False) for pair in json.loads(BETTERED.read_text())}
    assert [pair for pair in pairs if pair not in listed] == []
    assert listed <= set(pairs), "listed as said better, but said nowhere"


def _differences(before, now):
    """Pairs of the lines that stood there and those that stand in their place."""
    matcher = difflib.SequenceMatcher(a=before, b=now, autojunk=False)
    return [[before[a:b], now[c:d]] for tag, a, b, c, d in matcher.get_opcodes() if tag != "equal"]


def test_every_seal_holds(capsys):
    call_command("check_seals")
    assert "seals are intact" in capsys.readouterr().out


def test_every_reading_comes_out_the_same(tmp_path, capsys):
    browser = browser_of(User.objects.get(name=ROLES["owner"]))
    file, count = tmp_path / "reading.json", 0
    for experiment, number in Analysis.objects.values_list("experiment", "number"):
        address = reverse("experiments:analysis_download", args=[experiment, number])
        file.write_bytes(browser.get(address).content)
        if not json.loads(file.read_text())["is_veiled"]:
            call_command("reread", str(file))
            count += 1
    same = re.findall(r": the same, (byte for byte|to 13 digits)", capsys.readouterr().out)
    assert len(same) == count > 30


def test_work_goes_on():
    """Sequences and triggers are as they were: new rows get ids of their own."""
    assert Pod.objects.create(name="New", prefix="NEW").pk > 4
