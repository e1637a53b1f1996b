"""An address as a QR code, drawn on the server as SVG without styles."""

import io

import segno
from django.utils.safestring import SafeString, mark_safe


def qr_of(address: str) -> SafeString:
    """Inline SVG, three pixels a module, in the colours of the page."""
    drawn = io.BytesIO()
    segno.make(address, error="m", micro=False).save(
        drawn, kind="svg", scale=4, border=2, xmldecl=False, svgns=True, nl=False, omitsize=True,
        svgclass="qr", lineclass="qr-l", dark="#000", light="#fff",
        title="The session’s address as a QR code",
    )  # fmt: skip
    return mark_safe(drawn.getvalue().decode())  # noqa: S308  (made of numbers; the title is ours)
