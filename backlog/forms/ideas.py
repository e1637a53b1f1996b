"""Forms of ideas: add, edit, move."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.urls import reverse_lazy
from django.utils import timezone

from backlog.caps import MOST_TAGS, too_many
from backlog.email_text import read_mail
from backlog.flows.own_values import fields_with_values
from backlog.forms.choices import with_present
from backlog.forms.days import DayField
from backlog.forms.merging import MergingForm
from backlog.forms.own_fields import control_of
from backlog.models import Idea, Objective, Pod, User
from backlog.ours import mark_of

TITLE_ERRORS = {
    "required": "Enter a title.",
    "max_length": Idea._meta.get_field("title").error_messages["max_length"],
}
# As the title is typed, what is like it comes up below (templates/backlog/idea_similar.html).
SHOWS_SIMILAR = {
    "hx-get": reverse_lazy("backlog:idea_similar"),
    "hx-trigger": "input changed delay:350ms",
    "hx-target": "#similar-ideas",
    "hx-swap": "outerHTML",
    "hx-sync": "this:replace",
}
TAGS_HELP = "Words to find it by. Separate them with commas."


class QuickAddForm(forms.Form):
    """A title is enough; the pod is the one in the switcher or chosen beside the title."""

    title = forms.CharField(max_length=200, error_messages=TITLE_ERRORS)
    pod = forms.ModelChoiceField(queryset=Pod.objects.none(), to_field_name="prefix")

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["pod"].queryset = Pod.objects.worked_in_by(by)  # type: ignore[attr-defined]


class IdeaForm(MergingForm, forms.ModelForm):  # type: ignore[type-arg]
    """What an idea says. It is never bound to the idea itself: the flow compares and writes."""

    pod = forms.ModelChoiceField(queryset=Pod.objects.none(), to_field_name="prefix")
    tags = forms.CharField(required=False, help_text=TAGS_HELP, max_length=400)

    class Meta:
        model = Idea
        fields = (
            "title", "observation", "change", "audience", "outcome", "expected_effect",
            "objective", "owner", "lever", "channel", "description",
        )  # fmt: skip
        error_messages = {"title": TITLE_ERRORS}
        widgets = {
            "observation": forms.Textarea(attrs={"rows": 2}),
            "change": forms.Textarea(attrs={"rows": 2}),
            "audience": forms.TextInput,
            "outcome": forms.TextInput,
            "description": forms.Textarea(attrs={"rows": 5}),
        }
        labels = {"expected_effect": "By how much"}
        help_texts = {
            "observation": "Something you noticed, with a number if you have one.",
            "change": "What readers or customers would get instead.",
            "audience": "For example “readers who lapsed 30 to 90 days ago”.",
            "outcome": "A metric, such as “reactivation within 30 days”.",
            "expected_effect": "For example “+0.6 points”.",
            "objective": "The objective of the quarter that it serves.",
            "description": "A link, or whatever else you know. Markdown works.",
        }

    HYPOTHESIS = tuple(Idea.HYPOTHESIS_PARTS)

    def __init__(self, *args: Any, by: User, idea: Idea | None = None, **kwargs: Any) -> None:
        own = fields_with_values(idea or Idea())
        if idea:
            held = {field.slug: value for field, value in own}
            kwargs["initial"] = values_of(idea) | held | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)
        self.idea = idea
        self.own_slugs = [field.slug for field, _ in own]
        self.fields |= {field.slug: control_of(field, value) for field, value in own}
        if not idea:
            self.is_of_something_new()
        pods = Pod.objects.filter(pk=idea.pod_id) if idea else Pod.objects.worked_in_by(by)
        if idea:
            del self.fields["pod"]
        else:
            _only_choice(self.fields["pod"], pods)
        self.fields["objective"].queryset = _objectives_of(pods, idea)  # type: ignore[attr-defined]
        self.fields["objective"].empty_label = "None yet"  # type: ignore[attr-defined]
        self.fields["objective"].label_from_instance = (  # type: ignore[attr-defined]
            lambda goal: f"{goal}, {goal.pod or 'every pod'}"
        )
        self.fields["owner"].queryset = _owners_of(pods, idea)  # type: ignore[attr-defined]
        self.fields["owner"].empty_label = "Nobody yet"  # type: ignore[attr-defined]

        self._keep_drafts()
        if not idea:
            self.fields["title"].widget.attrs |= {**SHOWS_SIMILAR, "data-ours": mark_of(by)}

    def _keep_drafts(self) -> None:
        """What was typed outlives an expired session and a closed tab (static/js/drafts.js)."""
        which = self.idea.pk if self.idea else "new"
        for name in ("title", *self.HYPOTHESIS, "description"):
            self.fields[name].widget.attrs["data-draft"] = f"idea-{which}-{name}"

    def clean_tags(self) -> str:
        text = str(self.cleaned_data["tags"])
        words = {word.strip() for word in text.split(",")} - {""}
        if sentence := too_many(words, MOST_TAGS, "An idea", "tags"):
            raise ValidationError(sentence)
        return text

    @property
    def hypothesis(self) -> list[forms.BoundField]:
        return [self[name] for name in self.HYPOTHESIS]

    def values(self) -> dict[str, Any]:
        """What the flow writes: the fields of the idea, and its tags as words."""
        values = {name: self.cleaned_data[name] for name in self._meta.fields or ()}
        own = {slug: self.cleaned_data[slug] for slug in self.own_slugs}
        return values | {"tags": self.cleaned_data["tags"].split(","), "own": own}

    @property
    def is_detailed(self) -> bool:
        """Whether more is filled in, or wrong, than a title, a pod and a description."""
        others = self.fields.keys() - {"title", "pod", "description", "owner", "version"}
        return any(self[name].errors or self[name].value() for name in others)

    @property
    def own_fields(self) -> list[forms.BoundField]:
        return [self[slug] for slug in self.own_slugs]


GIVEN = ("title", "pod", "observation", "change", "audience", "outcome", "lever", "channel", "tags")


def given_in(query: Mapping[str, str], mail: str = "") -> dict[str, str]:
    """The initial values: fields and `link` of an address, or a pasted e-mail."""
    if mail:
        title, description = read_mail(mail)
        return {"title": title, "description": description[:20_000]}
    given = {name: query[name][:500].replace("\0", "") for name in GIVEN if name in query}
    link = query.get("link", "")[:500].strip()
    if link.startswith(("https://", "http://")):
        given["description"] = f"Seen at <{link}>"
    return given


def _only_choice(field: Any, pods: QuerySet[Pod]) -> None:
    """Offer the pods. A single one is preselected."""
    field.queryset, field.empty_label = pods, "Choose a pod"
    if len(pods[:2]) == 1:
        field.empty_label = None


def values_of(idea: Idea) -> dict[str, Any]:
    """What the idea says now, as the form shows it."""
    values = {name: getattr(idea, name) for name in IdeaForm.Meta.fields}
    tags = ", ".join(tag.name for tag in idea.tags.all())
    return values | {"tags": tags}


def _objectives_of(pods: QuerySet[Pod], idea: Idea | None) -> QuerySet[Objective]:
    open_ones = Q(quarter__ends_on__gt=timezone.localdate()) & (Q(pod=None) | Q(pod__in=pods))
    goals = Objective.objects.filter(open_ones)
    offered: Any = with_present(goals, idea.objective_id if idea else None)
    labelled: QuerySet[Objective] = offered.with_labels()
    return labelled


def _owners_of(pods: QuerySet[Pod], idea: Idea | None) -> QuerySet[User]:
    here = User.objects.filter(is_active=True, memberships__pod__in=pods).order_by("name")
    return with_present(here, idea.owner_id if idea else None)


class SnoozeForm(forms.Form):
    snoozed_until = DayField(
        label="Until",
        help_text="It opens again on that day.",
        error_messages={"required": "Choose the day on which it comes back."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        in_a_month = timezone.localdate() + dt.timedelta(days=30)
        kwargs["initial"] = {"snoozed_until": in_a_month}
        super().__init__(*args, **kwargs)


class RejectForm(forms.Form):
    reason = forms.CharField(
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Its author will read this.",
        error_messages={"required": "Say why it is rejected. Its author will read this."},
    )


class DuplicateForm(forms.Form):
    duplicate_of = forms.CharField(
        label="Duplicate of",
        max_length=16,
        help_text="The key of the original idea, such as LIF-12.",
        error_messages={"required": "Enter the key of the original idea."},
    )

    def __init__(self, *args: Any, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by

    def clean_duplicate_of(self) -> Idea:
        key = self.cleaned_data["duplicate_of"].strip().upper()
        other = Idea.objects.visible_to(self.by).filter(key=key).first()
        if other is None:
            raise ValidationError(f"There is no idea {key} that you can see.")
        return other


def move_form(name: str, data: Any = None, *, by: User) -> forms.Form:
    """The form of a move. Moves that need no values get an empty one."""
    if name == "snooze":
        return SnoozeForm(data)
    if name == "reject":
        return RejectForm(data)
    if name == "mark_duplicate":
        return DuplicateForm(data, by=by)
    return forms.Form(data)
