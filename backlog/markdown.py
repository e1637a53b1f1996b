"""The one renderer of markdown: descriptions, comments, write-ups.

Raw HTML is shown as text, and the result is cleaned again. Links can lead anywhere but pass no
referrer on, and pictures from elsewhere are not loaded: the only images are those that the caller
hands over, which a text names by their number. An address that stands in a text by itself is a link.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

import nh3
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

from backlog import mentions

_RENDERER = (
    MarkdownIt("commonmark", {"html": False, "breaks": True})
    .enable(["table", "strikethrough"])
    .disable("image")
)
_WITH_IMAGES = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable(
    ["table", "strikethrough"]
)
_ADDRESS: Final = re.compile(r"image:([0-9]{1,18})")
_BARE: Final = re.compile(r"(?<!\w)https?://[^\s<>\"]{1,2000}", re.IGNORECASE)
_AFTER: Final = ".,;:!?'*_~’”»…"  # ends a sentence, not an address
_BRACKETS: Final = {")": "(", "]": "[", "}": "{"}
UNNAMED: Final = "Image without a description"
GONE: Final = "(This image is not part of this text.)"


class Picture(NamedTuple):
    """An image of ours: its address, and its size in pixels."""

    url: str
    width: int
    height: int


_TAGS = {
    "p", "br", "hr", "strong", "em", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a",
    "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
_ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
_SCHEMES = {"http", "https", "mailto"}
_CLEANER = nh3.Cleaner(
    tags=_TAGS,
    attributes=_ATTRIBUTES,
    url_schemes=_SCHEMES,
    link_rel="nofollow noopener",
)


def render(
    text: str,
    *,
    people: mentions.People = (),
    pictures: Mapping[int, Picture] | None = None,
) -> SafeString:
    """`text` as an HTML block, in which an @ with the name of one of `people` is highlighted.

    `![what it shows](image:7)` is the image 7 of `pictures`; without `pictures` no text has images.
    The block is one that htmx passes over. Headings start at the third level, below the page's own.
    """
    renderer = _RENDERER if pictures is None else _WITH_IMAGES
    tokens = renderer.parse(text)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1]) + 2, 6)}"
        elif token.type == "inline":
            children = _addressed(token.children or ())
            token.children = list(
                children if pictures is None else _illustrated(children, pictures)
            )
    cleaner = _CLEANER if pictures is None else _cleaner_with(pictures)
    html = cleaner.clean(renderer.renderer.render(tokens, renderer.options, {}))
    if not html:
        return SafeString("")
    return format_html(
        '<div class="prose" hx-disable>{}</div>',
        mark_safe(mentions.marked(html, people)),  # noqa: S308  (cleaned above)
    )


def _addressed(children: Iterable[Token]) -> Iterator[Token]:
    """The same, with a link around each address that stands in a text outside links."""
    depth = 0
    for token in children:
        depth += {"link_open": 1, "link_close": -1}.get(token.type, 0)
        if token.type == "text" and depth == 0 and "://" in token.content:
            yield from _with_links(token.content)
        else:
            yield token


def _with_links(text: str) -> Iterator[Token]:
    done = 0
    for match in _BARE.finditer(text):
        address = _without_what_follows(match[0])
        if address.endswith("://") or not _RENDERER.validateLink(address):
            continue
        yield Token("text", "", 0, content=text[done : match.start()])
        words = Token("text", "", 0, content=address)
        yield from _linked(words, _RENDERER.normalizeLink(address), is_linked=False)
        done = match.start() + len(address)
    yield Token("text", "", 0, content=text[done:])


def _without_what_follows(address: str) -> str:
    """Without the signs at its end that belong to the sentence; a bracket that it opens is its own."""
    counts = {sign: address.count(sign) for pair in _BRACKETS.items() for sign in pair}
    end = len(address)
    while end:
        last = address[end - 1]
        opens = _BRACKETS.get(last)
        if last not in _AFTER and not (opens and counts[last] > counts[opens]):
            break
        if opens:
            counts[last] -= 1
        end -= 1
    return address[:end]


def _illustrated(children: Iterable[Token], pictures: Mapping[int, Picture]) -> Iterator[Token]:
    """Our images lead to themselves in full size; any other image is a sentence and its address."""
    depth = 0
    for token in children:
        depth += {"link_open": 1, "link_close": -1}.get(token.type, 0)
        if token.type != "image":
            yield token
            continue
        address = str(token.attrs.get("src", ""))
        ours = _ADDRESS.fullmatch(address)
        picture = pictures.get(int(ours[1])) if ours else None
        if picture:
            token.attrs = {"src": picture.url, "alt": "", "width": picture.width,
                           "height": picture.height}  # fmt: skip
            if not token.content.strip():  # a link with nothing to read out
                token.children = [Token("text", "", 0, content=UNNAMED)]
            yield from _linked(token, picture.url, is_linked=depth > 0)
        elif ours:
            yield Token("text", "", 0, content=f"{token.content} {GONE}".strip())
        else:
            words = Token("text", "", 0, content=token.content or address)
            yield from _linked(words, address, is_linked=depth > 0)


def _linked(token: Token, address: str, *, is_linked: bool) -> Iterator[Token]:
    """The token in a link; links never stand in each other."""
    if is_linked:
        yield token
        return
    yield Token("link_open", "a", 1, attrs={"href": address})
    yield token
    yield Token("link_close", "a", -1)


def _cleaner_with(pictures: Mapping[int, Picture]) -> nh3.Cleaner:
    """Lets through images, but only those with one of these addresses."""
    addresses = {picture.url for picture in pictures.values()}

    def kept(tag: str, name: str, value: str) -> str | None:
        return None if (tag, name) == ("img", "src") and value not in addresses else value

    return nh3.Cleaner(
        tags=_TAGS | {"img"},
        attributes={**_ATTRIBUTES, "img": {"src", "alt", "width", "height"}},
        attribute_filter=kept,
        url_schemes=_SCHEMES,
        link_rel="nofollow noopener",
    )
