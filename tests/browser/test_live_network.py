"""A press that waits or is sent twice while the session goes on, and a poll without an answer."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from backlog.flows import scoring
from backlog.models import Event, Round, RoundIdea, Score, User
from tests.browser.kit_session import Enter, press_without, restarting, unanswered
from tests.factories import score

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def at(enter: Enter, live: Round) -> Callable[[User], Page]:
    """`at(user)`: their page of the session."""

    def open_for(user: User) -> Page:
        page = enter(user)
        page.goto(f"/scoring/{live.pk}/live/")
        return page

    return open_for


@pytest.fixture
def scored(first: RoundIdea, bob: User, carol: User, dave: User) -> RoundIdea:
    for person in (bob, carol, dave):
        score(first, person)
    return first


FAILURES: dict[str, Callable[[Route], Any]] = {
    "no connection": lambda route: route.abort(),
    "a restart": lambda route: route.fulfill(status=503, body="Starting"),
    "a sign-in": lambda route: route.fulfill(status=302, headers={"Location": "/account/login/"}),
}


@pytest.mark.grooming("A7")
@pytest.mark.parametrize(
    "fail",
    [
        FAILURES["no connection"],
        FAILURES["a restart"],
        FAILURES["a sign-in"],
    ],
    ids=FAILURES,
)
def test_scores_of_an_idea_that_the_session_left_unsent_are_sent_later(
    at: Callable[[User], Page], live: Round, first: RoundIdea, alice: User, bob: User, fail: Any
) -> None:
    page = at(bob)
    page.keyboard.type("748")
    page.route("**/ideas/*/", fail)
    scoring.go_to(live, live.round_ideas.get(position=2), by=alice)
    expect(page.get_by_text("could not be sent")).to_be_visible()
    page.unroute("**/ideas/*/")
    expect(page.get_by_text("were saved")).to_be_visible()
    expect(page.get_by_text("could not be sent")).to_have_count(0)
    assert Score.objects.get(scorer=bob, round_idea=first).ease == 8


# A refusal may be gone with the next part of the session.
KEEP_REFUSALS = """() => {
  window.refusals = [];
  const look = () => window.refusals.push(...document.querySelectorAll("#messages .bad"));
  new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
}"""


@pytest.mark.grooming("A7")
def test_scores_that_wait_arrive_though_the_session_is_drawn_again(
    at: Callable[[User], Page], live: Round, first: RoundIdea, alice: User, bob: User
) -> None:
    page = at(bob)
    page.keyboard.type("748")
    with restarting(page):
        page.keyboard.press("Enter")
        expect(page.locator("#connection .msg")).to_contain_text("not saved")
        scoring.pause_timer(live, by=alice, is_paused=True)
        expect(page.locator("[data-paused]")).to_be_visible()
    expect(page.get_by_text("Your score is saved")).to_be_visible(timeout=8_000)
    assert Score.objects.get(scorer=bob).ease == 8


def test_a_reveal_that_waits_arrives_though_the_session_is_drawn_again(
    at: Callable[[User], Page], live: Round, scored: RoundIdea, alice: User
) -> None:
    page = at(alice)
    with restarting(page):
        page.get_by_role("button", name="Reveal scores").click()
        expect(page.locator("#connection .msg")).to_contain_text("not saved")
        scoring.set_timer(live, by=alice, minutes=9)
        expect(page.get_by_text("of 9:00")).to_be_visible()
    expect(page.locator(".dots")).to_have_count(3, timeout=8_000)


def test_a_reveal_whose_answer_is_lost_counts_once_and_nothing_is_refused(
    at: Callable[[User], Page], scored: RoundIdea, alice: User
) -> None:
    page = at(alice)
    page.evaluate(KEEP_REFUSALS)
    page.route("**/live/?at=*", lambda route: route.abort())  # so that no poll comes before it
    press_without(unanswered, page.get_by_role("button", name="Reveal scores"))
    page.unroute("**/live/?at=*")
    expect(page.locator(".dots")).to_have_count(3)
    assert Event.objects.filter(subject="round", verb="reveal").count() == 1
    assert page.evaluate("window.refusals.length") == 0


def test_an_end_whose_answer_is_lost_leads_to_the_summary(
    at: Callable[[User], Page], live: Round, first: RoundIdea, alice: User
) -> None:
    page = at(alice)
    page.goto(f"/scoring/{live.pk}/close/")
    press_without(unanswered, page.get_by_role("button", name="End the session"))
    expect(page).to_have_url(f"{page.url.partition('/scoring/')[0]}/scoring/{live.pk}/summary/")


def test_scores_whose_answer_is_lost_count_once_and_are_not_taken_for_another_tab_s(
    at: Callable[[User], Page], first: RoundIdea, bob: User
) -> None:
    page = at(bob)
    page.keyboard.type("748")
    press_without(unanswered, page.locator("input:focus"), "Enter")
    expect(page.get_by_text("Your score is saved")).to_be_visible()
    assert Score.objects.get(scorer=bob).ease == 8
    expect(page.get_by_text("another tab")).to_have_count(0)


def test_two_quick_clicks_reveal_once(
    at: Callable[[User], Page], scored: RoundIdea, alice: User
) -> None:
    page = at(alice)
    page.get_by_role("button", name="Reveal scores").dblclick()
    expect(page.locator(".dots")).to_have_count(3)
    expect(page.locator("#messages .msg")).to_have_count(0)


def test_a_poll_without_an_answer_holds_the_session_up_for_a_few_seconds_only(
    at: Callable[[User], Page], live: Round, first: RoundIdea, alice: User, bob: User
) -> None:
    page = at(bob)
    with page.expect_request("**/live/?at=*"):
        page.route("**/live/?at=*", lambda route: None, times=1)
    scoring.go_to(live, live.round_ideas.get(position=2), by=alice)
    expect(page.get_by_role("heading", name="The second idea")).to_be_visible(timeout=8_000)
