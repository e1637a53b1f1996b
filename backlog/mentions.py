"""@Name in a text: who is meant. Pure text, no Django."""

import re
from collections.abc import Iterable

People = Iterable[tuple[int, str]]  # id and full name
# A web address is taken whole, so the @ in https://x.org/@ana is nobody.
_ADDRESS_OR_AT = re.compile(r"(?<![\w.-])[\w.-]+(?:://|\.\w+/)\S*|(?<![\w@.])@(?=\w)")


def names_of(people: People) -> dict[str, int]:
    """The names of each: the full name, and the first name if only one person has it.

    >>> names_of([(1, "Ana Ruiz"), (2, "Ben Ode"), (3, "Ben Keller")])
    {'ana ruiz': 1, 'ben ode': 2, 'ben keller': 3, 'ana': 1}
    """
    known = list(people)
    full = {name.casefold(): pk for pk, name in known}
    firsts: dict[str, set[int]] = {}
    for pk, name in known:
        firsts.setdefault(name.split()[0].casefold(), set()).add(pk)
    single = {first: pks.copy().pop() for first, pks in firsts.items() if len(pks) == 1}
    return full | {first: pk for first, pk in single.items() if first not in full}


def mentioned_in(text: str, people: People) -> set[int]:
    """The ids of the people mentioned with an @. The longest matching name counts.

    >>> sorted(mentioned_in("@Ana/@ben keller, not https://x.org/@ben ode, ana@x.org or @Ben", [(1, "Ana Ruiz"), (2, "Ben Ode"), (3, "Ben Keller")]))
    [1, 3]
    """
    names = names_of(people)
    mentions = (_name_at(text, at.end(), names) for at in _ats(text))
    return {names[name] for name in mentions if name}


def _ats(text: str) -> list[re.Match[str]]:
    return [match for match in _ADDRESS_OR_AT.finditer(text) if match[0] == "@"]


def _name_at(text: str, start: int, names: dict[str, int]) -> str | None:
    rest = text[start : start + 90].casefold()
    fitting = [
        name
        for name in names
        if rest.startswith(name) and not (rest[len(name) : len(name) + 1] or " ").isalnum()
    ]
    return max(fitting, key=len, default=None)


def beginning(text: str, longest: int = 120) -> str:
    """The beginning of what somebody wrote, in one line and without what it quotes.

    >>> beginning("> Is it so? Yes, by far", 9), beginning("Yes, by far", 9)
    ('', 'Yes, by…')
    """
    own = (line for line in text.splitlines() if not line.lstrip().startswith(">"))
    line = " ".join(" ".join(own).split())
    return line if len(line) <= longest else f"{line[: longest - 1].rstrip()}…"


def in_quotes(text: str, longest: int = 400) -> str:
    """Lines that Markdown shows as a quotation, and an empty one below."""
    lines = text[:longest].rstrip().splitlines()
    return "".join(f"> {line}\n" for line in lines) + "\n"


def marked(html: str, people: People) -> str:
    """HTML in which mentions are highlighted. Text in tags and links stays as it is.

    >>> marked('<p>Ask @Ana. <a href="x@Ana">y</a></p>', [(1, "Ana Ruiz")])
    '<p>Ask <b class="mention">@Ana</b>. <a href="x@Ana">y</a></p>'
    """
    names = names_of(people)
    if not names:
        return html
    parts = re.split(r"(<[^<>]*>)", html)
    return "".join(part if part.startswith("<") else _marked(part, names) for part in parts)


def _marked(text: str, names: dict[str, int]) -> str:
    out, done = [], 0
    for at in _ats(text):
        name = _name_at(text, at.end(), names)
        if name and at.start() >= done:
            end = at.end() + len(name)
            out += [text[done : at.start()], f'<b class="mention">{text[at.start() : end]}</b>']
            done = end
    return "".join([*out, text[done:]])
