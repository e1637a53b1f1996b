"""Take the README's pictures with Chromium, from an installation of its own with the sample.

The pictures go to docs/screenshots/. They are WebP, written by the browser itself.
"""

import base64
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, NamedTuple

from ensure_browser import installed_browser
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "screenshots"
LIMIT = 150_000  # bytes of a picture
WIDE, PHONE = (1280, 800), (390, 780)


class Picture(NamedTuple):
    """`way` leads from the first address to the page: it names the links to click, in order."""

    name: str
    start: str
    way: tuple[str, ...] = ()
    size: tuple[int, int] = WIDE
    scheme: Literal["light", "dark"] = "light"
    who: str = "ines"


ALBUM = (
    Picture("backlog", "/ideas/"),
    Picture("backlog-dark", "/ideas/", scheme="dark"),
    Picture("scoring", "/scoring/", ("Paywall grooming", "Annual plan first")),
    Picture("results", "/experiments/?show=decided", ("Friday teaser", "Results")),
    Picture("calendar", "/calendar/", size=(1280, 490)),
    Picture("phone", "/scoring/", ("Lifecycle grooming", "Second win-back"), PHONE, who="priya"),
)


def main() -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    flags = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"]
    with _serving() as (address, password), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=installed_browser(), args=flags)
        for picture in ALBUM:
            _take(browser, picture, address, password)
        browser.close()


@contextmanager
def _serving() -> Iterator[tuple[str, str]]:
    """Start an installation with the sample; return its address and the password that it prints."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    elsewhere = ("DATABASE_URL", "CELERY_BROKER_URL", "SITE_URL")
    kept = {name: value for name, value in os.environ.items() if name not in elsewhere}
    with tempfile.TemporaryDirectory(prefix="floe-pictures-") as folder:
        server = subprocess.Popen(
            [sys.executable, str(ROOT / "manage.py"), "serve", "--sample", "--port", str(port)],
            env=kept | {"VAR_DIR": folder, "DEBUG": "1"},
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            yield f"http://127.0.0.1:{port}", _password_in(server.stdout or [])
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(timeout=30)


def _password_in(output: Iterable[str]) -> str:
    """Floe prints it once it answers, or says that it does not answer."""
    for line in output:
        if match := re.search(r"with the password (\S+)", line):
            return match[1]
        if "did not answer" in line:
            break
    sys.exit("Floe did not start, so there are no pictures.")


def _take(browser: Browser, picture: Picture, address: str, password: str) -> None:
    width, height = picture.size
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme=picture.scheme,
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.goto(f"{address}/account/login/")
    page.fill("input[name=login]", f"{picture.who}@harbour.example")
    page.fill("input[name=password]", password)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(f"{address}/")
    page.goto(f"{address}{picture.start}")
    for name in picture.way:
        page.locator("main").get_by_role("link", name=re.compile(re.escape(name))).first.click()
        page.wait_for_load_state()
    page.evaluate("document.fonts.ready")
    _write(page, PICTURES / f"{picture.name}.webp")
    context.close()


def _write(page: Page, target: Path) -> None:
    """Playwright writes only PNG and JPEG, but the browser's own protocol writes WebP."""
    protocol = page.context.new_cdp_session(page)
    shot = protocol.send("Page.captureScreenshot", {"format": "webp", "quality": 82})
    target.write_bytes(base64.b64decode(shot["data"]))
    size = target.stat().st_size
    print(f"{target.relative_to(ROOT)}: {size // 1000} kB")
    if size > LIMIT:
        sys.exit(
            f"{target.name} has {size:,} bytes; a picture of the README has {LIMIT:,} at most."
        )


if __name__ == "__main__":
    if installed_browser() is None:
        sys.exit("The pictures need Chromium: apt-get install chromium, then try again.")
    main()
