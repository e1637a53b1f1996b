"""The reasons of a proposal in words: why a test is where it is, and what stopped one that is left out."""

import datetime as dt
import math
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from experiments.flows.quarter.sentences import Names, day_words, number_words, weeks_words

Reason = Mapping[str, Any]
Line = tuple[str, str]  # an icon and a sentence
YES, NOTE, NO = "check", "info", "circle-minus"


def reason_words(reasons: Iterable[Reason], names: Names) -> list[Line]:
    """The lines of one test, or of one conflict, as `proposing.reasons_of` has kept them."""
    lines: list[Line] = []
    for reason in reasons:
        if "rule" in reason:
            lines.append((NO, _conflict(reason, names)))
        elif "start" in reason:
            lines += _placed(reason, names)
        else:
            lines += _left_out(reason, names)
    return lines


def _day(text: str) -> str:
    return day_words(dt.date.fromisoformat(text))


def _named(keys: Iterable[int], names: Names) -> str:
    listed = [names.test(key) for key in keys]
    if len(listed) > 3:
        listed = [*listed[:2], f"{len(listed) - 2} more"]
    return " and ".join([", ".join(listed[:-1]), listed[-1]] if len(listed) > 1 else listed)


def _placed(why: Reason, names: Names) -> list[Line]:
    lines = []
    before = [rule_words(rule, names) for rule in why["earlier"]]
    if why["is_earliest"]:
        because = f" A week earlier: {before[0]}" if before else ""
        lines.append((YES, f"Earliest clean start.{because}"))
    else:
        lines.append((YES, "An earlier week is free too, but more crowded."))
    lines.append(_length(why))
    if ending := why["ends_before"]:
        what = f"“{ending['name']}”" if ending["name"] else names.test(ending["key"])
        lines.append((YES, f"Ends before {what} on {_day(ending['starts_on'])}."))
    if swap := why["swap"]:
        out = _named(swap["keys"], names)
        lines.append((NOTE, f"A start on {_day(swap['starts_on'])} would push out {out}."))
    if why["objective"]:
        goal = names.objective(why["objective"])
        lines.append((YES, f"Without it, {goal} would have too few experiments."))
    return lines


def _length(why: Reason) -> Line:
    weeks, needed = why["weeks"], why["weeks_needed"]
    run = f"{weeks} week{'' if weeks == 1 else 's'}"
    if needed is None:
        return NOTE, f"{run}; its plan does not say yet how many it needs."
    whole = max(1, math.ceil(needed - 1e-9))
    if whole <= weeks:
        return YES, f"{run} {'is' if weeks == 1 else 'are'} enough: its size needs {whole}."
    return NO, f"{run}, and its size needs {whole}."


def _left_out(why: Reason, names: Names) -> list[Line]:
    lines: list[Line] = []
    if why["is_outbid"] and why["rivals"]:
        rivals = _named(why["rivals"], names)
        lines.append((NO, f"It would take the place of {rivals}, worth more in this plan."))
    lines += [(NO, rule_words(rule, names)) for rule in why["stopped_by"]]
    if why["fits_next"]:
        lines.append((NOTE, "It would fit the next quarter."))
    return lines or [(NO, "No week is left for it.")]


def _conflict(conflict: Reason, names: Names) -> str:
    return " ".join(
        _broken(rule, names) for rule in (conflict["rule"], *conflict["against"])
    ).strip()


def _broken(rule: Reason, names: Names) -> str:
    """A rule that the calendar breaks already, where no single experiment is spoken of."""
    if rule["code"] == "collision" and len(rule["keys"]) > 1:
        words = f"{_named(rule['keys'], names)} share people{_weeks(rule)}."
        return f"{words[:1].upper()}{words[1:]}"
    if rule["code"] == "namespace":
        return f"The experiments of a namespace take more people than it has{_weeks(rule)}."
    return rule_words(rule, names)


def rule_words(rule: Reason, names: Names) -> str:
    """One rule as a sentence. Raises KeyError for a code without words; a test walks through all."""
    return RULES[rule["code"]](rule, names)


def _weeks(rule: Reason) -> str:
    words = weeks_words(tuple(dt.date.fromisoformat(text) for text in rule["weeks"]))
    return f" {words}" if words else ""


def _blackout(rule: Reason, names: Names) -> str:
    return f"“{rule['name']}” closes days of its run{_weeks(rule)}."


def _collision(rule: Reason, names: Names) -> str:
    return f"It would share people with {_named(rule['keys'], names)}{_weeks(rule)}."


def _capacity(rule: Reason, names: Names) -> str:
    limit = f" of its {number_words(rule['limit'])}" if rule["limit"] is not None else ""
    name = names.pod(rule["pod"])
    return f"{name[:1].upper()}{name[1:]} has too few people-days left{limit}{_weeks(rule)}."


def _at_once(rule: Reason, names: Names) -> str:
    name = names.pod(rule["pod"])
    who = "All pods together run" if rule["pod"] is None else f"{name[:1].upper()}{name[1:]} runs"
    limit = number_words(rule["limit"] or 0)
    return f"{who} {limit} experiments at once already{_weeks(rule)}."


def _audience(rule: Reason, names: Names) -> str:
    name = names.segment(rule["segment"])
    return f"{name[:1].upper()}{name[1:]} is sold out{_weeks(rule)}."


def _pressure(rule: Reason, names: Names) -> str:
    return f"People of {names.segment(rule['segment'])} get as much on {rule['name']} as they may{_weeks(rule)}."


def _namespace(rule: Reason, names: Names) -> str:
    return f"Its namespace has too few people left{_weeks(rule)}."


def _after(rule: Reason, names: Names) -> str:
    later, earlier = names.test(rule["keys"][0]), names.test(rule["keys"][-1])
    return f"{later[:1].upper()}{later[1:]} waits for {earlier}."


def _circle(rule: Reason, names: Names) -> str:
    return f"{_named(rule['keys'], names)} wait for each other."


def _objective(rule: Reason, names: Names) -> str:
    goal, limit = names.objective(rule["objective"]), int(rule["limit"] or 0)
    count = int(rule["amount"] or 0)
    tests = f"{limit} experiment{'' if limit == 1 else 's'}"
    return f"{goal[:1].upper()}{goal[1:]} is to have {tests}, and {count or 'none'} can serve it."


def _too_long(rule: Reason, names: Names) -> str:
    amount, limit = number_words(rule["amount"] or 0), number_words(rule["limit"] or 0)
    return f"It needs {amount} weeks, and {limit} are left."


def _no_start(rule: Reason, names: Names) -> str:
    return "None of the weeks in which it may start is left."


RULES: dict[str, Callable[[Reason, Names], str]] = {
    "blackout": _blackout,
    "collision": _collision,
    "capacity": _capacity,
    "tests-at-once": _at_once,
    "audience": _audience,
    "pressure": _pressure,
    "namespace": _namespace,
    "after": _after,
    "circle": _circle,
    "objective": _objective,
    "too-long": _too_long,
    "no-start": _no_start,
}
