"""A live session in the browser: a facilitator, a member, and a member on a phone, no sleeps."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from backlog.flows import scoring
from backlog.models import Membership, Score, User
from tests.browser.kit_session import PHONE, Enter, pick
from tests.factories import item_of

pytestmark = pytest.mark.django_db(transaction=True)


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
    expect(lead.get_by_text("Only 2 of 3 have scored")).to_be_visible()
    lead.get_by_role("button", name="Reveal now").click()
    for page in (lead, member, phone):
        expect(page.locator(".dots")).to_have_count(3)
        expect(page.get_by_text("2 to 9: we differ")).to_be_visible()
    lead.get_by_role("button", name="Score Impact again").click()
    expect(phone.locator(".scale")).to_have_count(1)
    pick(phone, impact=8)
    phone.get_by_role("button", name="Save my scores").click()
    expect(lead.get_by_text("1 of 3 have scored")).to_be_visible()
    lead.get_by_role("button", name="Reveal scores").click()
    lead.get_by_role("button", name="Reveal now").click()
    expect(member.get_by_text("8 to 9: close")).to_be_visible()
    lead.get_by_role("button", name="Keep and continue").click()
    expect(phone.get_by_role("heading", name="The second idea")).to_be_visible()
    lead.get_by_role("link", name="Session").click()
    lead.locator("dialog").get_by_role("link", name="End the session").click()
    lead.get_by_role("button", name="End the session").click()
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


def at_focus(page: Page) -> str:
    script = (
        "(({name, value, tagName}) => name ? `${name} ${value}` : tagName)(document.activeElement)"
    )
    return str(page.evaluate(script))


@pytest.mark.grooming("A1", "C6")
def test_digits_and_enter_score_and_the_focus_is_never_lost(
    enter: Enter, live: Any, alice: User, bob: User
) -> None:
    first, second = live.round_ideas.order_by("position")
    scoring.go_to(live, first, by=alice)
    page = enter(bob)
    page.goto(f"/scoring/{live.pk}/live/")
    expect(page.locator("input[name=impact][value='1']")).to_be_focused()
    page.keyboard.type("740")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Your score is saved")).to_be_visible()
    saved = Score.objects.get(scorer=bob)
    assert (saved.impact, saved.confidence, saved.ease) == (7, 4, 10)
    expect(page.locator("input[name=ease][value='10']")).to_be_focused()
    scoring.go_to(live, second, by=alice)
    expect(page.get_by_role("heading", name="The second idea")).to_be_visible()
    expect(page.locator("input[name=impact][value='1']")).to_be_focused()
    page.keyboard.type("3")
    assert at_focus(page) == "confidence 1"
    scoring.pause_timer(live, by=alice, is_paused=True)  # the session is drawn again
    expect(page.locator("[data-paused]")).to_be_visible()
    assert at_focus(page) == "confidence 1"
    expect(page.locator("input[name=impact][value='3']")).to_be_checked()


@pytest.mark.grooming("B9", "C1")
def test_take_over_and_admit_come_without_a_reload_and_messages_go_when_they_are_over(
    enter: Enter, live: Any, alice: User, bob: User, olive: User, charlie: User, pod: Any
) -> None:
    first, second = live.round_ideas.order_by("position")
    scoring.go_to(live, first, by=alice)
    owner, member = enter(olive), enter(bob)
    for page in (owner, member):
        page.goto(f"/scoring/{live.pk}/live/")
    owner.get_by_role("button", name="Take over").click()
    expect(owner.get_by_text("You lead the session now.")).to_be_visible()
    expect(member.get_by_text("Olive leads the session now.")).to_be_visible()
    Membership.objects.create(pod=pod, user=charlie, role="member")
    late = enter(charlie)
    late.goto(f"/scoring/{live.pk}/live/")
    owner.get_by_role("button", name="Admit Charlie").click()
    expect(late.locator(".scale")).to_have_count(3)
    member.get_by_role("button", name="Save my scores").click()
    expect(member.get_by_text("Also score Impact, Confidence and Ease")).to_be_visible()
    member.locator("input[name=impact][value='1']").focus()
    member.keyboard.type("555")
    member.keyboard.press("Enter")
    expect(member.get_by_text("Your score is saved")).to_be_visible()
    expect(member.get_by_text("Also score")).to_have_count(0)
    live.refresh_from_db()
    scoring.go_to(live, second, by=olive)
    expect(member.get_by_text("Olive leads the session now.")).to_have_count(0)
    expect(owner.get_by_text("You lead the session now.")).to_have_count(0)


@pytest.mark.grooming("C6")
def test_the_agenda_keeps_the_focus_when_an_idea_moves(
    enter: Enter, live: Any, alice: User
) -> None:
    page = enter(alice)
    page.goto(f"/scoring/{live.pk}/")
    second = live.round_ideas.order_by("position").last()
    page.locator(f"#up-{second.pk}").focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-rows] tr").first).to_contain_text("The second idea")
    expect(page.locator(f"#up-{second.pk}")).to_be_focused()


def test_a_note_that_is_being_typed_survives_whatever_the_session_does(
    enter: Enter, live: Any, alice: User, bob: User
) -> None:
    item = live.round_ideas.order_by("position").select_related("idea", "round").first()
    scoring.go_to(live, item, by=alice)
    scoring.submit_score(item, by=bob, impact=5, confidence=5, ease=5)
    scoring.reveal(item, by=alice)
    page = enter(alice)
    page.goto(f"/scoring/{live.pk}/live/")
    page.get_by_text("Note why the score moved").click()
    page.locator("[name=note]").press_sequentially("Bob had seen it")
    scoring.pause_timer(live, by=alice, is_paused=True)
    expect(page.locator("[data-paused]")).to_be_visible()
    expect(page.locator("[name=note]")).to_be_focused()
    expect(page.locator("[name=note]")).to_have_value("Bob had seen it")


@pytest.mark.grooming("E3")
def test_on_a_phone_save_is_at_the_thumb_and_no_code_is_shown(
    enter: Enter, live: Any, alice: User, bob: User
) -> None:
    page = enter(bob, PHONE)
    page.goto(f"/scoring/{live.pk}/live/")
    expect(page.locator("svg.qr")).to_be_hidden()
    scoring.go_to(live, live.round_ideas.first(), by=alice)
    save = page.get_by_role("button", name="Save my scores")
    for scroll in ("0", "document.body.scrollHeight"):
        page.evaluate(f"window.scrollTo(0, {scroll})")
        expect(save).to_be_in_viewport(ratio=1)
    box = save.bounding_box()
    assert box
    assert box["y"] > PHONE["height"] - 140
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
