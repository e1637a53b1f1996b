"""The post-mortem: read, write, publish; learnings and follow-up ideas in place."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db.models import Prefetch, prefetch_related_objects
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backlog.forms.refusing import refusals_in
from backlog.htmx import render
from backlog.models import Idea, User
from backlog.permissions import get_for
from backlog.views.asking import SignedIn
from backlog.views.repeating import counts_once
from experiments.engine.before import in_codes
from experiments.flows import learnings, writing_up, writing_up_sections
from experiments.flows.evidence import imported_sentence
from experiments.flows.moves import missing_for_publishing
from experiments.forms.learnings import LearningForm
from experiments.forms.postmortem import (
    ActionForm,
    FollowUpForm,
    ImageForm,
    NoteForm,
    SectionsForm,
)
from experiments.learning.sections import SaveOutcome as Outcome
from experiments.models import (
    DiscussionHighlight,
    DraftReading,
    Experiment,
    FollowUp,
    Learning,
    PostMortem,
    PostMortemAction,
    PostMortemNote,
    Section,
)
from experiments.views.postmortem_found import (
    EXPERIMENT,
    PROCESS,
    READ_WITH,
    look_up,
    post_mortem_page,
    written_of,
)
from experiments.views.postmortem_present import present_page
from experiments.views.postmortem_sections import sections_form
from experiments.views.postmortem_texts import texts_of
from experiments.views.scorecard import forest_groups
from experiments.views.section_threads import comments_of
from experiments.views.status import JOINED, tab_page
from experiments.views.wording import planned_against_done

MERGED = "Others wrote meanwhile. Their words and yours are both in the text."
PROMPTS = {
    Section.SUMMARY: "Floe drafted it from what it knows. Correct it, and say what it can’t know.",
    Section.SURPRISES: "What did you expect, what did you see instead, and since when could you have known?",
    Section.WENT_WELL: "What would you do the same way again, and who should know?",
    Section.WENT_BADLY: "Where did it cost time or trust, and what in the process let it happen?",
    Section.LUCKY: "What could have gone wrong and did not, without anybody having seen to it?",
    Section.NEXT_STEPS: "Ship it, drop it, or test again? Why?",
}
PROCESS_PROMPTS = PROMPTS | {
    Section.SURPRISES: "What did you expect of the plan, what happened instead, and when could you have known?",
    Section.WENT_WELL: "Which way of working would you keep, and who else could use it?",
    Section.LUCKY: "What could have gone wrong and did not, although nobody had planned for it?",
    Section.NEXT_STEPS: "What do you change in the way you work, and how will you see that it helps?",
}


@require_safe
def postmortem_detail(request: SignedIn, pk: int, of: str) -> HttpResponse:
    """Read it, or go through it in a meeting with `present=1`; where nobody has begun, offer to begin."""
    user, template = request.user, "experiments/postmortem_detail.html"
    post_mortems = PostMortem.objects.visible_to(user).select_related(*READ_WITH, "published_by")
    written = post_mortems.filter(**look_up(pk, of)).first()
    if written is None or not written.has_begun:
        if of == PROCESS:
            raise Http404
        experiment = get_for(user, "experiments.view_experiment", Experiment, join=JOINED, pk=pk)
        is_open = written is not None or experiment.state in writing_up.WRITTEN_UP
        context = {"post_mortem": written, "is_open": is_open, "subject": experiment}
        return tab_page(request, template, experiment, "postmortem", context)
    if request.GET.get("present") == "1":
        return present_page(request, written, _reading(written, user))
    return detail_page(request, written)


def detail_page(request: SignedIn, written: PostMortem, **extra: Any) -> HttpResponse:
    """The reading page; an amendment that was refused keeps what was typed."""
    user, template = request.user, "experiments/postmortem_detail.html"
    readings = DraftReading.objects.select_related("user")
    notes = PostMortemNote.objects.select_related("by")
    prefetch_related_objects([written], Prefetch("readings", readings), Prefetch("notes", notes))
    form = extra.get("note_form") or NoteForm()
    context = {**_reading(written, user), "texts": texts_of(written), "note_form": form}
    has_read = user.pk in {reading.user_id for reading in written.readings.all()}
    context |= {"may_read": not (written.is_published or has_read or written.author_id == user.pk)}
    talk_form = extra.get("talk_form")
    status = 422 if form.errors or (talk_form and talk_form.errors) else 200
    if user.has_perm("experiments.view_experiment", written):
        context |= comments_of(written, user, talk_form)
        return post_mortem_page(request, template, written, context, status=status)
    context |= {"experiment": written.experiment, "subject": written}
    return render(request, template, context, status=status)


def _reading(written: PostMortem, user: User) -> dict[str, Any]:
    """What the reading and the writing page share."""
    return {
        "post_mortem": written,
        **_facts(written.experiment),
        "highlights": DiscussionHighlight.objects.visible_to(user)
        .filter(post_mortem=written)
        .select_related("comment__author"),
        "learnings": written.learnings.all(),
        "follow_ups": FollowUp.objects.filter(
            post_mortem=written, idea__in=Idea.objects.visible_to(user)
        ).select_related("idea__pod"),
        "actions": PostMortemAction.objects.filter(post_mortem=written).select_related("owner"),
        "questions": [
            (section.value, section.label, getattr(written, section))
            for section in Section
            if section != Section.SUMMARY
        ],
    }


def _facts(experiment: Experiment | None) -> dict[str, Any]:
    """What Floe knows of an experiment by itself; of a process all of it is in the first text."""
    if experiment is None:
        return {}
    analysis = experiment.deciding_analysis
    if analysis and getattr(experiment, "decision", None):
        analysis.experiment = experiment
        experiment.latest_analysis = analysis  # no data comes in after a decision
    groups = forest_groups(in_codes(analysis.result)) if analysis else []
    return {
        "analysis": analysis,
        "imported": _imported(experiment),
        "forest": [group for group in groups if group["role"] == "primary"],
        "compared": planned_against_done(experiment),
    }


def _imported(experiment: Experiment) -> str:
    """What stands behind an imported experiment, in the place of a result."""
    row = getattr(experiment, "evidence", None) if experiment.is_imported else None
    return imported_sentence(row) if row else ""


@require_POST
@counts_once
def postmortem_start(request: SignedIn, pk: int) -> HttpResponse:
    """Begin; a second click finds what the first one made."""
    user = request.user
    experiment = get_for(user, "experiments.write_postmortem", Experiment, join=JOINED, pk=pk)
    writing_up.start_post_mortem(experiment, by=user)
    return redirect("experiments:postmortem_edit", pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
def postmortem_edit(request: SignedIn, pk: int, of: str) -> HttpResponse:
    """Write; without script all texts are sent at once, and each is merged with what is there."""
    written = written_of(request, pk, of)
    if written.is_published and request.method != "POST":
        return redirect(written)
    form = sections_form(written, request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            answers = writing_up_sections.save_sections(written, form.saves(), by=request.user)
            messages.success(request, "The draft is saved.")
            if any(
                answer.outcome in (Outcome.MERGED, Outcome.BASE_LOST) for answer in answers.values()
            ):
                messages.info(request, MERGED)
            return redirect(written.url("postmortem_edit"))
    status = 422 if form.errors else 200
    return edit_page(request, written, form=form, status=status)


def _parts(form: SectionsForm, written: Any, n_open: Mapping[str, int]) -> list[dict[str, Any]]:
    """The texts as the writing page shows them, each with the places that two people wrote."""
    conflicts = writing_up_sections.open_conflicts(written) if written.is_disputed else []
    return [
        {
            "n_open": n_open[section],
            "name": section.value,
            "label": section.label,
            "prompt": PROMPTS[section] if written.experiment else PROCESS_PROMPTS[section],
            "field": form[section.value],
            "base": form[f"{section.value}_base"],
            "uuid": form[f"{section.value}_uuid"],
            "conflicts": [row for row in conflicts if row.section == section],
        }
        for section in Section
    ]


def edit_page(
    request: SignedIn, written: PostMortem, *, status: int = 200, **extra: Any
) -> HttpResponse:
    """The writing page with its forms; the one that failed keeps what was typed."""
    experiment = written.experiment
    readings = DraftReading.objects.select_related("user")
    prefetch_related_objects([written], "learnings", Prefetch("readings", readings))
    form = extra.pop("form", None) or sections_form(written)
    talk = comments_of(written, request.user, extra.pop("talk_form", None))
    context = {
        **_reading(written, request.user),
        "form": form,
        "parts": _parts(form, written, talk["n_open"]),
        "learning_form": LearningForm(experiment=experiment) if experiment else None,
        "follow_up_form": FollowUpForm(written=written),
        "action_form": ActionForm(pod=written.pod),
        "image_form": ImageForm(),
        "most_bytes": settings.IMAGE_MAX_BYTES,
        "missing": missing_for_publishing(written),
        **talk,
        **extra,
    }
    return post_mortem_page(
        request, "experiments/postmortem_edit.html", written, context, status=status
    )


@require_POST
def postmortem_publish(request: SignedIn, pk: int, of: str) -> HttpResponse:
    """Publish for everybody; from then on it is read-only."""
    written = writing_up.publish(written_of(request, pk, of), by=request.user)
    messages.success(request, "It is published and in the library now.")
    return redirect(written)


@require_POST
@counts_once
def learning_new(request: SignedIn, pk: int) -> HttpResponse:
    written = written_of(request, pk, EXPERIMENT)
    if written.experiment is None:
        raise Http404
    form = LearningForm(request.POST, experiment=written.experiment)
    if form.is_valid():
        with refusals_in(form):
            learnings.add_learning(written, by=request.user, **form.cleaned_data)
            return redirect("experiments:postmortem_edit", pk=pk)
    return edit_page(request, written, learning_form=form, status=422)


@require_POST
def learning_remove(request: SignedIn, pk: int, learning: int) -> HttpResponse:
    row = Learning.objects.filter(
        post_mortem=written_of(request, pk, EXPERIMENT), pk=learning
    ).first()
    if row is None:
        raise Http404
    learnings.remove_learning(row, by=request.user)
    return redirect("experiments:postmortem_edit", pk=pk)


@require_POST
@counts_once
def follow_up_new(request: SignedIn, pk: int, of: str) -> HttpResponse:
    """An idea that comes out of it, straight into the backlog."""
    written = written_of(request, pk, of)
    form = FollowUpForm(request.POST, written=written)
    if form.is_valid():
        with refusals_in(form):
            idea = writing_up.add_follow_up(written, by=request.user, **form.cleaned_data)
            messages.success(request, f"{idea.key} is in the backlog now.")
            return redirect(written.url("postmortem_edit"))
    return edit_page(request, written, follow_up_form=form, status=422)
