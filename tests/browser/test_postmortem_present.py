"""A post-mortem in its discussion: section by section, with a timer that says and never stops."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from experiments.flows.writing_up_comments import comment_on_section
from experiments.models import PostMortem
from tests.browser.test_accessibility import findings

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def address(
    page: Page, live_server: Any, sign_in: Any, alice: Any, bob: Any, written: PostMortem
) -> str:
    PostMortem.objects.update(surprises="It held.", went_badly="The link broke.")
    comment_on_section(written, by=alice, section="surprises", text="For how long?")
    sign_in(bob)
    page.clock.install()
    return f"{live_server.url}/experiments/{written.experiment_id}/postmortem/"


def left(page: Page) -> Any:
    return page.locator("[data-left]")


def part(page: Page) -> Any:
    return page.locator("[data-part]")


def test_it_counts_thirty_minutes_by_section_pauses_and_says_when_time_is_over(
    page: Page, address: str
) -> None:
    page.goto(address)
    page.get_by_role("link", name="Present").click()
    seen = page.locator(".slides > section:visible")
    expect(seen).to_have_count(1)
    expect(left(page)).to_have_text("30:00")
    page.get_by_role("button", name="Start the timer").click()
    page.clock.run_for(65_000)
    expect(left(page)).to_have_text(re.compile("28:5[45]"))
    expect(part(page)).to_contain_text("this part 1:05 of ")
    page.keyboard.press("ArrowRight")
    expect(part(page)).to_contain_text("this part 0:00 of ")
    page.keyboard.press("p")
    expect(page.get_by_role("button", name="Go on")).to_be_visible()
    page.clock.run_for(600_000)
    expect(left(page)).to_have_text(re.compile("28:5[345]"))
    page.reload()
    expect(left(page)).to_have_text(re.compile("28:5[345]"))
    page.keyboard.press("p")
    page.clock.run_for(1_740_000)
    expect(left(page)).to_have_text(re.compile("^0:0"))
    expect(page.locator(".timer")).to_contain_text("over")
    expect(page.locator("[data-announced]")).to_have_text("The 30 minutes are over.")
    expect(part(page)).to_contain_text(re.compile(r"this part is \d+:\d\d over"))
    page.keyboard.press("End")
    expect(seen).to_contain_text("Actions and follow-up ideas")
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", name="What surprised us?", level=2)).to_be_visible()


def test_the_open_comments_are_with_their_text(page: Page, address: str) -> None:
    page.goto(f"{address}?present=1#s4")
    seen = page.locator(".slides > section:visible")
    expect(seen).to_contain_text("What surprised us?")
    expect(seen).to_contain_text("For how long?")


@pytest.mark.parametrize("size", [(1440, 900), (390, 844)])
def test_each_section_is_clear_to_axe_and_fits_its_window(
    page: Page, address: str, size: Any
) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(f"{address}?present=1")
    faults = []
    for number in range(1, page.locator(".slides > section").count() + 1):
        page.goto("about:blank")
        faults += findings(page, f"section {number}", f"{address}?present=1#s{number}")
    assert not faults, "\n".join(faults)


def test_without_scripts_it_is_one_long_page_with_its_minutes(page: Page, address: str, browser: Any) -> None:  # fmt: skip
    context = browser.new_context(
        java_script_enabled=False, storage_state=page.context.storage_state()
    )
    plain = context.new_page()
    plain.goto(f"{address}?present=1")
    sections = plain.locator(".slides > section")
    expect(plain.locator(".slides > section:visible")).to_have_count(sections.count())
    expect(plain.locator(".share").first).to_contain_text("of 30 minutes")
    expect(plain.locator(".timer")).to_be_hidden()
    context.close()


def test_paper_has_the_texts_and_neither_comments_nor_buttons(page: Page, address: str) -> None:
    page.goto(address)
    page.emulate_media(media="print")
    expect(page.get_by_text("The link broke.")).to_be_visible()
    for text in ("For how long?", "Present", "Go on writing"):
        expect(page.get_by_text(text, exact=True).first).to_be_attached()
        expect(page.get_by_text(text, exact=True).first).to_be_hidden()
