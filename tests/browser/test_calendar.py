"""A planning session: mouse and keys, what follows, two planners at once, undo, and the list."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, Locator, Page, Request, expect

from experiments.models import Booking, Experiment, Segment
from tests.factories import make_experiment

pytestmark = pytest.mark.django_db(transaction=True)
WEEK = dt.timedelta(days=7)


@pytest.fixture
def segment(pod: Any) -> Any:
    return Segment.objects.create(name="Lapsed", pod=pod, size=40_000)


@pytest.fixture
def first(alice: Any, bob: Any, pod: Any, objective: Any, quarter: Any, segment: Any) -> Any:
    start = quarter.starts_on + 4 * WEEK
    made = make_experiment(
        alice, pod, objective=objective, analyst=bob, segment=segment, channel="E-mail",
        title="First", idea_title="First", starts_on=start, ends_on=start + 4 * WEEK,
    )  # fmt: skip
    Booking.objects.filter(experiment=made).update(share=0.5)
    return made


@pytest.fixture
def second(alice: Any, bob: Any, pod: Any, objective: Any, segment: Any) -> Any:
    made = make_experiment(
        alice, pod, objective=objective, analyst=bob, segment=segment, channel="E-mail",
        title="Second", idea_title="Second", starts_on=None, ends_on=None,
    )  # fmt: skip
    Booking.objects.filter(experiment=made).update(share=0.3)
    return made


@pytest.fixture
def plan(page: Page, live_server: Any, sign_in: Any, bob: Any, first: Any, second: Any) -> Page:
    sign_in(bob)
    page.goto(f"{live_server.url}/calendar/")
    return page


def bar(page: Page, test: Any) -> Locator:
    return page.locator(f"#plan [data-bar='{test.pk}']")


def width_of_a_day(page: Page) -> float:
    box = page.locator("#plan .wks .track").bounding_box()
    assert box
    return box["width"] / int(page.locator("#plan .tl").get_attribute("data-cols") or 1)


def drag(page: Page, what: Locator, days: float, *, from_end: bool = False) -> None:
    """By so many days to the right; held for a moment, as people do."""
    box = what.bounding_box()
    assert box
    x = box["x"] + (box["width"] - 3 if from_end else box["width"] / 2)
    y = box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + days * width_of_a_day(page), y, steps=6)
    page.mouse.up()


def days_of(test: Any) -> tuple[dt.date, dt.date]:
    test.refresh_from_db()
    return test.starts_on, test.ends_on


def test_a_bar_is_dragged_to_another_week_and_back_by_undo(plan: Page, first: Any) -> None:
    before = days_of(first)
    top = plan.locator("#plan").bounding_box()
    drag(plan, bar(plan, first), 7)
    expect(plan.get_by_text(f"{first.key} is on")).to_be_visible()
    assert plan.locator("#plan").bounding_box() == top, "a message moves nothing"
    assert days_of(first) == (before[0] + WEEK, before[1] + WEEK)
    plan.evaluate("() => { window.isSamePage = true; }")
    plan.get_by_role("button", name="Undo").click()
    expect(plan.get_by_text(f"{first.key} is back")).to_be_visible()
    expect(bar(plan, first)).to_be_focused()
    assert plan.evaluate("() => window.isSamePage === true")
    assert days_of(first) == before


def test_its_end_is_pulled(plan: Page, first: Any) -> None:
    before = days_of(first)
    drag(plan, bar(plan, first), 7, from_end=True)
    expect(plan.get_by_text(f"{first.key} is on")).to_be_visible()
    assert days_of(first) == (before[0], before[1] + WEEK)


def test_a_click_opens_the_test_and_moves_nothing(plan: Page, first: Any) -> None:
    before = days_of(first)
    bar(plan, first).click()
    plan.wait_for_url(f"**{first.get_absolute_url()}")
    assert days_of(first) == before


def test_an_idea_from_the_tray_warns_and_takes_a_reason(
    plan: Page, first: Any, second: Any
) -> None:
    row = plan.locator(f"[data-tray='{second.pk}']")
    target = bar(plan, first).bounding_box()
    source = row.bounding_box()
    assert target
    assert source
    plan.mouse.move(source["x"] + 6, source["y"] + source["height"] - 6)
    plan.mouse.down()
    plan.mouse.move(target["x"] + 8, target["y"] + 50, steps=8)
    dock = plan.locator("#dock")
    expect(dock.get_by_text("50 % of its people")).to_be_visible()
    plan.mouse.up()
    assert days_of(second) == (None, None)
    plan.get_by_label("Why here all the same?").fill("Both are small")
    plan.keyboard.press("Enter")
    expect(bar(plan, second)).to_be_visible()
    assert second.calendar_moves.get().reason == "Both are small"


def test_keys_do_all_that_a_mouse_does(plan: Page, first: Any, second: Any) -> None:
    before = days_of(first)
    bar(plan, first).focus()
    plan.keyboard.press("m")
    plan.keyboard.press("Shift+ArrowRight")
    plan.keyboard.press("ArrowRight")
    expect(plan.locator("#dock .what b")).to_contain_text(
        f"{before[0] + WEEK + dt.timedelta(days=1):%-d %b}"
    )
    plan.keyboard.press("Escape")
    expect(plan.locator("#dock.dock")).to_have_count(0)
    expect(bar(plan, first)).to_be_focused()
    assert days_of(first) == before
    plan.keyboard.press("m")
    plan.keyboard.press("Shift+ArrowRight")
    plan.keyboard.press("Enter")
    expect(plan.get_by_text(f"{first.key} is on")).to_be_visible()
    expect(bar(plan, first)).to_be_focused()
    assert days_of(first) == (before[0] + WEEK, before[1] + WEEK)
    plan.keyboard.press("m")
    plan.keyboard.press("Alt+Shift+ArrowRight")
    plan.keyboard.press("Enter")
    expect(bar(plan, first)).to_have_attribute("data-days", "35")


def test_two_planners_see_each_others_moves_and_overwrite_nothing(
    plan: Page, browser: Browser, live_server: Any, settings: Any, alice: Any, first: Any
) -> None:
    client = Client()
    client.force_login(alice)
    name = settings.SESSION_COOKIE_NAME
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    cookie = {"name": name, "value": client.cookies[name].value, "url": live_server.url}
    context.add_cookies([cookie])
    other = context.new_page()
    other.goto(f"{live_server.url}/calendar/")
    before = days_of(first)
    bar(plan, first).focus()
    plan.keyboard.press("m")
    plan.keyboard.press("ArrowRight")
    drag(other, bar(other, first), 7)
    expect(other.get_by_text(f"{first.key} is on")).to_be_visible()
    plan.keyboard.press("Enter")
    expect(plan.get_by_text("moved it to")).to_be_visible()
    assert days_of(first) == (before[0] + WEEK, before[1] + WEEK)
    plan.get_by_text("Put it back").click()
    expect(bar(plan, first)).to_have_attribute("data-starts", f"{before[0] + WEEK}", timeout=6000)
    context.close()


def is_about_the_place(request: Request) -> bool:
    return "/place/" in request.url


def test_a_lost_connection_moves_nothing_and_says_so(plan: Page, first: Any) -> None:
    before = days_of(first)
    plan.context.set_offline(True)
    with plan.expect_event("requestfailed", is_about_the_place):
        drag(plan, bar(plan, first), 7)
    expect(plan.locator("#connection")).to_contain_text("cannot be reached")
    assert days_of(first) == before
    plan.context.set_offline(False)
    plan.keyboard.press("Escape")
    drag(plan, bar(plan, first), 7)
    expect(plan.get_by_text(f"{first.key} is on")).to_be_visible(timeout=10_000)
    assert days_of(first) == (before[0] + WEEK, before[1] + WEEK)


def test_an_expired_session_is_said_before_anything_is_moved(plan: Page, settings: Any) -> None:
    plan.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    expect(plan.locator("#connection")).to_contain_text("You were signed out", timeout=6000)
    expect(plan.locator("#connection").get_by_role("button", name="Sign in")).to_be_visible()


def test_the_list_says_the_same_as_the_timeline(plan: Page, live_server: Any, first: Any) -> None:
    plan.goto(f"{live_server.url}/calendar/?as=list")
    row = plan.locator(f".clist a[href='{first.get_absolute_url()}']")
    expect(row).to_be_visible()
    expect(row).to_contain_text(f"{first.starts_on:%-d %b} to")
    assert Experiment.objects.count() == 2


def test_what_an_earlier_place_would_do_is_never_taken_for_this_one(plan: Page, first: Any) -> None:
    before = days_of(first)
    bar(plan, first).focus()
    plan.keyboard.press("m")
    plan.keyboard.press("Shift+ArrowRight")
    expect(plan.locator("#dock form[data-here]")).to_have_count(1)
    plan.context.set_offline(True)
    with plan.expect_event("requestfailed", is_about_the_place):
        plan.keyboard.press("Shift+ArrowRight")
    plan.context.set_offline(False)
    plan.keyboard.press("Enter")
    expect(plan.get_by_text(f"{first.key} is on")).to_be_visible(timeout=10_000)
    assert days_of(first) == (before[0] + 2 * WEEK, before[1] + 2 * WEEK)
