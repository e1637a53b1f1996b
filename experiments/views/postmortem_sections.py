"""The texts of a post-mortem while several people write: save one, see what the others did, settle."""

import datetime as dt
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from backlog.forms.refusing import refusals_in, sentences_in, status_of
from backlog.htmx import wants_part
from backlog.models import Pod, User
from backlog.permissions import get_for
from backlog.views.asking import SignedIn
from experiments.flows import writing_up_sections as flow
from experiments.forms.postmortem import SectionForm, SectionsForm
from experiments.learning.blame import blaming
from experiments.learning.image_references import is_undescribed
from experiments.models import PostMortem, Section, SectionConflict, SectionVersion
from experiments.views.postmortem_found import look_up
from experiments.views.section_threads import mark_of, threads_html

HINT = "This names {}. Say what in the process let it happen, and it helps the next person more."
UNDESCRIBED = (
    "An image has no description yet. Write between its brackets what it shows, for people who "
    "cannot see it."
)
IS_WRITING = dt.timedelta(seconds=20)  # since somebody's last save


def _written(request: SignedIn, pk: int, of: str) -> PostMortem:
    join, perm = (*PostMortem.SUBJECT, "author"), "experiments.write_postmortem"
    return get_for(request.user, perm, PostMortem, join=join, **look_up(pk, of))


@require_POST
def postmortem_section(request: SignedIn, pk: int, section: str, of: str) -> HttpResponse:
    """Save one text; the answer is the text that counts now, or a sentence."""
    written, form = _written(request, pk, of), SectionForm(request.POST)
    if section not in Section.values:
        raise Http404
    if form.is_valid():
        with refusals_in(form):
            answer = flow.save_section(written, section, form.save_of(), by=request.user)
            written.refresh_from_db()
            hint = hint_of(answer.head.text, written.pod)
            head = {"hint": hint, "uuid": str(answer.head.uuid), "text": answer.head.text}
            conflicts = _conflicts(flow.open_conflicts(written), request.user)
            return JsonResponse({**head, "outcome": answer.outcome, "conflicts": conflicts})
    return JsonResponse({"detail": sentences_in(form)}, status=status_of(form))


@require_safe
def postmortem_writing(request: SignedIn, pk: int, of: str) -> HttpResponse:
    """What the others did: texts that this page does not have yet, who writes, where two met."""
    written = _written(request, pk, of)
    return JsonResponse(
        {
            "is_published": written.is_published,
            "sections": dict(_news(request, written)),
            "writers": writers_of(written, request.user),
            "conflicts": _conflicts(flow.open_conflicts(written), request.user),
            "talk": _talk(request, written),
        }
    )


def _talk(request: SignedIn, written: PostMortem) -> dict[str, str] | None:
    """The comments, if there are others than those that this page shows."""
    mark = mark_of(written)
    if request.GET.get("talk", mark) == mark:
        return None
    return {"mark": mark, "html": threads_html(request, written, request.user)}


def _news(request: SignedIn, written: PostMortem) -> Iterable[tuple[str, dict[str, Any]]]:
    for section, head in flow.heads_of(written).items():
        if request.GET.get(section) != str(head.uuid):
            text = getattr(written, section)
            yield (
                section,
                {"uuid": str(head.uuid), "text": text, "by": _name(head.by, request.user)},
            )


def writers_of(written: PostMortem, user: User) -> dict[str, list[str]]:
    """Who else saved a section in the last seconds, by section."""
    since = timezone.now() - IS_WRITING
    rows = SectionVersion.objects.filter(post_mortem=written, at__gte=since).exclude(by=user)
    writers: dict[str, list[str]] = {}
    for row in (
        rows.exclude(by=None)
        .exclude(bases="")
        .defer("text", "bases")
        .select_related("by")
        .order_by("pk")
    ):
        names = writers.setdefault(row.section, [])
        if str(row.by) not in names:
            names.append(str(row.by))
    return writers


def names_in(pod: Pod | None) -> list[str]:
    return [str(person) for person in User.objects.working_with_pod(pod)]


def hint_of(text: str, pod: Pod | None) -> str:
    """A sentence for the writer: a name stands beside a word of blame, an image says nothing."""
    name = blaming(text, names_in(pod)) if text.strip() else None
    if name:
        return HINT.format(name)
    return UNDESCRIBED if is_undescribed(text) else ""


def _name(person: User | None, user: User) -> str:
    return "You" if person == user else str(person or "Somebody")


def _conflicts(rows: Iterable[SectionConflict], user: User) -> list[dict[str, Any]]:
    return [
        {
            "id": row.pk,
            "section": row.section,
            "earlier": row.earlier,
            "later": row.later,
            "earlier_by": _name(row.earlier_by, user),
            "later_by": _name(row.later_by, user),
        }
        for row in rows
    ]


def sections_form(written: PostMortem, data: Any = None) -> SectionsForm:
    """The texts with the versions that the page shows."""
    heads = flow.heads_of(written)
    uuids: dict[str, UUID] = {
        section: heads[section].uuid if section in heads else flow.root_of(written, section).uuid
        for section in Section
    }
    return SectionsForm(data, texts={s.value: getattr(written, s) for s in Section}, heads=uuids)


@require_POST
def postmortem_settle(request: SignedIn, pk: int, conflict: int, of: str) -> HttpResponse:
    """Keep both texts or one of them."""
    written = _written(request, pk, of)
    row = SectionConflict.objects.filter(post_mortem=written, pk=conflict).first()
    if row is None:
        raise Http404
    form = sections_form(written, request.POST)  # without script the texts come along
    if form.is_valid() and form.saves():
        flow.save_sections(written, form.saves(), by=request.user)
    row.post_mortem = written
    flow.settle(row, keep=request.POST.get("keep", ""), by=request.user)
    if request.headers.get("Accept") == "application/json" and not wants_part(request):
        return HttpResponse(status=204)
    return redirect(f"{written.url('postmortem_edit')}#{row.section}")
