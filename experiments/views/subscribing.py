"""Calendar feeds: one’s own addresses, and what a calendar program reads under them."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backlog.flows.mailing import address_of
from backlog.flows.tokens import note_use
from backlog.forms.refusing import refusals_in
from backlog.permissions import get_for
from backlog.views.asking import SignedIn, chosen_pod_id
from experiments.flows.subscribing.addresses import feed_at, make_feed, revoke_feed
from experiments.flows.subscribing.entries import subscription_of
from experiments.flows.subscribing.ical import CONTENT_TYPE, written
from experiments.forms.subscribing import FeedForm
from experiments.models import CalendarFeed

NOT_HERE = (
    "This calendar address does not work any more. Open Floe, go to the calendar, choose "
    "“Subscribe” and make a new address.\n"
)


@require_http_methods(["GET", "HEAD", "POST"])
def calendar_subscribe(request: SignedIn) -> HttpResponse:
    """The answer to the POST shows the address. It is stored nowhere, so a redirect could not."""
    form = FeedForm(request.POST or None, by=request.user, initial={"pod": chosen_pod_id(request)})
    context: dict[str, Any] = {"form": form}
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            feed, token = make_feed(by=request.user, **form.cleaned_data)
            address = address_of(reverse("experiments:feed_calendar", args=[token]))
            context |= {"feed": feed, "address": address}
    context["feeds"] = _own(request).filter(revoked_at=None).select_related("pod")
    status = 422 if form.errors else 200
    return render(request, "experiments/calendar_subscribe.html", context, status=status)


def _own(request: SignedIn) -> Any:
    return CalendarFeed.objects.visible_to(request.user)


@require_POST
def feed_revoke(request: SignedIn, pk: int) -> HttpResponse:
    feed = get_for(request.user, "experiments.view_feed", CalendarFeed, join=("pod",), pk=pk)
    revoke_feed(feed, by=request.user)
    messages.success(request, f"The address “{feed}” no longer works.")
    return redirect("experiments:calendar_subscribe")


@login_not_required
@require_safe
def feed_calendar(request: HttpRequest, token: str) -> HttpResponse:
    """The feed of a secret address, with what its person may see now; 304 if nothing has changed."""
    feed = feed_at(token)
    if feed is None:
        return HttpResponse(NOT_HERE, status=404, content_type="text/plain; charset=utf-8")
    note_use(feed)
    subscription = subscription_of(feed)
    etag = f'"{subscription.tag}"'
    response = get_conditional_response(request, etag=etag)
    if response is None:
        response = HttpResponse(written(subscription), content_type=CONTENT_TYPE)
        response["Content-Disposition"] = 'inline; filename="floe.ics"'
    response["ETag"] = etag
    response["Cache-Control"] = "private, no-cache"
    return response  # type: ignore[return-value]
