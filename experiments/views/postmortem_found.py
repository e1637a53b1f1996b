"""Find the post-mortem that an address names, and put its page into the frame that it belongs to."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Count, Exists, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpResponse

from backlog.htmx import render
from backlog.permissions import get_for
from backlog.views.asking import SignedIn
from experiments.models import DiscussionHighlight, PostMortem, SectionConflict
from experiments.views.status import JOINED_OF, tab_page

# What the number in an address is of: of an experiment, or of a process post-mortem itself.
EXPERIMENT, PROCESS = "experiment", "process"
READ_WITH = (*PostMortem.SUBJECT, *JOINED_OF, "author", "experiment__decision__analysis",
             "experiment__evidence", "experiment__segment")  # fmt: skip


def look_up(pk: int, of: str) -> dict[str, Any]:
    """The look-up of the post-mortem that an address names."""
    return {"experiment": pk} if of == EXPERIMENT else {"pk": pk, "experiment": None}


def written_of(request: SignedIn, pk: int, of: str, perm: str = "write_postmortem") -> PostMortem:
    """The post-mortem with everything that its pages show beside its texts."""
    disputed = SectionConflict.objects.filter(post_mortem=OuterRef("pk"), settled_at=None)
    highlights = DiscussionHighlight.objects.filter(
        post_mortem=OuterRef("pk"), comment__deleted_at=None
    )
    number = highlights.order_by().values("post_mortem").annotate(n=Count("pk")).values("n")
    rows = PostMortem.objects.annotate(
        is_disputed=Exists(disputed), n_highlights=Coalesce(Subquery(number), 0)
    )
    return get_for(request.user, f"experiments.{perm}", rows, join=READ_WITH, **look_up(pk, of))


def post_mortem_page(
    request: SignedIn,
    template: str,
    written: PostMortem,
    context: Mapping[str, Any],
    *,
    status: int = 200,
) -> HttpResponse:
    """A page of it: a tab of its experiment, or, of a process, a page of its own."""
    whole = {
        **context, "post_mortem": written, "subject": written, "experiment": written.experiment,
    }  # fmt: skip
    if written.experiment is None:
        return render(request, template, whole, status=status)
    return tab_page(request, template, written.experiment, "postmortem", whole, status=status)
