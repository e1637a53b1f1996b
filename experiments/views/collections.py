"""Collections of learnings: the list, one of them, and putting a learning into one."""

from django.contrib import messages
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backlog.forms.refusing import refusals_in, status_of
from backlog.htmx import render as render_part
from backlog.models import Pod
from backlog.permissions import get_for, require
from backlog.views.asking import SignedIn, chosen_pod_id
from backlog.views.repeating import counts_once
from backlog.views.saving import saving
from experiments.flows import collecting
from experiments.forms.collections import CollectForm, CollectionForm
from experiments.models import Collection, CollectionItem, Learning

VIEW = "experiments.view_collection"


@require_safe
def collection_list(request: SignedIn) -> HttpResponse:
    rows = Collection.objects.visible_to(request.user).select_related("pod")
    context = {
        "collections": rows.annotate(count=Count("items")),
        "can_add": Pod.objects.worked_in_by(request.user).exists(),
    }
    return render(request, "experiments/collection_list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@counts_once
def collection_new(request: SignedIn) -> HttpResponse:
    """For a pod that one works in; programme owners keep those of no pod."""
    if not Pod.objects.worked_in_by(request.user).exists():
        require(request.user, "experiments.change_collection_of_all")
    first = {"pod": chosen_pod_id(request)}
    form = CollectionForm(
        request.POST or None, by=request.user, instance=Collection(), initial=first
    )
    if request.method == "POST" and form.is_valid():
        with refusals_in(form):
            made = collecting.save_collection(Collection(), by=request.user, **form.values())
            return redirect(made)
    status = 422 if form.errors else 200
    return render(request, "experiments/collection_edit.html", {"form": form}, status=status)


def _kept(request: SignedIn, pk: int) -> Collection:
    collection = get_for(request.user, VIEW, Collection, join=("pod",), pk=pk)
    collecting.require_for(request.user, collection.pod)
    return collection


@require_safe
def collection_detail(request: SignedIn, pk: int) -> HttpResponse:
    collection = get_for(request.user, VIEW, Collection, join=("pod", "by"), pk=pk)
    joined = (
        "learning__post_mortem__experiment__pod",
        "learning__post_mortem__experiment__decision",
    )
    context = {
        "collection": collection,
        "items": collection.items.select_related(*joined),
        "may_change": collecting.may_change(request.user, collection),
    }
    return render_part(
        request, "experiments/collection_detail.html", context, partials={"collection-items"}
    )


@require_http_methods(["GET", "HEAD", "POST"])
def collection_edit(request: SignedIn, pk: int) -> HttpResponse:
    collection = _kept(request, pk)
    form = CollectionForm(request.POST or None, by=request.user, instance=collection)
    if request.method == "POST" and form.is_valid():
        with refusals_in(form), saving(request, form, collection) as fresh:
            collecting.save_collection(fresh, by=request.user, **form.values())
            messages.success(request, f"“{fresh}” is saved.")
            return redirect(fresh)
    context = {"form": form, "collection": Collection.objects.get(pk=pk)}
    status = 422 if form.errors else 200
    return render(request, "experiments/collection_edit.html", context, status=status)


@require_POST
def collection_remove(request: SignedIn, pk: int) -> HttpResponse:
    collection = _kept(request, pk)
    collecting.remove_collection(collection, by=request.user)
    messages.success(request, f"“{collection}” is removed. Its learnings stay in the library.")
    return redirect("experiments:collection_list")


def _item(request: SignedIn, pk: int, item: int) -> CollectionItem:
    _kept(request, pk)
    rows = CollectionItem.objects.select_related("collection__pod", "learning")
    return get_for(request.user, VIEW, rows, pk=item, collection=pk)


@require_POST
def collection_item_move(request: SignedIn, pk: int, item: int) -> HttpResponse:
    """Up, or down."""
    row = _item(request, pk, item)
    collecting.move_item(row, by=request.user, is_up="up" in request.POST)
    return redirect("experiments:collection_detail", pk)


@require_POST
def collection_item_remove(request: SignedIn, pk: int, item: int) -> HttpResponse:
    collecting.take_out(_item(request, pk, item), by=request.user)
    return redirect("experiments:collection_detail", pk)


@require_http_methods(["GET", "HEAD", "POST"])
@counts_once
def learning_collect(request: SignedIn, pk: int) -> HttpResponse:
    """Put a learning into a collection that one keeps."""
    learning = get_for(
        request.user, "experiments.read_postmortem", Learning,
        join=("post_mortem__experiment__pod",), pk=pk,
    )  # fmt: skip
    form = CollectForm(request.POST if request.method == "POST" else None, by=request.user)
    if form.is_bound and form.is_valid():
        with refusals_in(form):
            collecting.collect(learning, by=request.user, **form.cleaned_data)
            messages.success(request, f"It is in “{form.cleaned_data['collection']}” now.")
            return redirect(learning)
    context = {"form": form, "learning": learning}
    return render(request, "experiments/learning_collect.html", context, status=status_of(form))
