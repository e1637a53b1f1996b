"""The four things to do in an empty workspace, and which of them are done."""

from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import Exists, QuerySet
from django.urls import reverse

from backlog.models import Idea, Invitation, Membership, Pod, Round, User


class Step(NamedTuple):
    """One thing to do, with its button; `waits` says why it can't be done yet, or ""."""

    name: str
    title: str
    sentence: str
    action: str
    url: str
    is_done: bool
    waits: str = ""


class FirstHour(NamedTuple):
    """The card of an empty workspace. `pod` is where invited people go."""

    steps: list[Step]
    pod: Pod | None

    @property
    def has_sample(self) -> bool:
        """Whether the sample can be served here; its accounts work with DEBUG only."""
        return bool(settings.DEBUG)


def first_hour_of(user: User) -> FirstHour | None:
    """None for people who lead nothing, who have dismissed the card, or who have done it all."""
    leads = user.stands_above_pods or Membership.Role.LEAD in user.pod_roles.values()
    if user.is_past_first_hour or not leads:
        return None
    pods = Pod.objects.led_by(user)
    done = _done(user, pods)
    has_joined = done.pop("joined")
    if all(done.values()):
        return None
    pod = pods.order_by("pk").first()
    return FirstHour(_steps(done, pod, has_joined=has_joined), pod)


def dismiss_first_hour(*, by: User) -> None:
    by.is_past_first_hour = True
    by.save(update_fields=["is_past_first_hour"])


def _done(user: User, pods: "QuerySet[Pod]") -> dict[str, bool]:
    """One query for the four of them."""
    others = Membership.objects.filter(pod__in=pods).exclude(user=user)
    invited = Invitation.objects.usable().filter(pod__in=pods)
    rows = User.objects.filter(pk=user.pk).annotate(
        pod=Exists(pods),
        people=Exists(others) | Exists(invited),
        ideas=Exists(Idea.objects.filter(pod__in=pods)),
        round=Exists(Round.objects.filter(pod__in=pods)),
        joined=Exists(others.filter(user__is_active=True).exclude(role="viewer")),
    )
    row: Any = rows.values("pod", "people", "ideas", "round", "joined").get()
    return dict(row)


def _steps(done: dict[str, bool], pod: Pod | None, *, has_joined: bool) -> list[Step]:
    no_pod = "" if pod else "Create your pod first."
    no_ideas = no_pod or ("" if done["ideas"] else "Add ideas first.")
    no_round = no_ideas or ("" if has_joined else "Somebody else has to join first.")
    return [
        Step("pod", "Your pod", "The people who work toward one outcome. You lead the pods that "
             "you create.", "Create a pod", reverse("backlog:pod_new"), done["pod"]),
        Step("people", "People", "Paste their addresses. Each gets a link of their own.",
             "Invite people", reverse("backlog:invitation_new"), done["people"], no_pod),
        Step("ideas", "Ideas", "Paste your sheet, and see what happens with each row before it is "
             "added.", "Paste your sheet", reverse("backlog:import_new"), done["ideas"], no_pod),
        Step("round", "First round", "Everybody scores the same ideas blind. Then you reveal the "
             "scores.", "Start a round", f"{reverse('backlog:round_new')}?first", done["round"], no_round),
    ]  # fmt: skip
