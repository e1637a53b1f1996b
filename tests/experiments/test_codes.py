"""Results hold codes; sentences are made at the edge, and nothing is decided by one."""

import ast
import re
from dataclasses import fields
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.engine.before import REASONS, WITH_SENTENCES, in_codes
from experiments.engine.reading import read_evidence
from experiments.engine.results import verdict_of
from experiments.stats import (
    Caution,
    Code,
    Fact,
    LiftMethod,
    Method,
    SampleRatio,
    State,
    WhyNot,
    Without,
)
from experiments.stats.language import ENGLISH, RECORDED
from experiments.views.analyst import METHODS
from experiments.views.figures import ICONS
from experiments.views.scorecard import KINDS
from tests.experiments.test_reading import ALIKE, BETTER, HARMFUL, inputs, mean_inputs, sequential

ROOT = Path(__file__).parents[2]
SAID = {"sentence", "sentences", "head", "reason", "reasons", "explanation", "word", "words"}
READS = {
    "experiments/engine/before.py": "reads results of old engines, which have nothing else",
}
CASES = [
    inputs(), inputs(counts=ALIKE), inputs(counts=HARMFUL), inputs(counts=BETTER, is_over=False),
    inputs(counts={"A": (10_000, 1_200, 100), "B": (10_000, 1_000, 100)}),
    inputs(counts={"A": (10_000, 1_000, 100), "B": (8_000, 800, 80)}),
    inputs(counts={"A": (10_000, 1_000, 100), "B": (10_000, 1_200, 140)}),
    inputs(counts={"A": (10_000, 1_000, 100), "B": (10_000, 1_005, 100)}),
    inputs(counts={"A": (40, 0, 0), "B": (41, 0, 0)}), inputs(counts={"A": (0, 0, 0)}),
    sequential("any-time", counts=ALIKE), mean_inputs(),
]  # fmt: skip


def test_every_code_has_its_phrase_in_every_language():
    tables = {"facts": set(Code) - {Code.DATA_PROBLEM, Code.RECORDED}, "states": set(State),
              "sample_ratios": set(SampleRatio), "why_not": set(WhyNot), "methods": set(Method),
              "lift_methods": set(LiftMethod), "without": set(Without), "cautions": set(Caution)}  # fmt: skip
    for name, codes in tables.items():
        assert set(getattr(ENGLISH, name)) == codes, name
        assert set(getattr(RECORDED, name)) <= codes, name


def test_pages_know_every_state_and_method():
    assert set(KINDS) == set(State)
    assert set(METHODS) == set(Method)
    assert set(ICONS) < set(Code)


def test_the_table_of_methods_is_the_list_that_pages_and_json_share():
    rows = re.findall(
        r"^\| `([a-z-]+)` \| ([^|]+) \|", (ROOT / "docs/statistics.md").read_text("utf-8"), re.M
    )
    documented = {name: words.strip() for name, words in rows if name in set(Method)}
    assert documented == {str(method): METHODS[method] for method in Method}


@pytest.mark.parametrize("case", CASES)
def test_a_result_holds_no_sentence(case):
    """Strings of a result are codes, and names that the plan gives."""

    def strings(value):
        if isinstance(value, dict):
            for part in value.values():
                yield from strings(part)
        elif isinstance(value, list):
            for part in value:
                yield from strings(part)
        elif isinstance(value, str):
            yield value

    assert [text for text in strings(read_evidence(case)) if " " in text] == []


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("engine", WITH_SENTENCES)
def test_results_of_old_engines_are_read_as_the_same_codes(case, engine):
    now, old = read_evidence(case, engine="4"), read_evidence(case, engine=engine)
    present, before = verdict_of(now), verdict_of(old)
    assert [fact.code for fact in before.facts] == [fact.code for fact in present.facts]
    assert (before.head, before.sentence, before.reasons) == (
        old["verdict"]["head"], old["verdict"]["sentence"], tuple(old["verdict"]["reasons"])
    )  # fmt: skip
    for metric, read in zip(now["metrics"], in_codes(old)["metrics"], strict=True):
        states = [row["state"] for row in metric["comparisons"]]
        assert [row["state"] for row in read["comparisons"]] == states
        ways = [row["without"] for row in metric.get("also", ())]
        assert [row["without"] for row in read["also"]] == ways


