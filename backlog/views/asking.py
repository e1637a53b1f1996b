"""Who asks: a request of somebody who is signed in, and the pod they have chosen to look at."""

from django.http import HttpRequest

from backlog.models import Pod, User


class SignedIn(HttpRequest):
    """LoginRequiredMiddleware lets nobody else through to a view that does not opt out."""

    user: User


def chosen_pod_id(request: SignedIn) -> int | None:
    """The pod of the switcher in the rail; None stands for all of them."""
    chosen: int | None = request.session.get("pod")
    if chosen is None or request.user.stands_above_pods:
        return chosen
    return chosen if chosen in request.user.pod_roles else None


def chosen_pod(request: SignedIn) -> Pod | None:
    chosen = chosen_pod_id(request)
    return Pod.objects.filter(pk=chosen).first() if chosen else None
