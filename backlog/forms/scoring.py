"""Forms of scoring: open a round, give one's three scores."""

from typing import Any

from django import forms

from backlog.models import Idea, Pod, User
from backlog.models.scoring import DIMENSIONS

ONE_TO_TEN = [(number, str(number)) for number in range(1, 11)]


SHOWN = 100


class RoundForm(forms.Form):
    """A title and the ideas to score, of one pod; any ready idea may be chosen, some are shown."""

    title = forms.CharField(
        max_length=80,
        help_text="Such as “Grooming, week 47”.",
        error_messages={"required": "Give the round a title."},
    )
    ideas = forms.ModelMultipleChoiceField(
        queryset=Idea.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one idea to score."},
    )

    def __init__(self, *args: Any, pod: Pod, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.ready = Idea.objects.visible_to(by).filter(pod=pod).ready_for_scoring()
        self.fields["ideas"].queryset = self.ready.ranked()  # type: ignore[attr-defined]

    @property
    def chosen(self) -> list[str]:
        """The ids that are ticked, as the address or the form sent them."""
        return [str(value) for value in self["ideas"].value() or [] if str(value).isdecimal()]

    def offered(self, words: str) -> tuple[list[Idea], bool]:
        """The chosen ideas, then others that have these words; and whether there are more."""
        lean = self.ready.unscored_first().only("key", "title")
        ticked = [int(pk) for pk in self.chosen if len(pk) < 19]
        chosen = list(lean.filter(pk__in=ticked)) if ticked else []
        others = lean.exclude(pk__in=[idea.pk for idea in chosen])
        found = list(others.having_text(words)[: SHOWN + 1])
        return [*chosen, *found[:SHOWN]], len(found) > SHOWN


class ScoreForm(forms.Form):
    """Impact, Confidence and Ease, 1 to 10 each."""

    impact = forms.TypedChoiceField(choices=ONE_TO_TEN, coerce=int, required=False)
    confidence = forms.TypedChoiceField(choices=ONE_TO_TEN, coerce=int, required=False)
    ease = forms.TypedChoiceField(choices=ONE_TO_TEN, coerce=int, required=False)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        lacking = [name.capitalize() for name in DIMENSIONS if not given.get(name)]
        if lacking and not self.errors:
            raise forms.ValidationError(
                f"Score {' and '.join(lacking)} too, from 1 to 10, or skip the idea."
            )
        return given
