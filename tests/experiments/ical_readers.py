"""A feed as independent parsers read it: icalendar, vobject, ics, and ical.js where node has it."""

import datetime as dt
import json
import shutil
import subprocess
from typing import NamedTuple

import ics
import vobject
from icalendar import Calendar

WITH_NODE = """
const read = require("ical.js"); const ICAL = read.default ?? read;
const text = require("fs").readFileSync(0, "utf8");
const events = new ICAL.Component(ICAL.parse(text)).getAllSubcomponents("vevent");
console.log(JSON.stringify(events.map((e) => [
  e.getFirstPropertyValue("uid"), e.getFirstPropertyValue("summary"),
  e.getFirstPropertyValue("dtstart").toString(), e.getFirstPropertyValue("dtend").toString(),
  e.getFirstPropertyValue("status"), e.getFirstPropertyValue("description"),
  e.getFirstPropertyValue("dtstart").isDate,
])));
"""


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


def node_has_ical_js() -> bool:
    if not shutil.which("node"):
        return False
    tried = subprocess.run(["node", "-e", "require('ical.js')"], check=False, capture_output=True)
    return tried.returncode == 0


def by_ical_js(body: bytes) -> list[Bar]:
    answer = subprocess.run(["node", "-e", WITH_NODE], input=body, capture_output=True, check=True)
    rows = json.loads(answer.stdout)
    assert all(row[6] for row in rows), "whole days"
    return [
        Bar(row[0], row[1], dt.date.fromisoformat(row[2]), dt.date.fromisoformat(row[3]), *row[4:6])
        for row in rows
    ]
