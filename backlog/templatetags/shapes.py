"""Shapes that say what a thing is and how far along: ideas round, experiments square, outcomes point.

Everything else is a lucide icon. Both come out as `<svg class="i" aria-hidden="true">`.
"""

from functools import lru_cache

from django.utils.safestring import SafeString, mark_safe
from lucide import _render_icon

_CIRCLE = '<circle cx="12" cy="12" r="8.5"/>'
_DASHED_CIRCLE = '<circle cx="12" cy="12" r="8.5" stroke-dasharray="3.2 3.47"/>'
_SQUARE = '<path d="M4 4h16v16H4z"/>'
_FILLED = 'fill="currentColor" stroke="none"'

SHAPES: dict[str, str] = {
    "i-new": _DASHED_CIRCLE,
    "i-toscore": _CIRCLE,
    "i-round": f'{_CIRCLE}<path {_FILLED} d="M12 7a5 5 0 0 1 0 10z"/>',
    "i-scored": f'{_CIRCLE}<circle {_FILLED} cx="12" cy="12" r="5"/>',
    "i-promoted": f'{_CIRCLE}<path d="M8.5 12h7M12.5 9l3 3-3 3"/>',
    "i-snoozed": f'{_CIRCLE}<path d="M12 7.5V12l3 1.8"/>',
    "i-rejected": f'{_CIRCLE}<path d="m6 18 12-12"/>',
    "i-duplicate": '<circle cx="9.5" cy="12" r="6"/><circle cx="14.5" cy="12" r="6"/>',
    "e-draft": '<path d="M4 4h16v16H4z" stroke-dasharray="3.5 3.61"/>',
    "e-ready": _SQUARE,
    "e-running": f'{_SQUARE}<path {_FILLED} d="M9.5 7.5v9l7-4.5z"/>',
    "e-veiled": (
        f'{_SQUARE}<path {_FILLED} d="M8.5 11.5h7v5h-7z"/><path d="M10 11V9.5a2 2 0 0 1 4 0V11"/>'
    ),
    "e-due": f'{_SQUARE}<path d="M12 8v5M12 16h.01"/>',
    "e-stopped": f'{_SQUARE}<path {_FILLED} d="M8.5 8.5h7v7h-7z"/>',
    "e-cancelled": f'{_SQUARE}<path d="m5 19 14-14"/>',
    "o-won": f'<path {_FILLED} d="M12 4l9.5 16h-19z"/>',
    "o-lost": f'<path {_FILLED} d="M12 20 2.5 4h19z"/>',
    "o-flat": f'<path {_FILLED} d="M3 9.5h18v5H3z"/>',
}


@lru_cache(maxsize=256)
def icon(name: str, extra: str = "") -> SafeString:
    """The icon by its name, hidden from screen readers; `extra` is one more class (i-s, i-l, mark)."""
    drawing = SHAPES.get(name)
    if drawing is None:
        svg = _render_icon(name, None)
        drawing = "".join(svg[svg.index(">") + 1 : svg.rindex("</svg>")].split("\n")).strip()
    classes = f"i {extra}".strip()
    return mark_safe(  # noqa: S308  (a drawing of ours or of lucide, a class from a template)
        f'<svg class="{classes}" width="16" height="16" viewBox="0 0 24 24" aria-hidden="true">'
        f"{drawing}</svg>"
    )
