"""axe finds nothing on any page, in both themes; no page scrolls sideways on a phone."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import override_settings
from django.urls import reverse
from playwright.sync_api import Browser, Page

from backlog.models import Idea, Pod, Quarter, Round, RoundIdea, User
from experiments.flows.roadmap import save_roadmap_item
from experiments.flows.sample.loading import load_sample
from experiments.models import (
    Collection,
    Experiment,
    PostMortem,
    ProcessExperiment,
    RoadmapItem,
    Scenario,
)
from tests.factories import make_idea

pytestmark = pytest.mark.django_db(transaction=True)
# The phone is a tall one: axe counts what lies under the bar at the bottom as too small to touch.
LOOKS = {
    "light desktop": {"color_scheme": "light", "viewport": {"width": 1440, "height": 900}},
    "dark phone": {"color_scheme": "dark", "viewport": {"width": 390, "height": 6000}},
}
PARTS = 3  # together the pages would take longer than a test may on a slow machine
OPTIONS = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


@pytest.fixture
def addresses(settings: Any) -> dict[str, str]:
    """One address of each page, in the sample workspace, for somebody who sees all of it."""
    with override_settings(DEBUG=True):
        load_sample()
    settings.DEBUG = True  # sample accounts sign in with DEBUG only
    closed = Experiment.objects.filter(state="closed").first()
    running = Experiment.objects.filter(state="running").last()
    overdue = Experiment.objects.filter(title="Hours read").get()
    scored = Idea.objects.filter(state="open").exclude(ice=None).first()
    blind = RoundIdea.objects.filter(stage="blind").first()
    shown = RoundIdea.objects.exclude(stage="blind").first()
    finished = Round.objects.filter(state="closed").first()
    pod = Pod.objects.first()
    owner = User.objects.get(role="owner")
    save_roadmap_item(RoadmapItem(), by=owner, title="Data", quarter=Quarter.objects.last())
    Quarter.objects.update(closed_at=None)
    over = Quarter.objects.order_by("starts_on")[1]
    fresh = make_idea(User.objects.get(role="owner"), pod, "Nothing but a title")
    assert None not in (closed, running, scored, blind, shown, finished, pod)
    pages = {
        name: reverse(f"backlog:{name}")
        for name in (
            "today", "idea_list", "idea_filter", "idea_new", "round_list", "round_new",
            "quarter_list", "quarter_new", "objective_new", "pod_list", "pod_new",
            "own_field_list", "own_field_new",
            "invitation_new", "profile", "token_list", "token_new", "settings", "import_list",
        )
    }  # fmt: skip
    pages |= {
        name: reverse(f"experiments:{name}")
        for name in (
            "calendar", "calendar_wall", "calendar_slips", "calendar_subscribe", "blackout_list",
            "blackout_new", "deadline_new", "overlap_new", "overlap_estimate", "experiment_list", "library", "library_quiz", "evidence",
            "collection_list", "collection_new",
            "health", "report", "search", "metric_list", "metric_new",
            "segment_list", "template_list", "holdout_list", "milestone_list", "data_drop", "past_new", "experiment_calculator",
            "standards", "naming", "naming_edit", "agreement_list", "milestone_set_new", "roadmap",
            "roadmap_new", "process_experiment_list", "process_experiment_new", "library_credit", "library_credit_new",
        )
    }  # fmt: skip
    tabs = (
        "detail",
        "data",
        "results",
        "decide",
        "activity",
        "place",
        "ready",
        "assignment",
        "summary",
    )
    for name in tabs:
        pages[f"experiment_{name}"] = reverse(f"experiments:experiment_{name}", args=[overdue.pk])
    quarter = Quarter.objects.first()
    for name, of in (
        ("quarter_limits", quarter),
        ("quarter_sign_off", quarter),
        ("pod_limits", pod),
    ):
        pages[name] = reverse(f"experiments:{name}", args=[of.pk])
    for name in ("detail", "edit"):
        for kind in ("contact", "escalation"):
            address = reverse(f"experiments:agreement_{name}", args=[kind])
            pages[f"agreement_{name}, {kind}"] = address
    proposal = Scenario.objects.get()
    drafted = PostMortem.objects.filter(state="draft").exclude(author=None)[0]
    looked_back = PostMortem.objects.get(experiment=None)
    new_one = reverse("experiments:process_postmortem_new")
    pages["process_postmortem_new"] = new_one
    pages["process_postmortem_new, of a quarter"] = f"{new_one}?quarter={proposal.quarter_id}"
    pages["process_postmortem_detail"] = looked_back.get_absolute_url()
    pages["process_postmortem_detail, presented"] = f"{looked_back.get_absolute_url()}?present=1"
    planned = Experiment.objects.filter(state="draft").first()
    for name in ("place", "booking"):
        pages[f"experiment_{name}"] = reverse(f"experiments:experiment_{name}", args=[planned.pk])
    pages["calendar, list"] = reverse("experiments:calendar") + "?as=list"
    pages["calendar, half-year by segment"] = (
        reverse("experiments:calendar") + "?view=half-year&by=segment"
    )
    kept = Collection.objects.get()
    learning = kept.items.first().learning
    pages["collection_detail"] = kept.get_absolute_url()
    pages["collection_edit"] = reverse("experiments:collection_edit", args=[kept.pk])
    pages["learning_detail"] = learning.get_absolute_url()
    for name in ("scope", "collect"):
        pages[f"learning_{name}"] = reverse(f"experiments:learning_{name}", args=[learning.pk])
    pages["pod_newcomer"] = reverse("experiments:pod_newcomer", args=[pod.pk])
    pages["report, presented"] = reverse("experiments:report") + "?present=1"
    return pages | {
        "scenario_detail": reverse("experiments:scenario_detail", args=[proposal.pk]),
        "scenario_list": reverse("experiments:scenario_list", args=[proposal.quarter_id]),
        "scenario_compare": reverse("experiments:scenario_compare", args=[proposal.quarter_id]),
        "agreement_version": reverse("experiments:agreement_version", args=["contact", 1]),
        "roadmap, all": reverse("experiments:roadmap") + "?quarter=all",
        "standard_detail": reverse("experiments:standard_detail", args=["metrics"]),
        "process_experiment_detail": ProcessExperiment.objects.get().get_absolute_url(),
        "quarter_turn": reverse("experiments:quarter_turn", args=[over.pk]),
        "idea_detail": reverse("backlog:idea_detail", args=[scored.pk]),
        "idea_detail, new": reverse("backlog:idea_detail", args=[fresh.pk]),
        "idea_edit": reverse("backlog:idea_edit", args=[scored.pk]),
        "idea_move": reverse("backlog:idea_move", args=[scored.pk, "reject"]),
        "idea_promote": reverse("experiments:idea_promote", args=[scored.pk]),
        "round_detail": reverse("backlog:round_detail", args=[blind.round_id]),
        "round_close": reverse("backlog:round_close", args=[blind.round_id]),
        "round_summary": reverse("backlog:round_summary", args=[finished.pk]),
        "round_score, blind": reverse("backlog:round_score", args=[blind.round_id, blind.pk]),
        "round_score, shown": reverse("backlog:round_score", args=[shown.round_id, shown.pk]),
        "pod_detail": reverse("backlog:pod_detail", args=[pod.pk]),
        "experiment_results, running": reverse("experiments:experiment_results", args=[running.pk]),
        "experiment_detail, closed": closed.get_absolute_url(),
        "postmortem_detail": reverse("experiments:postmortem_detail", args=[closed.pk]),
        "postmortem_edit": reverse("experiments:postmortem_edit", args=[drafted.experiment_id]),
        "postmortem_highlights": reverse(
            "experiments:postmortem_highlights", args=[drafted.experiment_id]
        ),
        "search, found": reverse("experiments:search") + "?q=series",
        "not found": "/nowhere/",
    }


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("look", LOOKS)
def test_every_page_is_clear_to_axe_and_fits_its_window(
    browser: Browser, live_server: Any, settings: Any, addresses: dict[str, str], look: str,
    part: int, client_of: Any,
) -> None:  # fmt: skip
    client = client_of(User.objects.get(role="owner"))
    context = browser.new_context(base_url=live_server.url, **LOOKS[look])  # type: ignore[arg-type]
    value = client.cookies[settings.SESSION_COOKIE_NAME].value
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": value, "url": live_server.url}
    context.add_cookies([cookie])  # type: ignore[list-item]
    page = context.new_page()
    names = list(addresses)[part::PARTS]
    faults = [sentence for name in names for sentence in findings(page, name, addresses[name])]
    context.close()
    assert not faults, "\n".join(faults)


def findings(page: Page, name: str, path: str) -> list[str]:
    page.goto(path)
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    sideways = [f"{name}: scrolls {wide} px sideways"] if wide > 0 else []
    violations = Axe().run(page, options=OPTIONS).response["violations"]
    return sideways + [
        f"{name}: {item['id']}: {item['nodes'][0]['html'][:160]}" for item in violations
    ]


def test_signed_out_pages_are_clear_too(page: Page, live_server: Any, alice: User) -> None:
    for path in ("/account/login/", "/account/password/reset/"):
        assert findings(page, path, live_server.url + path) == []
