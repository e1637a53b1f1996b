"""Learnings: write one down, grade it by what stands behind it, link those that agree, cite them."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from backlog.models import Event, Idea, User
from backlog.permissions import require
from backlog.refusals import Refused
from experiments.flows.evidence import PastExperiment, past_experiments
from experiments.flows.finding import words_of_learning
from experiments.flows.following import tell_followers
from experiments.flows.grading_learnings import (
    PastByScope,
    expiry_of,
    grade_levers,
    graded,
    link_again,
    seasons,
)
from experiments.flows.writing_up_after import amend_post_mortem
from experiments.learning.scopes import Scope
from experiments.models import (
    Citation,
    EvidenceRow,
    Experiment,
    Learning,
    LearningLink,
    PostMortem,
)
from experiments.models.evidence_rows import EvidenceRowQuerySet

MOST_CITED = 20
SCOPE = ("lever", "channel", "segment", "metric")


def scope_of(experiment: Experiment) -> Scope:
    """The scope that a learning from this experiment begins with."""
    idea, evidence = experiment.idea, getattr(experiment, "evidence", None)
    return Scope(
        idea.lever,
        experiment.channel or idea.channel,
        experiment.segment.name if experiment.segment else "",
        evidence.metric if evidence else _primary_name(experiment),
    )


def _primary_name(experiment: Experiment) -> str:
    primary = experiment.primary
    return primary.metric.name if primary else ""


NO_EVIDENCE = (
    "A learning needs an experiment as its evidence, and this post-mortem is about a process. Write it "
    "under a question, or add an action."
)


def _require_draft(post_mortem: PostMortem, by: User) -> None:
    require(by, "experiments.write_postmortem", post_mortem)
    if post_mortem.is_published:
        raise Refused("It is published, so it can’t be changed any more.")


@transaction.atomic
def add_learning(
    post_mortem: PostMortem,
    *,
    by: User,
    claim: str,
    scope: str,
    expires_on: dt.date | None = None,
    **parts: str,
) -> Learning:
    """Write down a claim. Parts of its scope that are not given are those of the experiment.

    Its grade follows from the rule. Without `expires_on` it holds for one season of its metric.
    Raises PermissionDenied, Refused, ValidationError.
    """
    _require_draft(post_mortem, by)
    experiment = post_mortem.experiment
    if experiment is None:
        raise Refused(NO_EVIDENCE)
    own = vars(scope_of(experiment))
    learning = Learning(post_mortem=post_mortem, by=by, claim=claim, scope=scope,
                        **{name: parts.get(name, own[name]) for name in SCOPE})  # fmt: skip
    if expires_on and expires_on <= timezone.localdate():
        raise Refused("Choose a day in the future on which to look at it again.")
    learning.is_expiry_typed = expires_on is not None
    behind = experiments_behind(learning)
    learning.expires_on = expires_on or expiry_of(learning, behind, seasons())
    learning.set_grade(graded(behind).code)
    learning.full_clean()
    learning.words = words_of_learning(learning)
    learning.save()
    Event.record(experiment, "learning", f"{by} noted: {claim}", by=by)
    return learning


@transaction.atomic
def remove_learning(learning: Learning, *, by: User) -> None:
    """Take a claim out of a draft."""
    _require_draft(learning.post_mortem, by)
    Event.record(learning.experiment, "learning", f"{by} removed: {learning}", by=by)
    learning.delete()


def experiments_behind(learning: Learning, *, user: User | None = None) -> list[PastExperiment]:
    """What a learning rests on: its own experiment, and published ones in its scope with one metric."""
    own = learning.post_mortem.experiment_id
    known = past_experiments(EvidenceRow.objects.filter(experiment=own), user=user)
    if learning.lever:
        published = EvidenceRow.objects.filter(EvidenceRowQuerySet.for_everybody)
        others = published.exclude(experiment=own)
        known += past_experiments(others, scope=Scope(learning.lever), user=user)
    return PastByScope(known).behind(learning)


@transaction.atomic
def take_in(post_mortem: PostMortem) -> None:
    """A post-mortem was published: grade again what it bears on, and link what agrees with it."""
    fresh = list(post_mortem.learnings.select_related("post_mortem__experiment__pod"))
    levers = {learning.lever for learning in fresh if learning.lever}
    if post_mortem.experiment:
        levers |= {post_mortem.experiment.idea.lever} - {""}
    tell_followers(post_mortem, levers)
    grade_levers(levers, fresh={post_mortem.pk})


@transaction.atomic
def correct_scope(
    learning: Learning, *, by: User, reason: str, expires_on: dt.date, **scope: str
) -> Learning:
    """Change where a learning holds, and until when; its claim stays.

    It is graded again by what stands behind it now. In a published post-mortem it takes a reason, and
    a dated amendment says what has changed. Raises PermissionDenied, Refused, ValidationError.
    """
    require(by, "experiments.write_postmortem", learning.post_mortem)
    stored = Learning.objects.get(pk=learning.pk)
    changes = _changes(stored, {**scope, "expires_on": expires_on})
    if not changes:
        return learning
    if "expires_on" in changes and expires_on <= timezone.localdate():
        raise ValidationError({"expires_on": "Choose a day in the future."})
    published = learning.post_mortem.is_published
    if published and not reason.strip():
        raise ValidationError({"reason": "It is published, so say why its scope changes."})
    for name, value in {**scope, "expires_on": expires_on}.items():
        setattr(learning, name, value)
    learning.is_expiry_typed |= "expires_on" in changes
    learning.set_grade(graded(experiments_behind(learning)).code)
    learning.full_clean()
    learning.words = words_of_learning(learning)
    learning.save()
    sentence = f"The scope of “{learning}” was corrected: {'; '.join(changes.values())}."
    if published:
        amend_post_mortem(learning.post_mortem, by=by, text=f"{sentence} {reason.strip()}")
        link_again(learning)
    Event.record(learning.experiment, "learning", f"{by}: {sentence}", by=by)
    return learning


def _changes(stored: Learning, values: Mapping[str, Any]) -> dict[str, str]:
    """“lever from “Copy” to any”, by field."""
    rows = {}
    for name, value in values.items():
        was = getattr(stored, name)
        if was != value:
            label = "day" if name == "expires_on" else name
            rows[name] = f"{label} from {_named(was)} to {_named(value)}"
    return rows


def _named(value: Any) -> str:
    if isinstance(value, dt.date):
        return f"{value:%-d %b %Y}"
    return f"“{value}”" if value else "any"


@transaction.atomic
def judge_link(link: LearningLink, *, by: User, is_right: bool) -> None:
    """Confirm or dismiss a link: somebody who writes post-mortems in the pod of either learning."""
    ends = (link.newer, link.older)
    if not any(by.has_perm("experiments.write_postmortem", end) for end in ends):
        require(by, "experiments.write_postmortem", link.newer)
    link.judgement = (
        LearningLink.Judgement.CONFIRMED if is_right else LearningLink.Judgement.DISMISSED
    )
    link.judged_by = by
    link.save(update_fields=["judgement", "judged_by"])


@transaction.atomic
def cite(idea: Idea, learning: Learning | None, *, by: User) -> Citation:
    """Let an idea rest on a learning that everybody of its pod can read.

    Raises PermissionDenied, Refused.
    """
    require(by, "backlog.change_idea", idea)
    if learning is None:
        raise Refused("This learning was removed, or it is not published. Choose another one.")
    known = Citation.objects.filter(idea=idea, learning=learning).first()
    if known:
        return known
    if not learning.post_mortem.is_published and learning.pod != idea.pod:
        raise Refused("This learning is not published, so people of this pod can’t read it yet.")
    if idea.citations.count() >= MOST_CITED:
        raise Refused(f"An idea can cite at most {MOST_CITED} learnings. Remove one first.")
    made = Citation.objects.create(idea=idea, learning=learning, by=by)
    claim = f": {learning}" if learning.post_mortem.is_published else "."
    Event.record(idea, "cite", f"{by} cited a learning{claim}", by=by)
    return made


@transaction.atomic
def stop_citing(citation: Citation, *, by: User) -> None:
    """Take a citation back."""
    require(by, "backlog.change_idea", citation.idea)
    Event.record(citation.idea, "cite", f"{by} removed a citation.", by=by)
    citation.delete()
