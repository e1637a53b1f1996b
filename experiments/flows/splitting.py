"""Split a list of ids into the arms, and check such a list later. No id is kept."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from backlog.csv_guard import formula_safe
from backlog.flows.incoming import desk, read_table
from backlog.models import Event, User
from backlog.refusals import Refused
from experiments.flows.assigning import assigner_of
from experiments.models import Experiment, Split
from experiments.stats import sample_ratio
from experiments.units.assignment import WHY, Assigner, counts_of, fingerprint_of_list
from experiments.units.id_lists import IdList, kept_ids, with_columns

ARM, WHY_NOT = "arm", "without_an_arm"
NAMED = 5


class Divided(NamedTuple):
    """A list with the arm of each unit (`codes`), before anything is given out or kept."""

    ids: IdList
    codes: "np.ndarray[tuple[int], np.dtype[np.int64]]"
    assigner: Assigner
    repeated: int

    @property
    def counts(self) -> dict[str, int]:
        return counts_of(self.codes, self.assigner.arms)

    @property
    def p_value(self) -> float | None:
        """Whether the arms are as large as they should be: a chi-square test, as for data."""
        observed = [self.counts[arm] for arm in self.assigner.arms]
        return sample_ratio(observed, self.assigner.weights).p_value if sum(observed) else None


class Checked(NamedTuple):
    """A list held against the hash: how many arms agree, and rows where they do not."""

    rows: int
    agreeing: int
    differing: list[tuple[str, str, str]]
    split: Split | None


def divide(
    experiment: Experiment, path: str, *, by: User, unit: str = "", strata: Sequence[str] = ()
) -> Divided:
    """Read the list and give each unit its arm, evenly within strata if some are named.

    Raises PermissionDenied, Refused.
    """
    assigner = assigner_of(experiment, by)
    if experiment.state != Experiment.State.RUNNING:
        raise Refused(
            f"It is {experiment.get_state_display().lower()}. Only a running experiment takes in units."
        )
    ids = read_list(path, unit=unit, strata=strata)
    repeated = len(ids.units) - len(set(ids.units))
    if strata and repeated:
        raise Refused(
            f"{repeated:,} rows repeat an id. Keep each id once, because an even split counts every row."
        )
    codes = assigner.evenly(ids.units, ids.strata) if strata else assigner.codes(ids.units)
    return Divided(ids, codes, assigner, repeated)


def give_out(
    experiment: Experiment, divided: Divided, *, by: User, strata: Sequence[str] = ()
) -> Split:
    """Keep what was given out: counts and the list's fingerprint."""
    split = Split.objects.create(
        experiment=experiment,
        fingerprint=fingerprint_of_list(divided.ids.units),
        rows=len(divided.ids.units),
        counts=divided.counts,
        repeated=divided.repeated,
        strata=", ".join(strata)[:200],
        ramp=experiment.ramp,
        by=by,
    )
    Event.record(experiment, "split", f"{by} split a list of {split.rows:,} units.", by=by)
    return split


def rows_with_arms(path: str, divided: Divided) -> Iterator[str]:
    """The list again, with the arm of each unit and, where it has none, why."""
    arms = {place: formula_safe(arm) for place, arm in enumerate(divided.assigner.arms)}
    codes = divided.codes.tolist()
    return with_columns(
        path,
        {
            ARM: [arms.get(code, "") for code in codes],
            WHY_NOT: [WHY.get(code, "") for code in codes],
        },
    )


def check(experiment: Experiment, path: str, *, by: User, unit: str, arm: str) -> Checked:
    """Hold a list with arms against the hash, and against the lists that were split before.

    Raises PermissionDenied, Refused.
    """
    assigner = assigner_of(experiment, by)
    ids = read_list(path, unit=unit, other=arm)
    fingerprint = fingerprint_of_list(ids.units)
    split = experiment.splits.filter(fingerprint=fingerprint).first()
    if split and split.strata:
        raise Refused(
            f"This list was split evenly by {split.strata} on {split.at:%-d %b %Y}, so the hash alone "
            "does not give its arms. Split the same list by the same columns again and compare."
        )
    should = [assigner.arms[code] if code >= 0 else "" for code in assigner.codes(ids.units)]
    pairs = zip(ids.units, ids.others, should, strict=True)
    differing = [row for row in pairs if formula_safe(row[2]) != row[1]]
    return Checked(len(ids.units), len(ids.units) - len(differing), differing[:NAMED], split)


def read_list(path: str, *, unit: str, strata: Sequence[str] = (), other: str = "") -> IdList:
    """The list in an uploaded file. Raises Refused with what stands in the way."""
    with desk() as folder:
        target = str(folder / "ids")
        wanted: dict[str, Any] = {"unit": unit, "strata": list(strata), "other": other}
        lengths = read_table(
            "experiments.units.id_lists:keep_ids", path, folder=folder, target=target, **wanted
        )
        return kept_ids(target, lengths)
