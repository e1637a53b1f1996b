"""Two people changed one text: both versions side by side, and a form that can be saved again."""

from typing import Any, NamedTuple

from django.forms import BoundField

from backlog.forms.ideas import IdeaForm, said_by
from backlog.models import Idea


class Both(NamedTuple):
    field: BoundField
    theirs: str
    mine: str


def both_versions(idea: Idea, form: IdeaForm, news: str) -> dict[str, Any]:
    """Where the two differ. `form` keeps what was typed, and now builds on the newer version."""
    theirs, fields = said_by(idea), [name for name in form.fields if name != "version"]
    mine = dict(form.cleaned_data)
    both = [
        Both(form[name], str(theirs[name] or ""), str(mine[name] or ""))
        for name in fields
        if str(theirs[name] or "") != str(mine[name] or "")
    ]
    form.data = {**form.data.dict(), "version": str(idea.version)}  # type: ignore[attr-defined]
    return {"news": news, "both": both}
