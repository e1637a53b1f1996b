"""Who runs a round: its pod's leads, or in a live session only the facilitator."""

from django.core.exceptions import PermissionDenied
from django.db.models import F
from django.urls import reverse

from backlog.models import Round, User
from backlog.permissions import require
from backlog.refusals import Mend, Refused


def may_conduct(round_: Round, user: User) -> bool:
    """Whether this person gets the facilitator's buttons."""
    try:
        require_conductor(round_, user)
    except (PermissionDenied, Refused):
        return False
    return True


def require_conductor(round_: Round, by: User) -> None:
    """The facilitator only needs to be a member. Anybody else must lead the pod and take over
    first."""
    leads_it = round_.is_live and round_.facilitator_id == by.pk
    require(by, "backlog.score_round" if leads_it else "backlog.run_round", round_)
    if round_.is_live and not leads_it and round_.facilitator is not None:
        raise Refused(
            f"{round_.facilitator} leads this session. Ask them to hand it over to you. Once they "
            "have left, you can take it over."
        )


def require_open(round_: Round) -> None:
    if round_.state == Round.State.CLOSED:
        raise Refused(
            "This round has ended. See its summary for the results and for what is left.",
            mend=Mend("See the summary", reverse("backlog:round_summary", args=[round_.pk])),
        )


def tell_everybody(round_: Round, **changes: object) -> Round:
    """Write `changes` and raise the revision, so that every browser in the session updates."""
    Round.objects.filter(pk=round_.pk).update(revision=F("revision") + 1, **changes)
    round_.refresh_from_db()
    return round_
