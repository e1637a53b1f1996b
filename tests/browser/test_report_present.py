"""The quarter report for a room: section by section with keys, and one long page without scripts."""

import datetime as dt
import re

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from backlog.models import Quarter
from tests.browser.test_accessibility import findings
from tests.experiments.test_health import decide_many


@pytest.fixture
def address(page: Page, live_server, sign_in, olive, alice, pod, quarter):
    today = timezone.localdate()
    Quarter.objects.filter(pk=quarter.pk).update(
        starts_on=today - dt.timedelta(days=80), ends_on=today + dt.timedelta(days=11)
    )
    decide_many(alice, pod, 10)
    sign_in(olive)
    return live_server.url + reverse("experiments:report") + "?present=1"


def test_keys_go_through_it_and_escape_leaves(page: Page, address):
    page.goto(address)
    seen = page.locator(".slides > section:visible")
    place = page.locator("[data-place]")
    expect(seen).to_have_count(1)
    expect(seen).to_contain_text("10 experiments were decided")
    before = page.get_by_role("button", name="Section before")
    expect(before).to_have_attribute("aria-disabled", "true")
    page.keyboard.press("ArrowLeft")
    expect(place).to_have_text(re.compile("^1 of"))
    page.keyboard.press("ArrowRight")
    expect(seen).to_contain_text("The quarter in figures")
    page.keyboard.press("PageDown")
    expect(seen).to_contain_text("Every experiment")
    page.get_by_role("button", name="Next section").click()
    expect(seen).to_contain_text("2 of 2")
    page.reload()
    expect(seen).to_contain_text("2 of 2")
    page.keyboard.press("End")
    expect(seen).to_contain_text("What comes next")
    page.keyboard.press("ArrowDown")
    expect(seen).to_contain_text("What comes next")
    page.keyboard.press("Home")
    expect(place).to_have_text(re.compile("^1 of"))
    page.keyboard.press("Escape")
    page.wait_for_url(re.compile(r"/health/report/\?quarter="))
    expect(page.get_by_role("link", name="Present")).to_be_visible()


@pytest.mark.parametrize("size", [(1440, 900), (390, 844)])
def test_a_long_section_scrolls_before_the_next(page: Page, address, size):
    page.set_viewport_size({"width": size[0], "height": 300})
    page.goto(address + "#s3")
    seen = page.locator(".slides > section:visible")
    expect(seen).to_contain_text("Every experiment")
    page.keyboard.press("ArrowDown")
    expect(seen).to_contain_text("1 of 2")
    page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
    page.keyboard.press("ArrowDown")
    expect(seen).to_contain_text("2 of 2")
    assert page.evaluate("scrollY") < 100, "it begins at its top"


@pytest.mark.parametrize("size", [(1440, 900), (390, 844)])
def test_each_section_is_clear_to_axe_and_fits_its_window(page: Page, address, size):
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(address)
    count = page.locator(".slides > section").count()
    faults = []
    for number in range(1, count + 1):
        page.goto("about:blank")
        faults += findings(page, f"section {number}", f"{address}#s{number}")
    assert not faults, "\n".join(faults)


def test_without_scripts_and_on_paper_it_is_one_long_page(page: Page, address, browser):
    context = browser.new_context(
        java_script_enabled=False, storage_state=page.context.storage_state()
    )
    plain = context.new_page()
    plain.goto(address)
    sections = plain.locator(".slides > section")
    expect(plain.locator(".slides > section:visible")).to_have_count(sections.count())
    expect(plain.get_by_role("button")).to_have_count(0)
    context.close()
    page.goto(address)
    page.emulate_media(media="print")
    expect(page.locator(".slides > section:visible")).to_have_count(
        page.locator(".slides > section").count()
    )
    expect(page.get_by_role("link", name="Leave")).to_be_hidden()
