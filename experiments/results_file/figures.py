"""Figures in the sentences about a file: over all arms together, never by arm."""

from __future__ import annotations


def figure(value: float) -> str:
    """A number with as many digits as people read.

    >>> figure(1250.0), figure(1.25), figure(0.0571428)
    ('1,250', '1.25', '0.05714')
    """
    if abs(value) >= 1_000 or value == int(value):
        return f"{value:,.2f}".rstrip("0").rstrip(".").replace("-", "−")
    return f"{value:.4g}".replace("-", "−")


def ranged(
    mean: float | None,
    low: float | None,
    high: float | None,
    count: int,
    arms: int,
    *,
    is_share: bool,
) -> str:
    """The mean over all arms and the range: what a reading comes to.

    >>> ranged(1066.6667, 900.0, 1250.0, 6, 2, is_share=False)
    'mean 1,066.67 over both arms, 900 to 1,250'
    >>> ranged(0.0089, 0.0, 1.0, 8402, 2, is_share=True)
    '8,402 count, 0.89 % say yes over both arms'
    """
    over = "over both arms" if arms == 2 else f"over all {arms} arms"
    if mean is None or low is None or high is None:
        return "no row counts"
    if is_share:
        share = mean * 100
        shown = f"{share:.2g}" if share < 1 else f"{share:.1f}".removesuffix(".0")
        return f"{count:,} count, {shown} % say yes {over}"
    return f"mean {figure(mean)} {over}, {figure(low)} to {figure(high)}"
