"""Two people changed one plan: both versions side by side, and a form that can be saved again."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django.db.models import Model

from experiments.forms.plan import Plan
from experiments.forms.plan_filling import rows_of, rules_of, said_by
from experiments.models import Experiment


class Both(NamedTuple):
    label: str
    theirs: str
    mine: str


def both_plans(experiment: Experiment, plan: Plan, news: str) -> dict[str, Any]:
    """Where the two differ. The form keeps what was typed, and builds on the newer version."""
    fresh = Experiment.objects.get(pk=experiment.pk)
    form: Any = plan.form
    theirs = said_by(fresh)
    names = [name for name in form.fields if name != "version"]
    rows = [
        Both(
            str(form[name].label),
            _shown(form, name, theirs[name]),
            _shown(form, name, form[name].value()),
        )
        for name in names
    ]
    for label, kept, formset in zip(
        ("Arms", "Metrics", "Rules"),
        (*rows_of(fresh), rules_of(fresh)),
        (plan.arms, plan.metrics, plan.rules),
        strict=True,
    ):
        mine = [_typed(f) for f in formset.forms if not _is_removed(f)]
        rows.append(Both(label, _listed(kept), _listed(mine)))
    form.data = form.data.copy()
    form.data["version"] = str(fresh.version)
    return {"news": news, "both": [row for row in rows if row.theirs != row.mine]}


def _is_removed(form: Any) -> bool:
    return bool(form.cleaned_data.get("DELETE")) or not form.cleaned_data


def _typed(form: Any) -> dict[str, Any]:
    return {name: form[name].value() for name in form.fields if name != "DELETE"}


def _shown(form: Any, name: str, value: Any) -> str:
    """A value as people read it; of a choice its name."""
    choices = getattr(form.fields[name], "queryset", None)
    if choices is not None and not isinstance(value, Model):
        found = choices.filter(pk=value).first() if value else None
        return str(found or "")
    return str("" if value is None else value).replace("\r\n", "\n")


def _listed(rows: Sequence[Mapping[str, Any]]) -> str:
    """Rows of a formset in one line each, numbers spelled alike."""
    return "\n".join(
        ", ".join(_spelled(value) for value in row.values() if value not in (None, "", []))
        for row in rows
    )


def _spelled(value: Any) -> str:
    try:
        return f"{float(value):g}"
    except (TypeError, ValueError):
        return str(value)
