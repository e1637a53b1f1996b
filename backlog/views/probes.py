"""For whoever watches the installation: is it alive, can it work?"""

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from backlog.flows.readiness import look
from backlog.models import User


@login_not_required
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The web process answers."""
    return HttpResponse("ok", content_type="text/plain")


@login_not_required
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """200 while Floe can work, else 503. What is missing is an admin's to read, and in the log."""
    readiness_now = look()
    answer: dict[str, object] = {"ready": readiness_now.is_ready}
    if _is_admin(request):
        answer |= readiness_now.in_words
    return JsonResponse(answer, status=200 if readiness_now.is_ready else 503)


def _is_admin(request: HttpRequest) -> bool:
    try:
        return getattr(request.user, "role", "") == User.Role.ADMIN
    except (DatabaseError, InterfaceError):  # who it is stands in the database
        return False
