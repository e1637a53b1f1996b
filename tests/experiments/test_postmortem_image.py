"""Images in a post-mortem: taken in and written again, shown to its readers only, and never a way in."""

import contextlib
import datetime as dt
import io
import os
import random
import re
import struct
import uuid
import zlib
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from backlog import markdown
from backlog.file_kinds import Unreadable
from backlog.flows.sweeping import sweep_uploads
from backlog.images import rewritten
from backlog.models import Membership, Objective, User
from experiments.flows import writing_up_images
from experiments.flows.writing_up import start_post_mortem
from experiments.learning.image_references import images_in
from experiments.learning.merging import merge
from experiments.models import PostMortem, PostMortemImage
from tests.corpus import FILES
from tests.factories import shipped

JSON = {"HTTP_ACCEPT": "application/json"}
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.fixture
def decided(alice, bob, pod, objective):
    return shipped(alice, bob, pod, objective)


@pytest.fixture
def written(decided, bob):
    return start_post_mortem(decided, by=bob)


@pytest.fixture
def new(written, decided):
    return reverse("experiments:postmortem_image_new", args=[decided.pk])


def picture(kind="PNG", size=(40, 20), colour=(200, 30, 30), **more):
    file = io.BytesIO()
    Image.new("RGB", size, colour).save(file, format=kind, **more)
    return file.getvalue()


def sent(client, new, data, name="chart.png", **extra):
    return client.post(new, {"image": SimpleUploadedFile(name, data)}, **{**JSON, **extra})


def kept_bytes(image):
    with image.file.open("rb") as file:
        return file.read()


def files_in(settings):
    return [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]


def huge_png(width, height):
    """A PNG of a few hundred bytes whose header promises so many pixels."""

    def chunk(name, data):
        body = name + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 999)) + chunk(b"IEND", b"")  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "made"), [("PNG", "png"), ("JPEG", "jpeg"), ("WEBP", "webp"), ("GIF", "png")]
)
def test_each_kind_is_kept_and_the_answer_is_a_reference(client_of, bob, new, kind, made):
    answer = sent(client_of(bob), new, picture(kind))
    image = PostMortemImage.objects.get()
    assert answer.json()["reference"] == f"![Describe the image](image:{image.pk})"
    assert (image.kind, image.width, image.height, image.by) == (made, 40, 20, bob)
    shown = client_of(bob).get(image.get_absolute_url())
    assert shown["Content-Type"] == f"image/{made}"
    assert Image.open(io.BytesIO(shown.getvalue())).size == (40, 20)


def test_it_is_served_so_that_nothing_in_it_can_run(client_of, bob, new):
    sent(client_of(bob), new, picture(), name="../../etc/<script>.png")
    image = PostMortemImage.objects.get()
    shown = client_of(bob).get(image.get_absolute_url())
    assert shown["X-Content-Type-Options"] == "nosniff"
    policy = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    assert shown["Content-Security-Policy"] == policy
    assert shown["Content-Disposition"] == f'inline; filename="EXP-001-{image.pk}.png"'
    assert shown["Cache-Control"] == "private, no-cache"
    again = client_of(bob).get(image.get_absolute_url(), HTTP_IF_NONE_MATCH=shown["ETag"])
    assert (again.status_code, again.content) == (304, b"")
    assert re.fullmatch(r"postmortems/[0-9a-f]{16}\.png", image.file.name), (
        "of its bytes, not of its name"
    )


def test_what_is_kept_holds_pixels_and_nothing_else(client_of, bob, new):
    exif = Image.Exif()
    exif[0x010E], exif[0x0112] = "taken at home", 6  # a description, and lying on its side
    with_place = picture("JPEG", exif=exif.tobytes(), comment=b"secret")
    sent(client_of(bob), new, with_place + b"<script>alert(1)</script>PK\x03\x04", name="a.jpg")
    image = PostMortemImage.objects.get()
    data = kept_bytes(image)
    assert (image.width, image.height) == (20, 40), "it stands upright"
    for hidden in (b"taken at home", b"secret", b"script", b"PK\x03\x04", b"Exif"):
        assert hidden not in data
    assert not Image.open(io.BytesIO(data)).getexif()


