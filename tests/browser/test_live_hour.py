"""A live hour of six with the network cut at each step: what was pressed arrives once, and all see it."""

import datetime as dt
import itertools
import re
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from backlog.models import Event, Membership, Presence, Round, Score, User
from tests.browser.kit_session import (
    PHONE,
    Cut,
    Enter,
    offline,
    pick,
    press_without,
    refused,
    restarting,
    signed_out,
)

pytestmark = pytest.mark.django_db(transaction=True)

Press = Callable[..., None]
CUTS: dict[str, list[Cut]] = {
    "offline": [offline],
    "answers": [refused, restarting, signed_out],
}


class Six(NamedTuple):
    lead: Page
    bob: Page
    carol: Page
    dave: Page
    phone: Page
    late: Page


@pytest.fixture
def erin(pod: Any) -> User:
    user = User.objects.create_user("erin@example.com", "a long password", name="Erin")
    Membership.objects.create(pod=pod, user=user)
    return user


@pytest.fixture(params=CUTS.values(), ids=CUTS)
def press(request: pytest.FixtureRequest) -> Press:
    """`press(button)`: without a network, each time in another of these ways."""
    cuts = itertools.cycle(request.param)
    return lambda *button: press_without(next(cuts), *button)


@pytest.fixture
def six(
    enter: Enter, erin: User, live: Round, alice: User, bob: User, carol: User, dave: User,
    charlie: User,
) -> Six:  # fmt: skip
    """All in the lobby but for Charlie, who joins the pod after the start."""
    desks = [enter(person) for person in (alice, bob, carol, dave)]
    here = Six(*desks, enter(erin, PHONE), enter(charlie))
    for page in here[:-1]:
        page.goto(f"/scoring/{live.pk}/live/")
    return here


@pytest.mark.grooming("A7", "C1")
def test_in_an_hour_of_six_whatever_is_pressed_without_a_network_arrives_once(
    six: Six, press: Press, live: Round, bob: User, charlie: User, pod: Any
) -> None:
    lead = six.lead
    press(lead.get_by_role("button", name="Start with the first idea"))
    for page in six[:-1]:
        expect(page.get_by_role("heading", name="The first idea")).to_be_visible()
    _four_score(six, press)
    press(lead.get_by_role("button", name="Pause the timer"))
    for page in six[:-1]:
        expect(page.locator("[data-paused]")).to_be_visible()
    press(lead.get_by_role("button", name="Let the timer go on"))
    for page in six[:-1]:
        expect(page.locator("[data-paused]")).to_have_count(0)
    Membership.objects.create(pod=pod, user=charlie)
    _one_comes_late(six, press, live)
    _reveal_and_score_again(six, press)
    live.refresh_from_db()
    assert (live.current.note, live.current.votes) == ("Erin is new", 2)
    _change_who_leads(six, press, bob)
    press(lead.get_by_role("button", name="Keep and continue"))
    following = [page for page in six if page is not six.bob]
    for page in following:
        expect(page.get_by_role("heading", name="The second idea")).to_be_visible()
    lead.get_by_role("link", name="Session").click()
    lead.get_by_role("dialog").get_by_role("link", name="End the session").click()
    press(lead.get_by_role("button", name="End the session"))
    for page in following:
        page.wait_for_url(re.compile("/summary/$"))
    verbs = Event.objects.filter(subject="round").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == [
        "open", "admit", "reveal", "ask_again", "reveal", "hand_over", "take_over", "close",
    ]  # fmt: skip
    assert sorted(Score.objects.values_list("scorer__name", "vote", "impact")) == [
        ("Bob", 1, 9), ("Carol", 1, 5), ("Charlie", 1, 6), ("Dave", 1, 5), ("Erin", 1, 2),
        ("Erin", 2, 8),
    ]  # fmt: skip


def _four_score(six: Six, press: Press) -> None:
    pick(six.phone, impact=2, confidence=5, ease=6)
    press(six.phone.get_by_role("button", name="Save my scores"))
    six.bob.keyboard.type("955")
    press(six.bob.locator("input:focus"), "Enter")
    for page in (six.carol, six.dave):
        pick(page, impact=5, confidence=5, ease=5)
        page.get_by_role("button", name="Save my scores").click()
    for page in (six.phone, six.bob, six.carol, six.dave):
        expect(page.get_by_text("Your score is saved")).to_be_visible()


def _one_comes_late(six: Six, press: Press, live: Round) -> None:
    six.late.goto(f"/scoring/{live.pk}/live/")
    press(six.lead.get_by_role("button", name="Admit Charlie"))
    expect(six.late.locator(".scale")).to_have_count(3)
    pick(six.late, impact=6, confidence=5, ease=6)
    press(six.late.get_by_role("button", name="Save my scores"))
    expect(six.lead.get_by_text("5 of 5 have scored")).to_be_visible()


def _reveal_and_score_again(six: Six, press: Press) -> None:
    lead = six.lead
    press(lead.get_by_role("button", name="Reveal scores"))
    for page in six:
        expect(page.locator(".dots")).to_have_count(3)
    lead.get_by_text("Note why the score moved").click()
    lead.locator("[name=note]").fill("Erin is new")
    press(lead.get_by_role("button", name="Save note"))
    press(lead.get_by_role("button", name="Score Impact again"))
    for page in six[1:]:
        expect(page.locator(".scale")).to_have_count(1)
    pick(six.phone, impact=8)
    press(six.phone.get_by_role("button", name="Save my scores"))
    expect(lead.get_by_text("1 of 5 have scored")).to_be_visible()
    lead.get_by_role("button", name="Reveal scores").click()
    press(lead.get_by_role("button", name="Reveal now"))
    for page in six:
        expect(page.get_by_text("5 to 9: some way apart")).to_be_visible()


def _change_who_leads(six: Six, press: Press, bob: User) -> None:
    """Alice hands over to Bob, whose browser then falls silent, so she takes over."""
    lead = six.lead
    lead.get_by_role("link", name="Session").click()
    dialog = lead.get_by_role("dialog")
    dialog.locator("[name=to]").select_option(str(bob.pk))
    press(dialog.get_by_role("button", name="Hand over"))
    expect(six.bob.get_by_role("button", name="Keep and continue")).to_be_visible()
    expect(lead.get_by_role("button", name="Keep and continue")).to_have_count(0)
    with six.bob.expect_event("requestfailed"):  # the poll before it has been answered
        six.bob.route("**/live/?at=*", lambda route: route.abort())
    Presence.objects.filter(user=bob).update(seen_at=timezone.now() - dt.timedelta(minutes=1))
    press(lead.get_by_role("button", name="Take over"))
