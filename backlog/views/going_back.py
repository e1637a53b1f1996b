"""Back to the list as it was: forms carry its address."""

from urllib.parse import urlsplit

from django.urls import reverse

from backlog.htmx import page_of
from backlog.views.asking import SignedIn

LISTS = ("idea_list", "idea_board", "idea_map")


def back_to_list(request: SignedIn) -> str:
    """The list that the person came from, or the plain list if that is unknown."""
    address = (request.POST.get("back") or page_of(request))[:2000]
    known = {reverse(f"backlog:{name}") for name in LISTS}
    try:
        parts = urlsplit(address)
    except ValueError:  # such as "http://["
        return reverse("backlog:idea_list")
    is_ours = not parts.scheme and not parts.netloc and parts.path in known
    return address if is_ours else reverse("backlog:idea_list")
