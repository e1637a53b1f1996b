"""The confidence of a plan is the only one: words, verdicts, intervals and pages go by it."""

import ast
import re
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from experiments.engine.reading import read_evidence
from experiments.engine.results import verdict_of
from experiments.models import Experiment
from experiments.stats import Code, State
from experiments.views.calculator import often
from tests.experiments.test_reading import inputs, row_of
from tests.factories import analysed, launched, make_experiment, totals

ROOT = Path(__file__).parents[2] / "experiments"
MEANT = {
    State.BETTER: Code.BETTER, State.WORSE: Code.WORSE, State.WITHIN: Code.WITHIN_MARGIN,
    State.TOO_SMALL: Code.TOO_SMALL_TO_MATTER, State.IN_DOUBT: Code.MAY_BE_WORSE_THAN_ALLOWED, State.BEYOND: Code.WORSE_THAN_ALLOWED,
}  # fmt: skip
OUTCOMES = {State.BETTER: {"ship"}, State.WORSE: {"roll-back"},
            State.CANNOT_TELL: {"cannot-tell", "no-difference"}}  # fmt: skip
confidences = st.floats(0.5, 0.999)


def codes_of(result, metric):
    return [fact.code for fact in verdict_of(result).facts if fact.metric == metric]


@given(confidence=confidences, mean=st.floats(9.0, 11.0), method=st.sampled_from(["fixed-horizon", "any-time"]))  # fmt: skip
def test_word_verdict_and_interval_of_a_mean_agree_at_any_confidence(confidence, mean, method):
    evidence = inputs()
    evidence["plan"]["metrics"] = [evidence["plan"]["metrics"][0] | {"kind": "mean"}]
    evidence["plan"]["statistics"] = {"confidence": confidence, "method": method}
    evidence["observations"] = [
        {"metric": "Paid", "variant": arm, "n": 500, "mean": value, "variance": 25.0}
        for arm, value in (("A", 10.0), ("B", mean))
    ]
    result = read_evidence(evidence)
    row = row_of(result, "Paid")
    by_interval = (
        State.BETTER if row["low"] > 0 else State.WORSE if row["high"] < 0 else State.CANNOT_TELL
    )
    assert row["state"] == by_interval
    assert result["verdict"]["outcome"] in OUTCOMES[by_interval]


@given(confidence=confidences, paid=st.integers(850, 1150), left=st.integers(60, 220))
def test_every_word_is_that_of_the_verdict_at_any_confidence(confidence, paid, left):
    evidence = inputs(counts={"A": (10_000, 1_000, 100), "B": (10_000, paid, left)})
    evidence["plan"]["statistics"] = {"confidence": confidence}
    result = read_evidence(evidence)
    for metric in ("Paid", "Left"):
        state, codes = State(row_of(result, metric)["state"]), codes_of(result, metric)
        if state is State.CANNOT_TELL:
            assert not {Code.BETTER, Code.WORSE} & set(codes)
        else:
            assert codes == [MEANT[state]]


def test_with_less_confidence_the_verdict_and_the_row_both_say_better():
    """They did not: the row went by 5 % whatever the plan said."""
    evidence = inputs(counts={"A": (10_000, 1_000, 100), "B": (10_000, 1_077, 100)})
    evidence["plan"]["statistics"] = {"confidence": 0.9}
    result, before = read_evidence(evidence), read_evidence(evidence, engine="3")
    assert 0.05 < row_of(result, "Paid")["adjusted_p"] < 0.1
    assert (result["verdict"]["outcome"], row_of(result, "Paid")["state"]) == ("ship", "better")
    assert (before["verdict"]["outcome"], row_of(before, "Paid")["word"]) == ("ship", "cannot tell")


def test_pages_say_the_confidence_of_the_plan(alice, bob, vera, pod, objective, client_of):
    made = make_experiment(alice, pod, objective=objective, analyst=bob)
    Experiment.objects.filter(pk=made.pk).update(confidence=0.9, power=0.9)
    made.refresh_from_db()
    running = launched(made, alice)
    analysed(running, bob, totals(n=20_000))
    for name, sentences in (
        ("experiment_results", ["90\xa0% interval", "90\xa0% intervals", "tests at 10\xa0%"]),
        ("analysis_methods", ["90\xa0% interval"]),
        ("experiment_detail", ["power 90\xa0%"]),
    ):
        args = [running.pk, 1] if name == "analysis_methods" else [running.pk]
        page = client_of(vera).get(reverse(f"experiments:{name}", args=args)).content.decode()
        page = page.replace("&nbsp;", "\xa0")
        for words in sentences:
            assert words in page, (name, words)
        assert "95\xa0%" not in page
        assert "95 %" not in page


def test_a_file_is_read_at_the_confidence_that_is_asked_for(tmp_path, capsys):
    file = tmp_path / "file.csv"
    rows = [
        f"{arm},{int(n < hits)}" for arm, hits in (("a", 100), ("b", 129)) for n in range(1_000)
    ]
    file.write_text("\n".join(["arm,paid", *rows]))
    arguments = {"variant": "arm", "control": "a", "metrics": ["paid"]}
    call_command("analyse", str(file), **arguments)
    assert "cannot be told from the control" not in capsys.readouterr().out
    call_command("analyse", str(file), **arguments, confidence=99)
    page = capsys.readouterr().out
    assert "cannot be told from the control" in page
    assert "Ranges are 99 % intervals" in page
    assert "p at most .01" in page
    with pytest.raises(CommandError, match="from 50 to less than 100"):
        call_command("analyse", str(file), **arguments, confidence=0.95)


@given(st.floats(0.01, 0.99))
def test_a_power_is_said_as_a_frequency_that_is_true(power):
    times, base = map(int, re.findall(r"\d+", often(power)))
    assert times / base == pytest.approx(power, abs=0.0006)


# --- No other level stands anywhere ---------------------------------------------------------------

LEVELS = {0.05, 0.95}
WRITTEN_ONCE = {
    ("stats/tails.py", 0.95),  # where nobody plans
    ("plan/document.py", 0.95),  # what a plan without one was sealed with
    ("models/design.py", 0.95),  # what a new plan begins with
    ("engine/before.py", 0.05),  # what old engines went by
    ("quarter/effects.py", 0.05),  # where nobody plans; the flow hands in the plan's own
    ("quarter/sketch.py", 0.95),  # the range of an estimate, which judges no experiment
}


def test_no_other_level_is_written_anywhere():
    levels = set()
    for file in ROOT.rglob("*.py"):
        name = str(file.relative_to(ROOT))
        if name.startswith(("migrations/", "flows/sample/")):
            continue
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if (
                isinstance(node, ast.Constant)
                and isinstance(node.value, float)
                and node.value in LEVELS
            ):
                levels.add((name, node.value))
    assert levels == WRITTEN_ONCE


def test_no_template_writes_a_level():
    level = re.compile(r"\b(5|80|90|95)(&nbsp;| |\xa0)%")
    templates = (ROOT.parent / "templates" / "experiments").glob("*.html")
    assert {file.name for file in templates if level.search(file.read_text("utf-8"))} == set()
