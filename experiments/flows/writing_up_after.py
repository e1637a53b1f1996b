"""What goes with a post-mortem: its readers, its actions, and the amendments of a published one."""

import datetime as dt

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from backlog.flows.holding import held
from backlog.models import Event, User
from backlog.permissions import require
from backlog.refusals import Refused
from experiments.flows.finding import index_write_ups
from experiments.flows.writing_up_sections import IS_PUBLISHED
from experiments.models import DraftReading, PostMortem, PostMortemAction, PostMortemNote

MOST_ACTIONS, MOST_NOTES = 30, 50


@transaction.atomic
def mark_read(post_mortem: PostMortem, *, by: User) -> DraftReading:
    """Say that one has read a draft. The author doesn't count, and twice is once."""
    require(by, "experiments.read_postmortem", post_mortem)
    if post_mortem.is_published:
        raise Refused("It is published already, so it needs no reader any more.")
    if post_mortem.author_id == by.pk:
        raise Refused("You are the author. Somebody else has to read it before it is published.")
    row, is_new = DraftReading.objects.get_or_create(post_mortem=post_mortem, user=by)
    if is_new:
        sentence = f"{by} read {post_mortem.in_history}."
        Event.record(post_mortem.has_history_in, "read", sentence, by=by)
    return row


@transaction.atomic
def amend_post_mortem(post_mortem: PostMortem, *, by: User, text: str) -> PostMortemNote:
    """Append a dated note to a published post-mortem."""
    require(by, "experiments.write_postmortem", post_mortem)
    fresh = held(post_mortem)
    if not fresh.is_published:
        raise Refused("It is not published yet, so change its texts instead.")
    if fresh.notes.count() >= MOST_NOTES:
        raise Refused(f"A post-mortem can have at most {MOST_NOTES} amendments.")
    note = PostMortemNote(post_mortem=fresh, text=text.strip(), by=by)
    note.full_clean()
    note.save()
    index_write_ups([fresh])
    sentence = f"{by} added an amendment to {fresh.in_history}."
    Event.record(fresh.has_history_in, "amend", sentence, by=by)
    return note


@transaction.atomic
def add_action(
    post_mortem: PostMortem, *, by: User, title: str, owner: User, due_on: dt.date
) -> PostMortemAction:
    """Something that a person of the pod does until a day."""
    require(by, "experiments.write_postmortem", post_mortem)
    fresh = held(post_mortem)
    if fresh.is_published:
        raise Refused(IS_PUBLISHED)
    if fresh.actions.count() >= MOST_ACTIONS:
        raise Refused(f"A post-mortem can have at most {MOST_ACTIONS} actions.")
    if not User.objects.working_with_pod(post_mortem.pod).filter(pk=owner.pk).exists():
        raise ValidationError(
            {"owner": f"{owner} is not in {post_mortem.pod or 'Floe'}. Choose somebody who is."}
        )
    action = PostMortemAction(post_mortem=fresh, by=by, title=title, owner=owner, due_on=due_on)
    action.full_clean()
    action.save()
    sentence = f"{by} added an action for {owner}, due {due_on:%-d %b %Y}: {title}"
    Event.record(fresh.has_history_in, "action", sentence, by=by)
    return action


@transaction.atomic
def finish_action(action: PostMortemAction, *, by: User) -> None:
    """Done; also after the post-mortem is published. A second click changes nothing.

    Its owner may, in a post-mortem of every pod as well.
    """
    if action.owner_id != by.pk:
        require(by, "experiments.write_postmortem", action.post_mortem)
    mine = PostMortemAction.objects.filter(pk=action.pk, done_at=None)
    if mine.update(done_at=timezone.now()):
        sentence = f"{by} finished an action: {action.title}"
        Event.record(action.post_mortem.has_history_in, "action", sentence, by=by)


@transaction.atomic
def remove_action(action: PostMortemAction, *, by: User) -> None:
    """Take an action out of a draft."""
    require(by, "experiments.write_postmortem", action.post_mortem)
    if held(action.post_mortem).is_published:
        raise Refused(IS_PUBLISHED)
    sentence = f"{by} removed an action: {action.title}"
    Event.record(action.post_mortem.has_history_in, "action", sentence, by=by)
    action.delete()
