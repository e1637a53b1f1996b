"""The page of people asks for one's own password in the row, without losing its place."""

from playwright.sync_api import Page, expect

from tests.factories import make_idea


def test_the_row_asks_keeps_the_choice_and_goes_on(
    page: Page, live_server, sign_in, adam, bob
) -> None:
    sign_in(adam)
    page.goto(f"{live_server.url}/people/")
    page.evaluate("document.body.dataset.seen = 'yes'")
    row = page.get_by_role("row").filter(has_text="bob@example.com")
    row.get_by_role("combobox").select_option("owner")
    row.get_by_role("button", name="Save the role of Bob").click()
    password = row.get_by_label("Your password")
    expect(password).to_be_focused()
    expect(row.get_by_text("Enter your own password to continue.")).to_be_visible()
    expect(row.get_by_role("combobox")).to_have_value("owner")
    bob.refresh_from_db()
    assert bob.role == "member"
    password.fill("not this one")
    password.press("Enter")
    expect(row.get_by_text("This is not your password.")).to_be_visible()
    expect(password).to_have_value("")
    password.fill("a long password")
    password.press("Enter")
    expect(page.get_by_text("Bob is now programme owner.")).to_be_visible()
    expect(row.get_by_label("Your password")).to_have_count(0)
    bob.refresh_from_db()
    assert bob.role == "owner"
    assert page.evaluate("document.body.dataset.seen") == "yes"  # the page itself stayed


def test_deactivating_asks_in_its_form_and_keeps_who_takes_over(
    page: Page, live_server, sign_in, adam, alice, carol, pod
) -> None:
    idea = make_idea(alice, pod)
    sign_in(adam)
    page.goto(f"{live_server.url}/people/{alice.pk}/deactivate/")
    page.get_by_label("Hand over open work in Lifecycle to").select_option(str(carol.pk))
    page.get_by_role("button", name="Deactivate Alice").click()
    expect(page.get_by_label("Your password")).to_be_focused()
    expect(page.get_by_label("Hand over open work in Lifecycle to")).to_have_value(str(carol.pk))
    page.get_by_label("Your password").fill("a long password")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Alice is deactivated and signed out everywhere.")).to_be_visible()
    idea.refresh_from_db()
    assert idea.owner == carol
