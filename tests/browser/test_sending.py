"""What is typed reaches the server: through slow answers, lost ones, restarts and expired sessions."""

import re

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import Page, Route, expect

from backlog.flows import scoring
from backlog.models import Comment, Idea, Score
from tests.factories import item_of, make_idea, make_round

TITLES = [f"Title {place:02} of a fast typist" for place in range(1, 21)]


LEAVING_ASKS = """() => {
  const leaving = new Event("beforeunload", { cancelable: true });
  return !window.dispatchEvent(leaving);
}"""


def lose(route: Route) -> None:
    route.abort("connectionrefused")


@pytest.fixture
def idea(alice, pod) -> Idea:
    return make_idea(alice, pod, "Name the series")


@pytest.fixture
def backlog(page: Page, live_server, sign_in, alice, idea) -> Page:
    sign_in(alice)
    page.goto(f"{live_server.url}/ideas/")
    return page


def sign_out(page: Page) -> None:
    Session.objects.all().delete()


@pytest.mark.grooming("A2")
def test_quick_add_loses_no_letter_however_fast_one_types(backlog: Page) -> None:
    """Faster than anybody types, each answer late: all titles, whole and in their order."""
    backlog.evaluate(
        """() => {
          const sent = window.fetch;
          window.fetch = async (...call) => {
            if (String(call[0]).includes("/api/")) await new Promise((go) => setTimeout(go, 300));
            return sent(...call);
          };
        }"""
    )
    field = backlog.locator(".quickadd [name=title]")
    field.click()
    for title in TITLES:
        backlog.keyboard.type(title, delay=5)
        backlog.keyboard.press("Enter")
    expect(backlog.locator("#quick-hint")).to_contain_text(
        re.compile(r"LIF-21 was added"), timeout=30_000
    )
    made = list(Idea.objects.exclude(title="Name the series").order_by("pk"))
    assert [one.title for one in made] == TITLES
    expect(field).to_be_focused()
    expect(field).to_have_value("")
    expect(backlog.locator("#idea-table")).to_contain_text(TITLES[-1])


@pytest.mark.grooming("A2")
def test_the_dialog_of_n_takes_one_title_after_the_other(
    page: Page, live_server, sign_in, alice, idea
) -> None:
    sign_in(alice)
    page.goto(f"{live_server.url}/calendar/")
    page.keyboard.press("n")
    page.keyboard.type("First from anywhere")
    page.keyboard.press("Enter")
    page.keyboard.type("Second from anywhere")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog").get_by_text("LIF-3 was added")).to_be_visible()
    assert set(Idea.objects.values_list("title", flat=True)) == {
        "Name the series", "First from anywhere", "Second from anywhere",
    }  # fmt: skip


def test_ideas_typed_offline_are_shown_as_not_saved_and_sent_after_a_reload(backlog: Page) -> None:
    backlog.route("**/api/v1/ideas/", lose)
    field = backlog.locator(".quickadd [name=title]")
    for title in ("One on a train", "Two on a train"):
        field.fill(title)
        field.press("Enter")
    hint = backlog.locator("#quick-hint")
    expect(hint).to_contain_text("“One on a train” and 1 more are not saved yet")
    backlog.reload()
    expect(hint).to_contain_text("not saved yet")
    assert Idea.objects.count() == 1
    backlog.unroute("**/api/v1/ideas/", lose)
    hint.get_by_role("button", name="Try now").click()
    expect(hint).to_contain_text("was added")
    assert Idea.objects.count() == 3


def test_an_idea_that_the_server_refuses_comes_back_into_the_line(backlog: Page, idea, pod) -> None:
    field = backlog.locator(".quickadd [name=title]")
    backlog.evaluate("() => document.querySelector('.quickadd [name=pod]').dataset.id = '999'")
    field.fill("Refused idea")
    field.press("Enter")
    hint = backlog.locator("#quick-hint")
    expect(hint).to_contain_text("“Refused idea” was not added.")
    hint.get_by_role("button", name="Put it back").click()
    expect(field).to_have_value("Refused idea")


