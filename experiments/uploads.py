"""Uploads are capped while they stream: what is too large never fills the disk."""

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.core.files.uploadhandler import FileUploadHandler


class CappedUploadHandler(FileUploadHandler):
    """Lets a file through to the next handler up to the limit, and drops what comes after.

    A file that was cut arrives empty but with the size that was sent, so that the form can say how
    large it was and how large it may be.
    """

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        return raw_data if start + len(raw_data) <= self._limit() else None

    def file_complete(self, file_size: int) -> UploadedFile | None:  # type: ignore[type-arg]
        if file_size <= self._limit():
            return None
        cut = SimpleUploadedFile(self.file_name or "file", b"", self.content_type or "")
        cut.size = file_size
        return cut

    def _limit(self) -> int:
        """Tables of ideas are small; a file of results is not."""
        path = self.request.path if self.request else ""
        is_table = path.startswith("/imports/")
        limit: int = settings.IMPORT_FILE_MAX_BYTES if is_table else settings.RESULTS_FILE_MAX_BYTES
        return limit
