"""A live session in the browser: a facilitator, a member, and a member on a phone, no sleeps."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from backlog.flows import scoring
from backlog.models import Score, User
from tests.factories import item_of, make_idea

pytestmark = pytest.mark.django_db(transaction=True)

Enter = Callable[..., Page]
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def enter(browser: Browser, live_server: Any, settings: Any) -> Iterator[Enter]:
    """`enter(user)`: a page of this person's own browser context."""
    contexts = []

    def open_for(user: User, viewport: Any = None) -> Page:
        client = Client()
        client.force_login(user)
        size = viewport or {"width": 1440, "height": 900}
        context = browser.new_context(base_url=live_server.url, viewport=size)
        contexts.append(context)
        name = settings.SESSION_COOKIE_NAME
        cookie = {"name": name, "value": client.cookies[name].value, "url": live_server.url}
        context.add_cookies([cookie])
        context.set_default_timeout(15_000)
        return context.new_page()

    yield open_for
    for context in contexts:
        context.close()


@pytest.fixture
def live(alice: User, bob: User, carol: User, dave: User, pod: Any) -> Any:
    ideas = [make_idea(alice, pod, title) for title in ("The first idea", "The second idea")]
    return scoring.open_round(by=alice, pod=pod, title="Grooming", ideas=ideas, kind="live")


def pick(page: Page, **scores: int) -> None:
    for name, value in scores.items():
        page.locator(f"input[name={name}][value='{value}']").check(force=True)


def test_everybody_follows_the_facilitator_from_the_lobby_to_the_summary(
    enter: Enter, live: Any, alice: User, bob: User, carol: User
) -> None:
    lead, member, phone = enter(alice), enter(bob), enter(carol, PHONE)
    address = f"/scoring/{live.pk}/live/"
    for page in (lead, member, phone):
        page.goto(address)
    expect(lead.locator("svg.qr")).to_be_visible()
    expect(lead.get_by_text("Here: Alice, Bob, Carol")).to_be_visible()
    lead.get_by_role("button", name="Start with the first idea").click()
    for page in (member, phone):
        expect(page.get_by_role("heading", name="The first idea")).to_be_visible()
    expect(lead.locator("[data-timer]")).to_contain_text("of 5:00")
    pick(member, impact=9, confidence=5, ease=6)
    expect(member.locator(".dim output").first).to_have_text("9, over +6 %")
    pick(phone, impact=2, confidence=5, ease=6)
    for page in (member, phone):
        page.get_by_role("button", name="Save my scores").click()
        expect(page.get_by_text("Your score is saved")).to_be_visible()
    expect(lead.get_by_text("2 of 3 have scored")).to_be_visible()
    assert lead.locator(".dots").count() == 0
    lead.get_by_role("button", name="Reveal scores").click()
    for page in (lead, member, phone):
        expect(page.locator(".dots")).to_have_count(3)
        expect(page.get_by_text("2 to 9: we differ")).to_be_visible()
    lead.get_by_role("button", name="Score Impact again").click()
    expect(phone.locator(".scale")).to_have_count(1)
    pick(phone, impact=8)
    phone.get_by_role("button", name="Save my scores").click()
    expect(lead.get_by_text("1 of 3 have scored")).to_be_visible()
    lead.get_by_role("button", name="Reveal scores").click()
    expect(member.get_by_text("8 to 9: close")).to_be_visible()
    lead.get_by_role("button", name="Keep and continue").click()
    expect(phone.get_by_role("heading", name="The second idea")).to_be_visible()
    lead.get_by_role("link", name="Session").click()
    lead.locator("dialog").get_by_role("button", name="End the session").click()
    for page in (lead, member, phone):
        page.wait_for_url(re.compile("/summary/$"))
    expect(member.get_by_text("1 left")).to_be_visible()


def test_who_is_picking_when_the_facilitator_moves_on_loses_nothing(
    enter: Enter, live: Any, alice: User, bob: User, carol: User
) -> None:
    first, second = live.round_ideas.order_by("position")
    scoring.go_to(live, first, by=alice)
    whole, part = enter(bob), enter(carol, PHONE)
    for page in (whole, part):
        page.goto(f"/scoring/{live.pk}/live/")
    pick(whole, impact=7, confidence=4, ease=8)
    pick(part, impact=3)
    scoring.go_to(live, second, by=alice)
    for page in (whole, part):
        expect(page.get_by_role("heading", name="The second idea")).to_be_visible()
    expect(whole.locator("#session-news")).to_contain_text("were saved")
    assert Score.objects.get(scorer=bob, round_idea=first).ease == 8
    expect(part.locator("#session-news")).to_contain_text("Your impact 3 is kept here")
    part.get_by_role("button", name="Go back to LIF-1").click()
    expect(part.locator("input[name=impact][value='3']")).to_be_checked()


def test_a_second_tab_is_told_what_the_first_has_saved(
    enter: Enter, live: Any, alice: User, bob: User
) -> None:
    scoring.go_to(live, item_of(live, live.ideas.order_by("pk").first()), by=alice)
    one = enter(bob)
    other = one.context.new_page()
    for page in (one, other):
        page.goto(f"/scoring/{live.pk}/live/")
    pick(one, impact=7, confidence=4, ease=8)
    one.get_by_role("button", name="Save my scores").click()
    expect(other.get_by_text("You saved different scores in another tab, Impact 7")).to_be_visible()
    pick(other, impact=2, confidence=2, ease=2)
    other.get_by_role("button", name=re.compile("Save")).click()
    expect(other.get_by_text("replaced those you had saved in another tab")).to_be_visible()
    assert Score.objects.get(scorer=bob).impact == 2
