"""The backlog under a hand: choose rows, edit cells, scroll on, come back, drag a card."""

import re

import pytest
from playwright.sync_api import Page, expect

from backlog.models import Idea
from tests.factories import make_idea, make_scored_idea


@pytest.fixture
def ideas(alice, bob, pod):
    return [make_idea(alice, pod, f"Idea number {place}") for place in range(1, 6)]


@pytest.fixture
def backlog(page: Page, live_server, sign_in, alice, ideas) -> Page:
    sign_in(alice)
    page.goto(f"{live_server.url}/ideas/?sort=title")
    return page


def chosen(page: Page) -> list[str]:
    return [box.get_attribute("aria-label") or "" for box in
            page.locator('.pick[name="idea"]:checked').all()]  # fmt: skip


def test_shift_chooses_a_range_and_a_bulk_step_is_undone_in_one_click(backlog: Page) -> None:
    backlog.get_by_label("Select LIF-2", exact=True).click()
    backlog.get_by_label("Select LIF-4", exact=True).click(modifiers=["Shift"])
    assert chosen(backlog) == ["Select LIF-2", "Select LIF-3", "Select LIF-4"]
    expect(backlog.get_by_text("3 selected")).to_be_visible()
    backlog.get_by_role("button", name="Tag", exact=True).click()
    dialog = backlog.get_by_role("dialog")
    dialog.get_by_label("Tags").fill("win-back, 🌱 spring")
    dialog.get_by_role("button", name="Tag (3)").click()
    expect(backlog.get_by_text("3 ideas tagged.")).to_be_visible()
    assert Idea.objects.filter(tags__name="🌱 spring").count() == 3
    backlog.get_by_role("button", name="Undo").click()
    expect(backlog.get_by_text("Undone.", exact=True)).to_be_visible()
    assert not Idea.objects.exclude(tags=None).exists()


def test_a_bulk_step_that_lacks_its_reason_says_so_in_the_dialog(backlog: Page) -> None:
    backlog.get_by_label("Select LIF-1", exact=True).click()
    backlog.get_by_role("button", name="Reject with a reason").click()
    dialog = backlog.get_by_role("dialog")
    dialog.get_by_label("Reason").evaluate("field => field.required = false")
    dialog.get_by_role("button", name="Reject with a reason").click()
    expect(dialog.get_by_text("Say why it is rejected")).to_be_visible()
    dialog.get_by_role("link", name="Cancel").click()
    expect(dialog).to_be_hidden()
    expect(backlog.get_by_text("1 selected")).to_be_visible()


def test_a_cell_is_edited_as_in_a_sheet(backlog: Page, ideas) -> None:
    backlog.keyboard.press("j")
    backlog.keyboard.press("e")
    field = backlog.get_by_label("Title of LIF-1")
    expect(field).to_be_focused()
    field.fill("A better title <b>")
    field.press("Enter")
    expect(backlog.get_by_role("link", name="A better title <b>")).to_be_focused()
    backlog.keyboard.press("e")
    field = backlog.get_by_label("Title of LIF-1")
    expect(field).to_be_focused()
    field.fill("Not this")
    field.press("Escape")
    expect(backlog.get_by_role("link", name="A better title <b>")).to_be_focused()
    backlog.keyboard.press("e")
    expect(backlog.get_by_label("Title of LIF-1")).to_be_focused()
    backlog.keyboard.press("Tab")
    expect(backlog.get_by_label("Objective of LIF-1")).to_be_focused()
    ideas[0].refresh_from_db()
    assert ideas[0].title == "A better title <b>"


def test_who_edits_a_cell_that_changed_meanwhile_is_told(backlog: Page, ideas) -> None:
    cell = backlog.locator(f"#idea-{ideas[1].pk} [data-edit=title]")
    cell.dblclick(position={"x": 300, "y": 18})
    field = backlog.get_by_label("Title of LIF-2")
    expect(field).to_be_focused()
    Idea.objects.filter(pk=ideas[1].pk).update(title="Theirs")
    field.fill("Mine")
    field.press("Enter")
    expect(backlog.get_by_text("has changed it to “Theirs”")).to_be_visible()
    expect(field).to_have_value("Mine")
    backlog.get_by_label("Title of LIF-2").press("Enter")
    expect(backlog.get_by_role("link", name="Mine")).to_be_focused()


