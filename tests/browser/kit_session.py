"""A live session in several browsers: who sits where, what is chosen, and how a connection fails."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from playwright.sync_api import Locator, Page, Route, expect

Enter = Callable[..., Page]
Cut = Callable[[Page], AbstractContextManager[None]]
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1440, "height": 900}
LAPTOP = {"width": 1280, "height": 800}


def box(locator: Locator) -> dict[str, float]:
    """Its edges in the window, in pixels."""
    at = locator.bounding_box()
    assert at, "it is not drawn"
    return {**at, "bottom": at["y"] + at["height"], "right": at["x"] + at["width"]}


def pick(page: Page, **scores: int) -> None:
    for name, value in scores.items():
        page.locator(f"input[name={name}][value='{value}']").check(force=True)


@contextmanager
def offline(page: Page) -> Iterator[None]:
    page.context.set_offline(True)
    yield
    page.context.set_offline(False)


def _each_write(answer: Callable[[Route], Any]) -> Cut:
    """Answers each write of a page like this, while what it reads arrives as usual."""

    def decide(route: Route) -> None:
        if route.request.method == "POST":
            answer(route)
        else:
            route.fallback()

    @contextmanager
    def cut(page: Page) -> Iterator[None]:
        page.route("**/scoring/**", decide)
        yield
        page.unroute("**/scoring/**", decide)

    return cut


def _lose_the_answer(route: Route) -> None:
    route.fetch(max_redirects=0)
    route.abort()


SIGN_IN = {"HX-Redirect": "/account/login/?next=/"}  # as the server answers what htmx sends
refused = _each_write(lambda route: route.abort("connectionrefused"))
restarting = _each_write(lambda route: route.fulfill(status=503, body="Starting"))
signed_out = _each_write(lambda route: route.fulfill(status=200, headers=SIGN_IN))
unanswered = _each_write(_lose_the_answer)


def press_without(cut: Cut, button: Locator, key: str = "") -> None:
    """Press it while the connection fails: the page says so, and sends it when it is back."""
    page = button.page
    page.wait_for_load_state("load")
    expect(button).to_be_visible()
    with cut(page):
        if key:
            button.press(key)
        else:
            button.click()
        expect(page.locator("#connection .msg")).to_contain_text("not saved")
    expect(page.locator("#connection .msg")).to_have_count(0)
