"""Signing out takes along what the browser keeps of a person, and says so before."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.factories import make_idea

KEPT = "Object.keys(localStorage).concat(Object.keys(sessionStorage)).filter(k => /^floe:(draft|picks|row|idea)/.test(k))"  # fmt: skip


@pytest.fixture
def typing(page: Page, live_server, sign_in, alice, pod) -> Page:
    """Alice has typed into a comment and not saved it."""
    idea = make_idea(alice, pod)
    sign_in(alice)
    page.goto(f"{live_server.url}{idea.get_absolute_url()}")
    page.locator("[data-draft]").first.fill("Not saved, and confidential")
    return page


def wait_until_kept(page: Page, *names: str) -> None:
    """The page after the sign-out clears what was kept as soon as its script runs."""
    page.wait_for_function(f"names => {KEPT}.join() === names.join()", arg=list(names))


def leave(page: Page) -> None:
    page.locator("[popovertarget=me-menu]").click()
    page.get_by_role("button", name="Sign out", exact=True).click()


def test_with_something_unsaved_it_asks_first_and_then_removes_it(typing: Page, alice) -> None:
    typing.evaluate(f"sessionStorage.setItem('floe:picks:{alice.pk}:3', '{{}}')")
    typing.evaluate("localStorage.setItem('floe:draft:999:x', '{}')")
    leave(typing)
    expect(typing.get_by_role("heading", name="Sign out?")).to_be_visible()
    expect(typing.get_by_text("One unsaved text is kept")).to_be_visible()
    assert any(key.startswith(f"floe:draft:{alice.pk}:") for key in typing.evaluate(KEPT))
    typing.get_by_role("link", name="Stay").click()
    assert any(key.startswith(f"floe:draft:{alice.pk}:") for key in typing.evaluate(KEPT))
    leave(typing)
    typing.get_by_role("button", name="Sign out", exact=True).click()
    expect(typing.get_by_role("heading", name="Sign in")).to_be_visible()
    wait_until_kept(typing, "floe:draft:999:x")  # somebody else's


def test_ideas_that_are_not_sent_yet_stay(typing: Page, alice) -> None:
    key = f"floe:idea-to-add:{alice.pk}:1"
    typing.route("**/api/v1/ideas/", lambda route: route.abort("connectionrefused"))
    typing.evaluate("""key => localStorage.setItem(key, '{"title": "Typed offline"}')""", key)
    leave(typing)
    expect(typing.get_by_text("One idea that has not been sent stays")).to_be_visible()
    typing.get_by_role("button", name="Sign out", exact=True).click()
    expect(typing.get_by_role("heading", name="Sign in")).to_be_visible()
    wait_until_kept(typing, key)


def test_with_nothing_unsaved_one_click_does(page: Page, live_server, sign_in, alice) -> None:
    sign_in(alice)
    page.goto(f"{live_server.url}/profile/")
    leave(page)
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert re.search(r"/account/login/$", page.url)


def test_an_answer_that_is_lost_removes_nothing(typing: Page, live_server, alice) -> None:
    leave(typing)
    typing.get_by_role("heading", name="Sign out?").wait_for()
    typing.route("**/account/logout/", lambda route: route.abort("connectionrefused"))
    typing.get_by_role("button", name="Sign out", exact=True).click()
    typing.wait_for_url("chrome-error://**")
    typing.goto(f"{live_server.url}/profile/")
    assert any(key.startswith(f"floe:draft:{alice.pk}:") for key in typing.evaluate(KEPT))
