"""Send a file that somebody uploaded, so that nothing in it can run on this site."""

from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404

HEADERS = {
    # A browser that opens an image by itself makes a page for it, with a style of its own. The
    # sandbox and `default-src` leave that page nothing to run, load or send.
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "private, no-cache",  # asked for each time, sent again only if new
}


def send_upload(
    stored: FieldFile, *, content_type: str, name: str, is_download: bool = False
) -> FileResponse:
    """The file under `name`; a 404 where the disk has lost it."""
    try:
        file = stored.open("rb")
    except OSError as gone:
        raise Http404 from gone
    return FileResponse(
        file, content_type=content_type, filename=name, as_attachment=is_download, headers=HEADERS
    )
