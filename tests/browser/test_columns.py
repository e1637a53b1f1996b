"""The columns of the backlog, chosen and put in order in a dialog on the list."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from backlog.models import User
from tests.browser.kit_session import DESK, PHONE, Enter, box
from tests.factories import make_idea

pytestmark = pytest.mark.django_db(transaction=True)
ADDRESS = "/ideas/?status=any&lever=timing&sort=title"


@pytest.fixture(autouse=True)
def ideas(alice: User, pod: Any) -> None:
    make_idea(alice, pod, "The first idea", lever="timing")
    make_idea(alice, pod, "The second idea", lever="timing")


def opened(page: Page, address: str = ADDRESS) -> Locator:
    page.goto(address)
    more = page.get_by_role("search").get_by_role("button", name="More", exact=True)
    if more.is_visible():
        more.click()
    page.get_by_role("button", name="Columns", exact=True).click()
    dialog = page.get_by_role("dialog", name="Columns")
    expect(dialog.locator("[data-reorder] li")).to_have_count(12)
    return dialog


def order(dialog: Locator) -> list[str]:
    return [row.inner_text().strip() for row in dialog.locator("[data-reorder] .check").all()]


def row(dialog: Locator, name: str) -> Locator:
    return dialog.locator(f"li[data-item={name}]")


def narrowed_by(address: str) -> tuple[str, dict[str, list[str]]]:
    parts = urlsplit(address)
    return parts.path, parse_qs(parts.query, keep_blank_values=True)


def heads(page: Page) -> list[str]:
    expect(page.get_by_role("dialog")).to_have_count(0)
    return [head.inner_text() for head in page.locator("#idea-table th a").all()]


@pytest.mark.grooming("E9")
def test_dragged_columns_are_saved_and_the_list_keeps_its_address(
    enter: Enter, alice: User
) -> None:
    page = enter(alice, DESK)
    dialog = opened(page)
    row(dialog, "owner").drag_to(row(dialog, "rank"), target_position={"x": 60, "y": 4})
    assert order(dialog)[:3] == ["Owner", "Rank", "Idea"]
    expect(row(dialog, "owner").get_by_role("button", name="forward")).to_be_disabled()
    expect(row(dialog, "rank").get_by_role("button", name="forward")).to_be_enabled()
    row(dialog, "lever").get_by_label("Lever").check()
    assert order(dialog)[-1] == "Lever"
    dialog.get_by_role("button", name="Show these columns").click()
    expect(page.locator("#idea-table th a").first).to_have_text("Owner")
    assert heads(page)[-1] == "Lever"
    assert narrowed_by(page.url) == narrowed_by(ADDRESS)


@pytest.mark.grooming("E9")
def test_buttons_and_keys_move_a_column_and_keep_the_focus(enter: Enter, alice: User) -> None:
    page = enter(alice, PHONE)
    dialog = opened(page)
    back = row(dialog, "rank").get_by_role("button", name="Move Rank back")
    back.click()
    back.press("Enter")
    assert order(dialog)[:3] == ["Idea", "Pod", "Rank"]
    expect(back).to_be_focused()
    tick = dialog.get_by_label("Pod", exact=True)
    tick.press("Alt+ArrowUp")
    assert order(dialog)[:3] == ["Pod", "Idea", "Rank"]
    expect(tick).to_be_focused()
    tick.press("Alt+ArrowUp")
    assert order(dialog)[0] == "Pod"
    tick.press("Enter")
    expect(page.locator("#idea-table th a").first).to_have_text("Pod")
    assert narrowed_by(page.url) == narrowed_by(ADDRESS)


@pytest.mark.grooming("E9")
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_the_dialog_fits_has_single_lines_and_escape_leaves_all_as_it_was(
    enter: Enter, alice: User, size: Any
) -> None:
    page = enter(alice, size)
    dialog = opened(page)
    assert box(dialog)["right"] <= size["width"]
    assert dialog.evaluate("box => box.scrollWidth <= box.clientWidth")
    save = dialog.get_by_role("button", name="Show these columns")
    expect(save).to_be_in_viewport(ratio=1)
    lines = "row => [row, row.querySelector('.check')].map((e) => getComputedStyle(e).borderBottomWidth)"
    assert row(dialog, "pod").evaluate(lines) == ["1px", "0px"]
    row(dialog, "rank").get_by_role("button", name="Move Rank back").click()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    assert narrowed_by(page.url) == narrowed_by(ADDRESS)
    assert order(opened(page))[0] == "Rank"
