"""Forms of scoring: open a round, give one's three scores."""

import datetime as dt
from typing import Any

from django import forms
from django.db.models import Case, F, Max, When
from django.utils import timezone

from backlog.caps import MOST_IN_A_ROUND, too_many
from backlog.flows.scoring import KEEP, REVEAL, hidden_in, may_conduct
from backlog.forms.merging import MergingForm
from backlog.models import Idea, Membership, Pod, Round, RoundIdea, User

ONE_TO_TEN = [(number, str(number)) for number in range(1, 11)]


SHOWN = 100
CHOSEN_AT_FIRST = 8  # about half an hour
BY = {
    "unscored": "Unscored, oldest first",
    "split": "Most disagreed",
    "stale": "Scored longest ago",
}
LASTS = dt.timedelta(days=182)  # two quarters; older scores are worth giving again


class RoundForm(forms.Form):
    """A title and the ideas to score, of one pod; any ready idea may be chosen, some are shown."""

    into = forms.ModelChoiceField(
        label="Where",
        queryset=Round.objects.none(),
        required=False,
        empty_label="In a new round",
        blank=True,
        widget=forms.RadioSelect,
        error_messages={
            "invalid_choice": "This round has ended, or you don’t lead it. Choose again."
        },
    )
    title = forms.CharField(
        max_length=80,
        help_text="For example “Grooming, week 47”.",
        error_messages={"required": "Enter a title."},
    )
    kind = forms.ChoiceField(
        label="How",
        choices=[
            (Round.Kind.LIVE, "Live: you lead everybody through the ideas"),
            (Round.Kind.OWN, "On your own: everybody scores at a time of their choice"),
        ],
        initial=Round.Kind.LIVE,
        required=False,
        widget=forms.RadioSelect,
    )
    closes_at = forms.DateTimeField(
        label="Deadline",
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text="Only for rounds on your own. Everybody gets a reminder the day before, and the "
        "scores are revealed at the deadline. Leave it empty to reveal them yourself.",
        error_messages={"invalid": "Enter a day and a time."},
    )
    ideas = forms.ModelMultipleChoiceField(
        queryset=Idea.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one idea to score."},
    )

    def __init__(self, *args: Any, pod: Pod, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.pod = pod
        self.ready = Idea.objects.visible_to(by).filter(pod=pod).ready_for_scoring()
        self.fields["ideas"].queryset = self.ready.ranked()  # type: ignore[attr-defined]
        self.open_rounds = [
            one
            for one in Round.objects.open().filter(pod=pod).select_related("pod", "facilitator")
            if not one.is_over and may_conduct(one, by)
        ]
        self.fields["into"].queryset = Round.objects.filter(  # type: ignore[attr-defined]
            pk__in=[one.pk for one in self.open_rounds]
        )
        self.fields["into"].label_from_instance = "In “{}”, which is open".format  # type: ignore[attr-defined]
        if self.is_bound and self.data.get("into"):
            self.fields["title"].required = False

    def choose_for_the_first_round(self) -> None:
        """Tick the first ideas and name the round, where the pod has had no round yet."""
        if Round.objects.filter(pod=self.pod).exists():
            return
        self.initial["title"] = "First round"
        first = self.agenda("unscored").values_list("pk", flat=True)[:CHOSEN_AT_FIRST]
        self.initial["ideas"] = [str(pk) for pk in first]

    def clean_ideas(self) -> Any:
        chosen = self.cleaned_data["ideas"]
        if sentence := too_many(chosen, MOST_IN_A_ROUND, "A round", "ideas"):
            raise forms.ValidationError(sentence)
        return chosen

    @property
    def chosen(self) -> list[str]:
        """The ids that are ticked, as the address or the form sent them."""
        return [str(value) for value in self["ideas"].value() or [] if str(value).isdecimal()]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        cleaned["kind"] = cleaned.get("kind") or Round.Kind.OWN
        if cleaned["kind"] == Round.Kind.LIVE:
            cleaned["closes_at"] = None
        elif cleaned.get("closes_at") and cleaned["closes_at"] <= timezone.now():
            self.add_error("closes_at", "The deadline is in the past. Choose a later one.")
        return cleaned

    def agenda(self, by: str) -> Any:
        """The ideas that are ready in one of the orders of `BY`; what does not belong comes last."""
        if by == "split":
            return self.ready.order_by(
                Case(When(agreement="split", then=0), When(agreement="mixed", then=1), default=2),
                F("ice_low") - F("ice_high"),
                "-pk",
            )
        if by == "stale":
            return self.ready.annotate(scored_on=Max("round_ideas__revealed_at")).order_by(
                F("scored_on").asc(nulls_last=True), "pk"
            )
        is_scored = Case(When(ice=None, then=0), default=1)
        return self.ready.order_by(is_scored, "-ice_order", "created_at", "pk")

    def offered(self, words: str, by: str = "unscored") -> tuple[list[Idea], bool]:
        """The chosen ideas, then others that have these words; and whether there are more."""
        lean = self.agenda(by).only("key", "title", "created_at", "agreement", "ice")
        ticked = [int(pk) for pk in self.chosen if len(pk) < 19]
        chosen = list(lean.filter(pk__in=ticked)) if ticked else []
        others = lean.exclude(pk__in=[idea.pk for idea in chosen])
        matches = list(others.having_text(words)[: SHOWN + 1])
        return [*chosen, *matches[:SHOWN]], len(matches) > SHOWN


def _scale() -> forms.TypedChoiceField:
    sentence = "Enter a whole number from 1 to 10, not “%(value)s”."
    return forms.TypedChoiceField(
        choices=ONE_TO_TEN,
        coerce=int,
        empty_value=None,
        required=False,
        error_messages={"invalid_choice": sentence},
    )


class ScoreForm(forms.Form):
    """Impact, Confidence and Ease, 1 to 10 each; the flow knows which of them are asked."""

    impact = _scale()
    confidence = _scale()
    ease = _scale()


class NoteForm(forms.Form):
    note = forms.CharField(
        label="Why the score moved, or why it stayed",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={
            "required": "Write the note first.",
            "max_length": "A note can have at most 500 characters. This one has %(show_value)d.",
        },
    )


class TimerForm(forms.Form):
    minutes = forms.IntegerField(
        label="Minutes per idea",
        min_value=0,
        max_value=60,
        help_text="0 turns the timer off.",
        error_messages={
            "required": "Enter a number from 0 to 60.",
            "invalid": "Enter a whole number from 0 to 60.",
        },
    )


class HandOverForm(forms.Form):
    """To whom: another member or lead of the pod."""

    to = forms.ModelChoiceField(
        label="Hand the session over to",
        queryset=User.objects.none(),
        empty_label="Choose a person",
        error_messages={
            "required": "Choose who leads from now on.",
            "invalid_choice": "Choose a member or lead of this pod.",
        },
    )

    def __init__(self, *args: Any, round_: Round, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = round_.pod.scorers().exclude(pk=round_.facilitator_id or 0)
        self.fields["to"].queryset = others  # type: ignore[attr-defined]


class EndForm(forms.Form):
    """What becomes of scores that are not revealed when a round ends."""

    hidden = forms.ChoiceField(
        label="Scores that are not revealed",
        choices=[
            (REVEAL, "Reveal them now, even if some people have not scored"),
            (
                KEEP,
                "Keep them for next time: they stay hidden, and “Start the next round with what is "
                "left” takes them along",
            ),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what becomes of the scores that are not revealed."},
    )

    def __init__(self, *args: Any, round_: Round, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.waiting = hidden_in(round_)
        if not any(item.stage == RoundIdea.Stage.BLIND for item in self.waiting):
            del self.fields["hidden"]
        elif not round_.is_live:
            self.initial["hidden"] = REVEAL
        else:
            self.initial["hidden"] = KEEP

    @property
    def choice(self) -> str:
        """What the flow is asked to do. Second votes are revealed in any case."""
        return str(self.cleaned_data.get("hidden", REVEAL))


class WhoScoresForm(MergingForm, forms.ModelForm):  # type: ignore[type-arg]
    """Per dimension everybody, or the members who have one duty."""

    class Meta:
        model = Pod
        fields = ("impact_by", "confidence_by", "ease_by")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        duties = [
            ("", "Everybody"),
            *((d, f"Duty {n.lower()}") for d, n in Membership.Duty.choices),
        ]
        for name in self.Meta.fields:
            self.fields[name].choices = duties  # type: ignore[attr-defined]
            self.fields[name].widget.choices = duties  # type: ignore[attr-defined]

    def _post_clean(self) -> None:
        """The flow writes the pod and checks it."""
