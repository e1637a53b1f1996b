"""A file finds its experiment by the names that Floe gave its arms."""

from typing import Any

from django.core.files.uploadedfile import UploadedFile

from backlog.models import User
from backlog.refusals import Refused
from experiments.flows.naming import convention_in_force
from experiments.flows.receiving import receive_file
from experiments.models import Experiment, Intake
from experiments.plan.arm_names import keys_in
from experiments.plan.reading_names import keys_named

LOOKED_THROUGH = 1 << 20  # bytes from the top of a file


def attach(upload: "UploadedFile[Any]", *, by: User) -> Intake:
    """Take a file in for the experiment whose arms it names, in its name or in its first megabyte.

    Raises PermissionDenied; Refused where it names none, several, or one that `by` does not see.
    """
    start = upload.read(LOOKED_THROUGH)
    upload.seek(0)
    text = f"{upload.name}\n{start.decode('utf-8', errors='replace')}"
    keys = list(dict.fromkeys((*keys_named(text, convention_in_force()), *keys_in(text))))
    if not keys:
        raise Refused(
            "The file names no experiment. Name the arms as the plan shows them, such as "
            "EXP-012_subject-line_A, or open the experiment and drop the file under Data."
        )
    if len(keys) > 1:
        raise Refused(
            f"The file names {' and '.join(keys[:3])}. Open the experiment it is for and drop it under Data."
        )
    number = int(keys[0].removeprefix("EXP-"))
    experiment = Experiment.objects.visible_to(by).filter(number=number).first()
    if experiment is None:
        raise Refused(f"You can’t see any experiment {keys[0]}. Check the names of the arms.")
    return receive_file(experiment, upload, by=by)
