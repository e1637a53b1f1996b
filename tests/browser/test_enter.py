"""Enter keeps what was typed: every form of every page, found by the URLconf, in each of its fields."""

import re

import pytest
from playwright.sync_api import Page

from backlog.flows import scoring
from backlog.models import Round
from tests.factories import item_of, make_idea, make_round
from tests.test_permissions import world  # noqa: F401  (the fixture)
from tests.test_two_tabs import full_world, pages  # noqa: F401  (a fixture)

# Where the default button is another one on purpose: address of the form, name of the button.
ON_PURPOSE = {
    (r"/scoring/new/", "look"): "shows the ideas that fit; everything typed and chosen stays, and "
    "opening a round is too much for a slip of the hand",
    (
        r"/(imports|experiments/past)/\d+/",
        "do",
    ): "reads the rows again with these answers, and keeps them",
}
# Opens what is folded, and writes down with which button each form would be sent, without sending.
LISTEN = """() => {
  for (const one of document.querySelectorAll("details, dialog")) one.open = true;
  window.sent = [];
  document.addEventListener("submit", (event) => {
    event.preventDefault();
    const { target: form, submitter } = event;
    window.sent.push([
      form.getAttribute("action") || "", document.activeElement.name, submitter?.name || "",
      submitter?.getAttribute("formaction") || "",
    ]);
  }, true);
  const typed = "input:not([type=hidden], [type=file]), select";
  window.fields = [...document.querySelectorAll("form")]
    .filter((form) => form.method === "post")
    .flatMap((form) => [...form.elements])
    .filter((one) => one.matches(typed) && !one.disabled);
  for (const one of window.fields) one.form.noValidate = true;
  return window.fields.length;
}"""


@pytest.fixture
def live(full_world, alice, pod, bob) -> Round:  # noqa: F811
    session = make_round(alice, pod, make_idea(alice, pod, "In the session"), kind="live")
    scoring.go_to(session, session.round_ideas.get(), by=alice)
    return session


@pytest.mark.grooming("A1")
def test_enter_in_every_field_of_every_form_keeps_what_was_typed(
    full_world,  # noqa: F811
    live,
    page: Page,
    live_server,
    sign_in,
    alice,
    adam,
    bob,
) -> None:
    wrong, pressed = set(), 0
    left = [*pages(full_world), f"/scoring/{live.pk}/live/"]
    for person in (bob, alice, adam):
        sign_in(person)
        for address in list(left):
            answer = page.request.get(f"{live_server.url}{address}")
            if answer.status != 200 or "text/html" not in answer.headers["content-type"]:
                continue
            left.remove(address)
            page.set_content(answer.text(), wait_until="domcontentloaded")
            for place in range(page.evaluate(LISTEN)):
                page.evaluate("place => window.fields[place].focus()", place)
                page.keyboard.press("Enter")
                pressed += 1
            for action, field, button, elsewhere in page.evaluate("window.sent"):
                path = (action or address).partition("?")[0] or address.partition("?")[0]
                is_meant = any(re.fullmatch(p, path) and button == n for p, n in ON_PURPOSE)
                if (button or elsewhere) and not is_meant:
                    wrong.add((path, field, button, elsewhere))
    assert not wrong, "\n".join(map(str, sorted(wrong)))
    assert pressed > 200


@pytest.mark.grooming("A1")
@pytest.mark.parametrize("how", ["own", "live"])
def test_enter_on_the_card_saves_the_score(
    page: Page, live_server, sign_in, alice, bob, pod, how
) -> None:
    idea, other = make_idea(alice, pod, "One"), make_idea(alice, pod, "Two")
    round_ = make_round(alice, pod, idea, other, kind=how)
    item = item_of(round_, idea)
    path = f"/scoring/{round_.pk}/ideas/{item.pk}/"
    if how == "live":
        scoring.go_to(round_, item, by=alice)
        path = f"/scoring/{round_.pk}/live/"
    sign_in(bob)
    page.goto(f"{live_server.url}{path}")
    for name, value in (("impact", 7), ("confidence", 4), ("ease", 8)):
        page.locator(f'.scale [name="{name}"][value="{value}"]').check(force=True)
    if how == "live":
        page.keyboard.press("Enter")
        page.get_by_text("Your score is saved").first.wait_for()
    else:
        with page.expect_navigation():
            page.keyboard.press("Enter")
    kept = item.scores.get(scorer=bob)
    assert (kept.impact, kept.confidence, kept.ease, kept.is_skipped) == (7, 4, 8, False)
