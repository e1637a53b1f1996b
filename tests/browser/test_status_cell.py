"""The status of a row in the list: `s`, a state, what it needs, Enter."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.factories import make_idea


@pytest.fixture
def backlog(page: Page, live_server, sign_in, alice, pod) -> Page:
    for title in ("Shorter mails", "Later mails"):
        make_idea(alice, pod, title)
    sign_in(alice)
    page.goto(f"{live_server.url}/ideas/")
    return page


def test_s_changes_the_status_and_fills_the_selected_rows(backlog: Page) -> None:
    backlog.keyboard.press("j")
    backlog.keyboard.press("s")
    form = backlog.locator("#cell-form")
    expect(form.get_by_label("Reason")).to_be_hidden()
    form.locator("select").select_option(label="Rejected because")
    expect(form.get_by_label("Snoozed until")).to_be_hidden()
    backlog.keyboard.press("Enter")
    expect(form.get_by_text("Say why it is rejected.")).to_be_visible()
    expect(form.get_by_label("Reason")).to_be_focused()
    backlog.keyboard.press("Shift+Tab")
    expect(form.locator("select")).to_be_focused()
    backlog.keyboard.press("Tab")
    backlog.keyboard.type("Too dear")
    backlog.keyboard.press("Enter")
    expect(backlog.locator("tr.faded")).to_have_count(1)
    expect(backlog.locator("tr.faded")).to_contain_text("Rejected")
    for pick in backlog.locator('.pick[form="chosen-ideas"]').all():
        pick.check()
    backlog.locator("tr:not(.faded) [data-edit=status]").dblclick()
    form.locator("select").select_option(label="Snoozed until")
    expect(form).to_contain_text(re.compile("all\\s*2\\s*selected"))
    form.get_by_label("Snoozed until").press("Control+Enter")
    expect(backlog.locator(".messages, .lastchange").first).to_contain_text("1 idea snoozed")
