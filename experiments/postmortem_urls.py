"""The routes of post-mortems, once for experiments and once for processes, with the same views."""

from django.urls import URLPattern, path

from experiments.views import (
    postmortem,
    postmortem_after,
    postmortem_images,
    postmortem_sections,
    section_comments,
)
from experiments.views.postmortem_found import EXPERIMENT

ROUTES = (
    ("", postmortem.postmortem_detail),
    ("edit/", postmortem.postmortem_edit),
    ("sections/<slug:section>/", postmortem_sections.postmortem_section),
    ("writing/", postmortem_sections.postmortem_writing),
    ("conflicts/<id:conflict>/", postmortem_sections.postmortem_settle),
    ("publish/", postmortem.postmortem_publish),
    ("read/", postmortem_after.postmortem_read),
    ("amend/", postmortem_after.postmortem_note),
    ("images/new/", postmortem_images.postmortem_image_new),
    ("images/<id:image>/", postmortem_images.postmortem_image),
    ("comments/new/", section_comments.section_comment_new),
    ("comments/<id:comment>/resolve/", section_comments.section_comment_resolve),
    ("actions/new/", postmortem_after.action_new),
    ("actions/<id:action>/done/", postmortem_after.action_done),
    ("actions/<id:action>/remove/", postmortem_after.action_remove),
    ("follow-ups/new/", postmortem.follow_up_new),
)


def paths_of_post_mortems(prefix: str, *, of: str = EXPERIMENT) -> list[URLPattern]:
    """Those of a process have `process_` before the name of the view: see `PostMortem.url`."""
    start = "" if of == EXPERIMENT else f"{of}_"
    return [
        path(f"{prefix}{rest}", view, {"of": of}, name=f"{start}{view.__name__}")
        for rest, view in ROUTES
    ]