@given(data=st.data())
def test_a_fact_comes_back_from_its_json(data):
    values = {
        "code": data.draw(st.sampled_from(Code)),
        "metric": data.draw(st.text(max_size=5)),
        "why_not": data.draw(st.none() | st.sampled_from(WhyNot)),
        "sample_ratio": data.draw(st.none() | st.sampled_from(SampleRatio)),
        "observed": tuple(data.draw(st.lists(st.integers(0, 9), max_size=3))),
        "low": data.draw(st.none() | st.floats(-1, 1)),
    }
    fact = Fact(**values)
    kept = fact.as_json()
    assert set(kept) <= {field.name for field in fields(Fact)}
    assert Fact.from_json(kept) == fact


def test_every_way_in_which_a_reason_began_is_in_the_table():
    """The table of the adapter against the phrases that those engines had."""
    for code, phrase in RECORDED.facts.items():
        starts = [start for start, meant in REASONS if meant == code]
        is_a_reason = code not in (
            Code.SAMPLE_RATIO_MISMATCH, Code.NO_UNITS_YET, Code.UNITS_SO_FAR,
            Code.NOTHING_CLEAR_YET,
        )  # fmt: skip
        assert bool(starts) == is_a_reason, (code, phrase)


# --- Nothing decides by a sentence ----------------------------------------------------------------


def readers(source: str) -> list[str]:
    """Places where something is asked of a value that is called as sentences are."""
    places = []
    for node in ast.walk(ast.parse(source)):
        read = []
        if isinstance(node, ast.Compare):
            kinds = (ast.In, ast.NotIn, ast.Eq, ast.NotEq)
            if any(isinstance(operator, kinds) for operator in node.ops):
                read = [node.left, *node.comparators]
        elif isinstance(node, ast.Subscript):
            read = [node.slice]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            looks_into = ("startswith", "endswith", "find", "index", "partition", "split", "match",
                          "search", "fullmatch", "count")  # fmt: skip
            if node.func.attr in looks_into:
                read = [node.func.value, *node.args]
            elif node.func.attr == "get":
                read = node.args[:1]
        places += [ast.unparse(node) for part in read if is_said(part)]
    return places


def is_said(node: ast.AST) -> bool:
    if isinstance(node, ast.Attribute):
        return node.attr in SAID
    if isinstance(node, ast.Subscript):
        return isinstance(node.slice, ast.Constant) and node.slice.value in SAID
    return False


def test_no_code_asks_what_stands_in_a_sentence():
    rooms = ("engine", "views", "api", "flows", "stats", "file_analysis", "models", "hooks")
    files = [file for room in rooms for file in (ROOT / "experiments" / room).rglob("*.py")]
    assert len(files) > 80
    wrong = {
        name: places
        for file in files
        if (places := readers(file.read_text("utf-8")))
        and (name := str(file.relative_to(ROOT))) not in READS
    }
    assert wrong == {}


def test_no_template_asks_what_stands_in_a_sentence():
    tag = re.compile(r"\{%\s*(?:el)?if ([^%]*)%\}")
    compares = re.compile(
        rf"\.({'|'.join(SAID)})\b[^%]*(==|!=| in )|(==|!=| in )[^%]*\.({'|'.join(SAID)})\b"
    )
    places = [
        (file.name, condition)
        for file in (ROOT / "templates" / "experiments").glob("*.html")
        for condition in tag.findall(file.read_text("utf-8"))
        if compares.search(condition)
    ]
    assert places == []


@pytest.mark.parametrize(
    "leak",
    ["x = 'is worse' in row['reason']", "x = KINDS[row['word']]", "x = verdict.head == 'Ship.'",
     "x = fact.sentence.startswith('The')", "x = re.search('better', v.explanation)",
     "x = KINDS.get(row.word)"],
)  # fmt: skip
def test_the_walk_would_find_such_a_place(leak):
    assert readers(leak)
