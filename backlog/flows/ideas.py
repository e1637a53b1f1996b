"""Write an idea down, change it, move it through its life."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from backlog import caps
from backlog.flows.notifying import tell
from backlog.flows.own_values import Values, set_own_values
from backlog.models import Event, Idea, Notification, Pod, Tag, User
from backlog.models.belonging import OfAPod
from backlog.permissions import require
from backlog.refusals import Refused, SomebodyWasQuicker
from backlog.search_tables import held

EDITABLE = (
    "title", "observation", "change", "audience", "outcome", "expected_effect", "description",
    "objective", "lever", "channel", "owner",
)  # fmt: skip

# Nobody writes these, and constraints of the database stand behind them: each would be a query. A key
# is looked at all the same, as a pod may take a prefix that another had.
SET_BY_FLOWS = {"pod", "author"} | {
    one.name for one in Idea._meta.fields if not one.editable and one.name != "key"
}


@transaction.atomic
def add_idea(
    *, by: User, pod: Pod, title: str, tags: Iterable[str] = (), own: Values | None = None,
    **fields: Any,
) -> Idea:  # fmt: skip
    """Add an idea to the backlog of `pod`. A title is enough. Raises ValidationError."""
    require(by, "backlog.add_idea", pod)
    number = _next_number(pod)
    fields.setdefault("owner", by)
    idea = Idea(
        pod=pod, number=number, key=f"{pod.prefix}-{number}", title=title, author=by, **fields
    )
    idea.full_clean(exclude=SET_BY_FLOWS)
    idea.save()
    if tags:
        set_tags(idea, tags)
    if own:
        set_own_values(idea, own)
    Event.record(idea, "add", f"{by} submitted it to {pod}.", by=by)
    return idea


@transaction.atomic
def edit_idea(
    idea: Idea, *, by: User, tags: Iterable[str] | None = None, own: Values | None = None,
    **fields: Any,
) -> Idea:  # fmt: skip
    """Change what an idea says. Refused if it was changed since it was fetched.

    Raises PermissionDenied, ValidationError, SomebodyWasQuicker.
    """
    require(by, "backlog.change_idea", idea)
    before = {name: getattr(idea, name) for name in EDITABLE}
    changed = [name for name in EDITABLE if name in fields and fields[name] != before[name]]
    for name in changed:
        setattr(idea, name, fields[name])
    idea.full_clean(exclude=SET_BY_FLOWS)
    written = Idea.objects.filter(pk=idea.pk, version=idea.version).update(
        **{name: getattr(idea, name) for name in changed},
        version=F("version") + 1,
        updated_at=timezone.now(),
    )
    if not written:
        raise SomebodyWasQuicker(_edited_meanwhile(idea))
    idea.refresh_from_db()
    if tags is not None and set_tags(idea, tags):
        changed.append("tags")
    own_changed = set_own_values(idea, own) if own else []
    if changed or own_changed:
        words = [name.replace("_", " ") for name in changed] + [one.name for one in own_changed]
        fields_changed = changed + [one.slug for one in own_changed]
        sentence = f"{by} changed {', '.join(words)}."
        Event.record(idea, "edit", sentence, by=by, fields=fields_changed)
    if "owner" in changed and idea.owner:
        sentence = f"{by} made you the owner of {idea.key} {idea.title}."
        tell([idea.owner], Notification.Kind.OWNER, sentence,
             url=idea.get_absolute_url(), pod=idea.pod, by=by)  # fmt: skip
    return idea


def _edited_meanwhile(idea: Idea) -> str:
    news = Event.objects.about(idea).first()
    return (
        "Somebody saved this idea while you were editing it."
        + (f" {news.sentence}" if news else "")
        + " Your text is still in the form. Compare and save again."
    )


def set_tags(idea: Idea, names: Iterable[str]) -> bool:
    """Set the tags of the idea. Returns True if that changed something."""
    wanted = sorted({" ".join(name.lower().split()) for name in names} - {""})
    too_long = [name for name in wanted if len(name) > 40]
    if too_long:
        raise ValidationError(
            {"tags": f"“{too_long[0][:40]}…” is too long. A tag can have at most 40 characters."}
        )
    if wanted == sorted(idea.tags.values_list("name", flat=True)):
        return False
    caps.hold("tags", wanted, caps.MOST_TAGS, "An idea", "tags")
    known = Tag.objects.filter(name__in=wanted)
    Tag.objects.bulk_create(
        [Tag(name=name) for name in set(wanted) - {tag.name for tag in known}],
        ignore_conflicts=True,
    )
    with held(idea.pk):
        idea.tags.set(Tag.objects.filter(name__in=wanted))
    return True


def why_it_stays(idea: Idea) -> str | None:
    """Why an idea can't change its pod now, or None. Its round or its experiment would stay
    behind."""
    if idea.state in (Idea.State.SCORING, Idea.State.PROMOTED):
        return "This idea is in a round or promoted, so it stays in its pod."
    if any(rows.exists() for rows in idea.rows_pointing_here(OfAPod)):
        return "This idea has an experiment in this pod, so it stays here."
    return None


@transaction.atomic
def move_to_pod(idea: Idea, *, by: User, pod: Pod) -> Idea:
    """Move an idea to another pod. It gets the next number there, and its old key stays in history.

    It keeps its objective only if that belongs to every pod, and its owner only if they work in the
    new pod. Raises PermissionDenied, Refused.
    """
    require(by, "backlog.move_idea", idea)
    require(by, "backlog.add_idea", pod)
    if pod.pk == idea.pod_id:
        raise Refused(f"It is already in {pod}.")
    if why_not := why_it_stays(idea):
        raise Refused(why_not)
    old, state = idea.key, idea.state
    number = _next_number(pod)
    objective = idea.objective if idea.objective and idea.objective.pod_id is None else None
    owner = User.objects.in_pod(idea.owner, pod)
    lost = (
        ""
        if owner or not idea.owner
        else f" {idea.owner} is not in that pod, so it no longer has an owner."
    )
    moved = Idea.objects.filter(pk=idea.pk, state=state, pod=idea.pod_id).update(
        pod=pod, number=number, key=f"{pod.prefix}-{number}", objective=objective, owner=owner,
        version=F("version") + 1, updated_at=timezone.now(),
    )  # fmt: skip
    if not moved:
        raise SomebodyWasQuicker(_edited_meanwhile(idea))
    idea.refresh_from_db()
    sentence = f"{by} moved it to {pod}. Its key was {old}.{lost}"
    Event.record(idea, "move_to_pod", sentence, by=by)
    return idea


def _next_number(pod: Pod) -> int:
    """The next number of the pod's ideas. Numbers are never used twice."""
    Pod.objects.filter(pk=pod.pk).update(ideas_numbered=F("ideas_numbered") + 1)
    pod.refresh_from_db(fields=["ideas_numbered"])
    return pod.ideas_numbered
