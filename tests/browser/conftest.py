"""A real browser: Debian's Chromium, found on the path. Without it the tests fail."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright

from backlog.flows import scoring
from backlog.models import Round, RoundIdea, User
from experiments.flows.writing_up import start_post_mortem
from experiments.models import PostMortem
from tests.browser.kit_session import DESK, Enter
from tests.factories import make_idea, make_round, shipped

# Playwright runs an event loop of its own; the tests' database access is in its thread.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture(scope="session")
def browser_type_launch_args(
    browser_type_launch_args: dict[str, Any], playwright: Playwright
) -> dict[str, Any]:
    """The system's Chromium, else the one that Playwright's installer brought."""
    brought = Path(playwright.chromium.executable_path)
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None and not brought.exists():
        pytest.fail("The browser tests need Chromium: apt-get install chromium, then try again.")
    return {**browser_type_launch_args, "executable_path": path or str(brought), "args": FLAGS}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_context_args, "viewport": {"width": 1280, "height": 800}}


@pytest.fixture(autouse=True)
def no_breach_of_the_content_security_policy(page: Page) -> Iterator[None]:
    """Whatever an experiment does, no page may lean on what the policy forbids."""
    breaches: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            breaches.append(message.text)

    page.on("console", listen)
    yield
    assert breaches == []


@pytest.fixture
def sign_in(page: Page, live_server: Any, settings: Any) -> Any:
    """`sign_in(user)`: the browser is that person from now on."""

    def enter(user: Any) -> None:
        client = Client()
        client.force_login(user)
        name = settings.SESSION_COOKIE_NAME
        cookie = {"name": name, "value": client.cookies[name].value, "url": live_server.url}
        page.context.add_cookies([cookie])

    return enter


@pytest.fixture
def enter(browser: Browser, live_server: Any, settings: Any) -> Iterator[Enter]:
    """`enter(user)`: a page of this person's own browser context."""
    contexts = []

    def open_for(user: User, viewport: Any = None) -> Page:
        client = Client()
        client.force_login(user)
        context = browser.new_context(base_url=live_server.url, viewport=viewport or DESK)
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
def live(alice: User, bob: User, carol: User, dave: User, pod: Any) -> Round:
    """A session of two ideas, in its lobby."""
    ideas = [make_idea(alice, pod, title) for title in ("The first idea", "The second idea")]
    return make_round(alice, pod, *ideas, kind="live")


@pytest.fixture
def first(live: Round, alice: User) -> RoundIdea:
    """The first idea of the session, which everybody sees."""
    item = live.round_ideas.order_by("position").select_related("idea", "round").first()
    assert item
    scoring.go_to(live, item, by=alice)
    return item


@pytest.fixture
def written(alice: Any, bob: Any, pod: Any, objective: Any) -> PostMortem:
    """A draft of Bob's, in which one text is begun."""
    post_mortem = start_post_mortem(shipped(alice, bob, pod, objective), by=bob)
    PostMortem.objects.update(surprises="we sent it late")
    return post_mortem