def test_of_an_animation_the_first_image_is_kept_and_that_is_said(client_of, bob, new):
    frames = [Image.new("RGB", (9, 9), (shade, 0, 0)) for shade in (10, 200)]
    file = io.BytesIO()
    frames[0].save(file, format="GIF", save_all=True, append_images=frames[1:], duration=50)
    answer = sent(client_of(bob), new, file.getvalue())
    assert answer.json()["hint"] == "The animation is kept as a still image."
    assert PostMortemImage.objects.get().kind == "png"


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (SVG, "This is an SVG picture, which can hold scripts."),
        (b"\xef\xbb\xbf  <?xml version='1.0'?>" + SVG, "This is an SVG picture"),
        (b"<html><script>alert(1)</script></html>", "This is a web page (HTML). Floe takes PNG"),
        (b"%PDF-1.7 ...", "This is a PDF document. Floe takes PNG"),
        (b"BM" + bytes(90), "This is a BMP picture. Floe takes PNG"),
        (b"hello", "This is not an image."),
        (b"\x89PNG\r\n\x1a\n", "This "),
        (picture(size=(300, 300))[:-40], "This image can’t be read."),
        (huge_png(20_000, 20_000), "megapixels; images up to 40 megapixels are taken."),
        (huge_png(8_000, 8_000), "This image has 8,000 × 8,000 pixels, 64 megapixels"),
        (b"", "This file is empty."),
    ],
)  # fmt: skip
def test_what_is_not_an_image_is_refused_with_a_sentence(
    client_of, bob, new, settings, data, sentence
):
    answer = sent(client_of(bob), new, data)
    assert answer.status_code == 422
    assert sentence in answer.json()["detail"]
    assert not PostMortemImage.objects.exists()
    assert files_in(settings) == []


def test_a_file_of_30_mb_is_refused_with_its_size(client_of, bob, new, settings):
    answer = sent(client_of(bob), new, picture() + bytes(30 << 20))
    assert answer.status_code == 413
    assert answer.json()["detail"] == (
        "“chart.png” has 30 MB; files up to 5 MB are taken. Make it smaller, or save it as JPEG."
    )
    assert files_in(settings) == []


