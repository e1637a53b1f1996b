"""While an idea is typed: what is like it already."""

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from backlog.flows.resembling import resembling
from backlog.htmx import render
from backlog.views.asking import SignedIn

SHOWN_ON_A_PAGE = 20
PARTS = {"similar-ideas", "similar-in-dialog"}


@require_safe
def idea_similar(request: SignedIn) -> HttpResponse:
    """Ideas like `title` and tests of such ideas: one line beside the field, or a page of them."""
    typed = request.GET.get("title", "")
    alike = resembling(typed, user=request.user, shown=SHOWN_ON_A_PAGE)
    context = {"typed": typed.strip(), "alike": alike}
    return render(request, "backlog/idea_similar.html", context, partials=PARTS)
