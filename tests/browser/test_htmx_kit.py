"""What pages rely on: parts, redirects, the back button, double clicks, lost connections."""

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Route, expect

from backlog.models import User
from tests.browser import kit_urls

pytestmark = [
    pytest.mark.urls("tests.browser.kit_urls"),
    pytest.mark.django_db(transaction=True),
]


@pytest.fixture
def kit(page: Page, live_server: Any, settings: Any, sign_in: Any) -> Iterator[Page]:
    templates = copy.deepcopy(settings.TEMPLATES)
    templates[0]["DIRS"] = [Path(__file__).parent / "templates", *templates[0]["DIRS"]]
    settings.TEMPLATES = templates
    kit_urls.NOTES.clear()
    kit_urls.VISITS.clear()
    kit_urls.GATE.set()
    sign_in(User.objects.create_user("maya@example.org", "a password", name="Maya Okafor"))
    page.goto(f"{live_server.url}/kit/")
    yield page
    kit_urls.GATE.set()


def keep(kit: Page, text: str) -> None:
    kit.get_by_label("Note", exact=True).fill(text)
    kit.get_by_role("button", name="Keep", exact=True).click()


def test_htmx_headers_survive_a_redirect_and_the_part_is_swapped(kit: Page) -> None:
    keep(kit, "first")
    expect(kit.locator("#notes li")).to_have_text(["first"])
    expect(kit.locator("#seen")).to_have_text("{'HX-Request': 'true', 'HX-Target': 'notes'}")
    assert kit.url.endswith("/kit/")
    expect(kit.locator("#notes .head")).to_have_count(0)


def test_a_message_comes_along_with_a_part(kit: Page) -> None:
    keep(kit, "second")
    expect(kit.locator("#messages")).to_contain_text("Kept: second")
    kit.locator("#messages").get_by_role("button", name="Close").click()
    expect(kit.locator("#messages .msg")).to_have_count(0)


def test_a_redirect_to_another_page_changes_the_page(kit: Page) -> None:
    kit.get_by_role("button", name="Leave").click()
    kit.wait_for_url("**/kit/elsewhere/")
    expect(kit.get_by_role("heading", name="Elsewhere")).to_be_visible()
    expect(kit.locator("nav.rail")).to_have_count(1)


def test_a_page_that_has_moved_is_followed_once_however_slow_the_next_one_is(kit: Page) -> None:
    kit.goto(kit.url + "follow/")
    kit_urls.LET_IN.clear()
    kit.evaluate("() => addEventListener('htmx:beforeRequest', () => console.debug('poll'))")
    with kit.expect_request("**/kit/moved/"):
        kit_urls.GATE.clear()
    for _ in range(8):
        with kit.expect_console_message(lambda message: message.text == "poll"):
            pass
    kit_urls.LET_IN.set()
    expect(kit.get_by_role("heading", name="Elsewhere")).to_be_visible()
    assert kit_urls.VISITS == ["/kit/moved/"]


def test_the_back_button_shows_the_whole_page(kit: Page) -> None:
    keep(kit, "apples")
    keep(kit, "pears")
    expect(kit.locator("#notes li")).to_have_text(["apples", "pears"])
    kit.get_by_label("Find").fill("pear")
    kit.get_by_role("button", name="Find").click()
    kit.wait_for_url("**/kit/?q=pear")
    expect(kit.locator("#notes li")).to_have_text(["pears"])
    kit.get_by_role("link", name="Elsewhere").click()
    kit.wait_for_url("**/kit/elsewhere/")
    kit.go_back()
    expect(kit.locator("nav.rail")).to_have_count(1)
    expect(kit.locator("#notes li")).to_have_text(["pears"])
    kit.go_back()
    expect(kit.locator("nav.rail")).to_have_count(1)
    expect(kit.locator("#notes li")).to_have_text(["apples", "pears"])


@pytest.mark.parametrize(("label", "button"), [("Note", "Keep"), ("Plain note", "Keep plainly")])
def test_two_clicks_make_one_thing(kit: Page, label: str, button: str) -> None:
    kit_urls.GATE.clear()
    kit.get_by_label(label, exact=True).fill("once")
    kit.get_by_role("button", name=button, exact=True).dblclick(no_wait_after=True)
    kit_urls.GATE.set()
    expect(kit.locator("#messages")).to_contain_text("Kept: once")
    assert kit_urls.NOTES == ["once"]
    expect(kit.get_by_role("button", name=button, exact=True)).not_to_have_attribute(
        "aria-disabled", "true"
    )


