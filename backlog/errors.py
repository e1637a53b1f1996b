"""What a person sees when something went wrong: what happened, why, what next. Never a traceback."""

import logging
import sys
from collections.abc import Callable
from weakref import WeakKeyDictionary

from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.core.signals import got_request_exception
from django.dispatch import receiver
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.multipartparser import MultiPartParserError
from django.template.loader import render_to_string

from backlog import htmx
from backlog.refusals import Mend, Refused
from backlog.storage import trouble_of

log = logging.getLogger("floe")

SENTENCES = {
    400: "This request could not be read.",
    403: "You don’t have permission to do this.",
    404: "There is nothing here, or you may not see it.",
    409: "This is not possible as things stand.",
    503: "This can’t be done right now.",
    500: "Something went wrong on our side. It has been logged. What you typed is still in your form.",
}
TOO_MUCH_TYPED = (
    "What you pasted is too long for a form. It is still in your form: go back, and send it as a "
    "file or in parts."
)
PLAIN_500 = (
    "<!doctype html><title>Floe</title><h1>Something went wrong on our side</h1>"
    "<p>It has been logged. Go back and try again.</p>"
)
READS = ("GET", "HEAD", "OPTIONS")
WITHOUT_REQUEST = ("500.html", "503.html")
TRIES_AGAIN_IN = "30"  # seconds


def answer(
    request: HttpRequest,
    status: int,
    sentence: str = "",
    page: str = "",
    *,
    mend: Mend | None = None,
) -> HttpResponse:
    """JSON under /api/, a message for htmx, a page for everybody else."""
    says = sentence or SENTENCES[status]
    if request.path.startswith("/api/"):
        response: HttpResponse = JsonResponse({"detail": says}, status=status)
    elif htmx.wants_part(request) and status != 500:
        response = htmx.say_instead(request, says, status=status, mend=mend)
    else:
        response = HttpResponse(
            _page(request, page or f"{status}.html", says, status, mend), status=status
        )
    response.is_floe = True  # type: ignore[attr-defined]
    return response


def _page(
    request: HttpRequest, template: str, sentence: str, status: int, mend: Mend | None = None
) -> str:
    if template not in WITHOUT_REQUEST:
        context = {"sentence": sentence, "back": htmx.page_of(request), "status": status}
        context["mend"] = mend
        return render_to_string(template, context, request=request)
    try:
        # Without the request: no session, no database, whatever has failed.
        return render_to_string(template, {"sentence": sentence})
    except Exception:
        log.exception("The page for errors failed too")
        return PLAIN_500


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig):
        return answer(request, 413, TOO_MUCH_TYPED, page="409.html")
    return answer(request, 400)


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return answer(request, 403, str(exception or ""))


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return answer(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    return answer(request, 500)


def out_of_order(request: HttpRequest, trouble: str) -> HttpResponse:
    """The disk or the database fails. The answer needs neither of them."""
    kept = " Nothing was saved. What you typed is still in your form."
    says = trouble + (kept if request.method not in READS else "")
    if htmx.wants_part(request) and not request.path.startswith("/api/"):
        response = htmx.say_instead_of_anything(says, status=503)
        response.is_floe = True  # type: ignore[attr-defined]
    else:
        response = answer(request, 503, says)
    response["Retry-After"] = TRIES_AGAIN_IN
    return response


def conflict(request: HttpRequest, refusal: Refused) -> HttpResponse:
    """A rule does not allow this step: show its sentence, and the way back."""
    return answer(request, refusal.status, str(refusal), page="409.html", mend=refusal.mend)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page was open for so long that its form is no longer valid, or it came from elsewhere."""
    log.warning("CSRF: %s on %s", reason, request.path)
    sentence = "This page was open for too long. Reload it and send the form again."
    response = answer(request, 403, sentence, page="403_csrf.html")
    response["X-Stale-Token"] = "1"  # static/js/connection.js renews the token and sends once more
    return response


_failures: "WeakKeyDictionary[HttpRequest, BaseException]" = WeakKeyDictionary()
"""What other middleware has raised; Django makes a page of it before ours is asked."""


@receiver(got_request_exception)
def note_the_failure(request: HttpRequest | None = None, **kwargs: object) -> None:
    failure = sys.exc_info()[1]
    if request is not None and failure is not None:
        _failures[request] = failure


class ErrorPagesMiddleware:
    """Answers all errors of views with Floe's own pages, even with DEBUG on."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == 500 and (trouble := trouble_of(_failures.pop(request, None))):
            return out_of_order(request, trouble)
        # Django's own pages for developers: addresses that do not resolve, broken middleware.
        is_ours = getattr(response, "is_floe", False) or not settings.DEBUG
        is_html = response.headers.get("Content-Type", "").startswith("text/html")
        if is_html and not is_ours and response.status_code in (400, 403, 404, 500):
            return answer(request, response.status_code)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse:
        match exception:
            case Refused():
                return conflict(request, exception)
            case Http404():
                return page_not_found(request, exception)
            case PermissionDenied():
                return permission_denied(request, exception)
            case SuspiciousOperation() | MultiPartParserError():
                log.warning("%s on %s: %s", type(exception).__name__, request.path, exception)
                return bad_request(request, exception)
        if trouble := trouble_of(exception):
            log.error("%s %s: %s (%s)", request.method, request.path, trouble, exception)
            return out_of_order(request, trouble)
        log.error("%s %s failed", request.method, request.path, exc_info=exception)
        got_request_exception.send(sender=self.__class__, request=request)
        return server_error(request)
