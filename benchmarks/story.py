"""Count the fields and clicks of one experiment in Chromium, from its idea to its post-mortem.

Serve a fresh sample first (`make run`), then
`python benchmarks/story.py http://127.0.0.1:8000 PASSWORD`. Opening a page by its address is not
counted, as a person would be there already.
"""

import datetime as dt
import random
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, Locator, Page, sync_playwright

sys.path.insert(0, str(Path(__file__).parent.parent))
from deploy.ensure_browser import installed_browser

LAST = dt.date.today() - dt.timedelta(days=1)
FIRST = LAST - dt.timedelta(days=20)


class Person:
    """Somebody at a browser, whose fields and clicks are counted until a step is noted."""

    steps: dict[str, tuple[int, int]] = {}

    def __init__(self, browser: Browser, base: str, name: str, password: str) -> None:
        context = browser.new_context(base_url=base, viewport={"width": 1440, "height": 900})
        self.page: Page = context.new_page()
        self.page.goto("/account/login/")
        self.page.fill("[name=login]", f"{name}@harbour.example")
        self.page.fill("[name=password]", password)
        self.page.press("[name=password]", "Enter")
        self.page.wait_for_url(lambda url: "login" not in url)
        self.fields = self.clicks = 0

    def type(self, **values: str) -> None:
        for name, value in values.items():
            self.page.fill(f"[name={name.replace('__', '-')}]", value)
            self.fields += 1

    def choose(self, name: str, label: str) -> None:
        self.page.locator(f"[name={name}]").select_option(label=label)
        self.fields += 1

    def tick(self, boxes: Locator) -> None:
        for box in boxes.all():
            box.check()
            self.fields += 1

    def press(self, name: str) -> None:
        main = self.page.locator("main")
        button = main.get_by_role("button", name=name).or_(main.get_by_role("link", name=name))
        with self.page.expect_navigation():
            button.first.click()
        self.clicks += 1

    def note(self, step: str) -> None:
        fields, clicks = self.steps.get(step, (0, 0))
        self.steps[step] = (fields + self.fields, clicks + self.clicks)
        self.fields = self.clicks = 0


def plan(lead: Person) -> str:
    lead.page.goto("/ideas/")
    lead.page.locator("tbody a", has_text="Ask lapsed readers").first.click()
    lead.page.wait_for_load_state()
    lead.press("Promote")
    lead.type(arms__1__name="Ask first", metrics__0__baseline="4", metrics__1__name="Opened")
    lead.type(metrics__2__name="Unsubscribed", units_per_week="20000")
    lead.choose("launcher", "Ines Costa")
    lead.choose("analyst", "Aiko Tanaka")
    lead.press("Create experiment")
    lead.note("promote and plan")
    here = lead.page.url
    lead.press("Change dates")
    first, last = lead.page.locator("main input[type=date]").all()[:2]
    first.fill(str(FIRST))
    last.fill(str(LAST))
    lead.fields += 2
    lead.press("Save the dates")
    lead.press("Mark as planned")
    lead.note("dates, “planned”")
    return here


def make_ready(lead: Person, here: str) -> None:
    lead.page.goto(f"{here}ready/")
    for box in lead.page.locator("#questions .field:not(:has(.optional)) textarea").all():
        box.fill("Fewer discounts")
        lead.fields += 1
    lead.tick(lead.page.locator("#risks").get_by_label("No", exact=True))
    lead.tick(lead.page.locator("#checklist input[type=checkbox]"))
    lead.press("Save answers and checklist")
    lead.note("questions, risks, ticks")


def launch(checker: Person, launcher: Person, here: str) -> None:
    checker.page.goto(f"{here}ready/")
    checker.press("I checked it")
    launcher.page.goto(here)
    launcher.press("Launch")
    launcher.press("Launch and seal the plan")
    for person in (checker, launcher):
        person.note("QA and launch by others")


def export(path: Path, days: int) -> Path:
    """Readers in Spanish, with semicolons, until so many days after the first."""
    chance, rows = (
        random.Random(1),
        ["Id de usuario;Variante;Fecha de envío;Reactivado;Abierto;Baja"],
    )
    for number in range(days * 2_500):
        day, arm = FIRST + dt.timedelta(days=number % days), number % 2
        yes = ["sí" if chance.random() < p else "no" for p in ((0.04, 0.05)[arm], 0.3, 0.012)]
        label = ("Control", "Preguntar primero")[arm]
        rows.append(f"u{number};{label};{day:%d/%m/%Y};{';'.join(yes)}")
    path.write_text("\n".join(rows), encoding="utf-8")
    return path


def upload(analyst: Person, here: str, path: Path, step: str) -> None:
    page = analyst.page
    page.goto(f"{here}data/")
    page.locator("input[type=file]").first.set_input_files(path)
    analyst.clicks += 1
    analyst.press("Upload the file")
    page.wait_for_url(lambda url: "/reading/" not in url)
    if "/map/" in page.url:
        if not page.locator("[name=label_1]").input_value():
            analyst.choose("label_1", "Ask first")
        selects = page.locator("select[name^=metric_]:visible").all()
        for select, column in zip(selects, ("Reactivado", "Abierto", "Baja"), strict=True):
            if not select.input_value():
                select.select_option(column)
                analyst.fields += 1
        analyst.press("Read the file")
        page.wait_for_url(lambda url: "/reading/" not in url)
    analyst.press("Confirm and count")
    analyst.note(step)


def main(base: str, password: str) -> None:
    with sync_playwright() as playwright, TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(
            executable_path=installed_browser(), args=["--no-sandbox", "--disable-gpu"]
        )
        lead, analyst, owner = (
            Person(browser, base, name, password) for name in ("maya", "aiko", "ines")
        )
        here = plan(lead)
        make_ready(lead, here)
        launch(analyst, owner, here)
        upload(analyst, here, export(Path(folder) / "part.csv", 20), "a Spanish CSV")
        upload(analyst, here, export(Path(folder) / "whole.csv", 21), "a daily upload again")
        for step, (fields, clicks) in Person.steps.items():
            print(f"| {step} | {fields} | {clicks} | {fields + clicks} |")


if __name__ == "__main__":
    main(*sys.argv[1:])
