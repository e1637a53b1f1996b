"""The way in which a change arrives: browser, API, command or clock. History notes it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.http import HttpRequest, HttpResponse

_way_in: ContextVar[str] = ContextVar("way_in", default="web")


def current_way_in() -> str:
    return _way_in.get()


@contextmanager
def coming_by(way: str) -> Iterator[None]:
    """Changes inside the block are noted as coming by "web", "api", "command" or "task"."""
    token = _way_in.set(way)
    try:
        yield
    finally:
        _way_in.reset(token)


def way_in_middleware(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    def middleware(request: HttpRequest) -> HttpResponse:
        with coming_by("api" if request.path.startswith("/api/") else "web"):
            return get_response(request)

    return middleware
