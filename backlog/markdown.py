"""The one renderer of markdown: descriptions, comments, write-ups.

Raw HTML is shown as text, and the result is cleaned again. Links can lead anywhere but pass no
referrer on, and pictures from elsewhere are not loaded.
"""

import nh3
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

from backlog import mentions

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


def render(text: str, *, people: mentions.People = ()) -> SafeString:
    """`text` as an HTML block, in which an @ with the name of one of `people` is highlighted.

    The block is one that htmx passes over. Headings start at the third level, below the page's own.
    """
    tokens = _RENDERER.parse(text)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1]) + 2, 6)}"
    html = _CLEANER.clean(_RENDERER.renderer.render(tokens, _RENDERER.options, {}))
    if not html:
        return SafeString("")
    return format_html(
        '<div class="prose" hx-disable>{}</div>',
        mark_safe(mentions.marked(html, people)),  # noqa: S308  (cleaned above)
    )
