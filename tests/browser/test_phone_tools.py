"""A list's bar of tools: one line on a desk, two buttons on a phone, and content near the top."""

import re

import pytest
from playwright.sync_api import Page, expect

from backlog.flows import scoring
from tests.factories import item_of, launched, make_experiment, make_idea, make_round, score

PHONE, DESK = {"width": 390, "height": 844}, {"width": 1440, "height": 900}


@pytest.fixture
def lists(page: Page, live_server, sign_in, alice, bob, pod, objective):
    for place in range(1, 4):
        make_idea(alice, pod, f"Idea number {place}")
    launched(make_experiment(alice, pod, objective=objective, analyst=bob), alice)
    scored = [
        make_idea(alice, pod, f"A long title of an idea to score, number {n}") for n in (1, 2)
    ]
    round_ = make_round(alice, pod, *scored, title="Grooming of the week", kind="live")
    score_of_one = item_of(round_, scored[0])
    score(score_of_one, bob)
    scoring.reveal(score_of_one, by=alice)
    sign_in(alice)

    def open_at(path: str, size: dict[str, int]) -> Page:
        page.set_viewport_size(size)
        page.goto(f"{live_server.url}{path.format(round=round_.pk, pod=pod.pk)}")
        return page

    return open_at


LISTS = (
    "/ideas/", "/ideas/board/", "/ideas/triage/", "/experiments/", "/library/", "/scoring/",
    "/scoring/{round}/", "/scoring/{round}/summary/", "/pods/", "/pods/{pod}/", "/notifications/",
    "/quarters/", "/metrics/", "/segments/", "/",
)  # fmt: skip
FIRST = (
    "main :is(tbody tr, .board article, .split section, .empty, .newideas li, .item, .inbox li,"
    " .narrow section, .narrow form, .group, .body > .lead)"
)


@pytest.mark.grooming("C5", "E4")
@pytest.mark.parametrize("path", LISTS)
def test_content_starts_within_200_pixels_on_a_phone(lists, path):
    page = lists(path, PHONE)
    first = page.locator(FIRST).locator("visible=true").first
    box = first.bounding_box()
    assert box
    assert box["y"] <= 200
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width == PHONE["width"]


def test_the_tools_stand_in_one_line_on_a_desk(lists):
    page = lists("/ideas/", DESK)
    tools = page.locator("#idea-search :is(.chip, .btn):visible")
    middles = {round(box["y"] + box["height"] / 2) for box in
            (tool.bounding_box() for tool in tools.all()) if box}  # fmt: skip
    assert tools.count() > 6
    assert max(middles) - min(middles) <= 2


def test_filters_come_in_a_sheet_and_their_button_says_how_many_narrow_the_list(lists):
    page = lists("/ideas/", PHONE)
    search = page.get_by_role("searchbox", name="Search", exact=True)
    expect(search).to_be_hidden()
    page.get_by_role("button", name="Filter", exact=True).click()
    search.fill("number 2")
    expect(page.get_by_text("Idea number 1")).to_be_hidden()
    page.get_by_role("button", name="Done").first.click()
    expect(search).to_be_hidden()
    expect(page.get_by_text("Idea number 2")).to_be_visible()
    expect(page.get_by_role("button", name="Filter 1", exact=True)).to_be_visible()


def test_actions_come_in_a_sheet_of_their_own(lists):
    page = lists("/experiments/", PHONE)
    page.locator('[popovertarget="experiment-tools"]').first.click()
    page.get_by_role("link", name="Calculator").click()
    expect(page).to_have_url(re.compile("/calculator/$"))
