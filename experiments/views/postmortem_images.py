"""Images in the texts of a post-mortem: take one in while somebody writes, and show it."""

from django.contrib import messages
from django.http import HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_POST, require_safe

from backlog.forms.refusing import refusals_in, sentences_in, status_of
from backlog.htmx import wants_part
from backlog.permissions import get_for
from backlog.uploads import takes_files
from backlog.views.asking import SignedIn
from backlog.views.sending import send_upload
from experiments.flows.writing_up_images import KeptImage, add_image
from experiments.flows.writing_up_sections import save_sections
from experiments.forms.postmortem import ImageForm
from experiments.learning.image_references import reference_to
from experiments.models import PostMortem, PostMortemImage
from experiments.views.postmortem import edit_page
from experiments.views.postmortem_found import look_up, written_of
from experiments.views.postmortem_sections import sections_form

STILL = "The animation is kept as a still image. "
PUT_IT = "{}Put this line where the image belongs, with what it shows: {}"


@takes_files("IMAGE_MAX_BYTES")
@require_POST
def postmortem_image_new(request: SignedIn, pk: int, of: str) -> HttpResponse:
    """Keep an image; the answer says how a text refers to it. Without script the texts come along."""
    written = written_of(request, pk, of)
    sent, texts = ImageForm(request.POST, request.FILES), sections_form(written, request.POST)
    kept = None
    if texts.is_valid() and sent.is_valid():
        with refusals_in(sent):
            if saves := texts.saves():
                save_sections(written, saves, by=request.user)
            kept = add_image(written, sent.cleaned_data["image"], by=request.user)
    if request.headers.get("Accept") == "application/json" and not wants_part(request):
        return _as_json(sent, kept)
    if kept:
        still = STILL if kept.was_moving else ""
        messages.success(request, PUT_IT.format(still, reference_to(kept.image.pk)))
        return redirect(written.url("postmortem_edit"))
    status = status_of(sent if sent.errors else texts)
    return edit_page(request, written, form=texts, image_form=sent, status=status)


def _as_json(sent: ImageForm, kept: KeptImage | None) -> JsonResponse:
    if kept is None:
        return JsonResponse({"detail": sentences_in(sent)}, status=status_of(sent))
    return JsonResponse({
        "reference": reference_to(kept.image.pk), "hint": STILL.strip() if kept.was_moving else "",
    })  # fmt: skip


@require_safe
def postmortem_image(request: SignedIn, pk: int, image: int, of: str) -> HttpResponseBase:
    """The image itself, for whoever sees the post-mortem. It is shown as an image and runs nothing."""
    shown = get_for(
        request.user, "experiments.read_postmortem", PostMortemImage,
        join=[f"post_mortem__{one}" for one in PostMortem.SUBJECT], pk=image,
        **{f"post_mortem__{name}": value for name, value in look_up(pk, of).items()},
    )  # fmt: skip
    etag = f'"{shown.digest}"'
    if unchanged := get_conditional_response(request, etag):
        return unchanged
    experiment = shown.post_mortem.experiment
    name = f"{experiment.key if experiment else 'post-mortem'}-{shown.pk}.{shown.kind}"
    response = send_upload(shown.file, content_type=f"image/{shown.kind}", name=name)
    response["ETag"] = etag
    return response
