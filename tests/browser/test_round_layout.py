"""Rounds and steps over many rows, measured: buttons in sight, space around tables, the focus kept."""

from typing import Any

import pytest
from playwright.sync_api import expect

from backlog.models import Idea, Round, User
from tests.browser.kit_session import DESK, LAPTOP, PHONE, Enter, box
from tests.factories import make_round

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def many(alice: User, pod: Any) -> list[Idea]:
    made = Idea.objects.bulk_create(
        Idea(pod=pod, number=n, key=f"LIF-{n}", title=f"A rather long title, {n}", author=alice)
        for n in range(1, 71)
    )
    return list(made)


@pytest.mark.grooming("C4")
def test_the_button_that_starts_a_round_is_in_sight_however_many_ideas(
    enter: Enter, many: list[Idea], alice: User
) -> None:
    page = enter(alice, LAPTOP)
    chosen = "&".join(f"ideas={idea.pk}" for idea in many[20:24])
    for address, ticked in (("/scoring/new/", 0), (f"/scoring/new/?{chosen}", 4)):
        for size in (LAPTOP, PHONE):
            page.set_viewport_size(size)
            page.goto(address)
            expect(page.locator("[name=ideas]:checked")).to_have_count(ticked)
            assert page.locator("[name=ideas]").count() > 50
            expect(page.get_by_role("button", name="Start the round")).to_be_in_viewport(ratio=1)
            assert page.evaluate("scrollY") == 0


@pytest.mark.grooming("C4")
def test_chosen_ideas_can_join_a_round_that_is_open(
    enter: Enter, many: list[Idea], alice: User, bob: User, pod: Any
) -> None:
    make_round(alice, pod, many[0], title="Grooming of the week")
    page = enter(alice)
    page.goto("/ideas/?sort=title")
    page.get_by_label("Select LIF-2", exact=True).check()
    page.get_by_role("button", name="Add to a round").click()
    expect(page.locator("main, dialog[open]").get_by_text("Grooming of the week")).to_be_visible()


@pytest.mark.grooming("E5")
def test_the_message_of_a_step_over_many_rows_is_one_line(
    enter: Enter, many: list[Idea], alice: User
) -> None:
    page = enter(alice, DESK)
    page.goto("/ideas/?sort=title")
    for key in ("LIF-1", "LIF-2"):
        page.get_by_label(f"Select {key}", exact=True).check()
    page.get_by_role("button", name="Tag", exact=True).click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Tags").fill("spring")
    dialog.get_by_role("button", name="Tag (2)").click()
    message = page.locator("#messages .msg")
    expect(message).to_contain_text("2 ideas tagged.")
    assert box(message)["height"] <= 48
    parts = [box(message.locator("span").first)]
    parts += [box(message.get_by_role("button", name=name)) for name in ("Undo", "Close")]
    middles = [part["y"] + part["height"] / 2 for part in parts]
    assert max(middles) - min(middles) <= 2


@pytest.mark.grooming("E6")
def test_the_table_and_the_hint_of_a_round_have_space_around_them(
    enter: Enter, live: Round, alice: User
) -> None:
    page = enter(alice)
    page.goto(f"/scoring/{live.pk}/")
    head, table = box(page.locator("main .head").first), box(page.locator(".agendatable"))
    hint = box(page.get_by_text("Drag the ideas into the order"))
    assert table["y"] - head["bottom"] >= 8
    assert hint["y"] - table["bottom"] >= 8


@pytest.mark.grooming("E9")
def test_an_agenda_is_put_in_order_by_dragging_and_by_keys(
    enter: Enter, live: Round, alice: User
) -> None:
    def titles() -> list[str]:
        return [str(item.idea.title) for item in live.round_ideas.order_by("position")]

    page = enter(alice)
    page.goto(f"/scoring/{live.pk}/")
    rows = page.locator(".agendatable [data-item]")
    drawn_again = """() => new Promise((done) => {
        document.addEventListener("htmx:afterSettle", done, { once: true });
    })"""
    page.evaluate(f"window.drawn = ({drawn_again})(), null")
    rows.nth(1).drag_to(rows.nth(0), target_position={"x": 300, "y": 4})
    page.evaluate("window.drawn.then(() => null)")
    expect(rows.first.locator(".ttl")).to_have_text("The second idea")
    assert titles() == ["The second idea", "The first idea"]
    page.evaluate(f"window.drawn = ({drawn_again})(), null")
    rows.nth(1).locator(".ttl").press("Alt+ArrowUp")
    page.evaluate("window.drawn.then(() => null)")
    expect(rows.first.locator(".ttl")).to_have_text("The first idea")
    assert titles() == ["The first idea", "The second idea"]


@pytest.mark.grooming("C6")
def test_on_one_s_own_each_card_begins_with_the_focus_on_its_first_scale(
    enter: Enter, many: list[Idea], alice: User, bob: User, pod: Any
) -> None:
    round_ = make_round(alice, pod, *many[:3])
    page = enter(bob)
    page.goto("/")
    page.locator(f"a[href^='/scoring/{round_.pk}/ideas/']").first.click()
    for _ in range(2):
        title = page.get_by_role("heading", level=1).inner_text()
        expect(page.locator("input[name=impact][value='1']")).to_be_focused()
        page.keyboard.type("748")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).not_to_have_text(title)


@pytest.mark.grooming("E9")
def test_columns_are_chosen_beside_the_list_and_dragged_into_order(
    enter: Enter, many: list[Idea], alice: User
) -> None:
    page = enter(alice)
    page.goto("/ideas/")
    page.get_by_role("button", name="Columns", exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    expect(dialog.locator("[draggable=true]").first).to_be_visible()
    expect(page.locator("#idea-table")).to_be_visible()
