"""The lines of agreements: which fields each kind has, what is wrong, what changed, what follows. Pure."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from backlog.calendar_days import is_in_bounds
from experiments.plan.naming import channels_of

TURNAROUND, RISK, CONTACT = "turnaround", "risk", "contact"
FINAL_EDIT, ESCALATION, FORMAT = "final-edit", "escalation", "format"
Line = Mapping[str, Any]

# The fields that a line of each kind uses, in the order of the page; the first few name the line.
FIELDS: Final = {
    TURNAROUND: ("name", "number", "text"),
    RISK: ("measure", "name", "number", "text"),
    CONTACT: ("channel", "country", "number", "text"),
    FINAL_EDIT: ("channel", "number", "day", "text"),
    ESCALATION: ("person", "name", "role", "reach"),
    FORMAT: ("name", "text"),
}
NAMED_BY: Final = {
    TURNAROUND: ("name",), RISK: ("measure", "name"), CONTACT: ("channel", "country"),
    FINAL_EDIT: ("channel", "day"), ESCALATION: ("person", "name"), FORMAT: ("name",),
}  # fmt: skip
MOST_LINES = 30
MOST_WORKING_DAYS = 130
SHARE = "share"


def problem_of(kind: str, line: Line, place: int) -> str:
    """What is wrong with the line at this place (from 1), as a sentence; nothing where it is right.

    >>> problem_of("contact", {"channel": "push", "number": 0}, 2)
    'Line 2: a contact rule of 0 allows no message at all. Enter more than 0, or remove the line.'
    """
    wrong = _CHECKS[kind](line)
    return f"Line {place}: {wrong}" if wrong else ""


def _turnaround(line: Line) -> str:
    if not line.get("name"):
        return "say what takes so long, such as “legal review”."
    return _working_days(line.get("number"))


def _working_days(number: float | None) -> str:
    if number is None:
        return "enter the working days."
    if number != int(number) or not 0 <= number <= MOST_WORKING_DAYS:
        return f"enter whole working days from 0 to {MOST_WORKING_DAYS}."
    return ""


def _risk(line: Line) -> str:
    number, measure = line.get("number"), line.get("measure")
    if not measure:
        return "choose what is limited."
    if measure == SHARE and (number is None or not 0 < number <= 100):
        return "enter a share of more than 0 and at most 100 %."
    if number is None and not line.get("text"):
        return "enter the limit, as a number or in words."
    return ""


def _contact(line: Line) -> str:
    number = line.get("number")
    if number is None:
        return "enter the most messages a week per person."
    if number <= 0:
        return (
            "a contact rule of 0 allows no message at all. Enter more than 0, or remove the line."
        )
    return "" if number <= 100 else "enter at most 100 messages a week."


def _final_edit(line: Line) -> str:
    number, day = line.get("number"), line.get("day")
    if (number is None) == (day is None):
        return "enter either the working days before the launch or a fixed day."
    if day is not None:
        return "" if is_in_bounds(day) else "choose a day between 2000 and 2200."
    return _working_days(number)


def _escalation(line: Line) -> str:
    if not (line.get("person") or line.get("name")):
        return "choose a person, or enter a name."
    return "" if line.get("reach") else "say how to reach this contact, such as a phone number."


def _format(line: Line) -> str:
    if not line.get("name"):
        return "name the data, such as “daily export of sends”."
    return "" if line.get("text") else "describe the format: columns, types, separator."


_CHECKS: Final = {
    TURNAROUND: _turnaround, RISK: _risk, CONTACT: _contact, FINAL_EDIT: _final_edit,
    ESCALATION: _escalation, FORMAT: _format,
}  # fmt: skip


def problems_in(kind: str, lines: Sequence[Line]) -> list[str]:
    """Every sentence on what is wrong, also on two lines about the same."""
    wrong = [sentence for place, line in enumerate(lines, start=1)
             if (sentence := problem_of(kind, line, place))]  # fmt: skip
    seen: dict[tuple[str, ...], int] = {}
    for place, line in enumerate(lines, start=1):
        name = _name_of(kind, line)
        if name in seen:
            wrong.append(f"Lines {seen[name]} and {place} are about the same. Keep one of them.")
        seen.setdefault(name, place)
    if len(lines) > MOST_LINES:
        wrong.append(f"An agreement can have at most {MOST_LINES} lines. You entered {len(lines)}.")
    return wrong


def _name_of(kind: str, line: Line) -> tuple[str, ...]:
    return tuple(_key(line.get(field)) for field in NAMED_BY[kind])


def _key(value: Any) -> str:
    return "" if value is None else str(value).strip().casefold()


def in_words(kind: str, line: Line) -> str:
    """One line as people read it.

    >>> in_words("contact", {"channel": "push", "country": "", "number": 2.0})
    'push: at most 2 messages a week per person'
    """
    number, text = line.get("number"), line.get("text") or ""
    tail = f" ({text})" if text and kind != FORMAT else ""
    if kind == CONTACT:
        country = f" in {line['country']}" if line.get("country") else ""
        limit = f"{number:g} message{'' if number == 1 else 's'} a week per person"
        return f"{line.get('channel') or 'every channel'}{country}: at most {limit}{tail}"
    if kind == FINAL_EDIT:
        when = _when(line)
        return f"{line.get('channel') or 'every channel'}: {when}{tail}"
    if kind == TURNAROUND:
        return f"{line['name']}: {_days(number)}{tail}"
    if kind == RISK:
        unit = " %" if line.get("measure") == SHARE else ""
        name = line.get("name") or line.get("measure_label") or line.get("measure") or ""
        return name + (f": {number:,g}{unit}" if number is not None else "") + tail
    if kind == ESCALATION:
        who = line.get("person") or line.get("name")
        role = f", {line['role']}" if line.get("role") else ""
        return f"{who}{role}: {line['reach']}"
    return f"{line['name']}: {text}"


def _when(line: Line) -> str:
    day = line.get("day")
    return f"{day:%-d %b %Y}" if day else f"{_days(line.get('number'))} before the launch"


def _days(number: float | None) -> str:
    return f"{number or 0:g} working day{'' if number == 1 else 's'}"


def changes_between(kind: str, before: Sequence[Line], after: Sequence[Line]) -> list[str]:
    """What the next version adds, changes and removes, in sentences.

    >>> old, new = [{"channel": "push", "number": 2}], [{"channel": "push", "number": 3}]
    >>> changes_between("contact", old, new)
    ['Changed: push: at most 3 messages a week per person. It was: push: at most 2 messages a week per person.']
    """
    old = {_name_of(kind, line): line for line in before}
    new = {_name_of(kind, line): line for line in after}
    changes = [f"Added: {in_words(kind, line)}." for name, line in new.items() if name not in old]
    for name, line in new.items():
        was, now = in_words(kind, old.get(name, line)), in_words(kind, line)
        if was != now:
            changes.append(f"Changed: {now}. It was: {was}.")
    changes += [f"Removed: {in_words(kind, line)}." for name, line in old.items()
                if name not in new]  # fmt: skip
    if not changes and [*old] != [*new]:
        changes.append("The order of the lines changed.")
    return changes


@dataclass(frozen=True)
class ContactRule:
    """The most messages a week per person; an empty channel or country stands for all of them."""

    most: float
    channel: str = ""
    country: str = ""


def _is_about(channel: str, channels: Iterable[str]) -> bool:
    return not channel or channel.strip().casefold() in channels


def _channels(text: str) -> tuple[str, ...]:
    return tuple(name.casefold() for name in channels_of(text))


def strictest(rules: Iterable[ContactRule], channel: str) -> ContactRule | None:
    """The rule with the lowest cap for a channel, or None where no rule is about it.

    A plan does not say in which countries it runs, so a rule for one country counts as well.

    >>> rules = [ContactRule(5), ContactRule(2, "Push", "Germany"), ContactRule(1, "sms")]
    >>> strictest(rules, "push"), strictest(rules, "e-mail")
    (ContactRule(most=2, channel='Push', country='Germany'), ContactRule(most=5, channel='', country=''))
    """
    channels = _channels(channel)
    about = [rule for rule in rules if _is_about(rule.channel, channels)]
    return min(about, key=lambda rule: rule.most, default=None)


@dataclass(frozen=True)
class FinalEdit:
    """The last day for edits: so many working days before a launch, or a fixed day."""

    channel: str = ""
    working_days: int | None = None
    day: dt.date | None = None


def working_days_before(day: dt.date, count: int) -> dt.date:
    """The working day (Monday to Friday) that is so many of them before a day.

    >>> working_days_before(dt.date(2026, 11, 16), 1), working_days_before(dt.date(2026, 11, 15), 0)
    (datetime.date(2026, 11, 13), datetime.date(2026, 11, 13))
    """
    while day.weekday() > 4:
        day -= dt.timedelta(days=1)
    for _ in range(count):
        day -= dt.timedelta(days=3 if day.weekday() == 0 else 1)
    return day


def final_edit_day_of(
    rules: Iterable[FinalEdit],
    channel: str,
    starts_on: dt.date,
    quarter: tuple[dt.date, dt.date],
) -> dt.date | None:
    """The last day for edits of an experiment that starts on this day, or None.

    Days before the launch that are agreed for the channel stand in for those of every channel. A
    fixed day counts for launches after it in its own quarter. Of several days the earliest holds.

    >>> rules = [FinalEdit(working_days=5), FinalEdit("push", working_days=2)]
    >>> quarter = (dt.date(2026, 10, 1), dt.date(2027, 1, 1))
    >>> final_edit_day_of(rules, "push", dt.date(2026, 11, 18), quarter)
    datetime.date(2026, 11, 16)
    """
    channels = _channels(channel)
    about = [rule for rule in rules if _is_about(rule.channel, channels)]
    counted = [rule for rule in about if rule.working_days is not None]
    own = [rule for rule in counted if rule.channel] or counted
    days = [working_days_before(starts_on, rule.working_days or 0) for rule in own]
    days += [rule.day for rule in about
             if rule.day and quarter[0] <= rule.day <= starts_on < quarter[1]]  # fmt: skip
    return min(days, default=None)
