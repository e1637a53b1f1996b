"""The only reader of htmx's headers: one view serves the page and its parts.

A part's name is the id of its root element. An htmx request names the element it wants in
HX-Target; a view says which parts it gives out, and everything else is the whole page.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any, cast
from urllib.parse import urlencode, urlsplit, urlunsplit

from django.conf import settings
from django.contrib.messages import get_messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseRedirectBase
from django.shortcuts import render as django_render
from django.shortcuts import resolve_url
from django.template.loader import render_to_string
from django.utils.cache import patch_vary_headers
from django_htmx.http import HttpResponseClientRedirect, HttpResponseClientRefresh, reswap, retarget
from django_htmx.middleware import HtmxDetails

from backlog.refusals import Mend

# One address answers with a page or with a part of it; no cache may mistake one for the other.
VARIES_BY = ("HX-Request", "HX-Target")

GetResponse = Callable[[HttpRequest], HttpResponse]


def _htmx(request: HttpRequest) -> HtmxDetails | None:
    """Details of a request that wants a part; boosted links and the back button want a page."""
    details = cast(HtmxDetails | None, getattr(request, "htmx", None))
    if not details or details.boosted or details.history_restore_request:
        return None
    return details


def wants_part(request: HttpRequest) -> bool:
    return _htmx(request) is not None


def asks_for(request: HttpRequest, part: str) -> bool:
    """Whether a browser asks for the part of this name and nothing else."""
    htmx = _htmx(request)
    return htmx is not None and htmx.target == part


def nothing_new() -> HttpResponse:
    """The answer to a poll that leaves the page as it is."""
    return HttpResponse(status=204)


def part_of(request: HttpRequest, template: str, context: Mapping[str, Any], *, part: str) -> str:
    """A part as text, whatever the request asks for."""
    return render_to_string(f"{template}#{part}", dict(context), request=request)


def in_place_of(request: HttpRequest, html: str, *, part: str) -> HttpResponse:
    """Another part than the one that was asked for, put in its own place."""
    response = HttpResponse(html)
    response.write(_messages(request))
    patch_vary_headers(response, VARIES_BY)
    return reswap(retarget(response, f"#{part}"), "outerHTML")


def render(
    request: HttpRequest,
    template: str,
    context: Mapping[str, Any] | None = None,
    *,
    partials: Collection[str] = (),
    status: int = 200,
) -> HttpResponse:
    """The page, or the one of its `partials` whose id the request names as its target.

    A part carries the messages along, out of band. Where an htmx request wants an element that
    this page does not give out, a GET loads the page and an invalid form replaces the body.
    """
    htmx = _htmx(request)
    if htmx is None:
        response = django_render(request, template, context, status=status)
        patch_vary_headers(response, VARIES_BY)
        return response
    if htmx.target in partials:
        response = django_render(request, f"{template}#{htmx.target}", context, status=status)
        response.write(_messages(request))
        patch_vary_headers(response, VARIES_BY)
        return response
    if request.method == "GET" and status == 200:
        return HttpResponseClientRedirect(request.get_full_path())
    response = django_render(request, template, context, status=status)
    return reswap(retarget(response, "body"), "innerHTML")


def _messages(request: HttpRequest) -> str:
    if not len(get_messages(request)):
        return ""
    return render_to_string("components/messages.html", {"out_of_band": True}, request=request)


def say_instead(
    request: HttpRequest, sentence: str, *, status: int, mend: Mend | None = None
) -> HttpResponse:
    """Answer a refused step of an htmx request: only the messages are swapped."""
    context = {"refusal": sentence, "mend": mend}
    html = render_to_string("components/messages.html", context, request=request)
    return reswap(retarget(HttpResponse(html, status=status), "#messages"), "outerHTML")


def say_instead_of_anything(sentence: str, *, status: int) -> HttpResponse:
    """The same without the request: no session, no database, whatever has failed."""
    html = render_to_string("components/messages.html", {"refusal": sentence})
    return reswap(retarget(HttpResponse(html, status=status), "#messages"), "outerHTML")


def put_in_place(html: str, selector: str) -> HttpResponse:
    """Something other than the element that was asked for changes: it stands at `selector`."""
    return reswap(retarget(HttpResponse(html), selector), "outerHTML")


def page_of(request: HttpRequest) -> str:
    """Path and query of the current page, as the browser reports it, or "/" if unknown."""
    htmx = _htmx(request)
    address = htmx.current_url if htmx else request.headers.get("Referer", "")
    try:
        parts = urlsplit(address or "")
    except ValueError:  # such as "http://["
        return "/"
    if parts.netloc and parts.netloc != request.get_host():
        return "/"
    path = "/" + parts.path.lstrip("/\\")
    return urlunsplit(("", "", path, parts.query, ""))


class HtmxRedirectMiddleware:
    """Turns a redirect that an htmx request would follow blindly into one that the browser makes.

    The browser follows a redirect inside the request and keeps its headers, so a redirect back to
    the page the person is on answers with the same part: that one stays. Any other changes page.
    People whose session expired sign in and return to the page, not to the address of a POST.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not isinstance(response, HttpResponseRedirectBase):
            return response
        here, target = page_of(request), response.url
        is_sign_in = urlsplit(target).path == resolve_url(settings.LOGIN_URL)
        if is_sign_in and (request.method != "GET" or wants_part(request)):
            target = _sign_in_and_return(target, here)
            response["Location"] = target
        if not wants_part(request) or (_is_same_page(target, here) and not _wants_page(request)):
            return response
        answer = _reload_or_go(target, here)
        answer.cookies = response.cookies
        return answer


def _sign_in_and_return(target: str, here: str) -> str:
    parts = urlsplit(target)
    query = QueryDict(parts.query, mutable=True)
    if "next" not in query:
        return target
    query["next"] = here
    return urlunsplit(("", "", parts.path, urlencode(query, safe="/"), ""))


def _wants_page(request: HttpRequest) -> bool:
    """A plain form that a script sends: it asks for no part, whatever comes is a page."""
    htmx = _htmx(request)
    return htmx is not None and htmx.target is None and request.method != "GET"


def _reload_or_go(target: str, here: str) -> HttpResponse:
    """The page once more where only its fragment would change: a browser would not load it."""
    is_here = urlsplit(target)._replace(fragment="").geturl() == here
    return HttpResponseClientRefresh() if is_here else HttpResponseClientRedirect(target)


def _is_same_page(target: str, here: str) -> bool:
    return urlsplit(target).path == urlsplit(here).path
