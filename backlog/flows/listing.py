"""Keep a list: its filters under a name, its columns for the next visit."""

from django.core.exceptions import PermissionDenied
from django.db import transaction

from backlog.models import Pod, SavedView, User
from backlog.permissions import require


def keep_columns(*, by: User, written: str) -> None:
    """Set the columns of this person's list. "" stands for the default columns."""
    by.idea_columns = written
    by.save(update_fields=["idea_columns"])


@transaction.atomic
def save_view(
    view: SavedView, *, by: User, name: str, scope: str, pod: Pod | None, query: str
) -> SavedView:
    """Save a list under a name: for oneself, for a pod that `by` leads, or for everybody.

    Raises PermissionDenied, ValidationError.
    """
    if view.pk:
        require_change(view, by)
    else:
        view.owner = by
    view.name, view.scope, view.query = name, scope, query
    view.pod = pod if scope == SavedView.Scope.POD else None
    view.full_clean()
    require_change(view, by)
    view.save()
    return view


@transaction.atomic
def remove_view(view: SavedView, *, by: User) -> None:
    require_change(view, by)
    view.delete()


def require_change(view: SavedView, by: User) -> None:
    """Raise PermissionDenied unless the view is their own, or belongs to people they lead."""
    if view.scope == SavedView.Scope.POD and view.pod:
        require(by, "backlog.share_view", view.pod)
    elif view.scope == SavedView.Scope.WORKSPACE:
        require(by, "backlog.share_view_with_everybody")
    elif view.owner_id != by.pk:
        raise PermissionDenied("This view belongs to somebody else. Save your own instead.")
