"""A real browser: Debian's Chromium, found on the path. Without it the tests fail."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import ConsoleMessage, Page, Playwright

from experiments.flows.writing_up import start_post_mortem
from experiments.models import PostMortem
from tests.factories import shipped

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
def written(alice: Any, bob: Any, pod: Any, objective: Any) -> PostMortem:
    """A draft of Bob's, in which one text is begun."""
    post_mortem = start_post_mortem(shipped(alice, bob, pod, objective), by=bob)
    PostMortem.objects.update(surprises="we sent it late")
    return post_mortem
