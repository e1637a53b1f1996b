"""The own fields of the workspace: everybody reads them, programme owners change them."""

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backlog.flows.own_fields import PERM, add_field, change_field, move_field, remove_field
from backlog.forms.own_fields import OwnFieldForm
from backlog.forms.refusing import refusals_in
from backlog.models import OwnField
from backlog.models.own_fields import MOST_FIELDS
from backlog.permissions import get_for, require
from backlog.views.asking import SignedIn
from backlog.views.repeating import counts_once
from backlog.views.saving import saving


@require_safe
def own_field_list(request: SignedIn) -> HttpResponse:
    fields = OwnField.objects.annotate(value_count=Count("values"))
    return render(request, "backlog/own_field_list.html", {"fields": fields, "most": MOST_FIELDS})


@require_http_methods(["GET", "HEAD", "POST"])
@counts_once
def own_field_new(request: SignedIn) -> HttpResponse:
    require(request.user, PERM)
    form = OwnFieldForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            field = add_field(by=request.user, **form.cleaned_data)
            messages.success(request, f"“{field}” was added to every idea.")
            return redirect("backlog:own_field_list")
    status = 422 if form.errors else 200
    return render(request, "backlog/own_field_new.html", {"form": form}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def own_field_edit(request: SignedIn, pk: int) -> HttpResponse:
    field = get_for(request.user, PERM, OwnField, pk=pk)
    form = OwnFieldForm(request.POST or None, field=field)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form), saving(request, form, field) as held:
            change_field(held, by=request.user, **form.cleaned_data)
            return redirect("backlog:own_field_list")
    context = {"form": form, "field": field}
    status = 422 if form.errors else 200
    return render(request, "backlog/own_field_edit.html", context, status=status)


@require_POST
def own_field_move(request: SignedIn, pk: int) -> HttpResponse:
    field = get_for(request.user, PERM, OwnField, pk=pk)
    move_field(field, by=request.user, step=-1 if "up" in request.POST else 1)
    return redirect("backlog:own_field_list")


@require_http_methods(["GET", "HEAD", "POST"])
def own_field_remove(request: SignedIn, pk: int) -> HttpResponse:
    """Asks first, as the values of the ideas go along."""
    field = get_for(request.user, PERM, OwnField, pk=pk)
    if request.method == "POST":
        remove_field(field, by=request.user)
        messages.success(request, f"“{field}” was removed.")
        return redirect("backlog:own_field_list")
    context = {"field": field, "count": field.values.count()}
    return render(request, "backlog/own_field_remove.html", context)
