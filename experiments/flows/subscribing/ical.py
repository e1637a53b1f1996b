"""A feed as iCalendar (RFC 5545, RFC 7986). Whole days only, so that no time zone can shift them."""

import datetime as dt

from icalendar import Calendar, Event, vCategory, vDate, vDatetime, vDuration, vInt, vText, vUri

from experiments.flows.subscribing.entries import Entry, Subscription

READ_AGAIN_AFTER = dt.timedelta(hours=1)
CONTENT_TYPE = "text/calendar; charset=utf-8"
# RFC 5545 allows no control characters, and a strict program refuses the whole calendar for one.
CONTROLS = {code: " " for code in (*range(32), 127) if code != ord("\n")}


def written(subscription: Subscription) -> bytes:
    """The feed as a file: bars from their first day to the day after their last one."""
    calendar = Calendar()
    calendar["version"] = vText("2.0")
    calendar["prodid"] = vText("-//Floe//Calendar//EN")
    calendar["method"] = vText("PUBLISH")
    calendar["name"] = calendar["x-wr-calname"] = _text(_in_one_line(subscription.name))
    calendar["refresh-interval"] = vDuration(READ_AGAIN_AFTER)
    calendar["refresh-interval"].params["VALUE"] = "DURATION"
    calendar["x-published-ttl"] = vDuration(READ_AGAIN_AFTER)
    for entry in subscription.entries:
        calendar.add_component(_event(entry))
    return bytes(calendar.to_ical(sorted=False))


def _event(entry: Entry) -> Event:
    """Typed values at once: `Event.add` guesses them, which takes five times as long."""
    event = Event()
    event["uid"] = vText(f"{entry.uid}@floe")
    event["dtstamp"] = event["last-modified"] = vDatetime(entry.changed_at.astimezone(dt.UTC))
    event["sequence"] = vInt(entry.changes)
    event["dtstart"], event["dtend"] = _day(entry.starts_on), _day(entry.ends_on)
    event["summary"] = _text(_in_one_line(entry.title))
    event["description"] = _text("\n".join([*entry.details, entry.address]))
    event["categories"] = vCategory([_in_one_line(entry.group)])
    event["url"] = vUri(entry.address)
    event["status"] = vText(entry.status.value)
    event["transp"] = vText("TRANSPARENT")  # nobody is busy because a test runs
    return event


def _day(day: dt.date) -> vDate:
    value = vDate(day)
    value.params["VALUE"] = "DATE"
    return value


def _text(text: str) -> vText:
    return vText(text.translate(CONTROLS))


def _in_one_line(text: str) -> str:
    return " ".join(text.translate(CONTROLS).split())
