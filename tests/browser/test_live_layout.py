"""A live session, measured: one bar, one call-out, room for a note, nothing that covers a button."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from backlog.flows import scoring
from backlog.models import Membership, Round, RoundIdea, User
from tests.browser.kit_session import DESK, LAPTOP, PHONE, Enter, box
from tests.factories import score

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def split(live: Round, first: RoundIdea, alice: User, bob: User, carol: User) -> str:
    """The address of a session whose first idea is revealed, with the same two people far apart."""
    score(first, bob, 2, 2, 2)
    score(first, carol, 9, 9, 9)
    scoring.reveal(first, by=alice)
    return f"/scoring/{live.pk}/live/"


def is_scrolled(page: Page) -> bool:
    return bool(page.evaluate("scrollY > 0"))


@pytest.mark.grooming("E1", "E2")
def test_a_reveal_has_one_bar_one_call_out_and_all_its_dots_in_sight(
    enter: Enter, split: str, alice: User
) -> None:
    page = enter(alice)
    page.goto(split)
    expect(page.locator(".ask")).to_have_count(1)
    expect(page.locator(".topbar")).to_be_hidden()
    expect(page.get_by_role("search").locator("visible=true")).to_have_count(0)
    assert box(page.locator("#round-session > .head"))["y"] == 0
    bar = box(page.locator(".stagebar"))["y"]
    assert [box(dots)["bottom"] < bar for dots in page.locator(".dots").all()] == [True] * 3
    assert not is_scrolled(page)


@pytest.mark.grooming("E1")
@pytest.mark.parametrize("size", [LAPTOP, PHONE], ids=["laptop", "phone"])
def test_the_steps_after_a_reveal_stand_in_a_low_bar_inside_the_screen(
    enter: Enter, split: str, alice: User, size: Any
) -> None:
    page = enter(alice, size)
    page.goto(split)
    bar = page.locator(".stagebar")
    expect(bar.get_by_role("button", name="Score all three again")).to_be_visible()
    assert box(bar)["height"] < size["height"] / 8
    assert all(box(button)["right"] <= size["width"] for button in bar.locator(".btn").all())


@pytest.mark.grooming("E7")
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_the_field_for_a_note_has_a_frame_and_room_and_is_not_under_the_bar(
    enter: Enter, split: str, alice: User, size: Any
) -> None:
    page = enter(alice, size)
    page.goto(split)
    page.locator("summary", has_text="Note why").click()
    field = page.locator("[name=note]")
    field.click()
    style = "field => [...'Top Left'.split(' ')].map((side) => getComputedStyle(field)[`padding${side}`])"
    assert [float(edge.removesuffix("px")) >= 4 for edge in field.evaluate(style)] == [True] * 2
    frame = "field => getComputedStyle(field).borderTopWidth"
    assert float(field.evaluate(frame).removesuffix("px")) >= 1
    assert box(field)["height"] >= 60
    save = page.get_by_role("button", name="Save note")
    save.hover()  # scrolls to it where it is out of sight
    assert box(save)["bottom"] <= box(page.locator(".stagebar"))["y"]
    assert box(field)["bottom"] < box(save)["y"]


@pytest.mark.grooming("E2")
@pytest.mark.parametrize("size", [DESK, LAPTOP, PHONE], ids=["desk", "laptop", "phone"])
def test_a_message_covers_no_button_of_the_session(
    enter: Enter, live: Round, first: RoundIdea, alice: User, charlie: User, pod: Any, size: Any
) -> None:
    Membership.objects.create(pod=pod, user=charlie)
    late, page = enter(charlie), enter(alice, size)
    for one in (late, page):
        one.goto(f"/scoring/{live.pk}/live/")
    page.get_by_role("button", name="Admit Charlie").click()
    message = page.locator("#messages .msg")
    expect(message).to_contain_text("Charlie can now score")
    head = page.locator("#round-session > .head")
    assert box(message)["y"] == 0
    assert box(message)["bottom"] <= box(head)["y"]
