"""How the minutes of a discussion are shared out among its parts. Pure."""

from __future__ import annotations

from collections.abc import Sequence


def minutes_each(weights: Sequence[int], total: int) -> list[int]:
    """Whole minutes for each part, in proportion to its weight.

    Args:
        weights: one positive number for each part.
        total: minutes for all parts together, at least one for each.

    Returns:
        A whole number of minutes for each part, at least 1, together exactly `total`.

    Raises:
        ValueError: there are more parts than minutes.

    Source: largest remainders (Hamilton's method), after each part has its first minute.

    >>> minutes_each([3, 5, 2], 30)
    [9, 15, 6]
    >>> minutes_each([1, 1, 1], 4)
    [2, 1, 1]
    """
    left = total - len(weights)
    if left < 0:
        raise ValueError("There are more parts than minutes.")
    wanted = [weight * total / sum(weights) - 1 for weight in weights]
    positive = [max(one, 0.0) for one in wanted]
    scale = left / sum(positive) if sum(positive) else 0.0
    exact = [one * scale for one in positive]
    minutes = [int(one) for one in exact]
    order = sorted(range(len(exact)), key=lambda at: (minutes[at] - exact[at], at))
    for at in order[: left - sum(minutes)]:
        minutes[at] += 1
    return [1 + one for one in minutes]