@pytest.mark.grooming("B10")
def test_escape_after_a_conflict_shows_what_the_other_wrote(backlog: Page, ideas) -> None:
    backlog.keyboard.press("j")
    backlog.keyboard.press("e")
    field = backlog.get_by_label("Title of LIF-1")
    field.fill("Mine")
    Idea.objects.filter(pk=ideas[0].pk).update(title="Theirs")
    field.press("Enter")
    expect(backlog.get_by_text("has changed it to “Theirs”")).to_be_visible()
    backlog.keyboard.press("Escape")
    expect(backlog.get_by_role("link", name="Theirs")).to_be_focused()
    expect(backlog.get_by_role("link", name="Idea number 1")).to_have_count(0)
    assert Idea.objects.get(pk=ideas[0].pk).title == "Theirs"


def test_the_list_goes_on_as_it_is_scrolled_and_back_finds_the_row(
    page: Page, live_server, sign_in, alice, pod
) -> None:
    Idea.objects.bulk_create(
        Idea(pod=pod, number=n, key=f"LIF-{n}", title=f"Many {n:03}", author=alice)
        for n in range(1, 131)
    )
    sign_in(alice)
    page.goto(f"{live_server.url}/ideas/?sort=title")
    rows = page.locator("[data-row]")
    expect(rows).to_have_count(50)
    page.get_by_role("link", name="More ideas").scroll_into_view_if_needed()
    expect(rows).to_have_count(100)
    page.get_by_role("link", name="More ideas").scroll_into_view_if_needed()
    expect(rows).to_have_count(130)
    expect(page).to_have_url(re.compile("show=130"))
    page.get_by_role("link", name="Many 120").click()
    expect(page.get_by_role("heading", name="Many 120")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("link", name="Many 120")).to_be_in_viewport()
    expect(page.get_by_role("link", name="Many 120")).to_be_focused()


def test_a_card_is_put_elsewhere_by_dragging_by_keys_and_by_its_menu(
    page: Page, live_server, sign_in, alice, bob, pod
) -> None:
    make_scored_idea(alice, pod, {bob: (5, 5, 5)}, title="To sleep on")
    sign_in(alice)
    page.goto(f"{live_server.url}/ideas/board/")
    card = page.locator(".bcard", has_text="To sleep on")
    card.drag_to(page.get_by_role("region", name="Snoozed"))
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_label("Until")).to_be_focused()
    dialog.get_by_role("button", name="Snooze").click()
    expect(page.get_by_text("1 idea snoozed.")).to_be_visible()
    expect(page.get_by_role("region", name="Snoozed").get_by_text("To sleep on")).to_be_visible()
    page.get_by_role("button", name="Move LIF-1").click()
    page.get_by_role("menuitem", name="Reopen").click()
    dialog.get_by_role("button", name="Reopen").click()
    expect(page.get_by_role("region", name="Scored").get_by_text("To sleep on")).to_be_visible()
    page.get_by_role("link", name="To sleep on").focus()
    page.keyboard.press("Shift+ArrowRight")
    expect(page).to_have_url(re.compile("/promote/"))


def test_ctrl_k_goes_anywhere(backlog: Page) -> None:
    backlog.keyboard.press("Control+k")
    expect(backlog.get_by_role("link", name="Map of ideas")).to_be_visible()
    backlog.keyboard.type("number 3")
    expect(backlog.get_by_role("dialog").get_by_role("link", name="Idea number 3")).to_be_visible()
    backlog.keyboard.press("Enter")
    expect(backlog.get_by_role("heading", name="Idea number 3")).to_be_visible()


@pytest.mark.grooming("E9")
def test_filters_of_several_values_are_chosen_in_a_dialog(
    alice, bob, page: Page, sign_in, live_server, pod
) -> None:
    make_idea(alice, pod, "Hers", lever="Timing", tags=["lapsed"])
    make_idea(bob, pod, "His", lever="Price", tags=["lapsed", "new"])
    make_idea(bob, pod, "Other", lever="Copy")
    sign_in(alice)
    page.goto(f"{live_server.url}/ideas/")
    page.get_by_role("button", name="Add filter").click()
    dialog = page.get_by_role("dialog", name="Filter the backlog")
    dialog.locator("summary", has_text="Lever").click()
    dialog.get_by_label("Timing").check()
    dialog.get_by_label("Price").check()
    dialog.get_by_role("button", name="Show these ideas").click()
    expect(page.get_by_role("link", name="Other", exact=True)).to_have_count(0)
    expect(page.get_by_role("link", name="His", exact=True)).to_be_visible()
    assert page.url.endswith("/ideas/?status=in_play&lever=Price&lever=Timing"), "nothing empty"
    page.get_by_role("button", name="Add filter").click()
    expect(dialog.get_by_label("Timing")).to_be_checked()
    dialog.locator("summary", has_text="Owner").click()
    dialog.get_by_role("group", name="Owner").get_by_label("Me", exact=True).check()
    dialog.get_by_role("group", name="Owner").get_by_label("Leave these out").check()
    dialog.get_by_role("button", name="Show these ideas").click()
    expect(page.locator(".chip.on", has_text="Owner is not me")).to_be_visible()
    expect(page.get_by_role("link", name="Hers", exact=True)).to_have_count(0)
    page.get_by_role("link", name="Remove filter Owner is not me").click()
    expect(page.get_by_role("link", name="Hers", exact=True)).to_be_visible()