@pytest.mark.parametrize("trouble", ["lost", "restart", "full disk", "session"])
def test_a_comment_is_kept_marked_and_sent_again_by_itself(
    page: Page, live_server, sign_in, alice, idea, trouble
) -> None:
    sign_in(alice)
    page.goto(f"{live_server.url}{idea.get_absolute_url()}")
    page.get_by_label("Comment", exact=True).fill("Typed with care")
    status = 503 if trouble == "full disk" else 502
    broken = lambda route: route.fulfill(status=status, body="")  # noqa: E731
    if trouble == "session":
        sign_out(page)
    else:
        page.route("**/comments/new/", lose if trouble == "lost" else broken)
    page.get_by_role("button", name="Comment", exact=True).click()
    expect(page.locator(".commentform .unsaved")).to_have_text("Not saved yet")
    expect(page.locator("#connection")).to_contain_text("not saved")
    expect(page.get_by_label("Comment", exact=True)).to_have_value("Typed with care")
    assert not Comment.objects.exists()
    if trouble == "session":
        sign_in(alice)
    else:
        page.unroute("**/comments/new/")
    expect(page.locator(".thread")).to_contain_text("Typed with care", timeout=15_000)
    assert [one.text for one in Comment.objects.all()] == ["Typed with care"]


@pytest.mark.parametrize("how", ["signed out first", "only signed in"])
def test_what_one_person_typed_never_goes_out_as_another(
    page: Page, live_server, sign_in, alice, bob, idea, how
) -> None:
    sign_in(alice)
    page.goto(f"{live_server.url}/ideas/")
    other = page.context.new_page()
    page.goto(f"{live_server.url}{idea.get_absolute_url()}")
    if how == "signed out first":
        sign_out(page)
    else:  # the token of a sign-in takes the place of the one before
        page.evaluate("document.body.dataset.token = 'stale'")
        page.evaluate(
            "for (const f of document.querySelectorAll('[name=csrfmiddlewaretoken]')) f.value = 'stale'"
        )
        sign_in(bob)
    page.get_by_label("Comment", exact=True).fill("What Alice thinks")
    page.get_by_role("button", name="Comment", exact=True).click()
    expect(page.locator("#connection")).to_contain_text("Sign in again with the same account")
    sign_in(bob)
    other.goto(f"{live_server.url}/ideas/")
    sent = posts_of(page)
    with page.expect_response(f"{live_server.url}{idea.get_absolute_url()}") as looked:
        page.locator("#connection").get_by_role("button", name="Try again").click()
    looked.value.finished()
    page.evaluate("fetch(location.href).then((answer) => answer.text())")  # and it was read
    expect(page.locator("#connection")).to_contain_text("Sign in again with the same account")
    assert sent == []
    assert not Comment.objects.exists()
    expect(page.get_by_label("Comment", exact=True)).to_have_value("What Alice thinks")
    sign_in(alice)
    page.locator("#connection").get_by_role("button", name="Try again").click()
    wait_for(lambda: Comment.objects.filter(author=alice).exists(), page)
    assert not Comment.objects.filter(author=bob).exists()


@pytest.mark.grooming("A7")
@pytest.mark.parametrize("kind", ["own", "live"])
def test_a_score_saved_offline_is_not_shown_as_saved_and_is_sent_when_back(
    page: Page, live_server, sign_in, alice, bob, pod, idea, kind
) -> None:
    round_ = make_round(alice, pod, idea, make_idea(alice, pod, "Another"), kind=kind)
    item = item_of(round_, idea)
    path = f"/scoring/{round_.pk}/ideas/{item.pk}/"
    if kind == "live":
        scoring.go_to(round_, item, by=alice)
        path = f"/scoring/{round_.pk}/live/"
    sign_in(bob)
    page.goto(f"{live_server.url}{path}")
    for name, value in (("impact", 7), ("confidence", 4), ("ease", 8)):
        page.locator(f'.scale [name="{name}"][value="{value}"]').check(force=True)
    page.context.set_offline(True)
    page.get_by_role("button", name="Save my scores").click()
    expect(page.locator("form[data-picks] .unsaved")).to_be_visible()
    assert not Score.objects.exists()
    page.context.set_offline(False)
    wait_for(lambda: Score.objects.filter(scorer=bob).exists(), page)
    kept = Score.objects.get(scorer=bob)
    assert (kept.impact, kept.confidence, kept.ease) == (7, 4, 8)
    expect(page.locator("#connection")).to_be_empty()


def posts_of(page: Page) -> list[str]:
    """The addresses that the page writes to from here on."""
    sent: list[str] = []
    page.on(
        "request", lambda request: sent.append(request.url) if request.method == "POST" else None
    )
    return sent