def test_a_lost_connection_says_so_keeps_the_text_and_can_be_tried_again(kit: Page) -> None:
    def refuse(route: Route) -> None:
        route.abort("connectionrefused")

    kit.route("**/kit/add/", refuse)
    keep(kit, "typed with care")
    expect(kit.get_by_role("alert")).to_contain_text("The server cannot be reached")
    expect(kit.get_by_label("Note", exact=True)).to_have_value("typed with care")
    kit.unroute("**/kit/add/", refuse)
    kit.get_by_role("button", name="Try again").click()
    expect(kit.locator("#notes li")).to_have_text(["typed with care"])
    expect(kit.get_by_role("alert")).to_be_empty()


def test_a_plain_form_waits_while_offline_and_goes_by_itself(kit: Page) -> None:
    kit.get_by_label("Plain note").fill("typed on a train")
    kit.context.set_offline(True)
    kit.get_by_role("button", name="Keep plainly").click()
    expect(kit.get_by_role("alert")).to_contain_text("You are offline")
    expect(kit.get_by_label("Plain note")).to_have_value("typed on a train")
    assert kit_urls.NOTES == []
    kit.context.set_offline(False)
    expect(kit.locator("#messages")).to_contain_text("Kept: typed on a train", timeout=15_000)
    assert kit_urls.NOTES == ["typed on a train"]


def test_a_draft_outlives_the_tab_and_goes_when_it_is_saved(kit: Page) -> None:
    note = kit.get_by_label("Note", exact=True)
    note.fill("half a thought")
    kit.reload()
    expect(note).to_have_value("half a thought")
    expect(kit.get_by_text("Your unsaved text")).to_be_visible()
    kit.get_by_role("button", name="Keep", exact=True).click()
    expect(kit.locator("#notes li")).to_have_text(["half a thought"])
    kit.reload()
    expect(note).to_have_value("")


def test_a_refused_step_is_said_and_nothing_else_changes(kit: Page) -> None:
    keep(kit, "stays")
    expect(kit.locator("#notes li")).to_have_text(["stays"])
    kit.get_by_role("button", name="Launch").click()
    expect(kit.locator("#messages")).to_contain_text("Ben was quicker")
    expect(kit.locator("#notes li")).to_have_text(["stays"])


def test_an_expired_session_keeps_the_form_and_sends_it_after_signing_in(kit: Page) -> None:
    kit.context.clear_cookies(name="floe")
    keep(kit, "not lost")
    expect(kit.get_by_role("alert")).to_contain_text("You were signed out")
    expect(kit.get_by_label("Note", exact=True)).to_have_value("not lost")
    with kit.context.expect_page() as opened:
        kit.get_by_role("alert").get_by_role("button", name="Sign in").click()
    other = opened.value
    other.get_by_label("E-mail").fill("maya@example.org")
    other.get_by_label("Password").fill("a password")
    other.get_by_role("button", name="Sign in").click()
    other.wait_for_url("**/kit/")
    expect(kit.locator("#notes li")).to_have_text(["not lost"], timeout=20_000)
    expect(kit.get_by_role("alert")).to_be_empty()


def test_keys_move_open_and_search(kit: Page) -> None:
    keep(kit, "one")
    keep(kit, "two")
    expect(kit.locator("#notes li")).to_have_count(2)
    kit.locator("body").press("Escape")
    kit.locator("h1").click()
    kit.keyboard.press("/")
    expect(kit.get_by_role("searchbox")).to_be_focused()
    kit.keyboard.press("Escape")
    kit.keyboard.press("j")
    kit.keyboard.press("j")
    expect(kit.get_by_role("link", name="two")).to_be_focused()
    kit.keyboard.press("?")
    expect(kit.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    kit.keyboard.press("Escape")
    kit.keyboard.press("k")
    kit.keyboard.press("Enter")
    kit.wait_for_url("**/kit/elsewhere/")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_frame_is_accessible(kit: Page, scheme: Any, width: int) -> None:
    kit.set_viewport_size({"width": width, "height": 800})
    kit.emulate_media(color_scheme=scheme)
    kit.reload()
    faults = Axe().run(kit).response["violations"]
    assert [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in faults] == []
    assert kit.evaluate("document.documentElement.scrollWidth") <= width
