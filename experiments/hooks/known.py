"""What the experiments app says beside an idea: the evidence for its lever, in one sentence."""

from backlog.known import KnownBefore
from backlog.models import Idea, User
from experiments.flows.evidence import evidence_for, evidence_url
from experiments.models import Citation


def known_about(user: User, idea: Idea) -> KnownBefore:
    """Of one's pods, and of published post-mortems. What the idea cites is read where it is known to
    cite something (`has_citations`)."""
    cited, hidden = _cited(user, idea) if getattr(idea, "has_citations", False) else ((), 0)
    if not idea.lever.strip():
        return KnownBefore("No evidence yet: the idea names no lever.", "", cited, hidden)
    known = evidence_for(user, lever=idea.lever, channel=idea.channel, outcome=idea.outcome)
    url = evidence_url(known.scope) if known.every else ""
    return KnownBefore(known.sentence, url, cited, hidden)


def _cited(user: User, idea: Idea) -> tuple[tuple[tuple[str, str], ...], int]:
    rows = Citation.objects.filter(idea=idea)
    rows = rows.select_related("learning__post_mortem__experiment__pod")
    seen = tuple(
        (row.learning.claim, row.learning.get_absolute_url())
        for row in rows
        if row.learning.post_mortem.is_published
        or user.has_perm("experiments.view_experiment", row.learning)
    )
    return seen, len(rows) - len(seen)
