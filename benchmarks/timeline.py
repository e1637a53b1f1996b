"""The calendar with many tests: `python benchmarks/timeline.py`, or `--pods 40 --tests 200`.

It builds an installation of its own with so many pods, each with so many tests in the present quarter,
and prints what the page, its part, the pulse and one placement cost. With `--browser` it drags a bar in
Chromium, on a processor slowed four times, and prints how long frames take. It is not called calendar.py,
because it would hide Python's own module of that name.
"""

import argparse
import datetime as dt
import os
import random
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial

import installation  # first: it sets Django up for all the others
import worlds
from django.conf import settings
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application
from measuring import client_of, cost_of

from backlog.models import Idea, Pod, Quarter, User
from experiments.models import Booking, Experiment, Segment

TALL = 9_000  # of a page drawn at a quarter of its size, so that about 200 bars are in view at once
FRAMES = """() => new Promise((done) => {
  const times = []; let last = performance.now();
  const tick = (now) => { times.push(now - last); last = now; if (times.length < 150) requestAnimationFrame(tick); else done(times); };
  requestAnimationFrame(tick);
})"""


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pods", type=int, default=40)
    parser.add_argument("--tests", type=int, default=200, help="in each pod")
    parser.add_argument("--browser", action="store_true", help="measure frames in Chromium as well")
    chosen = parser.parse_args(arguments)
    print(f"{dt.date.today():%-d %B %Y}, {installation.described()}.\n")
    installation.prepare()
    worlds.load_the_sample()
    print_pages("The sample workspace")
    fill(chosen.pods, chosen.tests)
    print_pages(f"{chosen.pods} pods, {chosen.tests} tests each")
    if chosen.browser:
        print_frames()


def fill(pods: int, tests: int) -> None:
    """Tests of one to six weeks, spread over the quarter, each on one of ten segments."""
    dice = random.Random(15)
    quarter = Quarter.objects.around(dt.date.today()).get()
    weeks = (quarter.ends_on - quarter.starts_on).days // 7
    owner = User.objects.get(role="owner")
    number = Experiment.objects.order_by("-number").values_list("number", flat=True).first() or 0
    segments = [
        Segment.objects.create(name=f"Segment {n}", size=100_000 * (n + 1)) for n in range(10)
    ]
    for place in range(pods):
        pod = Pod.objects.create(prefix=f"B{place:02d}", name=f"Pod {place + 1}", outcome="More")
        ideas = Idea.objects.bulk_create(
            Idea(pod=pod, number=n, key=f"{pod.prefix}-{n}", title=f"Test {n} of pod {place + 1}",
                 state="promoted", ice=dice.uniform(4, 9), ease=dice.uniform(3, 9))
            for n in range(1, tests + 1)
        )  # fmt: skip
        made = []
        for idea in ideas:
            number += 1
            starts_on = quarter.starts_on + dt.timedelta(weeks=dice.randrange(weeks))
            made.append(
                Experiment(pod=pod, idea=idea, number=number, title=idea.title, author=owner,
                           state="planned", channel=dice.choice(worlds.CHANNELS),
                           segment=dice.choice(segments), starts_on=starts_on,
                           ends_on=starts_on + dt.timedelta(weeks=dice.randint(1, 6)))
            )  # fmt: skip
        Experiment.objects.bulk_create(made)
        Booking.objects.bulk_create(Booking(experiment=one, share=0.01) for one in made)


def print_pages(title: str) -> None:
    ines, maya = client_of("ines@harbour.example"), client_of("maya@harbour.example")
    quarter = Quarter.objects.around(dt.date.today()).get()
    test = Experiment.objects.filter(state__in=("draft", "planned")).order_by("-pk").first()
    rows = [
        ("calendar, every pod", ines, "/calendar/"),
        ("calendar, one pod", maya, "/calendar/"),
        ("half-year by segment", ines, "/calendar/?view=half-year&by=segment"),
        ("pulse", ines, "/calendar/pulse/?seen=0"),
    ]
    if test:
        day = quarter.starts_on + dt.timedelta(weeks=4)
        last = day + dt.timedelta(days=20)
        address = f"/experiments/{test.pk}/place/?starts_on={day}&last_day={last}"
        rows.append(("what follows from a place", ines, address))
    print(f"## {title}: {Experiment.objects.count():,} tests\n")
    print("| | p50 ms | CPU ms | queries | kB | kB gzipped |\n|---|---|---|---|---|---|")
    for name, client, address in rows:
        cost = cost_of(partial(client.get, address), rounds=1, requests=5, warm=1)
        sizes = f"{cost.raw / 1000:.0f} | {cost.zipped / 1000:.1f}"
        print(
            f"| {name} | {cost.p50:.0f} | {cost.cpu:.0f} | {cost.queries} | {sizes} |", flush=True
        )
    print()


class Silent(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """Requests are no result."""


@contextmanager
def served() -> Iterator[str]:
    """The installation on a free port, in a thread of this process."""
    server = ThreadedWSGIServer(("127.0.0.1", 0), Silent)
    server.set_app(get_wsgi_application())
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()


def print_frames() -> None:
    """Drag a bar while the page shows about 200, on a processor slowed four times."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415  (only for this part)

    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright's loop runs in this thread

    with served() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport={"width": 1440, "height": TALL}, device_scale_factor=0.25)
        name = settings.SESSION_COOKIE_NAME
        cookie = client_of("ines@harbour.example").cookies[name].value
        page.context.add_cookies([{"name": name, "value": cookie, "url": address}])
        page.goto(f"{address}/calendar/")
        page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": 4})
        bar = page.locator("#plan [data-moves=all]").nth(3)
        bar.scroll_into_view_if_needed()
        seen = page.evaluate(
            "() => [...document.querySelectorAll('.tbar')].filter((one) => { const b ="
            " one.getBoundingClientRect(); return b.top < innerHeight && b.bottom > 0; }).length"
        )
        box = bar.bounding_box()
        assert box
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 10)
        page.mouse.down()
        frames = page.evaluate_handle(f"() => {{ window.frames_ = ({FRAMES})(); }}")
        for step in range(120):
            page.mouse.move(box["x"] + step * 3, box["y"] + 10)
        times = sorted(page.evaluate("() => window.frames_"))
        frames.dispose()
        print(
            f"{seen} bars in view, slowed four times: median frame {times[len(times) // 2]:.1f} ms, "
            f"95 % under {times[int(len(times) * 0.95)]:.1f} ms."
        )
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
