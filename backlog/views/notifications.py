"""The inbox, and the notification settings."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backlog.flows.people import choose_notifications
from backlog.forms.refusing import refusals_in
from backlog.forms.talk import WishesForm
from backlog.models import Notification
from backlog.views.asking import SignedIn
from backlog.views.saving import saving

SHOWN = 50


@require_safe
def notification_list(request: SignedIn) -> HttpResponse:
    """Newest first, without those of pods that the person has left."""
    seen = Notification.objects.visible_to(request.user)
    rows = seen.select_related("pod", "comment").order_by("-at", "-pk")
    is_new_only = request.GET.get("show") != "all"
    shown = rows.filter(read_at=None) if is_new_only else rows
    newest = list(shown[: SHOWN + 1])
    context = {"rows": newest[:SHOWN], "has_more": len(newest) > SHOWN, "is_new_only": is_new_only}
    return render(request, "backlog/notification_list.html", context)


@require_safe
def notification_open(request: SignedIn, pk: int) -> HttpResponse:
    """To what it is about; it counts as read from then on."""
    row = get_object_or_404(Notification.objects.visible_to(request.user), pk=pk)
    request.user.notifications.filter(pk=pk, read_at=None).update(read_at=timezone.now())
    return redirect(row.url)


@require_POST
def notification_read(request: SignedIn) -> HttpResponse:
    """Mark all as read up to the top one on the page. Later ones stay new."""
    top = request.POST.get("top", "")
    rows = request.user.notifications.filter(read_at=None)
    if top.isascii() and top.isdigit() and len(top) < 19:
        rows.filter(pk__lte=int(top)).update(read_at=timezone.now())
    return redirect("backlog:notification_list")


@require_http_methods(["GET", "HEAD", "POST"])
def notification_choices(request: SignedIn) -> HttpResponse:
    form = WishesForm(request.POST or None, of=request.user)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form), saving(request, form, request.user) as user:
            choose_notifications(by=user, digest=form.cleaned_data["digest"], wishes=form.wishes())
            messages.success(request, "Saved.")
            return redirect("backlog:notification_choices")
    context = {"form": form}
    status = 422 if form.errors else 200
    return render(request, "backlog/notification_choices.html", context, status=status)
