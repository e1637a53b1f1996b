"""What people wrote is no order: an admin reads pages full of it, and nothing happens."""

from typing import Any

import pytest
from playwright.sync_api import Page

from tests.planting import plant
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
    asked: list[tuple[str, str]] = []
    page.on("request", lambda request: asked.append((request.method, request.url)))
    page.on("dialog", lambda dialog: asked.append(("DIALOG", dialog.message)))
    wrong = []
    for route, path in paths.items():
        if route in (
            "backlog:idea_export",
            "experiments:analysis_download",
            "experiments:intake_rejected",
        ):
            continue  # files
        answer = page.goto(live_server.url + path)
        if answer is None or answer.status >= 500:
            wrong.append(f"{route}: {answer and answer.status}")
        wrong += [f"{route}: {what}" for what in page.evaluate(OBEYED)]
    page.wait_for_timeout(300)
    wrong += [
        f"{method} {url}"
        for method, url in asked
        if method != "GET" or "/planted" in url.split("?")[0]
    ]
    assert not wrong, "\n".join(wrong)
    roles = {person.pk: person.role for person in type(adam).objects.all()}
    assert (roles[adam.pk], roles[carol.pk]) == ("admin", "member")


PLANTED = """<b hx-post="/people/{person}/role/" hx-vals='{{"role":"admin"}}' hx-trigger="load"></b>
<b hx-get="/planted/1" hx-trigger="load"></b><b data-hx-get="/planted/2" data-hx-trigger="load"></b>
<div hx-boost="true"><a id="boosted" href="/planted/3">x</a></div>
<b data-ours="k0" hx-get="/planted/4" hx-trigger="load"></b>"""


def test_htmx_obeys_no_markup_that_got_onto_a_page(
    page: Page, live_server: Any, sign_in: Any, adam: Any, carol: Any
) -> None:
    """Should a text come out as markup one day: it has not the mark of our controls."""
    sign_in(adam)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(f"{request.method} {request.url}"))

    def leak(route: Any) -> None:
        answer = route.fetch()
        planted = PLANTED.format(person=carol.pk)
        route.fulfill(response=answer, body=answer.text().replace("</main>", f"{planted}</main>"))

    page.route(f"{live_server.url}/ideas/", leak)
    page.goto(f"{live_server.url}/ideas/")
    assert page.locator(f"[hx-post='/people/{carol.pk}/role/']").count() == 1
    page.wait_for_timeout(300)
    assert [one for one in asked if "/planted" in one or "/role/" in one] == []
    carol.refresh_from_db()
    assert carol.role == "member"
