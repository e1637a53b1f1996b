"""From an empty installation to the first revealed score: two people, their clicks counted."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from backlog.flows.founding import setup_link
from backlog.models import Idea, Membership

pytestmark = pytest.mark.django_db(transaction=True)
MOST_CLICKS = 12


@pytest.fixture
def somebody(browser: Browser, live_server: Any) -> Iterator[Callable[[], Page]]:
    contexts = []

    def open_one() -> Page:
        context = browser.new_context(
            base_url=live_server.url, viewport={"width": 1440, "height": 900}
        )
        contexts.append(context)
        context.set_default_timeout(15_000)
        return context.new_page()

    yield open_one
    for context in contexts:
        context.close()


@pytest.mark.grooming("C3", "D1", "D8")
def test_at_most_twelve_clicks_lead_to_the_first_revealed_score(
    somebody: Callable[[], Page], live_server: Any, settings: Any
) -> None:
    settings.SITE_URL = live_server.url
    settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    clicks: list[str] = []

    def click(target: Locator) -> None:
        clicks.append(target.inner_text() or "")
        target.click()

    ada, ben = somebody(), somebody()
    ada.goto(setup_link(""))
    ada.get_by_label("Name of the workspace").fill("Harbour Post")
    ada.get_by_label("Your name").fill("Ada Berg")
    ada.get_by_label("Your e-mail").fill("ada@example.com")
    ada.get_by_label("Password").fill("kestrel over water")
    click(ada.get_by_role("button", name="Set up Floe"))
    ada.get_by_role("textbox", name="Name").fill("Lifecycle")
    ada.get_by_role("textbox", name="Prefix").fill("LIF")
    click(ada.get_by_role("button", name="Create the pod"))
    ada.get_by_label("E-mail addresses").fill("ben@example.com")
    click(ada.get_by_role("button", name="Invite people"))
    click(ada.get_by_role("button", name="Copy the link for ben@example.com"))
    expect(ada.locator("[data-copied]")).to_contain_text("Copied")
    link = ada.locator("[data-link]").input_value()
    click(ada.get_by_role("link", name="Or type titles in the backlog"))
    ada.wait_for_url(re.compile("/ideas/$"))
    ada.keyboard.press("n")
    expect(ada.get_by_role("textbox", name="New idea")).to_be_focused()
    for title in ("Name the series", "Ask why they left"):
        ada.keyboard.type(title)
        ada.keyboard.press("Enter")
        expect(ada.locator("#idea-table")).to_contain_text(title)
    ada.keyboard.press("Escape")
    ben.goto(link)
    ben.get_by_label("Your name").fill("Ben Ode")
    ben.get_by_label("Password").fill("herons at low tide")
    click(ben.get_by_role("button", name=re.compile("Join|Accept|Create")))
    expect(ben.get_by_role("heading", name="Today", exact=True)).to_be_visible()

    click(ada.get_by_role("link", name="Start a round").first)
    click(ada.get_by_text("On your own: everybody scores"))
    click(ada.get_by_role("button", name="Start the round"))
    expect(ada.get_by_role("heading", name="First round")).to_be_visible()

    ben.reload()
    click(ben.locator(".item .btn").first)
    ben.wait_for_url(re.compile("/ideas/"))
    title = ben.get_by_role("heading", level=1).inner_text()
    ben.keyboard.type("748")
    ben.keyboard.press("Enter")
    expect(ben.get_by_role("heading", level=1)).not_to_have_text(title)

    ada.goto(ada.url)  # as if she came back by her tab
    click(ada.get_by_role("link", name=title))
    click(ada.get_by_role("button", name="Reveal scores"))
    expect(ada.locator(".dots")).to_have_count(3)
    idea = Idea.objects.get(title=title)
    assert idea.ice == pytest.approx(19 / 3)
    assert Membership.objects.get(user__email="ada@example.com").role == "lead"
    assert len(clicks) <= MOST_CLICKS, clicks
