"""A browser that keeps nothing for the site: everything else works."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from backlog.models import Comment
from tests.factories import make_experiment, make_idea

pytestmark = pytest.mark.django_db(transaction=True)

BLOCKED = """for (const name of ["localStorage", "sessionStorage"])
  Object.defineProperty(window, name, { get() { throw new DOMException("blocked", "SecurityError"); } });"""


def test_where_the_browser_keeps_nothing_everything_else_works(
    page: Page, live_server: Any, sign_in: Any, alice: Any, carol: Any, pod: Any
) -> None:
    sign_in(alice)
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.add_init_script(BLOCKED)
    idea = make_idea(alice, pod)
    experiment = make_experiment(alice, pod, objective=None, analyst=carol, idea_title="Tested")
    page.goto(f"{live_server.url}{idea.get_absolute_url()}")
    page.get_by_label("Comment", exact=True).fill("Typed without a store")
    page.get_by_role("button", name="Comment", exact=True).click()
    expect(page.locator(".thread")).to_contain_text("Typed without a store")
    assert [one.text for one in Comment.objects.all()] == ["Typed without a store"]
    page.keyboard.press("Control+k")
    expect(page.locator("dialog#palette")).to_be_visible()
    page.goto(f"{live_server.url}/experiments/{experiment.pk}/edit/")
    page.locator("[data-formset=arms] [data-add]").click()
    expect(page.locator("[name=arms-2-name]")).to_be_visible()
    page.goto(f"{live_server.url}/ideas/")
    page.locator(".ideas [data-row-link]").first.click()
    page.wait_for_url("**/ideas/*/")
    page.go_back()
    expect(page.locator(".ideas [data-row-link]").first).to_be_visible()
    page.locator("[popovertarget=me-menu]").click()
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    assert wrong == []
