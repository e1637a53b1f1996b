"""Pairs of experiments that share people, and the tables of the load: below the lanes."""

import datetime as dt
import re

import pytest
from django.urls import reverse

from experiments.models import Booking, Segment
from tests.factories import make_experiment

WEEK = dt.timedelta(days=7)


@pytest.fixture
def url(quarter):
    return reverse("experiments:calendar")


@pytest.fixture
def pair(alice, bob, pod, objective, quarter):
    """Two drafts on the same people and the same channel, from the sixth week of the quarter."""
    segment = Segment.objects.create(name="Lapsed", pod=pod, size=20_000)
    start = quarter.starts_on + dt.timedelta(days=-quarter.starts_on.weekday() % 7) + 5 * WEEK
    made = [
        make_experiment(
            alice, pod, objective=objective, analyst=bob, segment=segment, channel="e-mail",
            title=title, idea_title=title, starts_on=start, ends_on=start + 2 * WEEK,
        )
        for title in ("First", "Second")
    ]  # fmt: skip
    Booking.objects.update(share=0.4, messages_per_week=1)
    return made


def test_each_way_out_of_a_pair_leads_to_where_it_is_done(client_of, bob, pair, url):
    client = client_of(bob)
    page = client.get(url)
    (card,) = page.context["page"].cards
    assert "share a namespace" in card.ways_out[0].words
    links = re.findall(
        r'href="([^"]+)"',
        page.content.decode().partition('<p class="ways">')[2].partition("</p>")[0],
    )
    assert len(links) == len(card.ways_out)
    assert {client.get(link.replace("&amp;", "&")).status_code for link in links} == {200}


def test_a_viewer_reads_the_ways_out_and_gets_no_link_that_refuses(client_of, vera, pair, url):
    ways = client_of(vera).get(url).content.decode().partition('<p class="ways">')[2]
    assert "share a namespace" in ways.partition("</p>")[0]
    assert "href" not in ways.partition("</p>")[0]


def test_each_figure_of_a_table_is_in_the_column_of_its_week(client_of, bob, pair, url):
    page = client_of(bob).get(url).context["page"]
    weeks = [week.starts_on for week in page.line.weeks]
    start = weeks.index(pair[0].starts_on)
    tables = {table.title: table.rows for table in page.tables}
    for title in ("Audience by segment", "Messages per person by channel"):
        (row,) = tables[title]
        busy = [at for at, cell in enumerate(row.cells) if not cell.is_empty]
        assert len(row.cells) == len(weeks), title
        assert busy == [start, start + 1], title
    assert tables["Messages per person by channel"][0].label == "E-mail, Lapsed"


def test_the_narrow_weeks_of_a_half_year_name_each_month_once(client_of, bob, pair, url):
    page = client_of(bob).get(f"{url}?view=half-year").content.decode()
    heads = re.findall(r'data-d="7"><b>([^<]+)</b>', page)
    months = [head.split(" ")[1] for head in heads if " " in head]
    assert len(heads) > 25
    assert len(months) == len(set(months))
    assert len(months) >= 6


def test_only_pairs_with_an_experiment_that_one_sees_are_counted(
    client_of, charlie, alice, pair, other_pod, url
):
    """The worst pairs are chosen among those that the reader sees, so that none takes another’s room."""
    assert client_of(alice).get(url).context["page"].pair_count == 1
    page = client_of(charlie).get(url).context["page"]
    assert (page.pair_count, page.cards) == (0, [])
