"""What went wrong when a team of six groomed their backlog: each fault has a test that would see it again.

`@pytest.mark.grooming("A1")` on a test says that it fails once that fault is back.
"""

import ast
from collections import Counter
from pathlib import Path

TESTS = Path(__file__).parent
FAULTS = {
    "A1": "Enter on the scoring card skipped the idea",
    "A2": "quick typing lost the first letters of the next title",
    "A3": "of two columns read as one field the first was lost",
    "A4": "the API showed scores of an idea that is blind again",
    "A5": "the description of an imported idea showed its scores",
    "A6": "one unreadable message of the broker stopped everything",
    "A7": "a score saved without a network was never sent",
    "A8": "a cell edited after the session had ended was lost",
    "B1": "a header below the first row was read as an idea",
    "B2": "rows that are ready could not be left out",
    "B3": "a changed export did not change the ideas",
    "B4": "an import chose the objective of another quarter",
    "B5": "the importer became the author of everything",
    "B6": "everybody began with the same idea",
    "B7": "one idea had two ranks",
    "B9": "messages stayed when they were over",
    "B10": "Escape after a conflict showed the old value",
    "B11": "links in mail led to another port",
    "B12": "imported ideas lost their days and states",
    "C1": "taking over and admitting needed a reload",
    "C2": "a session with hidden scores could not be ended",
    "C3": "who made a pod was not in it, and a round without scorers began",
    "C4": "the button that starts a round was far below many ideas",
    "C5": "the summary was wider than a phone",
    "C6": "the focus was lost after a score and after a move",
    "D1": "an empty workspace said that nothing is to be done",
    "D2": "usual headers and numbers were not understood, and pods were asked row by row",
    "D4": "a re-vote did not say what one had given first",
    "D5": "a reveal did not ask, and the timer could not be paused",
    "D6": "a round after its deadline was still being scored",
    "D7": "mentions were not on Today, not quoted and not offered",
    "D8": "people were invited one by one, and links could not be copied",
    "D9": "a step over many rows lost the place, the selection and its undo",
    "D10": "imports were listed nowhere",
    "D12": "few cells could be edited in the list",
    "E1": "a reveal repeated the same names until the dots were out of sight",
    "E2": "the live page had two bars",
    "E3": "on a phone Save was not at the thumb",
    "E4": "on a phone the first idea came far down",
    "E5": "the message of a step over many rows took three lines",
    "E6": "the table and the hint of a round had no space around them",
    "E7": "the field for a note was bare and half hidden",
    "E9": "filters and columns were pages of their own",
    "E10": "addresses in texts were not links",
    "E11": "an effect without a unit was written as one",
}


def marked() -> Counter[str]:
    """How many tests carry each mark, read from their sources."""
    return Counter(
        argument.value
        for path in TESTS.rglob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
        for mark in node.decorator_list
        if isinstance(mark, ast.Call) and ast.unparse(mark.func) == "pytest.mark.grooming"
        for argument in mark.args
        if isinstance(argument, ast.Constant)
    )


def test_every_fault_of_that_day_has_a_test_and_every_mark_a_fault() -> None:
    tested = marked()
    assert FAULTS.keys() - tested.keys() == set(), "no test is marked with these"
    assert tested.keys() - FAULTS.keys() == set(), "these are no faults of the list"
