"""`manage.py serve`: what the processes that it starts are told."""

import os

import pytest
from django.core.management import call_command


@pytest.mark.grooming("B11")
@pytest.mark.parametrize(("site_url", "leads_to"), [
    ("", "http://127.0.0.1:8330"), ("https://floe.example", "https://floe.example"),
])  # fmt: skip
def test_links_in_mail_lead_where_it_serves_unless_the_operator_says_otherwise(
    db, monkeypatch, settings, tmp_path, site_url, leads_to
):
    """The process becomes another one at the end; instead, its environment is looked at."""
    started = []
    settings.VAR_DIR, settings.DEBUG = tmp_path, True
    monkeypatch.delenv("SITE_URL", raising=False)
    if site_url:
        monkeypatch.setenv("SITE_URL", site_url)
    monkeypatch.chdir(os.getcwd())
    monkeypatch.setattr(os, "execve", lambda _, __, environment: started.append(environment))
    call_command("serve", port=8330)
    assert started[0]["SITE_URL"] == leads_to
