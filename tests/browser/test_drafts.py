"""Texts that the browser keeps for the rows of a list."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from experiments.flows.promotion import change_plan
from experiments.models import Experiment
from tests.factories import make_experiment

pytestmark = pytest.mark.django_db(transaction=True)

METRIC = {"kind": "proportion", "direction": "increase"}
LISTS: dict[str, list[dict[str, Any]]] = {
    "arms": [
        {"name": "As it is", "is_control": True, "weight": 1},
        {"name": "First", "description": "", "weight": 1},
        {"name": "Second", "description": "", "weight": 1},
    ],
    "metrics": [
        {
            **METRIC,
            "name": "Reactivated",
            "role": "primary",
            "baseline": 0.1,
            "smallest_effect": 0.1,
        },
        {**METRIC, "name": "First", "role": "guardrail"},
        {**METRIC, "name": "Second", "role": "guardrail"},
    ],
    "rules": [
        {"kind": "exclude", "text": "Nobody who complained", "reason": "They asked"},
        {"kind": "exclude", "text": "First", "reason": ""},
        {"kind": "exclude", "text": "Second", "reason": ""},
    ],
}
# In each list: what the row is told by, a field that may stay empty, what is typed there.
FIELDS = [
    ("arms", "name", "description", "words for the second only"),
    ("metrics", "name", "margin", "12"),
    ("rules", "text", "reason", "words for the second only"),
]


@pytest.fixture
def experiment(alice: Any, carol: Any, pod: Any) -> Experiment:
    return make_experiment(alice, pod, objective=None, analyst=carol, **LISTS)


def address(live_server: Any, experiment: Experiment) -> str:
    return f"{live_server.url}/experiments/{experiment.pk}/edit/"


def leave(page: Page, url: str) -> None:
    page.once("dialog", lambda dialog: dialog.accept())
    page.goto(url)


def type_and_leave(
    page: Page, live_server: Any, experiment: Experiment, name: str, text: str
) -> None:
    page.goto(address(live_server, experiment))
    page.locator(f"[name={name}]").fill(text)
    leave(page, f"{live_server.url}/ideas/")


@pytest.mark.parametrize(("rows", "told_by", "name", "text"), FIELDS)
def test_a_draft_of_a_list_is_only_offered_where_rows_have_moved_and_keeps_text_and_row_together(
    page: Page, live_server: Any, sign_in: Any, alice: Any, bob: Any, experiment: Experiment,
    rows: str, told_by: str, name: str, text: str,
) -> None:  # fmt: skip
    sign_in(alice)
    type_and_leave(page, live_server, experiment, f"{rows}-2-{name}", text)
    first, second, third = LISTS[rows]
    change_plan(Experiment.objects.get(pk=experiment.pk), by=bob, **{rows: [first, third, second]})
    page.goto(address(live_server, experiment))
    expect(page.locator(f"[name={rows}-2-{told_by}]")).to_have_value("First")
    offered = page.locator(".msg", has_text="saved by somebody since")
    expect(offered).to_be_visible()
    for at in (1, 2):
        expect(page.locator(f"[name={rows}-{at}-{name}]")).to_have_value("")
    offered.get_by_role("button", name="Use the draft").click()
    expect(page.locator(f"[name={rows}-2-{name}]")).to_have_value(text)
    expect(page.locator(f"[name={rows}-2-{told_by}]")).to_have_value("Second")


@pytest.mark.parametrize(("rows", "told_by", "name", "text"), FIELDS)
def test_a_text_kept_for_a_row_comes_back_into_it(
    page: Page, live_server: Any, sign_in: Any, alice: Any, experiment: Experiment,
    rows: str, told_by: str, name: str, text: str,
) -> None:  # fmt: skip
    sign_in(alice)
    type_and_leave(page, live_server, experiment, f"{rows}-2-{name}", text)
    page.goto(address(live_server, experiment))
    expect(page.locator(f"[name={rows}-2-{told_by}]")).to_have_value("Second")
    expect(page.locator(f"[name={rows}-2-{name}]")).to_have_value(text)
