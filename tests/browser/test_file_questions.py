"""The questions about a file in a real browser: by mouse, by keyboard, on a phone, without script."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect

from experiments.models import Experiment, Intake, Observation
from tests.browser.test_accessibility import OPTIONS
from tests.experiments.guessing_kit import guess
from tests.factories import launched, make_experiment

pytestmark = pytest.mark.django_db(transaction=True)

ARMS = ({"name": "Five e-mails", "is_control": True, "weight": 1}, {"name": "Three", "weight": 1})
METRICS = (
    {"role": "primary", "name": "Ingresos", "kind": "mean", "direction": "increase",
     "baseline": 900, "baseline_sd": 300, "smallest_effect": 0.1},
    {"role": "guardrail", "name": "Abgemeldet", "kind": "proportion", "direction": "decrease",
     "margin": 0.01},
)  # fmt: skip
FILE = "reader_id;variante;ingresos\n" + "".join(
    f"r-{n};{'Grupo B' if n % 2 else 'Grupo de control'};{1 + n % 3}.{250 + n % 5 * 100}\n"
    for n in range(60)
)
LOOKS = {
    "light desktop": {"color_scheme": "light", "viewport": {"width": 1440, "height": 900}},
    "dark phone": {"color_scheme": "dark", "viewport": {"width": 390, "height": 4000}},
}


@pytest.fixture
def waits(client_of: Any, alice: Any, bob: Any, carol: Any, pod: Any, objective: Any) -> str:
    """The path of the page that asks."""
    made = make_experiment(
        alice,
        pod,
        objective=objective,
        analyst=carol,
        arms=ARMS,
        metrics=METRICS,
        reading="any-time",
    )
    running: Experiment = launched(made, alice)
    client = client_of(bob)
    answer, _ = guess(client, running, FILE.encode(), "bienvenida.csv", label_1="Three")
    assert answer.status_code == 302, answer.context["form"].errors
    return str(answer.url)


def test_each_answer_is_taken_in_place_and_the_bar_names_what_is_open(
    page: Page, live_server: Any, sign_in: Any, bob: Any, waits: str
) -> None:
    sign_in(bob)
    page.goto(live_server.url + waits)
    bar = page.locator(".confirm")
    expect(bar).to_contain_text("2 questions are open: Is ")
    expect(page.get_by_text("1 of 3 answered")).to_be_visible()
    confirm = page.get_by_role("button", name="Confirm and count 60")
    expect(confirm).to_have_attribute("aria-disabled", "true")
    assert not Observation.objects.exists()
    page.get_by_role("radio").first.check()
    expect(page.get_by_text("2 of 3 answered")).to_be_visible()
    expect(bar).to_contain_text("1 question is open: This file has no “Abgemeldet”")
    expect(page.get_by_role("radio").first).to_be_focused()
    page.get_by_role("checkbox", name="Count the file without “Abgemeldet”").check()
    expect(page.get_by_text("3 of 3 answered")).to_be_visible()
    expect(bar).to_contain_text("60 units will count.")
    expect(confirm).not_to_have_attribute("aria-disabled", "true")
    confirm.click()
    page.wait_for_url("**/results/")
    assert Intake.objects.get().state in ("counted", "analysed")


def test_it_is_answered_by_keyboard_alone(
    page: Page, live_server: Any, sign_in: Any, bob: Any, waits: str
) -> None:
    sign_in(bob)
    page.goto(live_server.url + waits)
    page.get_by_role("radio").first.focus()
    page.keyboard.press("Space")
    expect(page.get_by_text("2 of 3 answered")).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("radio").nth(1)).to_be_checked()
    expect(page.locator("label.reading.on").first).to_contain_text("1.")
    page.keyboard.press("Tab")
    expect(page.get_by_role("checkbox", name="Count the file without")).to_be_focused()
    page.keyboard.press("Space")
    expect(page.get_by_text("3 of 3 answered")).to_be_visible()


def test_without_script_the_same_page_takes_the_answers(
    browser: Browser, live_server: Any, settings: Any, client_of: Any, bob: Any, waits: str
) -> None:
    context = browser.new_context(java_script_enabled=False)
    name = settings.SESSION_COOKIE_NAME
    cookie = client_of(bob).cookies[name].value
    context.add_cookies([{"name": name, "value": cookie, "url": live_server.url}])
    page = context.new_page()
    page.goto(live_server.url + waits)
    page.get_by_role("radio").first.check()
    page.get_by_role("checkbox", name="Count the file without").check()
    page.get_by_role("button", name="Read the file with these answers").click()
    expect(page.get_by_text("3 of 3 answered")).to_be_visible()
    page.get_by_role("button", name="Confirm and count 60").click()
    page.wait_for_url("**/results/")
    context.close()
    assert Intake.objects.get().state in ("counted", "analysed")


@pytest.mark.parametrize("look", LOOKS)
def test_axe_finds_nothing_and_nothing_scrolls_sideways(
    browser: Browser, live_server: Any, settings: Any, client_of: Any, bob: Any, waits: str,
    look: str,
) -> None:  # fmt: skip
    context = browser.new_context(**LOOKS[look])
    name = settings.SESSION_COOKIE_NAME
    cookie = client_of(bob).cookies[name].value
    context.add_cookies([{"name": name, "value": cookie, "url": live_server.url}])
    page = context.new_page()
    taken = Intake.objects.get()
    columns = reverse("experiments:intake_map", args=[taken.experiment_id, taken.pk])
    removal = reverse("experiments:intake_remove", args=[taken.experiment_id, taken.pk])
    for path in (waits, columns, removal):
        page.goto(live_server.url + path)
        findings = Axe().run(page, options=OPTIONS).response["violations"]
        assert not findings, (path, [(one["id"], one["nodes"][0]["html"]) for one in findings])
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    context.close()
