"""The words behind the scores: the version in use, those before it, and the next one."""

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_http_methods, require_safe

from backlog.flows.rubrics import publish_rubric
from backlog.forms.refusing import refusals_in
from backlog.forms.rubrics import RubricForm
from backlog.htmx import render
from backlog.models import Rubric, RubricBand
from backlog.models.rubrics import DIMENSIONS
from backlog.permissions import require
from backlog.views.asking import SignedIn
from backlog.views.card import Scale, scale_of
from backlog.views.repeating import counts_once
from backlog.views.saving import saving


def scales_of(bands: dict[str, list[RubricBand]]) -> list[Scale]:
    """As scorers see them, with a score chosen so that its words show."""
    return [scale_of(name, bands[name], "7") for name in DIMENSIONS]


@require_safe
def rubric_list(request: SignedIn) -> HttpResponse:
    rubrics = list(Rubric.objects.select_related("made_by").annotate(uses=Count("rounds")))
    context = {
        "rubric": rubrics[0],
        "rubrics": rubrics,
        "scales": scales_of(rubrics[0].by_dimension()),
        "may_change": request.user.has_perm("backlog.change_rubric"),
    }
    return render(request, "backlog/rubric_list.html", context)


@require_safe
def rubric_detail(request: SignedIn, pk: int) -> HttpResponse:
    """One version, with what it changed of the one before."""
    rubric = get_object_or_404(Rubric.objects.select_related("made_by"), pk=pk)
    bands = rubric.by_dimension()
    before = Rubric.objects.filter(version__lt=rubric.version).first()
    old = before.by_dimension() if before else bands
    changes = [
        (new, was)
        for name in DIMENSIONS
        for new, was in zip(bands[name], old[name], strict=True)
        if (new.words, new.range_words, new.low, new.high)
        != (was.words, was.range_words, was.low, was.high)
    ]
    context = {"rubric": rubric, "before": before, "changes": changes, "scales": scales_of(bands)}
    return render(request, "backlog/rubric_detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@counts_once
def rubric_edit(request: SignedIn) -> HttpResponse:
    """`preview` shows the scales as they would be; saving writes the next version."""
    require(request.user, "backlog.change_rubric")
    latest = Rubric.objects.latest()
    form = RubricForm(request.POST or None, rubric=latest)
    preview: list[Scale] = []
    if request.method == "POST" and form.is_valid():
        if "preview" in request.POST:
            preview = scales_of(_drafted(form))
        else:
            with refusals_in(form), saving(request, form, latest):
                note = form.cleaned_data["note"]
                made = publish_rubric(by=request.user, bands=form.bands, note=note)
                messages.success(
                    request, f"Version {made.version} applies to rounds opened from now on."
                )
                return redirect("backlog:rubric_list")
    context = {"form": form, "rubric": latest, "preview": preview}
    return render(request, "backlog/rubric_edit.html", context, status=422 if form.errors else 200)


def _drafted(form: RubricForm) -> dict[str, list[RubricBand]]:
    return {
        name: [
            RubricBand(dimension=name, band=at, **values) for at, values in enumerate(rows, start=1)
        ]
        for name, rows in form.bands.items()
    }
