"""The quick add of any page: `n`, the palette and a pasted e-mail lead to the same few fields."""

import pytest
from playwright.sync_api import Page, expect

from backlog.models import Idea

MAIL = "From: Ann\nSubject: Re: Name the series\n\nThey ask for it at https://example.com/a\n> old"


@pytest.fixture
def today(page: Page, live_server, sign_in, bob, pod) -> Page:
    sign_in(bob)
    page.goto(f"{live_server.url}/")
    return page


def test_n_the_palette_and_an_e_mail_fill_in_the_same_form(today: Page) -> None:
    form = today.get_by_role("dialog", name="New idea")
    today.keyboard.press("n")
    expect(form.get_by_label("Title")).to_be_focused()
    form.get_by_text("Paste an e-mail").click()
    form.get_by_label("The text of the e-mail").fill(MAIL)
    form.get_by_role("button", name="Fill in the form").click()
    expect(form.get_by_label("Title")).to_have_value("Name the series")
    expect(form.get_by_label("Description")).to_have_value(
        "They ask for it at https://example.com/a"
    )
    form.get_by_role("button", name="Add idea").click()
    expect(form.get_by_text("was added")).to_be_visible()
    expect(form.get_by_label("Description")).to_have_value("")
    idea = Idea.objects.get()
    assert idea.title == "Name the series"
    assert "https://example.com/a" in idea.description
    today.keyboard.press("Escape")
    today.keyboard.press("Control+k")
    today.keyboard.type("New id")
    answer = today.get_by_role("link", name="New idea").and_(today.locator("#palette-results a"))
    expect(answer).to_be_visible()
    today.keyboard.press("Enter")
    expect(form).to_be_visible()
    expect(today.get_by_role("dialog", name="Go anywhere")).to_be_hidden()
