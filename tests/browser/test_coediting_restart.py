"""Two browsers write one post-mortem; a connection drops, the server is killed and started again.

The server is `manage.py serve` with a database and files of its own, as people run it.
"""

import base64
import contextlib
import os
import re
import signal
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from playwright.sync_api import Browser, Page, expect

from backlog.flows.tokens import make_token
from experiments.models import PostMortem
from tests.browser.test_section_images import GIVE, picture
from tests.running.embedded import STARTS_WITHIN, Embedded, is_running, until

pytestmark = pytest.mark.django_db(transaction=True)
SLOW = 40_000  # milliseconds, for what waits for a server that starts


@pytest.fixture
def floe(tmp_path: Any, alice: Any, bob: Any, written: PostMortem, settings: Any) -> Iterator[Any]:
    if connection.vendor != "sqlite":
        pytest.skip("The restart is of the embedded edition, whose database is SQLite.")
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    for person in (alice, bob):
        person.set_password("a long password")
        person.save()
    _, secret = make_token(by=alice, name="restart", scope="write", days=1)
    started = Embedded(tmp_path, secret)
    yield started
    started.stop()


@pytest.fixture
def open_tab(browser: Browser, floe: Any, written: PostMortem) -> Iterator[Any]:
    """`open_tab(person)`: a browser of its own, signed in by the form, with the texts open."""
    contexts = []

    def opened(person: Any) -> Page:
        context = browser.new_context()
        contexts.append(context)
        tab = context.new_page()
        path = f"/experiments/{written.experiment_id}/postmortem/edit/"
        tab.goto(f"http://127.0.0.1:{floe.port}/account/login/?next={path}")
        tab.fill("[name=login]", person.email)
        tab.fill("[name=password]", "a long password")
        tab.press("[name=password]", "Enter")
        expect(field(tab)).to_be_visible()
        return tab

    yield opened
    for context in contexts:
        context.close()


def field(tab: Page, name: str = "surprises") -> Any:
    return tab.locator(f"[name={name}]")


def status(tab: Page, name: str = "surprises") -> Any:
    return tab.locator(f"#{name} [data-saved]")


def killed(floe: Any) -> None:
    """As a power cut: nothing is told, no request is finished."""
    pids = [floe.supervisor.pid, *floe.processes()]
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    floe.supervisor.wait(timeout=15)
    for pid in pids:
        until(lambda pid=pid: not is_running(pid), 15)


def started_again(floe: Any) -> None:
    floe.supervisor = floe.serve(UPLOADS_KEEP_FREE_MB="1")  # its disk has 24 MB
    until(lambda: floe.answers("/healthz"), STARTS_WITHIN)


def stored(floe: Any, name: str) -> str:
    return str(floe.rows(f"SELECT {name} FROM experiments_postmortem")[0][0])


def write(tab: Page, place: str, words: list[str], name: str = "surprises") -> None:
    """Type the words, each followed or led by a blank, at the beginning or the end."""
    field(tab, name).press("Control+Home" if place == "Home" else "Control+End")
    for word in words:
        tab.keyboard.type(f"{word} " if place == "Home" else f" {word}", delay=5)


def test_no_word_and_no_image_is_lost_when_a_connection_drops_and_the_server_restarts(
    floe: Any, open_tab: Any, alice: Any, bob: Any
) -> None:
    bobs, alices = open_tab(bob), open_tab(alice)
    typed = {who: [f"{who}{number}" for number in range(24)] for who in ("bob", "alice")}
    write(bobs, "End", typed["bob"][:6])
    write(alices, "Home", typed["alice"][:6])
    expect(field(bobs)).to_have_value(re.compile("alice5.*bob5"))
    expect(field(alices)).to_have_value(re.compile("alice5.*bob5"))

    bobs.context.set_offline(True)
    write(bobs, "End", typed["bob"][6:12])
    expect(status(bobs)).to_have_text("Not saved yet")
    write(alices, "Home", typed["alice"][6:12])

    killed(floe)  # what Alice typed last is on its way or not sent yet
    write(alices, "Home", typed["alice"][12:18])
    write(alices, "End", ["lucky1", "lucky2"], name="lucky")
    expect(status(alices)).to_have_text("Not saved yet", timeout=SLOW)
    bobs.context.set_offline(False)
    write(bobs, "End", typed["bob"][12:18])
    image = [["paste", base64.b64encode(picture()).decode(), "image/png", "chart.png", ""]]
    field(bobs, "went_well").evaluate(GIVE, *image)
    expect(bobs.locator("#went_well .msg")).to_contain_text("It stays on this page.")
    expect(bobs.locator("#connection")).to_contain_text("The server cannot be reached")

    started_again(floe)
    write(bobs, "End", typed["bob"][18:])
    write(alices, "Home", typed["alice"][18:])
    bobs.locator("#went_well .msg").get_by_role("button", name="Try again").click()
    expect(field(bobs, "went_well")).to_have_value(re.compile(r"image:\d+"), timeout=SLOW)
    for tab in (bobs, alices):
        expect(field(tab)).to_have_value(re.compile("alice23(?s:.*)bob23"), timeout=SLOW)
    for tab in (bobs, alices):
        expect(field(tab, "went_well")).to_have_value(re.compile(r"image:\d+"), timeout=SLOW)
    expect(status(alices, "lucky")).to_contain_text("Saved", timeout=SLOW)

    until(
        lambda: (
            field(bobs).input_value() == field(alices).input_value() == stored(floe, "surprises")
        )
    )
    words = stored(floe, "surprises").split()
    lost = [
        word
        for word in [*typed["bob"], *typed["alice"], "we", "sent", "it", "late"]
        if word not in words
    ]
    assert lost == []
    assert len(words) == len(set(words)), "and none came twice"
    assert stored(floe, "lucky").split() == ["lucky1", "lucky2"]
    shown = bobs.locator("#went_well [data-images-of] img")
    assert shown.evaluate("(image) => image.decode().then(() => image.naturalWidth)") == 320
