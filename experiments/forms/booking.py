"""What a test takes from its quarter, as people type it; an empty field keeps Floe's own figure."""

from typing import Any, ClassVar

from django import forms

from backlog.caps import MOST_AFTER, too_many
from backlog.forms.choices import with_present
from backlog.forms.merging import MergingForm
from backlog.models import User
from experiments.flows.quarter.bars import bar_of, claims_now
from experiments.flows.quarter.sentences import number_words, share_words
from experiments.forms.numbers import FigureField, PercentField
from experiments.models import Booking, Experiment
from experiments.quarter.bars import Bar

OVER = (Experiment.State.CANCELLED, Experiment.State.CLOSED)
AFTER = "Tick the experiments that must be over before this one starts."


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
        }
        widgets: ClassVar[dict[str, Any]] = {"after": forms.CheckboxSelectMultiple}

    def __init__(self, data: Any = None, *, by: User, instance: Booking) -> None:
        seen = Experiment.objects.visible_to(by)
        chosen = list(instance.after.values_list("pk", flat=True))
        kept = list(seen.filter(pk__in=chosen).values_list("pk", flat=True))
        initial = {
            "share": None if instance.share is None else instance.share * 100,
            "after": kept,
        }
        super().__init__(data, instance=instance, initial=initial)
        after: Any = self.fields["after"]
        others = seen.exclude(pk=instance.experiment_id).exclude(state__in=OVER)
        after.queryset = with_present(others.order_by("-number"), *kept)
        after.help_text = AFTER
        if hidden := len(chosen) - len(kept):
            noun = "experiment" if hidden == 1 else "experiments"
            after.help_text += f" It also waits for {hidden} {noun} in pods that you can’t see."
        self._say_what_is_worked_out(instance)

    def _say_what_is_worked_out(self, booking: Booking) -> None:
        """Floe's own figure beside each field that may stay empty."""
        empty = Booking(experiment=booking.experiment)
        bar = _bar_without(booking.experiment, empty)
        own = {
            "share": f"If you leave it empty, Floe counts with {share_words(bar.share)}, from its size and its segment.",
            "people_days": f"If you leave it empty, Floe counts with {number_words(bar.people_days)}, from the Ease of its idea.",
            "build_days": f"If you leave it empty, Floe counts with {bar.build_days}, as many as people-days.",
            "readout_days": f"If you leave it empty, Floe counts with {bar.readout_days}.",
            "messages_per_week": "If you leave it empty, Floe counts no messages.",
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
