"""Uploads are limited while they stream, and only views that expect files accept them."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, SkipFile
from django.http import HttpRequest

from backlog.refusals import NoRoom, Refused
from backlog.room import require_room

View = TypeVar("View", bound=Callable[..., Any])
_STEP = 8 << 20  # bytes after which the disk is looked at again


def takes_files(setting: str) -> Callable[[View], View]:
    """Mark a view that takes files: up to `settings.<setting>` bytes, all of a request together."""

    def mark(view: View) -> View:
        view.most_bytes_setting = setting  # type: ignore[attr-defined]
        return view

    return mark


def most_bytes_for(request: HttpRequest | None) -> int:
    """The most bytes that a request may send: 0 if its view takes no file, or nobody is signed
    in."""
    match = getattr(request, "resolver_match", None)
    setting = getattr(match.func, "most_bytes_setting", "") if match else ""
    if not setting or not request or not request.user.is_authenticated:
        return 0
    return int(getattr(settings, setting))


class CappedUploadHandler(FileUploadHandler):
    """Lets files through to the next handler up to the limit, while there is room on the disk.

    A file that was cut arrives empty but with the size that was sent, so that the form can say how
    large it was and how large it may be; where the disk was the reason, `refusal` says so.
    """

    def handle_raw_input(self, *args: Any, **kwargs: Any) -> None:
        """Django calls it with the input, the headers, and the length that the browser announced."""
        content_length = args[2] if len(args) > 2 else kwargs["content_length"]
        self.most = most_bytes_for(self.request)
        self.taken = self.looked_at = 0
        self.refusal: Refused | None = None
        if self.most:
            self._look(min(content_length or 0, self.most))

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        if not self.most:
            raise SkipFile

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        self.taken += len(raw_data)
        if self.taken - self.looked_at > _STEP:
            self._look(0)
        if self.taken <= self.most and not self.refusal:
            return raw_data
        self._drop()
        return None

    def file_complete(self, file_size: int) -> UploadedFile | None:  # type: ignore[type-arg]
        if self.taken <= self.most and not self.refusal:
            return None
        cut = SimpleUploadedFile(self.file_name or "file", b"", self.content_type or "")
        cut.size = max(file_size, self.taken) if self.taken > self.most else file_size
        cut.refusal = self.refusal  # type: ignore[attr-defined]
        return cut

    def _drop(self) -> None:
        """Remove what has arrived so far at once, not at the end of the request."""
        for handler in self.request.upload_handlers if self.request else ():
            file: Any = getattr(handler, "file", None)
            if file and handler is not self:
                file.close()

    def _look(self, coming: int) -> None:
        """Others may have filled the disk in the meantime."""
        self.looked_at = self.taken
        try:
            require_room(coming, "this file")
        except NoRoom as full:
            self.refusal = full
