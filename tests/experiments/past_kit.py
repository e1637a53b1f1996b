"""Sheets of past experiments, and how a test brings them in."""

import io

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import Workbook

from backlog.models import Import

NEW = reverse("experiments:past_new")
HEADER = (
    "Test name\tStart\tEnd\tLever\tChannel\tSegment\tMetric\tControl sends\tControl conversions\t"
    "Variant sends\tVariant conversions\tResult\tDecision\tLearning\n"
)
COUNTS = (
    HEADER
    + "Urgent subject line\t2026-02-02\t2026-02-16\tUrgency\te-mail\tLapsed\tOpened\t10000\t500\t10000\t"
    "600\twon\tshipped\tUrgency opens more mails\n"
)
LIFT = (
    "Test\tStart\tEnd\tLever\tMetric\tLift %\t95% CI low %\t95% CI high %\tResult\tImpact\tConfidence\t"
    "Ease\tExpected days\tActual days\nLower price\t2026-10-05\t2026-10-19\tPrice\tBought\t5\t1\t9\twon\t"
    "8\t6\t4\t3\t5\n"
)
WORDS = (
    "Test\tEnd\tLever\tResult\tLearning\nMore emoji\t2026-11-20\tUrgency\tlost\tEmoji tire people\n"
)


def paste(client, text, **more):
    """The page that shows the rows."""
    return client.post(NEW, {"rows": text, "pod": "LIF", **more}, follow=True)


def upload(client, data, name="past.xlsx"):
    return client.post(NEW, {"file": SimpleUploadedFile(name, data), "pod": "LIF"}, follow=True)


def latest():
    return Import.objects.latest("pk")


def read(client, **answers):
    """Read the rows again, with the present columns and these answers."""
    import_ = latest()
    columns = {f"column-{place}": what for place, what in import_.mapping.items()}
    sent = {"do": "read", "pod": "LIF", **columns, **answers}
    return client.post(import_.get_absolute_url(), sent, follow=True).content.decode()


def add(client):
    page = client.post(latest().get_absolute_url(), {"do": "add"}, follow=True)
    return page.content.decode()


def bring_in(client, *sheets):
    for sheet in sheets:
        paste(client, sheet)
        assert "marked as imported" in add(client)


def undo(client):
    address = reverse("experiments:past_undo", args=[latest().pk])
    return client.post(address, follow=True).content.decode()


def workbook(rows) -> bytes:
    book = Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
