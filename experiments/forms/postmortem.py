"""The write-up, and what follows."""

import datetime as dt
from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.utils import timezone

from backlog.forms.days import DayField
from backlog.forms.files import SentField
from backlog.forms.talk import offer_people
from backlog.models import Pod, User
from experiments.flows.writing_up_images import SMALLER
from experiments.flows.writing_up_sections import Save
from experiments.models import FollowUp, PostMortem, Section, SectionComment
from experiments.models.writing import LONGEST, MOST_BASES

CHANGED_ON_THE_WAY = (
    "This page sent something that Floe cannot read. Load the page again. What you typed is kept."
)


class SectionField(forms.CharField):
    """A text of a post-mortem, exactly as it was typed, with the line ends of the server."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, strip=False, max_length=LONGEST, **kwargs)

    def to_python(self, value: Any) -> str:
        text = super().to_python(value) or ""
        return text.replace("\r\n", "\n")


class BasesField(forms.CharField):
    """The uuids of the versions that a text is based on, newest first, with blanks between."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, max_length=37 * MOST_BASES, **kwargs)

    def to_python(self, value: Any) -> Any:
        try:
            return tuple(UUID(one) for one in (super().to_python(value) or "").split())
        except ValueError:
            raise forms.ValidationError(CHANGED_ON_THE_WAY) from None

    def run_validators(self, value: Any) -> None:
        if len(value) > MOST_BASES:
            raise forms.ValidationError(CHANGED_ON_THE_WAY)


class OwnUuidField(forms.CharField):
    """The uuid that a browser gave to what it sends."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("error_messages", {"required": CHANGED_ON_THE_WAY})
        super().__init__(max_length=40, **kwargs)

    def clean(self, value: Any) -> Any:
        try:
            return UUID(text) if (text := super().clean(value)) else None
        except ValueError:
            raise forms.ValidationError(CHANGED_ON_THE_WAY) from None


class SectionForm(forms.Form):
    """One save of one text, as the script of the page sends it."""

    uuid = OwnUuidField()
    bases = BasesField()
    text = SectionField()

    def save_of(self) -> Save:
        data = self.cleaned_data
        return Save(data["uuid"], data["bases"], data["text"])


class SectionsForm(forms.Form):
    """All texts at once, for a browser without script; each one is merged by itself."""

    def __init__(
        self, data: Any = None, *, texts: Mapping[str, str], heads: Mapping[str, UUID]
    ) -> None:
        super().__init__(data)
        for section in Section:
            rows = 12 if section == Section.SUMMARY else 4
            attrs = {"rows": rows, "autocomplete": "off", "data-section": section.value,
                     "aria-describedby": f"{section.value}-prompt {section.value}-saved"}  # fmt: skip
            self.fields[section.value] = SectionField(
                label=section.label, initial=texts[section], widget=forms.Textarea(attrs=attrs)
            )
            self.fields[f"{section.value}_base"] = BasesField(
                initial=str(heads[section]), widget=forms.HiddenInput
            )
            self.fields[f"{section.value}_uuid"] = OwnUuidField(
                required=False, initial=uuid4, widget=forms.HiddenInput
            )

    def saves(self) -> dict[str, Save]:
        """What was sent; a text that the form did not carry stays as it is."""
        return {
            name: Save(
                self.cleaned_data[f"{name}_uuid"] or uuid4(),
                self.cleaned_data[f"{name}_base"],
                self.cleaned_data[name],
            )
            for name in Section.values
            if name in self.data
        }


IMAGE_TYPES = ("image/png", "image/jpeg", "image/webp", "image/gif")


class ImageForm(forms.Form):
    use_required_attribute = False  # it stands among the texts, which are saved without it, too

    image = SentField(
        setting="IMAGE_MAX_BYTES", advice=SMALLER, label="Add an image",
        help_text="PNG, JPEG, WebP or GIF. The texts above are saved along with it.",
        widget=forms.FileInput(attrs={"accept": ",".join(IMAGE_TYPES)}),
        error_messages={
            "required": "Choose an image first.", "empty": "This file is empty. Choose another one.",
        },
    )  # fmt: skip


class NoteForm(forms.Form):
    text = forms.CharField(
        max_length=5000,
        label="Add an amendment",
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Write the amendment first."},
    )


class SectionCommentForm(forms.Form):
    """A comment on one of the texts, or an answer to a comment."""

    section = forms.ChoiceField(
        label="Comment on", choices=Section.choices,
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Choose one of the list."),
    )  # fmt: skip
    thread = forms.ModelChoiceField(
        queryset=SectionComment.objects.none(), required=False, widget=forms.HiddenInput,
        error_messages={"invalid_choice": "That comment is not here. Load the page again."},
    )  # fmt: skip
    text = forms.CharField(
        max_length=5000,
        label="Comment",
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="Type @ and a name to notify somebody. Comments are never published.",
        error_messages={
            "required": "Write something first.",
            "max_length": "A comment can have at most 5,000 characters. This one has %(show_value)d.",
        },
    )

    def __init__(self, data: Any = None, *, written: PostMortem) -> None:
        super().__init__(data)
        of_thread: Any = self.fields["thread"]
        self.fields["section"].required = not (data and data.get("thread"))
        of_thread.queryset = SectionComment.objects.filter(post_mortem=written)
        self.fields["text"].widget.attrs["data-draft"] = f"section-comment-{written.pk}"
        if written.pod is not None:
            offer_people(self.fields["text"], written.pod.pk)

    def clean_section(self) -> str:
        return self.cleaned_data["section"] or Section.SUMMARY


class ActionForm(forms.Form):
    title = forms.CharField(
        max_length=200, label="Action", error_messages={"required": "Say what is to be done."}
    )
    owner = forms.ModelChoiceField(
        queryset=User.objects.none(),
        label="Who",
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Choose somebody of the pod."),
    )
    due_on = DayField(label="Until", initial=lambda: timezone.localdate() + dt.timedelta(days=14))

    def __init__(self, data: Any = None, *, pod: Pod | None) -> None:
        super().__init__(data)
        people: Any = self.fields["owner"]
        people.queryset = User.objects.working_with_pod(pod)


class FollowUpForm(forms.Form):
    title = forms.CharField(
        max_length=200,
        label="Follow-up idea",
        error_messages={"required": "Give the idea a title."},
    )
    kind = forms.ChoiceField(
        label="What it does", choices=FollowUp.Kind.choices, initial=FollowUp.Kind.OTHER,
        required=False, error_messages={"invalid_choice": "Choose one of the list."},
    )  # fmt: skip

    pod = forms.ModelChoiceField(
        queryset=Pod.objects.all(), label="Pod", empty_label=None,
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Choose one of the list."),
    )  # fmt: skip

    def __init__(self, data: Any = None, *, written: PostMortem) -> None:
        super().__init__(data)
        if written.experiment is None:
            del self.fields["kind"]
        if written.pod:
            del self.fields["pod"]

    def clean_kind(self) -> str:
        return self.cleaned_data["kind"] or FollowUp.Kind.OTHER
