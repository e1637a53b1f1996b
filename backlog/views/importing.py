"""What a page of an import does with what it is sent, whatever it imports."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from backlog.flows import imports
from backlog.forms.imports import ImportForm, answers_about_table
from backlog.forms.refusing import refusals_in, status_of
from backlog.htmx import render
from backlog.models import Import, Pod
from backlog.views.asking import SignedIn, chosen_pod

READ_AGAIN = (
    "Nothing is added yet. You had changed something, so the rows were read again. Look at them, and "
    "add them then."
)


def new_page(
    request: SignedIn, form_class: type[ImportForm], template: str, *, kind: str
) -> HttpResponse:
    """Paste rows or choose a file; the next page shows what would happen."""
    posted = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = form_class(*posted, by=request.user, initial={"pod": chosen_pod(request)})
    if request.method == "POST" and form.is_valid():
        pod = form.cleaned_data["pod"]
        with refusals_in(form):
            return redirect(imports.receive(by=request.user, pod=pod, kind=kind, **form.table()))
    can_add = Pod.objects.worked_in_by(request.user).exists()
    earlier = Import.objects.visible_to(request.user).filter(kind=kind)[:5]
    context = {"form": form, "can_add": can_add, "earlier": earlier}
    return render(request, template, context, status=status_of(form))


def step(request: SignedIn, taken: Import, answers: dict[str, Any]) -> HttpResponse:
    """Read the table or the rows again, or add them."""
    what = request.POST.get("do")
    if what == "table":
        imports.answer(taken, by=request.user, answers=answers_about_table(request.POST))
    elif what != "add":
        imports.take_choices(taken, by=request.user, **answers)
    elif "pod" not in request.POST:
        imports.confirm(taken, by=request.user)
    elif not imports.confirm_as_chosen(taken, by=request.user, **answers):
        messages.info(request, READ_AGAIN)
    return redirect(taken)


def shown(taken: Import) -> dict[str, Any]:
    """The columns with what each holds, the rows with their answers, the sums."""
    mapped, answers = taken.mapping, taken.choices.get("rows", {})
    counts = taken.counts
    left_out = [name for place, name in enumerate(taken.columns) if str(place) not in mapped]
    rows = taken.understood.get("rows", [])
    for row in rows:
        row["answer"] = answers.get(str(row["number"]), "")
        row["cells"] += [""] * (len(taken.columns) - len(row["cells"]))
    return {
        "import": taken,
        "columns": [(n, name, mapped.get(str(n), "")) for n, name in enumerate(taken.columns)],
        "title_columns": [int(place) for place, what in mapped.items() if what == "title"],
        "rows": rows,
        "adds": counts.get("add", 0),
        "asks": counts.get("ask", 0),
        "untitled": counts.get("out", 0),
        "scored": counts.get("scored", 0),
        "left_out": left_out,
        **_changes_in(taken),
        "same": taken.choices.get("same", "out"),
        "is_cut": taken.row_count > len(rows),
    }


def _changes_in(taken: Import) -> dict[str, Any]:
    """What changes of ideas that exist; nothing of all this in an import of anything else."""
    counts, answers = taken.counts, taken.choices.get("rows", {})
    changes = taken.understood.get("changes", [])
    for row in changes:
        row["answer"] = answers.get(str(row["number"]), "")
        row["has_theirs"] = any(cell["theirs"] for cell in row["cells"])
    edits, same_now, cant = (counts.get(name, 0) for name in ("change", "same", "cant"))
    keyed = edits + same_now + cant
    return {
        "changes": changes,
        "edits": edits,
        "same_now": same_now,
        "cant": cant,
        "keyed": keyed,
        "theirs": counts.get("theirs", 0),
        "gone": taken.choices.get("gone", ""),
        "has_gone": counts.get("gone", 0),
        "nothing_changes": keyed == same_now > 0 and not counts.get("add") and not changes,
    }
