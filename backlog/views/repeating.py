"""A form that is sent twice counts once: a double click, a reload, a browser that sends again.

Each rendering of a page carries a CSRF token of its own, so the same token with the same entries
to the same address is the same form, sent again. Where the first one led is kept for a day.
"""

import functools
import hashlib
import json
from collections.abc import Callable
from typing import Concatenate, ParamSpec, cast

from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseRedirectBase
from django.utils import timezone

from backlog.forms.confirming import NAME as OWN_PASSWORD
from backlog.models import KeptAnswer
from backlog.views.asking import SignedIn

P = ParamSpec("P")
View = Callable[Concatenate[SignedIn, P], HttpResponse]


def counts_once(view: View[P]) -> View[P]:
    """Let a form that adds something add it once, however often it is sent.

    The row is written in the transaction of the view: of two at once the second waits, and is led
    where the first one was. A form that was refused, or answered in place, keeps nothing. For
    views that only write to the database; whatever reads a file would hold everybody's writes.
    """

    @functools.wraps(view)
    def sent(request: SignedIn, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        key = _key_of(request)
        if not key:
            return view(request, *args, **kwargs)
        with transaction.atomic():
            kept, is_new = KeptAnswer.objects.select_for_update().get_or_create(
                user=request.user, key=key
            )
            if not is_new and not kept.is_over:
                return HttpResponseRedirect(json.loads(kept.body)["url"])
            answer = view(request, *args, **kwargs)
            if isinstance(answer, HttpResponseRedirectBase):
                kept.status, kept.body = answer.status_code, json.dumps({"url": answer.url})
                kept.kept_at = timezone.now()
                kept.save()
            else:
                kept.delete()
        return answer

    return cast(View[P], sent)


def _key_of(request: SignedIn) -> str:
    """What makes it the same form; "" for what is not a form of a page."""
    if request.method != "POST" or not request.POST.get("csrfmiddlewaretoken"):
        return ""
    entries = sorted(pair for pair in request.POST.lists() if pair[0] != OWN_PASSWORD)
    parts = [request.get_full_path(), entries]
    return f"form {hashlib.sha256(json.dumps(parts).encode()).hexdigest()}"
