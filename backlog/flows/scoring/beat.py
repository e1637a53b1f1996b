"""The beat of a live session: one statement with all that a poll needs to see that nothing is new.

Two hundred browsers poll every second and a half, so this one place is written in SQL.
It holds counts only, the same that `RoundIdea.objects.with_progress()` shows to everybody.
"""

import hashlib
from typing import Any, NamedTuple

from django.core.cache import caches
from django.db import connection
from django.utils import timezone

from backlog.flows.scoring.session import HERE_FOR, NOTED_EVERY
from backlog.models import RoundIdea, User

KEPT_FOR = 60

BEAT = """
    SELECT r.revision, r.pod_id, r.current_id, r.opened_at, i.stage, i.votes,
        (SELECT COUNT(*) FROM backlog_score s WHERE s.round_idea_id = i.id AND s.vote = i.votes
            AND NOT s.is_skipped),
        (SELECT COUNT(*) FROM backlog_score s WHERE s.round_idea_id = i.id AND s.vote = i.votes
            AND s.is_skipped),
        (SELECT MAX(s.scored_at) FROM backlog_score s WHERE s.round_idea_id = i.id
            AND s.vote = i.votes AND s.scorer_id = %s),
        (SELECT COUNT(*) FROM backlog_presence p WHERE p.round_id = r.id AND p.seen_at > %s),
        (SELECT SUM(p.user_id) FROM backlog_presence p WHERE p.round_id = r.id AND p.seen_at > %s),
        (SELECT COUNT(*) FROM backlog_presence p WHERE p.round_id = r.id AND p.user_id = %s
            AND p.seen_at > %s),
        (SELECT COUNT(*) FROM backlog_presence p WHERE p.round_id = r.id AND p.user_id = %s
            AND p.seen_at > %s),
        (SELECT COUNT(*) FROM backlog_membership m JOIN backlog_user u ON u.id = m.user_id
            WHERE m.pod_id = r.pod_id AND m.role <> 'viewer' AND u.is_active),
        (SELECT MAX(m.role) FROM backlog_membership m WHERE m.pod_id = r.pod_id AND m.user_id = %s),
        r.facilitator_id, d.author_id,
        (SELECT COUNT(*) FROM backlog_presence p WHERE p.round_id = r.id
            AND p.user_id = r.facilitator_id AND p.seen_at > %s),
        t.gives_impact, t.gives_confidence, t.gives_ease,
        (SELECT SUM(p.user_id) FROM backlog_presence p JOIN backlog_membership m
            ON m.user_id = p.user_id AND m.pod_id = r.pod_id AND m.role <> 'viewer'
            WHERE p.round_id = r.id AND p.seen_at > %s AND NOT EXISTS (SELECT 1
                FROM backlog_round_scorers s WHERE s.round_id = r.id AND s.user_id = p.user_id))
    FROM backlog_round r LEFT JOIN backlog_roundidea i ON i.id = r.current_id
        LEFT JOIN backlog_idea d ON d.id = i.idea_id
        LEFT JOIN backlog_round_scorers t ON t.round_id = r.id AND t.user_id = %s
    WHERE r.id = %s AND r.state = 'open' AND r.kind = 'live'
"""


class Beat(NamedTuple):
    revision: int
    pod: int
    current: int | None
    opened: object
    stage: str | None
    votes: int | None
    scored: int
    skipped: int
    own_at: object
    here: int
    who_is_here: int | None
    am_here: int
    is_noted: int
    members: int
    role: str | None
    facilitator: int | None
    author: int | None
    is_led: int
    gives_impact: bool | None
    gives_confidence: bool | None
    gives_ease: bool | None
    late: int | None  # the sum of the ids of people here who could be admitted

    def place(self, user: User) -> str:
        """What a session is drawn from besides its pulse: the revision, and for those who run it
        who is missing."""
        if self.facilitator == user.pk:
            return f"{self.revision}-{self.late or 0}"
        may_step_in = self.role == "lead" or user.stands_above_pods
        return f"{self.revision}-{'' if self.is_led or not may_step_in else 'gone'}"

    def mark(self, user: User) -> str:
        """What a browser shows: the place, and a digest of its pulse."""
        rest = (
            self.scored,
            self.skipped,
            str(self.own_at),
            self.here,
            self.who_is_here,
            self.members,
        )
        return f"{self.place(user)}.{hashlib.sha256(repr(rest).encode()).hexdigest()[:12]}"


def beat_of(round_id: int, user: User) -> Beat | None:
    """None where the session is over, or not this person's to see."""
    now = timezone.now()
    here, noted = (
        connection.ops.adapt_datetimefield_value(now - since) for since in (HERE_FOR, NOTED_EVERY)
    )
    me = user.pk
    values = [me, here, here, me, here, me, noted, me, here, here, me, round_id]
    with connection.cursor() as cursor:
        cursor.execute(BEAT, values)
        row = cursor.fetchone()
    beat = Beat(*row) if row else None
    return beat if beat and (beat.role or user.stands_above_pods) else None


def item_of(beat: Beat) -> RoundIdea | None:
    """The idea in hand with its progress, as far as a pulse shows it; not to be written."""
    if beat.current is None:
        return None
    item = RoundIdea(pk=beat.current, stage=beat.stage or "", votes=beat.votes or 1)
    facts = f"{beat.current} {beat.opened} {beat.revision} {beat.members}"
    key = f"asked-{hashlib.sha256(facts.encode()).hexdigest()}"
    asked_count = caches["seconds"].get(key)
    if asked_count is None:
        counted: Any = RoundIdea.objects.with_progress().get(pk=beat.current)
        asked_count = counted.asked_count + beat.skipped
        caches["seconds"].set(key, asked_count, KEPT_FOR)
    item.scored_count = beat.scored  # type: ignore[attr-defined]
    item.asked_count = asked_count - beat.skipped  # type: ignore[attr-defined]
    return item
