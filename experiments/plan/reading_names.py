"""Names that were pasted or came in a file: read back by the convention, or refused. Pure."""

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from experiments.plan.naming import (
    ARM,
    DATE,
    DATE_FORMATS,
    KEY,
    LABELS,
    LETTERS,
    LONGEST_MOST,
    PREFIX,
    TEXT,
    UNDATED,
    Convention,
    LegalName,
    Subject,
    Token,
    cased,
    legal_names,
)


@dataclass(frozen=True)
class Parts:
    """A name that was read back: its parts in the order of the tokens."""

    parts: tuple[str, ...]
    key: str
    arm: str


def parse_name(name: str, convention: Convention) -> Parts | str:
    """The parts of a name, or the sentence that says what is wrong at which part.

    >>> from experiments.plan.naming import FLOES_OWN
    >>> parse_name("EXP-088_win-back_B", FLOES_OWN).arm
    'B'
    >>> parse_name("EXP-088_win-back_control", FLOES_OWN)
    'Part 3 should be the arm, a letter from A to N, not “control”.'
    """
    sign = re.search(r"[^A-Za-z0-9_.-]", name)
    if sign:
        shown = "a blank" if sign.group().isspace() else f"“{sign.group()}”"
        return f"It contains {shown}. Use only letters, digits, hyphens, dots and underscores."
    if len(name) > convention.longest:
        return f"It has {len(name)} characters, and at most {convention.longest} are allowed."
    parts, tokens = name.split(convention.separator), convention.tokens
    if len(parts) != len(tokens):
        order = ", ".join(LABELS[token.kind] for token in tokens)
        return f"It has {len(parts)} part{'s' * (len(parts) != 1)}, and a name has {len(tokens)}: {order}."
    for place, (part, token) in enumerate(zip(parts, tokens, strict=True), start=1):
        if wrong := _wrong_with(part, token, convention):
            return f"Part {place} should be the {LABELS[token.kind]}, {wrong}, not “{part[:40]}”."
        if (right := cased(part, token, convention)) != part:
            return f"Write part {place} as “{right[:40]}”, not “{part[:40]}”."
    by_kind = dict(zip((token.kind for token in tokens), parts, strict=True))
    return Parts(tuple(parts), key_in(by_kind.get(KEY, ""), convention), by_kind.get(ARM, ""))


def _wrong_with(part: str, token: Token, convention: Convention) -> str:
    """What this part should be, or nothing where it may be right."""
    if token.kind == TEXT:
        return "" if part.lower() == token.value.lower() else f"“{token.value}”"
    if token.kind == DATE:
        return "" if _is_date(part, token) else f"written {token.value} or “{UNDATED}”"
    if token.kind == KEY:
        return "" if key_in(part, convention) else f"such as EXP{convention.joiner}088"
    if token.kind == PREFIX:
        return "" if re.fullmatch(r"[A-Za-z]{2,6}", part) else "two to six letters"
    if not token.is_word:
        is_letter = len(part) == 1 and part.upper() in LETTERS
        return "" if is_letter else f"a letter from A to {LETTERS[-1]}"
    is_right = all(word.isalnum() for word in part.split(convention.joiner))
    return "" if is_right else f"words with “{convention.joiner}” between them"


def key_in(part: str, convention: Convention) -> str:
    """The experiment key that a part is, or nothing."""
    key = part.upper().replace(convention.joiner, "-")
    return key if re.fullmatch(r"EXP-\d{3,6}", key) else ""


def _is_date(part: str, token: Token) -> bool:
    if part.lower() == UNDATED:
        return True
    if len(part) != len(token.value) or not part.isdigit():
        return False
    try:
        dt.datetime.strptime(part, DATE_FORMATS[token.value])
    except ValueError:
        return False
    return True


def arm_called(label: str, names: Iterable[LegalName]) -> str:
    """The arm whose legal name a label is, in capitals or not; else nothing."""
    wanted = label.strip().lower()
    return next((one.arm for one in names if one.name.lower() == wanted), "")


@dataclass(frozen=True)
class Verdict:
    """What a pasted line is: of which experiment and arm, or what is wrong with it."""

    line: str
    is_legal: bool
    sentence: str
    key: str = ""
    arm: str = ""


def check_names(
    lines: Iterable[str], convention: Convention, subjects: Mapping[str, Subject]
) -> list[Verdict]:
    """Each line by itself; `subjects` are the experiments that may be named, by their keys."""
    names = {key: legal_names(convention, one) for key, one in subjects.items()}
    return [_verdict(line, convention, subjects, names) for line in lines]


def _verdict(
    line: str,
    convention: Convention,
    subjects: Mapping[str, Subject],
    names: Mapping[str, list[LegalName]],
) -> Verdict:
    read = parse_name(line, convention)
    if isinstance(read, str):
        return Verdict(line, is_legal=False, sentence=read)
    if read.key not in subjects:
        return Verdict(line, False, f"There is no experiment {read.key} that you can see.")
    if arm := arm_called(line, names[read.key]):
        return Verdict(line, True, "", read.key, arm)
    place = next(n for n, token in enumerate(convention.tokens) if token.kind == ARM)
    same_arm = [one for one in names[read.key] if one.parts[place] == read.arm]
    if not same_arm:
        known = ", ".join(dict.fromkeys(one.parts[place] for one in names[read.key]))
        return Verdict(line, False, f"{read.key} has no arm “{read.arm}”. Its arms are {known}.")
    sentence = _difference(read, same_arm, convention)
    return Verdict(line, False, sentence, read.key, same_arm[0].arm)


def _difference(read: Parts, names: Sequence[LegalName], convention: Convention) -> str:
    """Which part is not what the plan says now, held against the nearest name."""
    nearest = max(names, key=lambda one: sum(map(str.__eq__, one.parts, read.parts)))
    place = next(
        n for n, (a, b) in enumerate(zip(read.parts, nearest.parts, strict=True)) if a != b
    )
    label = LABELS[convention.tokens[place].kind]
    return (
        f"Part {place + 1}, the {label}, is “{nearest.parts[place]}” in the plan, "
        f"not “{read.parts[place]}”."
    )


def keys_named(text: str, convention: Convention) -> list[str]:
    """The keys of all experiments that legal names in a text stand for, in the order they come in.

    >>> from experiments.plan.naming import FLOES_OWN
    >>> keys_named("arm,n\\nEXP-088_win-back_A,9\\nEXP-088_win-back_B.csv", FLOES_OWN)
    ['EXP-088']
    """
    keys: dict[str, None] = {}
    for match in re.finditer(r"[A-Za-z0-9_.-]+", text):
        name = match.group()
        if "exp" not in name.lower() or len(name) > LONGEST_MOST + 10:
            continue
        for shape in (name, name.rpartition(".")[0]):
            parts = shape.split(convention.separator)
            place = next(n for n, token in enumerate(convention.tokens) if token.kind == KEY)
            if len(parts) == len(convention.tokens) and (key := key_in(parts[place], convention)):
                keys[key] = None
    return list(keys)
