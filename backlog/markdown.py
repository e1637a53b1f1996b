"""The one renderer of markdown: descriptions, comments, write-ups.

Raw HTML is shown as text, and what comes out is cleaned once more: a link can lead anywhere but
passes nothing on, and no picture is loaded from elsewhere.
"""

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

_RENDERER = (
    MarkdownIt("commonmark", {"html": False, "breaks": True})
    .enable(["table", "strikethrough"])
    .disable("image")
)

_TAGS = {
    "p", "br", "hr", "strong", "em", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a",
    "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
_CLEANER = nh3.Cleaner(
    tags=_TAGS,
    attributes={"a": {"href", "title"}, "ol": {"start"}},
    url_schemes={"http", "https", "mailto"},
    link_rel="nofollow noopener",
)


def render(text: str) -> SafeString:
    """HTML of `text`; headings start at the third level, below those of the page."""
    tokens = _RENDERER.parse(text)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1]) + 2, 6)}"
    html = _RENDERER.renderer.render(tokens, _RENDERER.options, {})
    return mark_safe(_CLEANER.clean(html))  # noqa: S308  (cleaned on this very line)
