"""Who may do what: one table, one backend that answers `user.has_perm`, one way to get an object."""

from collections.abc import Sequence
from typing import Any, TypeVar

from django.contrib.auth.backends import ModelBackend
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404

from backlog.models import Membership, User

VIEWER, MEMBER, LEAD = Membership.Role.VIEWER, Membership.Role.MEMBER, Membership.Role.LEAD
OWNER, ADMIN = User.Role.OWNER, User.Role.ADMIN
RANK = {"": 0, VIEWER: 1, MEMBER: 2, LEAD: 3, OWNER: 4, ADMIN: 5}

# The least role in the object's pod; programme owners and admins stand above pods.
LEAST_ROLE: dict[str, str] = {
    "backlog.view_pod": VIEWER,
    "backlog.change_pod": LEAD,
    "backlog.view_objective": VIEWER,
    "backlog.view_quarter": "",
    "backlog.change_objective": LEAD,
    "backlog.view_idea": VIEWER,
    "backlog.add_idea": MEMBER,
    "backlog.change_idea": MEMBER,
    "backlog.comment_idea": MEMBER,
    "backlog.delete_comment": LEAD,
    "backlog.move_idea": LEAD,
    "backlog.promote_idea": LEAD,
    "backlog.share_view": LEAD,
    "backlog.view_round": VIEWER,
    "backlog.score_round": MEMBER,
    "backlog.run_round": LEAD,
    "experiments.view_experiment": VIEWER,
    "experiments.read_postmortem": "",  # published ones are for everybody to learn from
    "experiments.change_experiment": MEMBER,
    "experiments.launch_experiment": LEAD,
    "experiments.import_past": MEMBER,
    "experiments.view_scenario": VIEWER,
    "experiments.plan_quarter": LEAD,
    "experiments.unveil_experiment": LEAD,
    "experiments.waive_standard": LEAD,
    "experiments.mute_alarm": MEMBER,
    "experiments.mute_sign": LEAD,
    "experiments.share_report": LEAD,
    "experiments.add_observation": MEMBER,
    "experiments.remove_intake": LEAD,  # the sender may remove their own
    "experiments.assign_units": MEMBER,
    "experiments.view_holdout": "",  # everybody may see what the programme is worth
    "experiments.decide_experiment": MEMBER,
    "experiments.write_postmortem": MEMBER,
    "experiments.comment_postmortem": MEMBER,
    "experiments.view_metric": "",  # a pod's own are for the pod: `visible_to` keeps them
    "experiments.change_metric": LEAD,
    "experiments.view_template": "",
    "experiments.change_template": LEAD,
    "experiments.clone_experiment": LEAD,
    "experiments.view_segment": "",
    "experiments.change_segment": LEAD,
    "experiments.change_pod_limits": LEAD,
    "experiments.view_blackout": "",  # and deadlines; a pod's own are for the pod
    "experiments.change_blackout": LEAD,
    "experiments.view_feed": "",  # one's own only: `visible_to` keeps the others
    "experiments.view_agreement": "",
    "experiments.view_roadmap": "",
    "experiments.change_roadmap": MEMBER,
    "experiments.view_collection": "",
    "experiments.change_collection": MEMBER,
    "experiments.view_credit": "",
    "experiments.import_credit": MEMBER,  # without a pod: for programme owners
    "experiments.view_process_experiment": "",
    "experiments.change_process_experiment": MEMBER,  # without a pod: for programme owners
    "experiments.run_process_experiment": LEAD,
    # For the whole workspace, whatever the pod.
    "backlog.add_pod": OWNER,
    "backlog.change_quarter": OWNER,
    "backlog.change_rubric": OWNER,
    "backlog.change_own_field": OWNER,
    "backlog.share_view_with_everybody": OWNER,
    "experiments.change_standard": OWNER,
    "experiments.plan_every_pod": OWNER,
    "experiments.change_metric_of_all": OWNER,
    "experiments.write_query": OWNER,
    "experiments.change_template_of_all": OWNER,
    "experiments.change_segment_of_all": OWNER,
    "experiments.change_blackout_of_all": OWNER,
    "experiments.sign_off_baseline": OWNER,
    "experiments.share_report_of_all": OWNER,
    "experiments.change_roadmap_of_all": OWNER,
    "experiments.change_collection_of_all": OWNER,
    "experiments.write_postmortem_of_all": OWNER,
    "experiments.certify_metric": OWNER,
    "experiments.use_expected_value": OWNER,
    "experiments.approve_risk": OWNER,
    "backlog.change_workspace": ADMIN,
    "backlog.change_role": ADMIN,
    "backlog.deactivate_user": ADMIN,
    "backlog.sign_out_user": ADMIN,
    "backlog.remove_sample": ADMIN,
}
OF_THE_WORKSPACE = {perm for perm, role in LEAST_ROLE.items() if role in (OWNER, ADMIN)}


def role_of(user: User, obj: Any = None) -> str:
    """The role that counts for `obj`: the workspace's where it stands above, else the pod's."""
    if user.stands_above_pods:
        return user.role
    pod = getattr(obj, "pod", None)
    return user.pod_roles.get(pod.pk, "") if pod is not None else ""


class FloeBackend(ModelBackend):
    """Signs people in by e-mail and answers `has_perm` from the table above."""

    def authenticate(
        self,
        request: Any,
        username: str | None = None,
        password: str | None = None,
        **credentials: Any,
    ) -> User | None:
        user = super().authenticate(
            request, username=username or credentials.get("email"), password=password
        )
        return user if isinstance(user, User) else None

    def get_user(self, user_id: int) -> User | None:
        """The person of a session, with what the frame of every page needs.

        `has_news` is for the bell, `has_seat` says whether any open round could wait for them.
        """
        user = User.objects.with_frame(user_id)
        return user if user and self.user_can_authenticate(user) else None

    def user_can_authenticate(self, user: Any) -> bool:
        return bool(user.may_sign_in)

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        least = LEAST_ROLE[perm]
        if not user_obj.is_active:
            return False
        if perm in OF_THE_WORKSPACE:
            return RANK[user_obj.role if user_obj.stands_above_pods else ""] >= RANK[least]
        return RANK[role_of(user_obj, obj)] >= RANK[least]

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        return bool(user_obj.is_active)


M = TypeVar("M", bound=Model)


def get_for(
    user: User, perm: str, model: type[M] | QuerySet[M], *, join: Sequence[str] = (), **lookup: Any
) -> M:
    """The one way to get an object: 404 if it may not be seen, 403 if `perm` is missing.

    `visible_to(user)` says what may be seen; `join` are relations to fetch along. A queryset
    instead of the model keeps its annotations.
    """
    rows: Any = model if isinstance(model, QuerySet) else model.objects  # type: ignore[attr-defined]
    try:
        seen = rows.visible_to(user)
        obj: M = (seen.select_related(*join) if join else seen).get(**lookup)
    except (rows.model.DoesNotExist, ValueError, OverflowError) as missing:
        raise Http404 from missing
    require(user, perm, obj)
    return obj


def require(user: User, perm: str, obj: Any = None) -> None:
    """Raise PermissionDenied (403) with a sentence unless the table allows it."""
    if not user.has_perm(perm, obj):
        least = LEAST_ROLE[perm]
        who = {
            VIEWER: "people of this pod",
            MEMBER: "members of this pod",
            LEAD: "the leads of this pod",
            OWNER: "programme owners",
            ADMIN: "admins",
        }[Membership.Role(least) if least in Membership.Role.values else User.Role(least)]
        raise PermissionDenied(f"Only {who} can do this. Ask one of them, or ask to become one.")
