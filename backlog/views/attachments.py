"""Links and files of an idea."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backlog.flows.attaching import add_file, add_link, remove_attachment
from backlog.forms.attachments import AttachedFileForm, LinkForm
from backlog.forms.refusing import refusals_in, status_of
from backlog.models import Attachment, Idea
from backlog.permissions import get_for
from backlog.uploads import takes_files
from backlog.views.asking import SignedIn
from backlog.views.sending import send_upload


@takes_files("ATTACHMENT_MAX_BYTES")
@require_http_methods(["GET", "HEAD", "POST"])
def attachment_new(request: SignedIn, pk: int) -> HttpResponse:
    """Add a link, or a file; `do` says which of the two forms was sent."""
    idea = get_for(request.user, "backlog.change_idea", Idea, join=("pod",), pk=pk)
    sent = request.POST.get("do") if request.method == "POST" else ""
    link = LinkForm(request.POST if sent == "link" else None)
    file = AttachedFileForm(*((request.POST, request.FILES) if sent == "file" else (None, None)))
    if sent == "link" and link.is_valid():
        with refusals_in(link):
            made = add_link(idea, by=request.user, **link.cleaned_data)
            messages.success(request, f"“{made}” was added to the idea.")
            return redirect(idea)
    if sent == "file" and file.is_valid():
        with refusals_in(file):
            made = add_file(idea, file.cleaned_data["file"], by=request.user)
            messages.success(request, f"“{made}” was added to the idea.")
            return redirect(idea)
    status = status_of(link if link.is_bound else file) if sent else 200
    context = {"idea": idea, "link_form": link, "file_form": file}
    return render(request, "backlog/attachment_new.html", context, status=status)


def _of_idea(request: SignedIn, perm: str, pk: int, attachment: int) -> Attachment:
    join = ("idea__pod",)
    return get_for(request.user, perm, Attachment, join=join, pk=attachment, idea=pk)


@require_safe
def attachment_file(request: SignedIn, pk: int, attachment: int) -> HttpResponseBase:
    """The file: an image is shown, a PDF is only ever downloaded."""
    row = _of_idea(request, "backlog.view_idea", pk, attachment)
    if not row.file:
        raise Http404
    kind = f"image/{row.kind}" if row.is_image else "application/pdf"
    name = f"{row.idea.key}-{row.pk}.{row.kind}"
    return send_upload(row.file, content_type=kind, name=name, is_download=not row.is_image)


@require_POST
def attachment_remove(request: SignedIn, pk: int, attachment: int) -> HttpResponse:
    row = _of_idea(request, "backlog.change_idea", pk, attachment)
    remove_attachment(row, by=request.user)
    messages.success(request, f"“{row}” was removed.")
    return redirect(row.idea)
