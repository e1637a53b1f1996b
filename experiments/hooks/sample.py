"""What the sample leaves outside its pods and quarters, for when it is removed."""

from experiments.models import Agreement, Blackout, Deadline, StandardOwner, StandardReview


def remove_sample_rows() -> None:
    for model in (Agreement, Blackout, Deadline):
        model._default_manager.filter(is_sample=True).delete()
    StandardOwner.objects.filter(owner__is_sample=True).delete()
    StandardReview.objects.filter(by__is_sample=True).delete()
