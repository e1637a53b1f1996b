"""A feed as parsers read it: icalendar, which writes it too, and three that know nothing of it."""

import datetime as dt
from typing import NamedTuple

import ics
import vobject
from ical.calendar_stream import IcsCalendarStream
from icalendar import Calendar


class Bar(NamedTuple):
    """An event as all parsers have it; `ends_on` is the day after the last one."""

    uid: str
    title: str
    starts_on: dt.date
    ends_on: dt.date
    status: str
    details: str


def by_icalendar(body: bytes) -> list[Bar]:
    return [
        Bar(str(e["uid"]), str(e["summary"]), e.decoded("dtstart"), e.decoded("dtend"),
            str(e["status"]), str(e["description"]))
        for e in Calendar.from_ical(body).walk("VEVENT")
    ]  # fmt: skip


def by_vobject(body: bytes) -> list[Bar]:
    calendar = vobject.readOne(body.decode())
    return [
        Bar(e.uid.value, e.summary.value, e.dtstart.value, e.dtend.value, e.status.value,
            e.description.value)
        for e in calendar.contents.get("vevent", [])
    ]  # fmt: skip


def by_ics(body: bytes) -> list[Bar]:
    """It keeps events as a set, so they are put in the order of the feed."""
    bars = []
    for e in sorted(ics.Calendar(body.decode()).events, key=lambda e: (e.begin, e.uid)):
        assert e.all_day
        first, after = e.begin.date(), (e.begin + e.duration).date()
        bars.append(Bar(e.uid, e.name, first, after, e.status, e.description))
    return bars


def by_ical(body: bytes) -> list[Bar]:
    return [
        Bar(e.uid, e.summary, e.dtstart, e.dtend, e.status.value, e.description)
        for e in IcsCalendarStream.calendar_from_ics(body.decode()).events
    ]


INDEPENDENT = (by_vobject, by_ics, by_ical)
