"""Two people write one post-mortem: two browsers, a dropped connection, a restart, 0 words lost."""

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from experiments.models import PostMortem, SectionConflict

pytestmark = pytest.mark.django_db(transaction=True)
SAVES = re.compile(r"/postmortem/sections/")


@pytest.fixture
def url(live_server: Any, written: PostMortem) -> str:
    return f"{live_server.url}/experiments/{written.experiment_id}/postmortem/edit/"


@pytest.fixture
def bobs(page: Page, sign_in: Any, bob: Any, url: str) -> Page:
    sign_in(bob)
    page.goto(url)
    return page


@pytest.fixture
def alices(browser: Browser, client_of: Any, alice: Any, url: str, settings: Any) -> Any:
    context = browser.new_context()
    name = settings.SESSION_COOKIE_NAME
    value = client_of(alice).cookies[name].value
    context.add_cookies(
        [{"name": name, "value": value, "url": url.split("/experiments", maxsplit=1)[0]}]
    )
    tab = context.new_page()
    tab.goto(url)
    yield tab
    context.close()


def field(page: Page) -> Any:
    return page.locator("[name=surprises]")


def status(page: Page) -> Any:
    return page.locator("#surprises [data-saved]")


def text_now() -> str:
    return str(PostMortem.objects.get().surprises)


def test_each_sees_the_words_of_the_other_and_who_writes(bobs: Page, alices: Page) -> None:
    field(bobs).press("End")
    field(bobs).press_sequentially(" on Monday")
    expect(status(bobs)).to_contain_text("Saved")
    expect(field(alices)).to_have_value("we sent it late on Monday")
    expect(alices.locator("#surprises [data-writers]")).to_contain_text("Bob is writing here.")
    field(alices).press("Home")
    field(alices).press_sequentially("Yes, ")
    expect(field(bobs)).to_have_value("Yes, we sent it late on Monday")
    assert text_now() == "Yes, we sent it late on Monday"


def test_a_comment_arrives_beside_an_answer_that_is_being_typed(bobs: Page, alices: Page) -> None:
    bobs.locator("[data-comment-on=surprises]").click()
    expect(bobs.get_by_label("Comment on")).to_have_value("surprises")
    bobs.keyboard.type("How late?")
    bobs.get_by_role("button", name="Comment", exact=True).click()
    thread = alices.locator("#threads [data-thread]").filter(has_text="How late?")
    expect(thread).to_be_visible(timeout=10_000)
    expect(alices.locator("[data-comment-on=surprises]")).to_contain_text("1 open comment")
    thread.locator("summary").click()
    thread.get_by_label("Answer", exact=True).fill("Two days")
    expect(bobs.locator("#comment-new [name=text]")).to_have_value("")
    bobs.locator("[data-comment-on=lucky]").click()
    bobs.keyboard.type("And the weather?")
    bobs.get_by_role("button", name="Comment", exact=True).click()
    expect(alices.locator("#threads")).to_contain_text("And the weather?", timeout=10_000)
    expect(thread.get_by_label("Answer", exact=True)).to_have_value("Two days")
    thread.get_by_role("button", name="Send the answer").click()
    expect(bobs.locator("#threads [data-thread]").filter(has_text="How late?")).to_contain_text(
        "Two days", timeout=10_000
    )


def test_what_both_wrote_is_shown_and_settled(bobs: Page, alices: Page) -> None:
    bobs.context.set_offline(True)
    field(bobs).fill("we sent it badly")
    field(bobs).blur()
    expect(status(bobs)).to_have_text("Not saved yet")
    field(alices).fill("we sent it early")
    field(alices).blur()
    expect(status(alices)).to_contain_text("Saved")
    bobs.context.set_offline(False)
    box = bobs.locator("#surprises .twice")
    expect(box).to_contain_text("Alice and you both wrote here.")
    expect(field(bobs)).to_have_value("we sent it early badly")
    expect(alices.locator("#surprises .twice")).to_contain_text("You and Bob both wrote here.")
    box.get_by_role("button", name="Keep Alice’s").click()
    expect(field(bobs)).to_have_value("we sent it early")
    expect(box).to_have_count(0)
    expect(alices.locator("#surprises .twice")).to_have_count(0)
    expect(field(alices)).to_have_value("we sent it early")
    assert SectionConflict.objects.get().settled_by is not None


