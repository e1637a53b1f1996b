"""Links and files of an idea: added once, capped, never anything that runs."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from backlog.flows.attaching import MOST, add_link
from backlog.models import Attachment, Event
from tests.factories import make_idea

PDF = b"%PDF-1.7\n1 0 obj\n<< /JS (app.alert(1)) >>\nendobj\n%%EOF\n"


@pytest.fixture
def idea(alice, pod):
    return make_idea(alice, pod, "Name the series")


def picture(kind="PNG", **more):
    data = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(data, kind, **more)
    return data.getvalue()


def send(client, idea, data, name="shot.png"):
    url = reverse("backlog:attachment_new", args=[idea.pk])
    return client.post(url, {"do": "file", "file": SimpleUploadedFile(name, data)}, follow=True)


def link(client, idea, url, name=""):
    page = reverse("backlog:attachment_new", args=[idea.pk])
    return client.post(page, {"do": "link", "url": url, "name": name}, follow=True)


def test_a_link_stands_with_the_idea_and_leads_out_of_floe(client_of, bob, idea):
    page = link(
        client_of(bob), idea, "example.org/brief?a=1&b=2", "The <b>brief</b>"
    ).content.decode()
    assert 'href="https://example.org/brief?a=1&amp;b=2" rel="noopener noreferrer nofollow"' in page
    assert "The &lt;b&gt;brief&lt;/b&gt;" in page
    link(client_of(bob), idea, "https://example.org/brief?a=1&b=2")
    assert Attachment.objects.count() == 1, "the same address is one link"
    assert Event.objects.about(idea).filter(verb="attach").count() == 1


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "ftp://example.org/x", "", "no address",
            "http://" + "x" * 1200]
)  # fmt: skip
def test_an_address_that_is_none_or_that_runs_is_refused(client_of, bob, idea, url):
    page = link(client_of(bob), idea, url)
    assert page.status_code == 422
    assert not Attachment.objects.exists()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_an_image_is_written_again_and_shown(client_of, bob, vera, charlie, idea, kind):
    sent = picture(kind) + b"<script>alert(1)</script>"
    page = send(client_of(bob), idea, sent, f"../../etc/{kind}.svg").content.decode()
    row = Attachment.objects.get()
    assert row.name == f"{kind}.svg"
    assert f'src="{row.get_absolute_url()}"' in page
    answer = client_of(vera).get(row.get_absolute_url())
    assert answer["Content-Type"] == f"image/{row.kind}"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert b"script" not in b"".join(answer.streaming_content)
    assert client_of(charlie).get(row.get_absolute_url()).status_code == 404


def test_a_pdf_is_only_downloaded(client_of, bob, idea):
    send(client_of(bob), idea, PDF, "plan.png")
    row = Attachment.objects.get()
    answer = client_of(bob).get(row.get_absolute_url())
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"].startswith("attachment;")
    assert "sandbox" in answer["Content-Security-Policy"]
    assert b"".join(answer.streaming_content) == PDF


@pytest.mark.parametrize(
    ("data", "sentence"),
    [(b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "Floe takes PNG"),
     (b"<!doctype html><script>alert(1)</script>", "Floe takes PNG"),
     (b"PK\x03\x04rest", "This is a ZIP archive"),
     (b"just words", "Floe takes PNG"),
     (PDF[:40], "This PDF is not complete"),
     (picture()[:60], "can’t be read"),
     (b"", "This file is empty")],
)  # fmt: skip
def test_what_is_not_taken_is_a_sentence(client_of, bob, idea, data, sentence):
    page = send(client_of(bob), idea, data)
    assert page.status_code in (409, 422)
    assert sentence in page.content.decode()
    assert not Attachment.objects.exists()


def test_a_large_file_is_refused_with_its_size(client_of, bob, idea, settings):
    settings.ATTACHMENT_MAX_BYTES = 1 << 20
    page = send(client_of(bob), idea, PDF + b"x" * (2 << 20), "plan.pdf")
    assert "files up to 1 MB are taken" in page.content.decode()
    assert not Attachment.objects.exists()


def test_an_idea_takes_only_so_many(client_of, bob, idea):
    for n in range(MOST):
        add_link(idea, by=bob, url=f"https://example.org/{n}")
    assert (
        "An idea can have at most 20 links and files"
        in send(client_of(bob), idea, picture()).content.decode()
    )
    assert "at most 20 links" in link(client_of(bob), idea, "https://x.org").content.decode()
    assert Attachment.objects.count() == MOST


def test_it_is_removed_with_its_file_by_those_who_may(
    client_of, alice, bob, vera, charlie, idea, pod, django_capture_on_commit_callbacks
):
    send(client_of(bob), idea, PDF, "plan.pdf")
    row, other = Attachment.objects.get(), make_idea(alice, pod, "Another")
    storage, path = row.file.storage, row.file.name
    url = reverse("backlog:attachment_remove", args=[idea.pk, row.pk])
    assert client_of(vera).post(url).status_code == 403
    assert client_of(charlie).post(url).status_code == 404
    wrong = reverse("backlog:attachment_remove", args=[other.pk, row.pk])
    assert client_of(bob).post(wrong).status_code == 404
    with django_capture_on_commit_callbacks(execute=True):
        client_of(bob).post(url)
    assert not Attachment.objects.exists()
    assert not storage.exists(path)


def test_the_idea_page_keeps_its_queries(client_of, bob, idea, django_assert_max_num_queries):
    add_link(idea, by=bob, url="https://example.org/")
    client = client_of(bob)
    with django_assert_max_num_queries(12):
        client.get(idea.get_absolute_url())
