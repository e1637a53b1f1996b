"""What a test takes from its quarter, as people type it; an empty field keeps Floe's own figure."""

from typing import Any

from django import forms

from backlog.caps import MOST_AFTER, too_many
from backlog.forms.merging import MergingForm
from backlog.models import User
from experiments.flows.quarter.bars import bar_of, claims_now
from experiments.flows.quarter.sentences import number_words, share_words
from experiments.forms.numbers import FigureField, PercentField
from experiments.models import Booking, Experiment
from experiments.quarter.bars import Bar


class BookingForm(MergingForm, forms.ModelForm):  # type: ignore[type-arg]
    share = PercentField(label="Share of the segment, in %", required=False)
    people_days = FigureField(label="People-days to build it", required=False)
    messages_per_week = FigureField(label="Messages a week for each person", required=False)
    days_taken = FigureField(
        label="People-days that it took",
        required=False,
        help_text="Enter it once it is built. From three experiments on, Floe corrects the pod’s forecasts by it.",
    )

    class Meta:
        model = Booking
        fields = ("share", "people_days", "build_days", "readout_days", "messages_per_week",
                  "surface", "after", "days_taken")  # fmt: skip
        labels = {
            "build_days": "Working days from the start of the work to the launch",
            "readout_days": "Working days from the end to the decision",
            "surface": "Surface",
            "after": "Starts only after",
        }
        help_texts = {
            "surface": "Where people meet it, such as “home page”. Experiments on one surface get in each other’s way.",
            "after": "Experiments that must be over before this one starts.",
        }

    def __init__(self, data: Any = None, *, by: User, instance: Booking) -> None:
        initial = {"share": None if instance.share is None else instance.share * 100}
        super().__init__(data, instance=instance, initial=initial)
        others = Experiment.objects.visible_to(by).exclude(pk=instance.experiment_id)
        kept = instance.after.values("pk")
        after: Any = self.fields["after"]
        after.queryset = (
            (others.exclude(state__in=("cancelled", "closed")) | Experiment.objects.filter(pk__in=kept))
            .distinct()
            .order_by("-number")
        )  # fmt: skip
        self._say_what_is_worked_out(instance)

    def _say_what_is_worked_out(self, booking: Booking) -> None:
        """Floe's own figure beside each field that may stay empty."""
        empty = Booking(experiment=booking.experiment)
        bar = _bar_without(booking.experiment, empty)
        own = {
            "share": f"Empty: {share_words(bar.share)}, from its size and its segment.",
            "people_days": f"Empty: {number_words(bar.people_days)}, from the Ease of its idea.",
            "build_days": f"Empty: {bar.build_days}, as many as people-days.",
            "readout_days": f"Empty: {bar.readout_days}.",
            "messages_per_week": "Empty: none is counted.",
        }
        for name, sentence in own.items():
            self.fields[name].help_text = sentence

    def clean_after(self) -> Any:
        """A list of an experiment's own size; a longer one is a mistake or an attack."""
        chosen = self.cleaned_data["after"]
        if sentence := too_many(chosen, MOST_AFTER, "An experiment", "experiments before it"):
            raise forms.ValidationError(sentence)
        return chosen

    def _post_clean(self) -> None:
        """The flow writes the row and checks it."""


def _bar_without(experiment: Experiment, booking: Booking) -> Bar:
    """Its bar as it is when nobody has entered anything."""
    return bar_of(experiment, ease=claims_now().get("ease"), booking=booking)
