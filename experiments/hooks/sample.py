"""What the sample leaves outside its pods and quarters, for when it is removed."""

from experiments.models import Agreement, Blackout, Deadline


def remove_sample_rows() -> None:
    for model in (Agreement, Blackout, Deadline):
        model._default_manager.filter(is_sample=True).delete()
