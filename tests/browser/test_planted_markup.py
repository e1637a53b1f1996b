"""Text by people is never obeyed: an admin reads pages full of markup, and nothing happens."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from backlog.models import Membership
from backlog.versions import Version
from tests.planting import FORMS, TOKEN, plant
from tests.test_permissions import PAGES, address, our_routes, world  # noqa: F401

pytestmark = pytest.mark.django_db(transaction=True)

# Everything that a browser or htmx would act on, were it not text; and our own controls, which must
# not stand where htmx looks away.
OBEYED = """() => {
  const acts = /^(hx-|data-hx-|src|href|action|formaction|content|srcset)/;
  const wrong = [];
  for (const element of document.querySelectorAll("*")) {
    for (const { name, value } of element.attributes) {
      if (acts.test(name) && /^\\s*(javascript:(?!location\\.assign\\()|\\/planted|0;url=\\/planted)/.test(value))
        wrong.push(`${element.tagName} ${name}=${value.slice(0, 60)}`);
    }
  }
  if (!window.htmx) return wrong;
  const asks = "[hx-get],[hx-post],[hx-put],[hx-patch],[hx-delete]";
  for (const element of document.querySelectorAll(asks))
    if (element.closest(htmx.config.disableSelector)) wrong.push(`htmx passes over ${element.outerHTML.slice(0, 80)}`);
  const mark = document.querySelector("meta[name=htmx-config]").dataset.ours;
  for (const token of document.querySelectorAll("[name=csrfmiddlewaretoken]"))
    if (!mark || token.dataset.ours !== mark) wrong.push(`a form of ours without the mark: ${token.form.outerHTML.slice(0, 80)}`);
  for (const block of document.querySelectorAll(".prose"))
    if (!block.matches("[hx-disable]")) wrong.push("a text is not under hx-disable");
  return wrong;
}"""


def test_an_admin_who_reads_every_page_does_nothing_by_it(
    page: Page, live_server: Any, sign_in: Any, world: Any, adam: Any, carol: Any  # noqa: F811
) -> None:  # fmt: skip
    paths = {route: address(route, world) for route in sorted(our_routes()) if PAGES[route][0]}
    assert len(plant(carol.pk)) > 80
    sign_in(adam)
    requests: list[tuple[str, str]] = []
    page.on("request", lambda request: requests.append((request.method, request.url)))
    page.on("dialog", lambda dialog: requests.append(("DIALOG", dialog.message)))
    wrong = []
    for route, path in paths.items():
        if route in (
            "backlog:idea_export",
            "experiments:analysis_download",
            "experiments:calendar_export",
            "experiments:calendar_feed",
            "experiments:intake_rejected",
        ):
            continue  # files
        answer = page.goto(live_server.url + path)
        if answer is None or answer.status >= 500:
            wrong.append(f"{route}: {answer and answer.status}")
        wrong += [f"{route}: {what}" for what in page.evaluate(OBEYED)]
    page.wait_for_load_state("networkidle")
    wrong += [
        f"{method} {url}"
        for method, url in requests
        if method != "GET" or "/planted" in url.split("?")[0]
    ]
    assert not wrong, "\n".join(wrong)
    roles = {person.pk: person.role for person in type(adam).objects.all()}
    assert (roles[adam.pk], roles[carol.pk]) == ("admin", "member")


PLANTED = """<b hx-post="/people/{person}/role/" hx-vals='{{"role":"admin"}}' hx-trigger="load"></b>
<b hx-get="/planted/1" hx-trigger="load"></b><b data-hx-get="/planted/2" data-hx-trigger="load"></b>
<div hx-boost="true"><a id="boosted" href="/planted/3">x</a></div>
<b data-ours="k0" hx-get="/planted/4" hx-trigger="load"></b>"""


def leak(
    page: Page, address: str | re.Pattern[str], planted: str, *, before: str = "</main>"
) -> None:
    """Put raw markup into every answer from `address`, as a fault of ours would."""

    def answer(route: Any) -> None:
        got = route.fetch()
        route.fulfill(response=got, body=got.text().replace(before, f"{planted}{before}", 1))

    page.route(address, answer)


def orders(page: Page) -> list[str]:
    """What the page asks for from now on that nobody who reads it wanted."""
    requests: list[str] = []

    def note(request: Any) -> None:
        if request.method != "GET" or "/planted" in request.url:
            requests.append(f"{request.method} {request.url}")

    page.on("request", note)
    return requests


def after_our_next_order(page: Page) -> None:
    """Whatever acts as it is loaded has acted before a search that begins now is answered."""
    with page.expect_response(re.compile(r"/ideas/\?.*q=after")):
        page.get_by_label("Search", exact=True).fill("after")


@pytest.mark.parametrize("planted", [PLANTED, *FORMS, PLANTED + "".join(FORMS)])
def test_htmx_obeys_no_markup_that_got_onto_a_page(
    page: Page, live_server: Any, sign_in: Any, adam: Any, carol: Any, planted: str
) -> None:
    """Should a text come out as markup one day: it has not the mark of our controls."""
    sign_in(adam)
    requests = orders(page)
    leak(page, f"{live_server.url}/ideas/", f'<i id="leaked">{planted.format(person=carol.pk)}</i>')
    page.goto(f"{live_server.url}/ideas/")
    assert page.locator("#leaked > *").count() >= 1
    after_our_next_order(page)
    assert requests == []
    carol.refresh_from_db()
    assert carol.role == "member"


def test_a_planted_form_is_no_form_of_ours_and_makes_nobody_a_lead(
    page: Page, live_server: Any, sign_in: Any, adam: Any, carol: Any, pod: Any
) -> None:
    """All that the form needs it can know: no password, the marks of what was read, no token."""
    place = Membership.objects.get(user=carol, pod=pod)
    read = Version.of({"role": "member", "duty": place.duty, "department": ""})
    values = {"version": read, "role": "lead", "duty": place.duty}
    fields = "".join(f'<input type="hidden" name="{n}" value="{v}">' for n, v in values.items())
    address = f"/pods/{pod.pk}/members/{place.pk}/edit/"
    planted = f'<form method="post" action="{address}" hx-trigger="load">{TOKEN}{fields}</form>'
    sign_in(adam)
    leak(page, f"{live_server.url}/ideas/", planted)
    page.goto(f"{live_server.url}/ideas/")
    assert page.locator(f"form[action='{address}']").count() == 1
    after_our_next_order(page)
    place.refresh_from_db()
    assert place.role == "member"


@pytest.mark.parametrize("wish", ["", ' hx-inherit="*"'])
@pytest.mark.parametrize("name", ["hx-vals", "data-hx-vals"])
def test_our_controls_take_nothing_over_from_what_stands_around_them(
    page: Page, live_server: Any, sign_in: Any, adam: Any, carol: Any, name: str, wish: str
) -> None:
    sign_in(adam)
    around = f"""<div {name}='{{"role":"admin"}}'{wish}><div hx-target="#planted">"""
    leak(page, f"{live_server.url}/people/**", around, before='<div id="people"')
    page.goto(f"{live_server.url}/people/")
    assert page.locator("#main div > div > #people").count() == 1
    form = page.locator(f"form[action='/people/{carol.pk}/role/']")
    form.locator("select").select_option("owner")
    form.locator("button").click()
    form.locator("[name=your_password]").fill("a long password")
    form.locator("button").click()
    expect(form.locator("[name=your_password]")).to_have_count(0)
    carol.refresh_from_db()
    assert carol.role == "owner"


def test_markup_in_a_part_that_comes_later_is_obeyed_as_little(
    page: Page, live_server: Any, sign_in: Any, adam: Any, carol: Any
) -> None:
    """A part of the page that htmx fetches: it acts by nothing, and takes no other place."""
    sign_in(adam)
    page.goto(f"{live_server.url}/ideas/")
    requests = orders(page)
    elsewhere = '<div id="main" hx-swap-oob="true">gone</div>'
    part = (PLANTED + "".join(FORMS)).format(person=carol.pk) + elsewhere
    # Beside the table, so that it is a part of its own, and not within it.
    leak(page, re.compile(r"/ideas/\?"), part, before='<div id="idea-table"')
    page.get_by_label("Search", exact=True).fill("nothing")
    page.locator("[action='/planted/a']").wait_for(state="attached")
    after_our_next_order(page)
    assert requests == []
    assert page.locator("#idea-search").count() == 1
    carol.refresh_from_db()
    assert carol.role == "member"
