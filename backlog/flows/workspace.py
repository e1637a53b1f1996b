"""The workspace: its settings, and the removal of the sample."""

from collections.abc import Callable

from django.db import transaction
from django.db.models import F
from django.urls import reverse

from backlog.flows.ranking import rerank, store_ice_of_all
from backlog.flows.rights import active_admins, require_now
from backlog.models import Event, Pod, Quarter, User, Workspace
from backlog.refusals import Mend, Refused


@transaction.atomic
def change_workspace(*, by: User, **fields: object) -> Workspace:
    """Change the workspace's settings. Another ICE formula ranks everything again."""
    by = require_now(by, "backlog.change_workspace")
    workspace = Workspace.current()
    before = workspace.ice_formula
    for name, value in fields.items():
        setattr(workspace, name, value)
    workspace.full_clean(validate_unique=False)
    Workspace.objects.filter(pk=1).update(**fields, version=F("version") + 1)
    Event.record(workspace, "change", f"{by} changed the workspace settings.", by=by)
    if workspace.ice_formula != before:
        store_ice_of_all()
        Event.record(
            workspace,
            "formula",
            f"{by} set the ICE formula to “{workspace.get_ice_formula_display()}”.",
            by=by,
        )
    return Workspace.current()


_removals: list[Callable[[], None]] = []


def register_removal(remove: Callable[[], None]) -> None:
    """Let another app remove what its sample has left outside pods and quarters."""
    _removals.append(remove)


@transaction.atomic
def remove_sample(*, by: User) -> None:
    """Remove the sample: its pods with everything in them, its people, its quarters."""
    by = require_now(by, "backlog.remove_sample")
    if not Pod.objects.filter(is_sample=True).exists():
        raise Refused("The sample has already been removed.")
    if User.objects.filter(is_sample=False).exists():
        _require_admin_beside_the_sample()
    Pod.objects.filter(is_sample=True).delete()
    Quarter.objects.filter(is_sample=True).delete()
    for remove in _removals:
        remove()
    User.objects.filter(is_sample=True).delete()
    rerank()


def _require_admin_beside_the_sample() -> None:
    """People who stay must have an admin, because the set-up link only opens an empty Floe."""
    if not active_admins().filter(is_sample=False).exists():
        raise Refused(
            "Without the sample there would be no admin. Make somebody else an admin first.",
            mend=Mend("Choose an admin", reverse("backlog:user_list")),
        )
