"""Many ideas at once: select them in the list, choose a step, undo it in one click."""

import datetime as dt
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from backlog.flows.bulk import AT_ONCE, Done, action_called, change_many, undo_change
from backlog.forms.bulk import bulk_form
from backlog.htmx import render
from backlog.models import BulkChange, Idea
from backlog.refusals import Refused
from backlog.views.asking import SignedIn
from backlog.views.going_back import back_to_list

NAMED = 8
UNDO_SHOWN = dt.timedelta(hours=1)


@require_http_methods(["GET", "HEAD", "POST"])
def idea_bulk(request: SignedIn, action: str) -> HttpResponse:
    """`?idea=1&idea=2` are the chosen ones; the page asks what the step needs, a POST takes it."""
    step = action_called(action)
    if step is None:
        raise Http404
    ideas = _chosen(request)
    data = request.POST if request.method == "POST" else None
    form = bulk_form(action, data, ideas=ideas, by=request.user)
    if data is not None and form.is_valid():
        done = change_many(ideas, action, by=request.user, **form.cleaned_data)
        _tell(request, done)
        return redirect(back_to_list(request))
    context: dict[str, Any] = {
        "action": step, "form": form, "ideas": ideas, "named": ideas[:NAMED],
        "others": max(0, len(ideas) - NAMED), "back": back_to_list(request),
    }  # fmt: skip
    return render(
        request, "backlog/idea_bulk.html", context,
        partials={"bulk-form"}, status=422 if form.errors else 200,
    )  # fmt: skip


def _chosen(request: SignedIn) -> list[Idea]:
    """The ideas that the page or the form names, as far as this person sees them."""
    data = request.POST if request.method == "POST" else request.GET
    ids = [int(pk) for pk in data.getlist("idea") if pk.isascii() and pk.isdigit() and len(pk) < 19]
    if not ids:
        raise Refused("Select at least one idea first, with the box on its left.")
    if len(set(ids)) > AT_ONCE:
        raise Refused(f"You can change at most {AT_ONCE} ideas at once. Select fewer.")
    chosen = Idea.objects.visible_to(request.user).filter(pk__in=ids)
    return list(chosen.select_related("pod", "objective").order_by("pk"))


def _tell(request: SignedIn, done: Done) -> None:
    if done.change:
        undo = reverse("backlog:bulk_undo", args=[done.change.pk])
        messages.success(request, done.change.sentence, extra_tags=f"undo:{undo}")
        kept = {"pk": done.change.pk, "sentence": done.change.sentence}
        request.session["last_change"] = kept | {"at": done.change.at.isoformat()}
    elif not done.refused:
        messages.info(request, "Nothing changed: they were already like that.")
    for sentence in done.refused[:NAMED]:
        messages.warning(request, sentence)
    if len(done.refused) > NAMED:
        messages.warning(request, f"{len(done.refused) - NAMED} more were also left as they are.")


def change_to_undo(request: SignedIn) -> dict[str, Any] | None:
    """One's last step of this session, while one may still want it undone: a reload keeps it.

    The session knows it, so that the list asks the database nothing more.
    """
    kept = request.session.get("last_change")
    if not kept:
        return None
    at = timezone.localtime(dt.datetime.fromisoformat(kept["at"]))
    return {**kept, "at": at} if at > timezone.now() - UNDO_SHOWN else None


@require_POST
def bulk_undo(request: SignedIn, pk: int) -> HttpResponse:
    change = BulkChange.objects.filter(pk=pk, by=request.user).first()
    if change is None:
        raise Http404
    if request.session.get("last_change", {}).get("pk") == pk:
        del request.session["last_change"]
    kept = undo_change(change, by=request.user)
    messages.success(request, "Undone.")
    if kept:
        names = ", ".join(kept[:NAMED])
        messages.warning(
            request, f"Some ideas stay as they are because they have changed since: {names}."
        )
    return redirect(back_to_list(request))
