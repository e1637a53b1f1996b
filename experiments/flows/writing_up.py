"""The post-mortem: drafted by Floe, finished by people, published for everybody to learn from."""

from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from backlog.flows.holding import held
from backlog.flows.ideas import add_idea
from backlog.flows.transitions import make_move
from backlog.models import Event, Idea, Pod, User
from backlog.permissions import require
from backlog.refusals import Mend, Refused, SomebodyWasQuicker
from experiments.flows.drafting import draft_summary
from experiments.flows.finding import index_write_ups
from experiments.flows.learnings import take_in
from experiments.flows.moves import EXPERIMENT_MOVES, POST_MORTEM_MOVES
from experiments.flows.writing_up_opening import due_day
from experiments.flows.writing_up_sections import IS_PUBLISHED, rewrite
from experiments.models import Experiment, FollowUp, PostMortem

State = Experiment.State
WRITTEN_UP = (State.DECIDED, State.CLOSED, State.CANCELLED)


@transaction.atomic
def start_post_mortem(experiment: Experiment, *, by: User) -> PostMortem:
    """Begin the write-up, drafted from what Floe knows. The second call returns the first's."""
    require(by, "experiments.write_postmortem", experiment)
    started = PostMortem.objects.select_for_update().filter(experiment=experiment).first()
    if started and started.has_begun:
        return started
    if experiment.state not in WRITTEN_UP:
        raise Refused(
            "Decide first. The post-mortem builds on the decision.",
            mend=Mend("Decide", reverse("experiments:experiment_decide", args=[experiment.pk])),
        )
    due_on = None if experiment.is_imported else due_day(timezone.localdate())
    written = started or PostMortem(experiment=experiment, due_on=due_on)
    written.author, written.started_at = by, timezone.now()
    if written.version == 1:
        written.summary = draft_summary(experiment)
    written.save()
    Event.record(experiment, "post_mortem", f"{by} started the post-mortem.", by=by)
    return written


@transaction.atomic
def edit_post_mortem(post_mortem: PostMortem, *, by: User, **texts: str) -> PostMortem:
    """Replace texts of a draft; one that was changed since it was fetched is a refusal.

    Pages use `writing_up_sections`, which merges.
    """
    require(by, "experiments.write_postmortem", post_mortem)
    fresh = held(post_mortem)
    if fresh.is_published:
        raise Refused(IS_PUBLISHED)
    if fresh.version != post_mortem.version:
        raise SomebodyWasQuicker(
            "Somebody saved this post-mortem while you were writing. "
            "Your text is still in the form. Compare and save again."
        )
    for name, text in texts.items():
        setattr(post_mortem, name, text)
    post_mortem.full_clean()
    rewrite(fresh, texts, by=by)
    post_mortem.refresh_from_db()
    return post_mortem


@transaction.atomic
def publish(post_mortem: PostMortem, *, by: User) -> PostMortem:
    """Publish for everybody and close its experiment. It takes a learning, or of a process a step to
    take, and some text."""
    publishing = POST_MORTEM_MOVES["publish"]
    make_move(post_mortem, publishing, by=by, published_at=timezone.now(), published_by=by)
    sentence = f"{by} published {post_mortem.in_history}."
    Event.record(post_mortem.has_history_in, "publish", sentence, by=by)
    index_write_ups([post_mortem])
    if post_mortem.experiment_id:
        _close(Experiment.objects.get(pk=post_mortem.experiment_id), by)
        take_in(post_mortem)
    return post_mortem


def _close(experiment: Experiment, by: User) -> None:
    Event.record(experiment.idea, "publish", f"{experiment.key} is written up.", by=by)
    if experiment.state == State.DECIDED:
        make_move(experiment, EXPERIMENT_MOVES["close"], by=by)


@transaction.atomic
def add_follow_up(
    post_mortem: PostMortem,
    *,
    by: User,
    title: str,
    kind: str = FollowUp.Kind.OTHER,
    pod: Pod | None = None,
    **fields: Any,
) -> Idea:
    """An idea that comes out of this write-up, in its pod; of every pod, in the `pod` that is given."""
    require(by, "experiments.write_postmortem", post_mortem)
    came_from, own = post_mortem.experiment, post_mortem.pod
    if own and pod not in (None, own):
        raise Refused(f"It goes into the backlog of {own}, whose post-mortem it comes from.")
    pod = own or pod
    if pod is None:
        raise Refused("Choose the pod whose backlog it goes into.")
    if came_from:
        fields.setdefault("objective", came_from.objective)
    idea = add_idea(by=by, pod=pod, title=title, **fields)
    FollowUp.objects.create(post_mortem=post_mortem, idea=idea, kind=kind)
    source = came_from.key if came_from else f"the post-mortem of {post_mortem.name}"
    Event.record(idea, "follow_up", f"It follows from {source}.", by=by)
    return idea
