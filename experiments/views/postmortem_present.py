"""The post-mortem for its discussion: a section at a time, with the minutes that it may take."""

from typing import Any, NamedTuple

from django.http import HttpResponse
from django.utils.safestring import SafeString

from backlog.htmx import render
from backlog.models import User, Workspace
from backlog.views.asking import SignedIn
from experiments.learning.discussion import minutes_each
from experiments.models import PostMortem, Section
from experiments.views.postmortem_texts import ReadText, texts_of
from experiments.views.section_threads import threads_of

MINUTES = 30
WEIGHTS = {
    "opening": 1, "result": 4, "compared": 2, Section.SUMMARY: 3, Section.SURPRISES: 5, Section.WENT_WELL: 3,
    Section.WENT_BADLY: 5, Section.LUCKY: 2, Section.NEXT_STEPS: 3, "discussion": 2, "learnings": 3,
    "actions": 3,
}  # fmt: skip


class Slide(NamedTuple):
    """One section: `name` says what it shows, `threads` are the open comments on its text."""

    name: str
    minutes: int
    label: str = ""
    html: SafeString = SafeString("")
    threads: Any = ()


def present_page(request: SignedIn, written: PostMortem, parts: dict[str, Any]) -> HttpResponse:
    """`parts` are those of the reading page."""
    context = {
        **parts,
        "experiment": written.experiment,
        "subject": written,
        "workspace": Workspace.current().name,
        "slides": _slides(written, request.user, has_highlights=bool(parts["highlights"])),
        "minutes": MINUTES,
        "leave_url": written.get_absolute_url(),
    }
    return render(request, "experiments/postmortem_present.html", context)


def _slides(written: PostMortem, user: User, *, has_highlights: bool) -> list[Slide]:
    """Texts that nobody wrote and that nobody comments on take no time."""
    texts: dict[str, ReadText] = {text.section: text for text in texts_of(written)}
    is_inside = user.has_perm("experiments.view_experiment", written)
    threads = threads_of(written) if is_inside else {}
    left_out: set[str] = {
        section for section in Section if not (texts[section].html or threads.get(section))
    }
    if not has_highlights:
        left_out.add("discussion")
    if written.experiment is None:
        left_out |= {"result", "compared", "learnings"}
    else:
        left_out.add("opening")
        if written.experiment.is_imported:
            left_out.add("compared")
    names = [name for name in WEIGHTS if name not in left_out]
    minutes = minutes_each([WEIGHTS[name] for name in names], MINUTES)
    return [
        Slide(str(name), each, texts[name].label, texts[name].html, threads.get(name, ()))
        if name in texts
        else Slide(name, each)
        for name, each in zip(names, minutes, strict=True)
    ]