@pytest.mark.grooming("D9", "D12")
def test_a_value_is_given_to_all_selected_rows_and_the_undo_survives_a_reload(
    backlog: Page, ideas
) -> None:
    backlog.goto(backlog.url + "&columns=title,lever,tags")
    for key in ("LIF-1", "LIF-3", "LIF-4"):
        backlog.get_by_label(f"Select {key}", exact=True).check()
    for _ in range(3):
        backlog.keyboard.press("k")
    backlog.keyboard.press("l")
    field = backlog.get_by_label("Lever of LIF-1")
    field.fill("Timing")
    expect(backlog.get_by_text("all 3 selected")).to_be_visible()
    field.press("Control+Enter")
    expect(backlog.get_by_text("3 ideas given a lever.")).to_be_visible()
    assert Idea.objects.filter(lever="Timing").count() == 3
    assert chosen(backlog) == ["Select LIF-1", "Select LIF-3", "Select LIF-4"], "still selected"
    backlog.reload()
    backlog.locator(".lastchange").get_by_role("button", name="Undo").click()
    expect(backlog.get_by_text("Undone.", exact=True)).to_be_visible()
    assert not Idea.objects.exclude(lever="").exists()


@pytest.mark.grooming("D9")
def test_a_step_over_many_rows_keeps_the_place(
    page: Page, live_server, sign_in, alice, pod
) -> None:
    for place in range(1, 46):
        make_idea(alice, pod, f"Idea number {place:02d}")
    sign_in(alice)
    page.goto(f"{live_server.url}/ideas/?sort=title")
    page.get_by_label("Select LIF-40", exact=True).check()
    page.wait_for_function("scrollY > 300")
    before = page.evaluate("scrollY")
    page.get_by_role("button", name="Tag", exact=True).click()
    page.get_by_role("dialog").get_by_label("Tags").fill("spring")
    page.get_by_role("button", name="Tag", exact=True).last.click()
    expect(page.get_by_text("1 idea tagged.")).to_be_attached()
    assert chosen(page) == ["Select LIF-40"]
    assert abs(page.evaluate("scrollY") - before) < 120


def test_an_idea_is_looked_at_beside_the_list(backlog: Page, ideas) -> None:
    backlog.keyboard.press("j")
    backlog.keyboard.press("p")
    peek = backlog.get_by_role("dialog", name="Idea")
    expect(peek.get_by_role("heading", name="Idea number 1")).to_be_visible()
    backlog.keyboard.press("j")
    expect(peek.get_by_role("heading", name="Idea number 2")).to_be_visible()
    backlog.keyboard.press("Escape")
    expect(peek).to_be_hidden()
    backlog.keyboard.press("x")
    assert chosen(backlog) == ["Select LIF-2"]


def test_a_row_is_rejected_by_one_key(backlog: Page, ideas) -> None:
    backlog.keyboard.press("j")
    backlog.keyboard.press("r")
    dialog = backlog.get_by_role("dialog")
    dialog.get_by_label("Reason").fill("Not now")
    dialog.get_by_role("button", name="Reject with a reason").click()
    expect(backlog.get_by_text("1 idea rejected.")).to_be_visible()


@pytest.mark.grooming("D7")
def test_people_are_offered_while_an_at_sign_is_typed(
    page: Page, live_server, sign_in, alice, bob, pod
) -> None:
    idea = make_idea(alice, pod, "Name the series")
    sign_in(alice)
    page.goto(f"{live_server.url}{idea.get_absolute_url()}")
    field = page.get_by_label("Comment", exact=True)
    field.press_sequentially("Ask @b")
    expect(page.get_by_role("option")).to_have_text(["Bob"])
    field.press("Enter")
    expect(field).to_have_value("Ask @Bob ")
    field.press_sequentially("or mail x@b, @")
    expect(page.get_by_role("option").first).to_be_visible()
    field.press("ArrowDown")
    expect(page.get_by_role("option").nth(1)).to_have_attribute("aria-selected", "true")
    field.press("Escape")
    expect(page.get_by_role("option")).to_have_count(0)
    expect(field).to_have_value("Ask @Bob or mail x@b, @")
