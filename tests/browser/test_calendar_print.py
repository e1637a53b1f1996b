"""The calendar on paper: one landscape page, A4 and Letter, with up to ten lanes."""

import re

import pytest
from playwright.sync_api import Page

from backlog.models import Pod
from tests.factories import make_experiment

LINK = """() => new Promise((done) => {
  const link = Object.assign(document.createElement("link"), {rel: "stylesheet", href: "/static/css/calendar-print.css"});
  link.onload = done; document.head.append(link);
})"""
BOX = re.compile(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)")
PAPER = {"A4": (842, 595), "Letter": (792, 612)}  # points


@pytest.fixture
def ten_lanes(page: Page, live_server, sign_in, olive, alice, bob, pod, objective):
    """Ten pods, each with three experiments at the same time."""
    pods = [pod, *(Pod.objects.create(name=f"Pod {n}", prefix=f"P{chr(65 + n)}") for n in range(9))]
    for number, one in enumerate(pods):
        for turn in range(3):
            title = f"Experiment {turn} of {number}"
            make_experiment(olive, one, objective=None, analyst=olive, owner=olive,
                            idea_title=title, title=title, waived=())  # fmt: skip
    sign_in(olive)
    page.goto(f"{live_server.url}/calendar/")
    page.evaluate("() => document.fonts.ready")
    return page


@pytest.mark.parametrize(("width", "height"), [(1062, 733), (995, 755)])
def test_a_few_lanes_fill_the_page(
    page, live_server, sign_in, olive, alice, bob, pod, objective, width, height
):
    """Laid out as on A4 and on Letter, in pixels between the margins."""
    make_experiment(alice, pod, objective=objective, analyst=bob)
    sign_in(olive)
    page.goto(f"{live_server.url}/calendar/")
    page.emulate_media(media="print")
    page.set_viewport_size({"width": width, "height": height})
    legend = page.locator(".legend").bounding_box()
    assert height * 0.95 < legend["y"] + legend["height"] <= height


@pytest.mark.parametrize("paper", PAPER)
def test_ten_lanes_of_three_rows_are_one_landscape_page(ten_lanes, paper):
    ten_lanes.emulate_media(media="print")
    if "calendar-print" not in ten_lanes.content():
        ten_lanes.evaluate(LINK)
    assert ten_lanes.locator(".tl .tbar:visible").count() >= 30
    assert (
        not ten_lanes.locator(".rail, .topbar, .tray, .dock, .load, .pairs, .head .btn")
        .filter(visible=True)
        .count()
    )
    pdf = ten_lanes.pdf(format=paper, landscape=True, print_background=True)
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1
    width, height = (round(float(side)) for side in BOX.search(pdf).groups())
    assert abs(width - PAPER[paper][0]) <= 1
    assert abs(height - PAPER[paper][1]) <= 1
