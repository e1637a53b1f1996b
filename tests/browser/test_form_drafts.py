"""What is typed and chosen in a form of many fields is still there when one comes back."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from experiments.models import Experiment
from tests.factories import HYPOTHESIS, make_experiment, make_idea

pytestmark = pytest.mark.browser


@pytest.fixture
def idea(alice, pod, objective):
    return make_idea(alice, pod, objective=objective, **HYPOTHESIS)


@pytest.fixture
def promote(page: Page, live_server, sign_in, alice, idea):
    sign_in(alice)
    page.goto(live_server.url + reverse("experiments:idea_promote", args=[idea.pk]))
    return page


def away_and_back(page: Page, live_server) -> None:
    here = page.url
    page.goto(live_server.url + reverse("backlog:idea_list"))
    page.goto(here)


def test_a_plan_that_was_left_half_way_is_there_again(promote: Page, live_server) -> None:
    """L2: fill it, go to the backlog, come back: empty."""
    promote.get_by_label("Baseline").first.fill("4")
    promote.locator("[name=metrics-0-effect_in]").select_option("lift")
    promote.locator("[name=reading][value=any-time]").check()
    promote.locator("[name=arms-1-differs][value=subject]").check()
    promote.get_by_role("button", name="Add a metric").click()
    promote.locator("[name=metrics-3-name]").fill("Complained")
    promote.locator("[name=starts_on]").fill("2027-01-04")
    away_and_back(promote, live_server)
    expect(promote.get_by_text("Draft kept")).to_be_visible()
    expect(promote.get_by_label("Baseline").first).to_have_value("4")
    expect(promote.locator("[name=metrics-0-effect_in]")).to_have_value("lift")
    expect(promote.locator("[name=reading][value=any-time]")).to_be_checked()
    expect(promote.locator("[name=arms-1-differs][value=subject]")).to_be_checked()
    expect(promote.locator("[name=metrics-3-name]")).to_have_value("Complained")
    expect(promote.locator("[name=starts_on]")).to_have_value("2027-01-04")
    promote.get_by_role("button", name="Discard it").click()
    expect(promote.get_by_label("Baseline").first).to_have_value("")
    away_and_back(promote, live_server)
    expect(promote.get_by_text("Draft kept")).to_have_count(0)


def test_a_draft_that_is_back_is_worked_out(promote: Page, live_server) -> None:
    """The figures were back, and the calculator beside them asked for them."""
    promote.get_by_label("Baseline").first.fill("10")
    promote.locator("[name=metrics-0-smallest_effect]").fill("1")
    promote.locator("[name=metrics-0-effect_in]").select_option("points")
    promote.locator("[name=units_per_week]").fill("5000")
    expect(promote.locator("#calculator")).to_contain_text("14,751")
    expect(promote.locator("#dates-offered [name=take]").first).to_have_attribute(
        "value", re.compile("-6$")
    )
    away_and_back(promote, live_server)
    expect(promote.locator("#calculator")).to_contain_text("14,751")
    expect(promote.locator("#dates-offered [name=take]").first).to_have_attribute(
        "value", re.compile("-6$")
    )
    expect(promote.get_by_text(re.compile(r"Draft kept \d\d:\d\d\."))).to_be_visible()


def test_what_was_saved_is_no_draft_any_more(promote: Page, live_server, idea) -> None:
    promote.locator("[name=arms-1-name]").fill("Series named")
    promote.get_by_label("Baseline").first.fill("4")
    promote.get_by_role("button", name="Create experiment").click()
    expect(promote.get_by_text("is a draft now")).to_be_visible()
    made = Experiment.objects.get()
    promote.goto(live_server.url + reverse("experiments:experiment_edit", args=[made.pk]))
    expect(promote.get_by_text("Draft kept")).to_have_count(0)
    assert (
        promote.evaluate("Object.keys(localStorage).filter(k => k.includes('form-plan')).length")
        <= 1
    )


def test_a_draft_never_replaces_what_somebody_saved_since(
    page: Page, live_server, sign_in, alice, bob, pod, objective
) -> None:
    made = make_experiment(alice, pod, objective=objective, analyst=bob)
    sign_in(alice)
    page.goto(live_server.url + reverse("experiments:experiment_edit", args=[made.pk]))
    page.locator("[name=audience]").fill("Typed and left")
    page.goto(live_server.url + reverse("backlog:idea_list"))
    Experiment.objects.filter(pk=made.pk).update(audience="Saved by Bob", version=made.version + 1)
    page.goto(live_server.url + reverse("experiments:experiment_edit", args=[made.pk]))
    expect(page.locator("[name=audience]")).to_have_value("Saved by Bob")
    expect(page.get_by_text("was saved by somebody since")).to_be_visible()
    page.get_by_role("button", name="Use the draft").click()
    expect(page.locator("[name=audience]")).to_have_value("Typed and left")


def test_one_button_keeps_answers_risks_and_ticks(
    page: Page, live_server, sign_in, alice, bob, pod, objective
) -> None:
    """L3: saving the ticks wiped the answers about risk."""
    made = make_experiment(alice, pod, objective=objective, analyst=bob, waived=(), risks={})
    sign_in(alice)
    page.goto(live_server.url + reverse("experiments:experiment_ready", args=[made.pk]))
    page.locator("[name=risk_price][value=no]").check()
    page.locator("[name=tick_1]").check()
    page.locator("#questions textarea").first.fill("One message fewer")
    assert page.locator("main button[type=submit]", has_text="Save").count() == 1
    page.get_by_role("button", name="Save answers and checklist").click()
    expect(page.get_by_text("Answers and checklist are saved.")).to_be_visible()
    expect(page.locator("[name=risk_price][value=no]")).to_be_checked()
    expect(page.locator("[name=tick_1]")).to_be_checked()
    expect(page.locator("#questions textarea").first).to_have_value("One message fewer")


def test_the_effect_is_repeated_while_it_is_typed(promote: Page) -> None:
    promote.get_by_label("Baseline").first.fill("4")
    promote.get_by_label("Smallest effect that matters").first.fill("0,5")
    expect(promote.locator("[data-echo]").first).to_have_text("4.0\xa0% → 4.5\xa0%")
    promote.locator("[name=metrics-0-effect_in]").select_option("lift")
    expect(promote.locator("[data-echo]").first).to_have_text("4.00\xa0% → 4.02\xa0%")
    promote.locator("[name=metrics-0-effect_in]").select_option("points")
    promote.locator("[name=metrics-0-smallest_effect]").fill("0.75")
    expect(promote.locator("[data-echo]").first).to_have_text("4.00\xa0% → 4.75\xa0%")
    expect(promote.locator("#calculator")).to_contain_text("from 4.00\xa0% to 4.75\xa0%")