@pytest.mark.parametrize(
    ("format_", "data"),
    [("MPO", None), ("TIFF", None), ("ICO", None), ("PPM", b"P6 1 1 255 abc"), ("EPS", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 1 1\n")],
)  # fmt: skip
def test_other_formats_that_the_library_knows_are_not_even_tried(tmp_path, format_, data):
    path = tmp_path / "x.png"
    path.write_bytes(data or picture(format_ if format_ != "MPO" else "TIFF"))
    with pytest.raises(Unreadable, match="Floe takes PNG, JPEG, WebP and GIF"):
        rewritten(str(path), str(tmp_path / "made"))


def test_damaged_bytes_are_answered_with_a_sentence_and_never_with_a_fault(tmp_path):
    chance = random.Random(7)
    whole = [picture(kind, size=(60, 60)) for kind in ("PNG", "JPEG", "WEBP", "GIF")]
    for _ in range(300):
        data = bytearray(chance.choice(whole))
        for _ in range(chance.randint(1, 12)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        path = tmp_path / "x"
        path.write_bytes(bytes(data[: chance.randint(1, len(data))]))
        with contextlib.suppress(Unreadable):  # anything else fails the test
            facts = rewritten(str(path), str(tmp_path / "made"))
            assert facts["width"] * facts["height"] <= 40_000_000


@pytest.mark.parametrize("file", list(FILES))
def test_no_file_that_is_meant_for_a_table_is_an_image(tmp_path, file):
    path = tmp_path / "x.png"
    path.write_bytes(FILES[file]())
    with pytest.raises(Unreadable, match=r"Floe takes PNG|can’t be read|megapixels"):
        rewritten(str(path), str(tmp_path / "made"))
    assert not (tmp_path / "made").exists()


def test_a_wide_image_is_made_smaller_and_transparency_stays(tmp_path):
    path = tmp_path / "x"
    Image.new("RGBA", (5000, 100), (0, 0, 0, 0)).save(path, format="PNG")
    facts = rewritten(str(path), str(tmp_path / "made"))
    assert (facts["width"], facts["height"]) == (3000, 60)
    assert Image.open(tmp_path / "made").mode == "RGBA"


def test_the_same_file_sent_again_is_one_image(client_of, bob, alice, new, settings):
    first = sent(client_of(bob), new, picture()).json()
    assert sent(client_of(alice), new, picture()).json() == first
    assert PostMortemImage.objects.count() == 1
    assert len(files_in(settings)) == 1


def test_viewers_and_outsiders_may_not_send_one(client_of, vera, charlie, new):
    assert sent(client_of(vera), new, picture()).status_code == 403
    assert sent(client_of(charlie), new, picture()).status_code == 404
    assert not PostMortemImage.objects.exists()


def test_it_is_shown_to_whoever_sees_the_post_mortem(client_of, bob, vera, charlie, new, decided):
    sent(client_of(bob), new, picture())
    url = PostMortemImage.objects.get().get_absolute_url()
    assert client_of(vera).get(url).status_code == 200
    etag = client_of(vera).get(url)["ETag"]
    assert client_of(charlie).get(url, HTTP_IF_NONE_MATCH=etag).status_code == 404
    PostMortem.objects.update(state="published", published_at=timezone.now())
    assert client_of(charlie).get(url).status_code == 200
    elsewhere = url.replace(f"/experiments/{decided.pk}/", f"/experiments/{decided.pk + 1}/")
    assert client_of(bob).get(elsewhere).status_code == 404
    Path(PostMortemImage.objects.get().file.path).unlink()
    assert client_of(bob).get(url).status_code == 404


def test_a_published_one_takes_no_more_images(client_of, bob, new):
    PostMortem.objects.update(state="published", published_at=timezone.now())
    answer = sent(client_of(bob), new, picture())
    assert answer.status_code == 422
    assert "It is published" in answer.json()["detail"]


def test_readers_see_it_with_what_it_shows(client_of, bob, new, decided):
    sent(client_of(bob), new, picture())
    image = PostMortemImage.objects.get()
    words = 'Opens" onload="alert(1) <script>x</script>'
    PostMortem.objects.update(surprises=f"Look:\n\n![{words}](image:{image.pk})")
    page = client_of(bob).get(reverse("experiments:postmortem_detail", args=[decided.pk]))
    (tag,) = re.findall(r"<img [^>]*postmortem/images[^>]*>", page.content.decode())
    assert f'src="{image.get_absolute_url()}"' in tag
    assert 'width="40" height="20"' in tag
    assert 'alt="Opens&quot; onload=&quot;alert(1)' in tag


def test_the_image_of_another_post_mortem_is_never_shown(
    client_of, charlie, bob, new, decided, written, other_pod, quarter
):
    goal = Objective.objects.create(quarter=quarter, pod=other_pod, title="Sell more")
    dana = User.objects.create(email="dana@example.com", name="Dana")
    Membership.objects.create(pod=other_pod, user=dana, role="member")
    theirs = start_post_mortem(shipped(charlie, dana, other_pod, goal), by=charlie)
    made = PostMortemImage(post_mortem=theirs, kind="png", width=9, height=9, size=9, digest="x")
    made.file.save("x.png", ContentFile(picture()), save=True)
    PostMortem.objects.filter(pk=written.pk).update(surprises=f"![Theirs](image:{made.pk})")
    page = client_of(bob).get(reverse("experiments:postmortem_detail", args=[decided.pk])).content.decode()  # fmt: skip
    assert "Theirs (This image is not part of this text.)" in page
    assert made.get_absolute_url() not in page
    url = reverse("experiments:postmortem_image", args=[decided.pk, made.pk])
    assert client_of(bob).get(url).status_code == 404


@pytest.mark.parametrize(
    "text",
    [
        "![x](https://elsewhere.example/x.png)", "![x](javascript:alert(1))", "![x](data:image/png;base64,AA)",
        "![x](/experiments/2/postmortem/images/9/)", "![x](image:8)", "![x](image:7/../8)", "![x](IMAGE:7 )",
        "<img src='image:7'>", "![x](//elsewhere.example)", "![x](image:" + "9" * 40 + ")",
        "![x](image:٧)",
    ],
)  # fmt: skip
def test_no_address_but_that_of_an_own_image_becomes_an_image(text):
    html = markdown.render(text, pictures={7: markdown.Picture("/ours/7/", 3, 2)})
    assert "<img" not in html
    assert "<img" not in markdown.render("![x](image:7)")


def test_an_image_within_a_link_and_one_without_words_still_have_a_name():
    ours = {7: markdown.Picture("/ours/7/", 3, 2)}
    linked = markdown.render("[![a](image:7)](https://a.example)", pictures=ours)
    assert linked.count("<a ") == 1
    assert 'href="https://a.example"' in linked
    assert 'alt="Image without a description"' in markdown.render("![](image:7)", pictures=ours)


def test_a_reference_stays_whole_when_texts_are_merged():
    base = "we saw ![Opens by day](image:7) late"
    mine = base.replace("Opens by day", "Opens by week")
    head = base.replace("Opens by day", "Opens by month")
    merged = merge(base, mine, head)
    assert merged.text == "we saw ![Opens by month](image:7) ![Opens by week](image:7) late"
    assert len(merged.conflicts) == 1
    assert merge(base, mine, "we saw it late").text == "we saw it ![Opens by week](image:7) late"
    kept = merge("a b", "a ![x y](image:1) b", "a ![p q](image:2) b").text
    assert {"![x y](image:1)", "![p q](image:2)"} <= set(
        re.findall(r"!\[[^\]]*\]\(image:\d\)", kept)
    )


def test_a_writer_is_asked_what_an_image_shows(client_of, bob, new, decided, written):
    client = client_of(bob)
    reference = sent(client, new, picture()).json()["reference"]
    section = reverse("experiments:postmortem_section", args=[decided.pk, "lucky"])
    save = {"uuid": "0d0f3d0e-6a1c-4f0a-9a55-6d3b8f3c2b22", "bases": "", "text": reference}
    assert "An image has no description yet." in client.post(section, save).json()["hint"]
    page = client.get(reverse("experiments:postmortem_detail", args=[decided.pk])).content.decode()
    assert 'alt="Image without a description"' in page
    assert "Describe the image" not in page


def test_without_script_the_texts_are_saved_along_with_it(tab_of, bob, new, decided):
    client = tab_of(bob)
    data = {"surprises": "It held.", "image": SimpleUploadedFile("a.png", picture())}
    answer = client.post(new, data, follow=True)
    image = PostMortemImage.objects.get()
    assert f"![Describe the image](image:{image.pk})" in answer.content.decode()
    assert PostMortem.objects.get().surprises == "It held."
    refused = client.post(new, {"surprises": "It held well.", "image": SimpleUploadedFile("a.png", SVG)})  # fmt: skip
    assert refused.status_code == 422
    assert "This is an SVG picture" in refused.content.decode()
    assert "It held well.</textarea>" in refused.content.decode()


def test_a_post_mortem_has_a_cap_and_makes_room_from_what_no_text_shows(
    client_of, bob, new, settings, monkeypatch, written
):
    monkeypatch.setattr(writing_up_images, "MOST_IMAGES", 2)
    client = client_of(bob)
    for shade in (1, 2):
        sent(client, new, picture(colour=(shade, 0, 0)))
    refused = sent(client, new, picture(colour=(3, 0, 0)))
    assert refused.status_code == 422
    assert "A post-mortem can have" in refused.json()["detail"]
    shown, unused = PostMortemImage.objects.order_by("pk")
    PostMortem.objects.update(lucky=f"![a](image:{shown.pk})")
    PostMortemImage.objects.update(at=timezone.now() - writing_up_images.MAY_BE_ON_ITS_WAY * 2)
    assert sent(client, new, picture(colour=(3, 0, 0))).status_code == 200
    assert set(PostMortemImage.objects.values_list("pk", flat=True)) > {shown.pk}
    assert not PostMortemImage.objects.filter(pk=unused.pk).exists()


@pytest.mark.parametrize(("hours", "is_kept"), [(1, True), (48, False)])
def test_what_was_taken_out_within_a_day_makes_no_room(
    client_of, bob, new, monkeypatch, written, hours, is_kept
):
    """Whoever takes an image out by mistake can put it back."""
    monkeypatch.setattr(writing_up_images, "MOST_IMAGES", 1)
    client = client_of(bob)
    sent(client, new, picture(colour=(1, 0, 0)))
    image = PostMortemImage.objects.get()
    PostMortemImage.objects.update(at=timezone.now() - dt.timedelta(days=9))
    before, after = uuid.uuid4(), uuid.uuid4()
    for name, text, base, at in (
        (before, f"![a](image:{image.pk})", "", timezone.now() - dt.timedelta(days=8)),
        (after, "", str(before), timezone.now() - dt.timedelta(hours=hours)),
    ):
        written.versions.create(section="lucky", uuid=name, text=text, bases=base, at=at)
    sent(client, new, picture(colour=(2, 0, 0)))
    assert PostMortemImage.objects.filter(pk=image.pk).exists() is is_kept


def test_an_image_of_a_conflict_that_nobody_has_settled_stays(
    client_of, bob, new, monkeypatch, written
):
    monkeypatch.setattr(writing_up_images, "MOST_IMAGES", 1)
    client = client_of(bob)
    sent(client, new, picture(colour=(1, 0, 0)))
    image = PostMortemImage.objects.get()
    PostMortemImage.objects.update(at=timezone.now() - dt.timedelta(days=9))
    written.conflicts.create(
        section="lucky", both="x", earlier=f"![a](image:{image.pk})", later="x"
    )
    assert sent(client, new, picture(colour=(2, 0, 0))).status_code == 422
    assert PostMortemImage.objects.filter(pk=image.pk).exists()


def test_its_file_goes_when_the_experiment_is_gone(client_of, bob, new, written, settings):
    sent(client_of(bob), new, picture())
    (path,) = files_in(settings)
    PostMortem.objects.all().delete()
    os.utime(path, (1, 1))
    sweep_uploads()
    assert files_in(settings) == []


def test_the_numbers_of_a_text_are_read_in_one_pass():
    assert images_in("image:" * 9000 + "![" * 5000) == set()
