"""Text that neither a database nor a file can store: the sender gets a sentence, on any engine."""

from collections.abc import Callable, Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse

from backlog import errors

GetResponse = Callable[[HttpRequest], HttpResponse]
SAYS = "contains a NUL or half a character (a lone surrogate), which cannot be stored."


def is_odd(text: str) -> bool:
    """Whether it holds a NUL or a lone surrogate.

    >>> is_odd("caf\u00e9"), is_odd("a\\0"), is_odd("\\ud800")
    (False, True, True)
    """
    if "\0" in text:
        return True
    if text.isascii():
        return False
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False


class WholeTextMiddleware:
    """Answers 400 if an address or a form contains odd text. The API checks its own bodies."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Any, args: Any, kwargs: Any
    ) -> HttpResponse | None:
        if is_odd(request.path):
            return errors.answer(request, 400, f"This address {SAYS}")
        for name in _odd_names(request):
            sentence = f"“{name}” {SAYS} Remove it and send it again."
            return errors.answer(request, 400, sentence)
        return None


def _odd_names(request: HttpRequest) -> Iterator[str]:
    sent = [request.GET] if request.path.startswith("/api/") else [request.GET, request.POST]
    for fields in sent:
        for name, values in fields.lists():
            if is_odd(name) or any(isinstance(text, str) and is_odd(text) for text in values):
                yield name[:80].encode(errors="replace").decode().replace("\0", "")
