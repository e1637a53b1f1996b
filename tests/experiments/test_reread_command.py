"""A downloaded reading comes out the same, byte for byte, and a changed one is found."""

import json

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from experiments.engine.reading import read_evidence
from experiments.models import Analysis
from tests.factories import analysed, launched, make_experiment, totals


@pytest.fixture
def kept(client_of, alice, bob, vera, pod, objective, tmp_path):
    """Writes what somebody downloads into a file."""

    def of(person, rows=None, **plan):
        title = plan.pop("idea_title", "Name the series")
        made = make_experiment(
            alice, pod, objective=objective, analyst=bob, idea_title=title, **plan
        )
        running = launched(made, alice)
        analysed(running, alice, rows)
        url = reverse("experiments:analysis_download", args=[running.pk, 1])
        file = tmp_path / f"{title}.json"
        file.write_bytes(client_of(person).get(url).content)
        return file

    return of


def test_every_way_of_reading_comes_out_the_same(kept, vera, bob, capsys):
    files = [
        kept(vera),
        kept(vera, idea_title="Any", reading="any-time"),
        kept(vera, totals(n=6_000), idea_title="Looks", reading="planned-looks"),
        kept(bob, totals(n=3_000, treatment=0.104), idea_title="Masked", reading="any-time"),
    ]
    assert json.loads(files[3].read_text())["is_masked"]
    for file in files:
        call_command("reread", str(file))
    assert capsys.readouterr().out.count("the same, byte for byte.") == 4


@pytest.mark.parametrize("engine", ["1", "2"])
def test_a_reading_of_an_engine_before_comes_out_as_it_was(kept, vera, capsys, engine):
    file = kept(vera)
    analysis = json.loads(file.read_text())
    analysis |= {
        "engine_version": engine, "result": read_evidence(analysis["inputs"], engine=engine),
    }  # fmt: skip
    file.write_text(json.dumps(analysis))
    call_command("reread", str(file))
    assert "the same, byte for byte." in capsys.readouterr().out


def test_what_was_changed_or_can_t_be_computed_is_said(kept, vera, tmp_path):
    file = kept(vera)
    analysis = json.loads(file.read_text())
    for change, sentence in (
        ({"result": analysis["result"] | {"units": {"As it is": 1}}}, "differently in: units"),
        ({"inputs": analysis["inputs"] | {"rejected": 7}}, "the file was changed"),
        ({"engine_version": "99"}, "made by engine 99"),
    ):
        file.write_text(json.dumps(analysis | change))
        with pytest.raises(CommandError, match=sentence):
            call_command("reread", str(file))
    veiled = kept(vera, totals(n=1_000), idea_title="Veiled")
    with pytest.raises(CommandError, match="behind the veil"):
        call_command("reread", str(veiled))
    file.write_text("[1]")
    with pytest.raises(CommandError, match="not a downloaded analysis"):
        call_command("reread", str(file))
    with pytest.raises(CommandError, match="can’t be read"):
        call_command("reread", str(tmp_path / "none.json"))
    assert Analysis.objects.count() == 2


@pytest.mark.parametrize(("factor", "is_same"), [(1 + 3e-16, True), (1 + 1e-9, False)])
def test_the_last_digits_of_another_processor_are_no_difference(
    kept, vera, capsys, factor, is_same
):
    file = kept(vera)
    analysis = json.loads(file.read_text())
    analysis["result"]["sample_ratio"]["p_value"] *= factor
    file.write_text(json.dumps(analysis))
    if not is_same:
        with pytest.raises(CommandError, match="differently in: sample_ratio"):
            call_command("reread", str(file))
        return
    call_command("reread", str(file))
    assert "the same, to 13 digits" in capsys.readouterr().out
