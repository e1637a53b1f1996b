"""Whether arms look exchanged between two uploads: an effect that points the other way. Pure."""

from collections.abc import Mapping

from experiments.stats import Sample, compare

NOTABLE = 2.0
"""Standard errors by which an effect moves before its new sign is more than chance."""


def turned_arms(
    before: Mapping[str, Sample], after: Mapping[str, Sample], control: str
) -> list[str]:
    """The arms whose effect had one sign before and has the other now, by more than chance.

    Args:
        before, after: the samples of one metric by arm, of the same kind within each.
        control: the arm that the others are compared with.

    >>> from experiments.stats import Proportion
    >>> before = {"Control": Proportion(200, 20), "Variant": Proportion(200, 40)}
    >>> after = {"Control": before["Variant"], "Variant": before["Control"]}
    >>> turned_arms(before, after, "Control"), turned_arms(before, before, "Control")
    (['Variant'], [])
    """
    arms = [arm for arm in after if arm != control and arm in before]
    return [arm for arm in arms if _is_turned(_z(before, arm, control), _z(after, arm, control))]


def _is_turned(was: float, now: float) -> bool:
    return was * now < 0 and abs(was) + abs(now) >= NOTABLE


def _z(samples: Mapping[str, Sample], arm: str, control: str) -> float:
    """The effect in standard errors; 0 where there is none."""
    if control not in samples or type(samples[control]) is not type(samples[arm]):
        return 0.0
    effect = compare(samples[control], samples[arm])
    if not effect.difference or not effect.standard_error:
        return 0.0
    return effect.difference / effect.standard_error
