"""Images in the texts of a post-mortem: pasted, dropped or chosen; nothing is lost without a connection."""

import base64
import io
import re
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from experiments.models import Learning, PostMortem, PostMortemImage

pytestmark = pytest.mark.django_db(transaction=True)
UPLOADS = re.compile(r"/postmortem/images/new/")
GIVE = """(field, [kind, data, type, name, text]) => {
  const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
  const given = new DataTransfer();
  given.items.add(new File([bytes], name, { type }));
  if (text) given.setData("text/plain", text);
  const more = kind === "paste" ? { clipboardData: given } : { dataTransfer: given };
  const Kind = kind === "paste" ? ClipboardEvent : DragEvent;
  field.dispatchEvent(new Kind(kind, { bubbles: true, cancelable: true, ...more }));
}"""


def picture(colour: str = "steelblue") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (320, 180), colour).save(file, format="PNG")
    return file.getvalue()


def give(field: Any, kind: str, data: bytes, type_: str = "image/png", name: str = "chart.png", text: str = "") -> None:  # fmt: skip
    field.evaluate(GIVE, [kind, base64.b64encode(data).decode(), type_, name, text])


@pytest.fixture
def bobs(page: Page, live_server: Any, sign_in: Any, bob: Any, written: PostMortem) -> Page:
    PostMortem.objects.update(surprises="one two")
    sign_in(bob)
    page.goto(f"{live_server.url}/experiments/{written.experiment_id}/postmortem/edit/")
    return page


def field(page: Page) -> Any:
    return page.locator("[name=surprises]")


def box(page: Page) -> Any:
    return page.locator("#surprises .msg")


def test_a_pasted_image_is_in_the_text_at_the_caret_and_asks_what_it_shows(bobs: Page) -> None:
    field(bobs).press("End")
    give(field(bobs), "paste", picture())
    reference = re.compile(r"^one two\n\n!\[Describe the image\]\(image:\d+\)$")
    expect(field(bobs)).to_have_value(reference)
    bobs.keyboard.type("Opens by day")
    expect(field(bobs)).to_have_value(re.compile(r"!\[Opens by day\]\(image:\d+\)$"))
    expect(bobs.locator("#surprises [data-images-of] img")).to_have_attribute("alt", "Opens by day")
    width = "(image) => image.decode().then(() => image.naturalWidth)"
    assert bobs.locator("#surprises [data-images-of] img").evaluate(width) == 320
    expect(bobs.locator("#surprises [data-saved]")).to_contain_text("Saved")
    assert "![Opens by day](image:" in PostMortem.objects.get().surprises


def test_the_text_that_comes_with_an_image_is_what_is_meant(bobs: Page) -> None:
    give(field(bobs), "paste", picture(), text="12\t13")
    give(field(bobs), "paste", picture())
    expect(field(bobs)).to_have_value(re.compile(r"image:\d+"))
    assert PostMortemImage.objects.count() == 1


def test_it_is_dropped_or_chosen_as_well(bobs: Page) -> None:
    give(field(bobs), "drop", picture("red"))
    expect(field(bobs)).to_have_value(re.compile(r"image:\d+"))
    with bobs.expect_file_chooser() as chooser:
        bobs.get_by_role("button", name="Add an image to What went well?").click()
    chooser.value.set_files({"name": "a.png", "mimeType": "image/png", "buffer": picture("green")})
    expect(bobs.locator("[name=went_well]")).to_have_value(re.compile(r"image:\d+"))
    assert PostMortemImage.objects.count() == 2


def test_without_a_connection_it_stays_on_the_page_until_it_went_through(bobs: Page) -> None:
    bobs.context.set_offline(True)
    field(bobs).press("End")
    give(field(bobs), "paste", picture())
    expect(box(bobs)).to_contain_text("The server cannot be reached, so this image is not uploaded")
    expect(box(bobs).locator("img")).to_have_attribute("src", re.compile("^data:image/png"))
    field(bobs).press("Home")
    bobs.keyboard.type("zero ")
    bobs.context.set_offline(False)
    expect(field(bobs)).to_have_value(re.compile(r"^zero one two\n\n!\[Describe the image\]"))
    expect(box(bobs)).to_have_count(0)


def test_an_answer_that_was_lost_is_tried_again_by_hand_and_counts_once(bobs: Page) -> None:
    losses: list[str] = []

    def lose(route: Any) -> None:
        if losses:
            route.continue_()
        else:
            route.fetch()
            losses.append("answer")
            route.abort("connectionreset")

    bobs.route(UPLOADS, lose)
    give(field(bobs), "paste", picture())
    box(bobs).get_by_role("button", name="Try again").click()
    expect(field(bobs)).to_have_value(re.compile(r"image:\d+"))
    assert PostMortemImage.objects.count() == 1


@pytest.mark.parametrize(
    ("data", "type_", "name", "sentence"),
    [
        (b"<svg/>", "image/svg+xml", "a.svg", "“a.svg” is not an image that Floe takes."),
        (b"<svg onload='x'/>", "image/png", "a.png", "This is an SVG picture, which can hold scripts."),
        (bytes(6 << 20), "image/png", "a.png", "“a.png” has 6.0 MB; images up to 5.0 MB are taken."),
    ],
)  # fmt: skip
def test_what_is_refused_is_said_beside_the_text_and_nothing_typed_is_lost(
    bobs: Page, data: bytes, type_: str, name: str, sentence: str
) -> None:
    field(bobs).fill("typed")
    give(field(bobs), "paste", data, type_, name)
    expect(box(bobs)).to_contain_text(sentence)
    expect(field(bobs)).to_have_value("typed")
    box(bobs).get_by_role("button", name="Discard the image").click()
    expect(box(bobs)).to_have_count(0)


def test_whatever_else_is_sent_waits_for_an_image_that_is_not_uploaded_yet(bobs: Page) -> None:
    bobs.route(UPLOADS, lambda route: route.abort("connectionreset"))
    give(field(bobs), "paste", picture())
    expect(box(bobs)).to_contain_text("The server cannot be reached")
    bobs.locator("[name=claim]").fill("Names bring readers back")
    bobs.locator("[name=scope]").fill("Lapsed readers")
    bobs.get_by_role("button", name="Add the learning").click()
    expect(box(bobs).get_by_role("button", name="Try again")).to_be_focused()
    assert not Learning.objects.exists()
    bobs.unroute(UPLOADS)
    bobs.keyboard.press("Enter")
    expect(field(bobs)).to_have_value(re.compile(r"image:\d+"))
    bobs.get_by_role("button", name="Add the learning").click()
    expect(bobs.locator(".learn")).to_contain_text("Names bring readers back")
    expect(field(bobs)).to_have_value(re.compile(r"image:\d+"))
