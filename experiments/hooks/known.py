"""What the experiments app says beside an idea: the evidence for its lever, in one sentence."""

from django.urls import reverse
from django.utils.http import urlencode

from backlog.known import KnownBefore
from backlog.models import Idea, User
from experiments.flows.evidence import evidence_for
from experiments.learning.scopes import Scope


def evidence_url(scope: Scope) -> str:
    """The page of this evidence."""
    parts = {name: part for name, part in vars(scope).items() if part}
    return f"{reverse('experiments:evidence')}?{urlencode(parts)}"


def known_about(user: User, idea: Idea) -> KnownBefore:
    """Of one's pods, and of published post-mortems."""
    if not idea.lever.strip():
        return KnownBefore("No evidence yet: the idea names no lever.")
    known = evidence_for(user, lever=idea.lever, channel=idea.channel, outcome=idea.outcome)
    return KnownBefore(known.sentence, evidence_url(known.scope) if known.every else "")