def test_a_dropped_connection_a_lost_answer_and_a_closed_tab_lose_nothing(
    bobs: Page, alices: Page, url: str
) -> None:
    losses: list[str] = []

    def lose(route: Route) -> None:
        if not losses:  # the request arrives, its answer does not
            route.fetch()
            losses.append("answer")
            route.abort("connectionreset")
        elif len(losses) == 1:
            losses.append("request")
            route.abort("connectionreset")
        else:
            route.continue_()

    bobs.route(SAVES, lose)
    field(bobs).press("End")
    field(bobs).press_sequentially(" one")
    expect(status(bobs)).to_have_text("Not saved yet")
    field(bobs).press_sequentially(" two")
    field(alices).press("Home")
    field(alices).press_sequentially("three ")
    expect(field(bobs)).to_have_value("three we sent it late one two")
    assert losses == ["answer", "request"]
    bobs.unroute(SAVES)
    bobs.evaluate("() => { window.fetch = () => Promise.reject(new TypeError('away')); }")
    field(bobs).press("End")
    field(bobs).press_sequentially(" four")
    expect(status(bobs)).to_have_text("Not saved yet")
    bobs.goto("about:blank")  # the tab is closed while the server restarts
    assert "four" not in text_now()
    bobs.goto(url)
    expect(field(alices)).to_have_value("three we sent it late one two four")
    expect(field(bobs)).to_have_value("three we sent it late one two four")
    assert text_now() == "three we sent it late one two four"


def test_the_caret_stays_at_its_word_when_the_others_words_come_in(
    bobs: Page, alices: Page
) -> None:
    field(bobs).press("End")
    field(alices).press("Home")
    field(alices).press_sequentially("Yes, ")
    expect(field(bobs)).to_have_value("Yes, we sent it late")
    field(bobs).press_sequentially("r")
    expect(field(alices)).to_have_value("Yes, we sent it later")


def test_typed_after_it_was_published_it_is_kept_and_shown(bobs: Page, url: str) -> None:
    PostMortem.objects.update(state="published", published_at="2026-11-01T00:00Z")
    field(bobs).fill("too late")
    field(bobs).blur()
    expect(status(bobs)).to_contain_text("It is published, so it can’t be changed any more.")
    bobs.goto(url)
    lost = bobs.locator("[data-kept-of]")
    expect(lost.locator("textarea")).to_have_value("too late")
    lost.get_by_role("button", name="Discard it").click()
    bobs.reload()
    expect(bobs.locator("[data-kept-of] textarea")).to_have_count(0)
    assert text_now() == "we sent it late"


def test_adding_a_learning_takes_along_what_is_not_saved_yet(bobs: Page) -> None:
    field(bobs).fill("we sent it twice")
    bobs.locator("[name=claim]").fill("Names bring readers back")
    bobs.locator("[name=scope]").fill("Lapsed readers")
    bobs.get_by_role("button", name="Add the learning").click()
    expect(bobs.locator(".learn")).to_contain_text("Names bring readers back")
    expect(field(bobs)).to_have_value("we sent it twice")
    field(bobs).fill("we sent it twice, and saw it")
    expect(status(bobs)).to_contain_text("Saved")
    assert text_now() == "we sent it twice, and saw it"


def test_the_button_saves_at_once(bobs: Page) -> None:
    field(bobs).fill("we sent it on time")
    bobs.get_by_role("button", name="Save the draft").click()
    expect(status(bobs)).to_contain_text("Saved")
    assert text_now() == "we sent it on time"
