"""The whole story in the browser: from an idea to a published post-mortem on the calendar.

Four people side by side, each in a browser context of their own, and no sleeps.
"""

import datetime as dt
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Locator, Page, expect

from backlog.models import Idea, User
from experiments.models import Experiment

pytestmark = pytest.mark.django_db(transaction=True)

Enter = Callable[[User], Page]


@pytest.fixture
def enter(browser: Browser, live_server: Any, settings: Any) -> Iterator[Enter]:
    """`enter(user)`: a page of this person's own browser context."""
    contexts = []

    def open_for(user: User) -> Page:
        client = Client()
        client.force_login(user)
        context = browser.new_context(
            base_url=live_server.url, viewport={"width": 1440, "height": 900}
        )
        contexts.append(context)
        name = settings.SESSION_COOKIE_NAME
        value = client.cookies[name].value
        context.add_cookies([{"name": name, "value": value, "url": live_server.url}])
        context.set_default_timeout(10_000)
        return context.new_page()

    yield open_for
    for context in contexts:
        context.close()


def send(page: Page, button: Locator) -> None:
    """Press it and wait for the page that it leads to."""
    with page.expect_navigation():
        button.click()


def add_idea(page: Page, title: str, objective: Any) -> None:
    page.goto("/ideas/new/")
    page.get_by_role("textbox", name="Title").fill(title)
    page.get_by_text("All fields", exact=True).click()
    page.get_by_label("Objective").select_option(str(objective.pk))
    page.locator("[name=observation]").fill("that half of the lapsed readers finished a series")
    page.locator("[name=change]").fill("naming the series in the subject line")
    page.locator("[name=audience]").fill("readers lapsed 30 to 90 days")
    page.locator("[name=outcome]").fill("reactivation within 30 days")
    page.locator("[name=expected_effect]").fill("+1 point")
    page.get_by_role("button", name="Add idea").click()
    expect(page.get_by_role("heading", name=title)).to_be_visible()


def score(page: Page, item: str, impact: int, confidence: int, ease: int) -> None:
    page.goto(item)
    for name, value in (("impact", impact), ("confidence", confidence), ("ease", ease)):
        page.locator(f"input[name={name}][value='{value}']").check(force=True)
    send(page, page.get_by_role("button", name=re.compile("Save")))


def fill_plan(page: Page) -> None:
    page.locator("[name=arms-1-name]").fill("Series named")
    page.locator("[name=arms-1-description]").fill("The series in the subject line")
    for row, (name, direction) in enumerate(
        (("Reactivated", "increase"), ("Opened", "increase"), ("Unsubscribed", "decrease"))
    ):
        page.locator(f"[name=metrics-{row}-name]").fill(name)
        page.locator(f"[name=metrics-{row}-direction]").select_option(direction)
    page.locator("[name=metrics-0-baseline]").fill("10")
    page.locator("[name=metrics-0-effect_in]").select_option("lift")  # the idea has points
    page.locator("[name=metrics-0-smallest_effect]").fill("10")
    page.locator("[name=metrics-2-margin]").fill("0.5")
    page.get_by_label("Units a week").fill("10000")
    page.get_by_label("Who gets it").fill("Readers lapsed 30 to 90 days")


def vouch(lead: Page, member: Page, here: str) -> None:
    """What a launch asks: answers, ticks, QA by somebody other than the author, and a waiver for the author."""
    lead.goto(f"{here}ready/")
    for box in lead.locator("#questions textarea").all():
        box.fill("Thought about it")
    for row in lead.locator("#risks li").all():
        row.get_by_label("No", exact=True).check()
    send(lead, lead.get_by_role("button", name="Save answers and checklist"))
    member.goto(f"{here}ready/")
    for box in member.locator("#checklist input[type=checkbox]").all():
        box.check()
    send(member, member.get_by_role("button", name="Save answers and checklist"))
    send(member, member.get_by_role("button", name="I checked it"))
    lead.goto(f"{here}ready/")
    lead.get_by_text("Waive a standard").click()
    lead.get_by_label("Standard").select_option(value="launcher")
    lead.get_by_label("Why?").fill("Nobody else is in this week")
    send(lead, lead.get_by_role("button", name="Waive it"))