def wait_for(happened, page: Page, seconds: int = 15) -> None:
    for _ in range(seconds * 10):
        if happened():
            return
        page.wait_for_timeout(100)
    raise AssertionError("It did not happen.")


@pytest.mark.grooming("A8")
def test_a_cell_edited_after_the_session_ended_is_kept_and_saved_after_signing_in(
    backlog: Page, idea, sign_in, alice
) -> None:
    backlog.keyboard.press("j")
    backlog.keyboard.press("e")
    field = backlog.get_by_label("Title of LIF-1")
    field.fill("Typed into a cell")
    sign_out(backlog)
    field.press("Enter")
    expect(backlog.locator("#connection")).to_contain_text("You were signed out")
    expect(field).to_have_value("Typed into a cell")
    sign_in(alice)
    backlog.locator("#connection").get_by_role("button", name="Try again").click()
    wait_for(lambda: Idea.objects.get(pk=idea.pk).title == "Typed into a cell", backlog)
    expect(backlog.locator("#idea-table")).to_contain_text("Typed into a cell")


def test_an_invalid_plain_form_comes_back_with_what_was_typed(
    page: Page, live_server, sign_in, alice, idea
) -> None:
    sign_in(alice)
    page.goto(f"{live_server.url}{idea.get_absolute_url()}edit/")
    page.locator("#id_title").evaluate("field => field.removeAttribute('maxlength')")
    page.locator("#id_title").fill("x" * 201)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("A title can have at most 200 characters")).to_be_visible()
    expect(page.locator("#id_title")).to_have_value("x" * 201)
    page.locator("#id_title").fill("Short again")
    page.get_by_role("button", name="Save", exact=True).click()
    page.wait_for_url(re.compile(rf"{idea.get_absolute_url()}$"))
    assert Idea.objects.get(pk=idea.pk).title == "Short again"


@pytest.mark.parametrize("by_then", ["a viewer", "out of the pod"])
def test_a_waiting_write_that_is_refused_at_last_says_so_and_stops(
    page: Page, live_server, sign_in, alice, idea, by_then
) -> None:
    """Lost first, and by the time it is sent again she may not write here any more."""
    sign_in(alice)
    page.clock.install()
    page.goto(f"{live_server.url}{idea.get_absolute_url()}")
    sent = posts_of(page)
    page.route("**/comments/new/", lose)
    page.get_by_label("Comment", exact=True).fill("Typed with care")
    page.get_by_role("button", name="Comment", exact=True).click()
    expect(page.locator(".commentform .unsaved")).to_have_text("Not saved yet")
    if by_then == "a viewer":
        alice.memberships.update(role="viewer")
    else:
        alice.memberships.all().delete()
    page.unroute("**/comments/new/")
    expect(page.locator(".commentform .unsaved")).to_have_count(0, timeout=15_000)
    expect(page.locator("#messages .msg.bad")).to_be_visible()
    expect(page.locator("#connection")).to_be_empty()
    expect(page.get_by_label("Comment", exact=True)).to_have_value("Typed with care")
    count = len(sent)
    page.clock.fast_forward(60_000)  # over all pauses between two tries
    page.evaluate("fetch('/healthz')")
    assert len(sent) == count
    assert page.evaluate(LEAVING_ASKS) is False


@pytest.mark.parametrize("status", [405, 429])
def test_a_waiting_write_that_htmx_takes_for_an_error_says_so_and_stops(
    page: Page, live_server, sign_in, alice, idea, status
) -> None:
    sign_in(alice)
    page.goto(f"{live_server.url}{idea.get_absolute_url()}")
    page.route("**/comments/new/", lose)
    page.get_by_label("Comment", exact=True).fill("Typed with care")
    page.get_by_role("button", name="Comment", exact=True).click()
    expect(page.locator(".commentform .unsaved")).to_have_text("Not saved yet")
    page.unroute("**/comments/new/", lose)
    page.route("**/comments/new/", lambda route: route.fulfill(status=status, body=""))
    expect(page.locator("#connection")).to_contain_text(f"refused this ({status})", timeout=15_000)
    expect(page.locator(".commentform .unsaved")).to_have_count(0)
    expect(page.get_by_label("Comment", exact=True)).to_have_value("Typed with care")
    assert page.evaluate(LEAVING_ASKS) is False
