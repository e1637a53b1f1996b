"""Write an idea down, change it, move it through its life."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from backlog import caps
from backlog.flows.limits import has_room
from backlog.flows.merging import merge_into
from backlog.flows.ranking import rank_at_once, step_into_ranks, store_ice, want_ranges
from backlog.flows.telling import tell, tell_watchers
from backlog.flows.transitions import Transition, make_move
from backlog.models import Event, Idea, Notification, Pod, Tag, User
from backlog.permissions import require
from backlog.refusals import Refused, SomebodyWasQuicker
from backlog.search_tables import held

EDITABLE = (
    "title", "observation", "change", "audience", "outcome", "expected_effect", "description",
    "objective", "lever", "channel", "owner",
)  # fmt: skip


@transaction.atomic
def add_idea(*, by: User, pod: Pod, title: str, tags: Iterable[str] = (), **fields: Any) -> Idea:
    """Put an idea into the backlog of `pod`; a title is enough. Raises ValidationError."""
    require(by, "backlog.add_idea", pod)
    number = _next_number(pod)
    fields.setdefault("owner", by)
    idea = Idea(
        pod=pod, number=number, key=f"{pod.prefix}-{number}", title=title, author=by, **fields
    )
    idea.full_clean()
    idea.save()
    set_tags(idea, tags)
    Event.record(idea, "add", f"{by} submitted it to {pod}.", by=by)
    return idea


@transaction.atomic
def edit_idea(idea: Idea, *, by: User, tags: Iterable[str] | None = None, **fields: Any) -> Idea:
    """Change what an idea says; one that was changed since it was fetched is a refusal.

    Raises PermissionDenied, ValidationError, SomebodyWasQuicker.
    """
    require(by, "backlog.change_idea", idea)
    before = {name: getattr(idea, name) for name in EDITABLE}
    changed = [name for name in EDITABLE if name in fields and fields[name] != before[name]]
    for name in changed:
        setattr(idea, name, fields[name])
    idea.full_clean()
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
    if changed:
        words = ", ".join(name.replace("_", " ") for name in changed)
        Event.record(idea, "edit", f"{by} changed {words}.", by=by, fields=changed)
    if "owner" in changed and idea.owner:
        sentence = f"{by} made you the owner of {idea.key} {idea.title}."
        tell([idea.owner], Notification.Kind.OWNER, sentence,
             url=idea.get_absolute_url(), pod=idea.pod, by=by)  # fmt: skip
    return idea


def _edited_meanwhile(idea: Idea) -> str:
    news = Event.objects.about(idea).first()
    return (
        "Somebody saved this idea while you were writing."
        + (f" {news.sentence}" if news else "")
        + " Your text is still in the form; compare and save again."
    )


def set_tags(idea: Idea, names: Iterable[str]) -> bool:
    """File the idea under these words; True where that changed something."""
    wanted = sorted({" ".join(name.lower().split()) for name in names} - {""})
    too_long = [name for name in wanted if len(name) > 40]
    if too_long:
        raise ValidationError({"tags": f"“{too_long[0][:40]}…” is too long: at most 40 letters."})
    if wanted == sorted(idea.tags.values_list("name", flat=True)):
        return False
    caps.hold("tags", wanted, caps.MOST_TAGS, "tags an idea")
    known = Tag.objects.filter(name__in=wanted)
    Tag.objects.bulk_create(
        [Tag(name=name) for name in set(wanted) - {tag.name for tag in known}],
        ignore_conflicts=True,
    )
    with held(idea.pk):
        idea.tags.set(Tag.objects.filter(name__in=wanted))
    return True


def _until_a_later_day(idea: Idea, changes: Mapping[str, Any]) -> str | None:
    until = changes.get("snoozed_until")
    if not isinstance(until, dt.date):
        return "Say until which day it is snoozed."
    return None if until > timezone.localdate() else "Choose a day that is still to come."


def _with_a_reason(idea: Idea, changes: Mapping[str, Any]) -> str | None:
    given = str(changes.get("reason", "")).strip()
    return None if given else "Say why it is rejected; its author will read it."


def _of_another_idea(idea: Idea, changes: Mapping[str, Any]) -> str | None:
    other = changes.get("duplicate_of")
    if other is None:
        return "Name the idea that says the same, by its key, such as LIF-12."
    if other.pk == idea.pk:
        return "An idea can't be a duplicate of itself."
    if other.state == Idea.State.DUPLICATE:
        return f"{other.key} is a duplicate itself; name the idea that it repeats."
    return None


def _only_once(idea: Idea, changes: Mapping[str, Any]) -> str | None:
    return "It is accepted already." if idea.accepted_at else None


OPEN, SCORING, SNOOZED = Idea.State.OPEN, Idea.State.SCORING, Idea.State.SNOOZED
PUT_AWAY = (Idea.State.REJECTED, Idea.State.DUPLICATE, SNOOZED)

IDEA_MOVES: dict[str, Transition] = {
    row.name: row
    for row in (
        Transition("start_scoring", "Put into a round", "put into a round", (OPEN,), SCORING,
                   "backlog.run_round", (has_room,)),
        Transition("end_scoring", "Reveal scores", "revealed the scores of", (SCORING,), OPEN,
                   "backlog.score_round"),  # who may reveal is asked of the round
        Transition("accept", "Accept", "accepted", (OPEN,), OPEN, "backlog.move_idea",
                   (_only_once,)),
        Transition("unaccept", "Back to the new ones", "put back to the new ideas", (OPEN,), OPEN,
                   "backlog.move_idea"),
        Transition("keep", "Keep", "looked at it again and kept", (OPEN,), OPEN,
                   "backlog.move_idea"),
        Transition("snooze", "Snooze", "snoozed", (OPEN,), SNOOZED, "backlog.move_idea",
                   (_until_a_later_day,), ("snoozed_until",)),
        Transition("reject", "Reject", "rejected", (OPEN, SNOOZED), Idea.State.REJECTED,
                   "backlog.move_idea", (_with_a_reason,), ("reason",)),
        Transition("mark_duplicate", "Mark as duplicate", "marked as a duplicate",
                   (OPEN, SNOOZED), Idea.State.DUPLICATE, "backlog.move_idea",
                   (_of_another_idea,), ("duplicate_of",)),
        Transition("reopen", "Reopen", "reopened", PUT_AWAY, OPEN, "backlog.move_idea"),
        Transition("promote", "Promote", "promoted", (OPEN,), Idea.State.PROMOTED,
                   "backlog.promote_idea", (has_room,)),
        Transition("demote", "Back to the backlog", "put back into the backlog",
                   (Idea.State.PROMOTED,), OPEN, "backlog.promote_idea"),
    )
}  # fmt: skip
# The moves that a person makes from the idea's page; the others belong to rounds and promotion.
MOVES_BY_HAND = ("snooze", "reject", "mark_duplicate", "reopen")
# … and those of the inbox and of grooming, which ask nothing.
MOVES_IN_TRIAGE = ("accept", "unaccept", "keep")


@transaction.atomic
def move_idea(
    idea: Idea, name: str, *, by: User, seen: str = "", is_one_of_many: bool = False, **changes: Any
) -> Idea:
    """Snooze, reject, mark as duplicate or reopen, and keep the ranking right.

    `is_one_of_many`: the caller ranks anew after the last one.
    """
    if name == "reopen":
        changes = {"snoozed_until": None, "reason": "", "duplicate_of": None}
    if name in ("accept", "unaccept"):
        changes = {"accepted_at": timezone.now() if name == "accept" else None}
    sentence = _sentence(name, by, changes)
    make_move(idea, IDEA_MOVES[name], by=by, seen=seen, sentence=sentence, **changes)
    tell_watchers(idea, sentence, by=by)
    if name == "mark_duplicate":
        merge_into(idea, changes["duplicate_of"])
    was_ranked = idea.ice is not None
    store_ice(idea)
    if not is_one_of_many and (was_ranked or idea.ice is not None):
        step_into_ranks(idea)
    return idea


@transaction.atomic
def move_to_pod(idea: Idea, *, by: User, pod: Pod) -> Idea:
    """Hand an idea to another pod; it gets the next number there, and its old key stays in history.

    Its objective goes along only where it is one of every pod, its owner only where they work in
    the new one. Raises PermissionDenied, Refused.
    """
    require(by, "backlog.move_idea", idea)
    require(by, "backlog.add_idea", pod)
    if pod.pk == idea.pod_id:
        raise Refused(f"It is in {pod} already.")
    if idea.state in (Idea.State.SCORING, Idea.State.PROMOTED):
        raise Refused("An idea that is in a round or promoted stays in its pod.")
    old, state = idea.key, idea.state
    number = _next_number(pod)
    objective = idea.objective if idea.objective and idea.objective.pod_id is None else None
    owner = User.objects.in_pod(idea.owner, pod)
    lost = "" if owner or not idea.owner else f" {idea.owner} does not work there and gave it up."
    moved = Idea.objects.filter(pk=idea.pk, state=state, pod=idea.pod_id).update(
        pod=pod, number=number, key=f"{pod.prefix}-{number}", objective=objective, owner=owner,
        version=F("version") + 1, updated_at=timezone.now(),
    )  # fmt: skip
    if not moved:
        raise SomebodyWasQuicker(_edited_meanwhile(idea))
    idea.refresh_from_db()
    sentence = f"{by} moved it to {pod}; it was {old} before.{lost}"
    Event.record(idea, "move_to_pod", sentence, by=by)
    return idea


def _next_number(pod: Pod) -> int:
    """The next number of the pod's ideas; it is never given twice."""
    Pod.objects.filter(pk=pod.pk).update(ideas_numbered=F("ideas_numbered") + 1)
    pod.refresh_from_db(fields=["ideas_numbered"])
    return pod.ideas_numbered


def _sentence(name: str, by: User, changes: Mapping[str, Any]) -> str:
    if name == "snooze" and changes.get("snoozed_until"):
        return f"{by} snoozed it until {changes['snoozed_until']:%-d %B %Y}."
    if name == "reject":
        return f"{by} rejected it: {changes.get('reason', '')}"
    if name == "mark_duplicate" and changes.get("duplicate_of"):
        return f"{by} marked it as a duplicate of {changes['duplicate_of'].key}."
    return f"{by} {IDEA_MOVES[name].past} it."


@transaction.atomic
def wake_snoozed(today: dt.date) -> int:
    """Open again the ideas whose day has come; safe to run twice."""
    due = list(Idea.objects.filter(state=SNOOZED, snoozed_until__lte=today))
    for idea in due:
        idea.state, idea.snoozed_until = Idea.State.OPEN, None
        idea.version += 1
        idea.save(update_fields=["state", "snoozed_until", "version"])
        Event.record(idea, "wake", "Its snooze ended.", by=None)
    if due:
        rank_at_once()
        want_ranges(*{idea.pod_id for idea in due})
    return len(due)