def results_csv(path: Path, per_arm: int = 15_000) -> Path:
    """One row a reader: 10 % come back as it is, 12 % with the series named."""
    lines = ["reader_id,version,reactivated,opened,unsubscribed"]
    for arm, share in (("control", 10), ("series", 12)):
        for number in range(per_arm):
            came_back = "TRUE" if number % 100 < share else "FALSE"
            opened = "TRUE" if number % 10 < 3 else "FALSE"
            left = "TRUE" if number % 100 == 0 else "FALSE"
            lines.append(f"{arm}-{number},{arm},{came_back},{opened},{left}")
    lines.append("control-0,series,TRUE,TRUE,FALSE")  # one reader in two arms
    path.write_text("\ufeff" + "\n".join(lines))
    return path


def test_from_an_idea_to_a_published_post_mortem(
    enter: Enter, tmp_path: Path, alice: User, bob: User, carol: User, dave: User, objective: Any
) -> None:
    lead, *members = [enter(person) for person in (alice, bob, carol, dave)]
    title = "Win-back subject line: name the last series they read"
    add_idea(lead, title, objective)
    add_idea(lead, "Sender name: a named editor", objective)

    # The lead opens a round; each member scores blind.
    lead.goto("/scoring/new/")
    lead.get_by_role("textbox", name="Title").fill("Grooming")
    for box in lead.get_by_role("checkbox").all():
        box.check()
    lead.get_by_role("button", name="Start the round").click()
    expect(lead.get_by_role("heading", name="Grooming")).to_be_visible()
    first, second = Idea.objects.order_by("pk")
    items = {
        idea: f"/scoring/{item.round_id}/ideas/{item.pk}/"
        for idea in (first, second)
        for item in idea.round_ideas.all()
    }
    lead.goto(items[first])
    expect(lead.get_by_text("0 of 3")).to_be_visible()
    expect(lead.get_by_text("abstain").first).to_be_visible()
    for page, impact in zip(members, (9, 8, 3), strict=True):
        score(page, items[first], impact, 7, 8)
        score(page, items[second], 4, 4, 4)
    expect(lead.get_by_text("3 of 3")).to_be_visible()  # by itself, within two seconds
    assert lead.locator(".dots").count() == 0

    # The reveal: dots and spread; the idea is scored once more.
    lead.get_by_role("button", name="Reveal scores").click()
    expect(lead.locator(".dots")).to_have_count(3)
    expect(lead.get_by_text("3 to 9: we differ")).to_be_visible()
    send(lead, lead.get_by_role("button", name="Score Impact again"))
    members[2].goto(items[first])
    expect(members[2].locator(".scale")).to_have_count(1)
    members[2].locator("input[name=impact][value='8']").check(force=True)
    send(members[2], members[2].get_by_role("button", name=re.compile("Save")))
    lead.goto(items[first])
    lead.get_by_role("button", name="Reveal scores").click()
    lead.get_by_role("button", name="Reveal now").click()
    expect(lead.get_by_text("8 to 9: close")).to_be_visible()
    lead.goto(items[second])
    lead.get_by_role("button", name="Reveal scores").click()
    expect(lead.locator(".dots")).to_have_count(3)

    # The backlog is ranked, with ranges.
    lead.goto("/ideas/")
    rows = lead.locator("tbody tr")
    expect(rows.nth(0)).to_contain_text(title)
    expect(rows.nth(0).locator(".rank")).to_contain_text("1")
    expect(rows.nth(0).locator("svg.ival")).to_have_attribute(
        "aria-label", re.compile(r"^7\.8, could be \d\.\d to \d\.\d$")
    )

    # Promote: the calculator answers as it is typed.
    rows.nth(0).get_by_role("link", name=title).click()
    lead.get_by_role("link", name="Promote").click()
    fill_plan(lead)
    expect(lead.locator("#calculator")).to_contain_text("14,751")
    expect(lead.locator("#calculator")).to_contain_text("3 weeks")
    today = timezone.localdate()
    lead.get_by_label("First day").fill(str(today - dt.timedelta(days=today.weekday())))
    lead.get_by_label("Last day").fill(str(today + dt.timedelta(days=20)))
    lead.get_by_label("Analyst").select_option(label="Carol")
    lead.get_by_role("button", name="Create experiment").dblclick()
    lead.wait_for_url(re.compile(r"/experiments/\d+/$"))
    experiment = Experiment.objects.get()  # a double click makes one
    here = f"/experiments/{experiment.pk}/"

    # On the calendar; then launch seals the plan.
    members[0].goto("/calendar/")
    expect(members[0].locator(".tbar", has_text=experiment.title)).to_be_visible()
    for step in ("Mark as planned", "Launch"):
        if step == "Launch":
            vouch(lead, members[0], here)
        lead.goto(here)
        send(
            lead,
            lead.get_by_role("button", name=step, exact=True)
            .or_(lead.get_by_role("link", name=step, exact=True))
            .first,
        )
        if "/move/" in lead.url:
            send(lead, lead.get_by_role("button", name=step))
    experiment.refresh_from_db()
    assert experiment.state == "running"
    lead.goto(here)
    expect(lead.locator("main")).to_contain_text(experiment.fingerprint[:12])

    # The analyst brings in a CSV, sees what was understood, confirms.
    analyst = members[1]
    analyst.goto(f"{here}data/")
    analyst.locator("input[type=file]").set_input_files(results_csv(tmp_path / "results.csv"))
    if "/map/" not in analyst.url:
        analyst.get_by_role("button", name=re.compile("Upload")).first.click()
    analyst.wait_for_url(re.compile("/map/"))
    analyst.get_by_label("“series” is").select_option(label="Series named")
    analyst.get_by_role("button", name="Read the file").last.click()
    analyst.wait_for_url(re.compile("/confirm/"))
    expect(analyst.locator("main")).to_contain_text("30,001")
    expect(analyst.locator("main")).to_contain_text("29,999")
    analyst.get_by_role("button", name=re.compile("Confirm")).click()
    analyst.wait_for_url(re.compile("/results/"))
    expect(analyst.locator(".health li").first).to_contain_text("Sample ratio: as planned")
    expect(analyst.get_by_role("heading", name="Ship “Series named”.")).to_be_visible()
    expect(analyst.locator(".forest")).to_contain_text("Reactivated")
    expect(analyst.locator("table.an")).to_contain_text("Unsubscribed")

    # The author may not decide; somebody else does.
    lead.goto(f"{here}decide/")
    lead.get_by_label("Ship").check(force=True)
    lead.get_by_role("button", name="Record the decision").click()
    expect(lead.locator(".waiver .err")).to_contain_text("somebody else should decide")
    decider = members[2]
    decider.goto(f"{here}decide/")
    decider.get_by_label("Ship").check(force=True)
    decider.get_by_role("button", name="Record the decision").click()
    decider.wait_for_url(re.compile("/postmortem/"))

    # The post-mortem opens prefilled, gets text, a learning and a follow-up idea, is published.
    decider.get_by_role("button", name=re.compile("post-mortem", re.I)).first.click()
    decider.wait_for_url(re.compile("/postmortem/edit/"))
    expect(decider.locator("[name=summary]")).to_have_value(re.compile("Series named"))
    decider.locator("[name=surprises]").fill("It worked for **short** series too.")
    decider.get_by_role("button", name="Save the draft").click()
    expect(decider.locator("#surprises [data-saved]")).to_contain_text("Saved")
    decider.locator("[name=claim]").fill("A series’ name brings lapsed readers back.")
    decider.locator("[name=scope]").fill("Readers lapsed 30 to 90 days")
    decider.get_by_role("button", name="Add the learning").click()
    expect(decider.locator(".learn")).to_contain_text("brings lapsed readers back")
    decider.locator("#follow-ups [name=title]").fill("Name the author too")
    decider.get_by_role("button", name="Add to the backlog").click()
    expect(decider.locator("#follow-ups")).to_contain_text("Name the author too")
    lead.goto(f"{here}postmortem/")
    lead.get_by_role("button", name="I have read it").click()
    expect(lead.locator("main")).to_contain_text("It is marked as read by you.")
    decider.reload()
    decider.get_by_role("button", name="Publish for everybody").click()
    decider.wait_for_url(re.compile(r"/postmortem/$"))

    # The idea, the experiment, the calendar and the library all show it.
    reader = members[0]
    reader.goto("/library/?q=lapsed")
    expect(reader.locator("main")).to_contain_text("A series’ name brings lapsed readers back.")
    reader.goto(f"/ideas/{first.pk}/")
    expect(reader.locator("main")).to_contain_text("Won")
    reader.goto("/calendar/")
    # 1,800 of 15,000 against 1,499 of 14,999: the reader in two arms counts in neither.
    expect(reader.locator("a.tbar.won")).to_contain_text("+20.1 %")
    reader.goto(here)
    expect(reader.locator("main")).to_contain_text("Won")
    reader.goto("/ideas/?q=author")
    expect(reader.locator("tbody tr")).to_contain_text("Name the author too")
