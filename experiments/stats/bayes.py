"""Posteriors of an effect: the chance to win, what is lost if it does not, and an interval."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

import numpy as np
import scipy
from numpy.polynomial.legendre import leggauss

from .codes import WhyNot
from .effect import Names
from .estimates import estimate
from .lift import Pair
from .samples import Proportion, Sample
from .tails import CONFIDENCE, Array, Mask, array, normal_quantile

_NODES = leggauss(64)
_FEW = 1e4  # from so many failures for each success on, a beta is a gamma to four digits
_LOST_SHARES = "missing-numbers", "impossible-numbers", "no-units"

Result: TypeAlias = float | Array | None
"""A number, or None where it can't be had; in a batch an array, with nan in such places."""


@dataclass(frozen=True)
class Posterior:
    """What is believed of the effect after the data: of proportions the difference, of means and
    ratios the lift.

    `chance_to_win` is that of the treatment, 0 to 1; `mean`, `sd`, `low` and `high` are those of the
    effect. `expected_loss` is what choosing the treatment costs on average where it is the worse one,
    E[max(−effect, 0)]. None (in a batch nan) with a name in `why_not` where it can't be had.
    """

    chance_to_win: Result
    expected_loss: Result
    mean: Result
    sd: Result
    low: Result
    high: Result
    why_not: WhyNot | Names | None


def posterior(
    control: Sample,
    treatment: Sample,
    *,
    prior: tuple[float, float] | None = None,
    confidence: float = CONFIDENCE,
) -> Posterior:
    """The posterior of the effect; samples may hold arrays.

    Args:
        control, treatment: two samples of the same kind.
        prior: for proportions (α, β) of each arm's beta prior, None is (1, 1). For the others
            (mean, sd) of a normal prior on the lift, None is flat; (0.0, 0.3) is a common choice.
        confidence: of the central interval from `low` to `high`.

    Returns:
        Of proportions the difference, of means and ratios the lift; arrays where samples hold some.

    Raises:
        ValueError: the prior is not a distribution.

    Source: proportions Cook 2005 (P(t > c)), Stucchio 2015 (loss), by quadrature; means Gelman et
    al. BDA3 eq. 2.10 to 2.12, risk as μΦ(μ/σ) + σφ(μ/σ).

    >>> belief = posterior(Proportion(1000, 100), Proportion(1000, 120))
    >>> round(belief.chance_to_win, 6), round(belief.expected_loss, 8)
    (0.923183, 0.00048461)
    """
    is_share = isinstance(control, Proportion) and isinstance(treatment, Proportion)
    first, second = (prior or (1.0, 1.0)) if is_share else (prior or (0.0, np.inf))
    if not second > 0 or (is_share and not first > 0):
        raise ValueError("a prior needs a spread above zero, a beta prior two numbers above zero")
    with np.errstate(all="ignore"):
        estimated = estimate(control, treatment)
        lost = _LOST_SHARES if is_share else tuple(estimated.why)
        if isinstance(control, Proportion) and isinstance(treatment, Proportion):
            numbers = _of_shares(control, treatment, (first, second), confidence)
        else:
            numbers = _of_lift(estimated.relative, first, second, confidence)
    why = {name: np.broadcast_to(estimated.why[name], numbers["mean"].shape) for name in lost}
    if not is_share:
        v_c, v_t = np.broadcast_arrays(estimated.pair.v_c, estimated.pair.v_t)
        why["zero-variance"] = (v_c == 0) & (v_t == 0)
        why["control-mean-may-be-zero"] = ~np.isfinite(numbers["sd"]) | (numbers["sd"] == 0)
    return _assembled(numbers, why)


def chance_to_win(control: Sample, treatment: Sample) -> Result:
    """The `chance_to_win` of `posterior` without a prior, when nothing else of it is needed: of
    proportions it takes a tenth of the time, without their loss and interval.

    Args:
        control, treatment: two samples of the same kind; they may hold arrays.

    Returns:
        From 0 to 1; None, or nan in an array, where it can't be had.

    Raises:
        TypeError: samples of different kinds.

    Source: as `posterior`.

    >>> round(chance_to_win(Proportion(1000, 100), Proportion(1000, 120)), 6)
    0.923183
    """
    if not (isinstance(control, Proportion) and isinstance(treatment, Proportion)):
        return posterior(control, treatment).chance_to_win
    with np.errstate(all="ignore"):
        why = estimate(control, treatment).why
        arms = _betas(control, treatment, (1.0, 1.0))
        wins = _chance_of_difference(*arms, np.zeros(arms[0][0].shape))
    for name in _LOST_SHARES:
        wins = np.where(why[name], np.nan, wins)
    if wins.shape:
        return wins
    return float(wins) if np.isfinite(wins) else None


def _assembled(numbers: dict[str, Array], why: Mapping[str, Mask]) -> Posterior:
    shape = numbers["mean"].shape
    why_not = np.full(shape, None, dtype=object)
    for name in reversed([name for name in WhyNot if name in why]):
        why_not[why[name]] = name
    is_finite = np.all([np.isfinite(value) for value in numbers.values()], axis=0)
    why_not[(why_not == None) & ~is_finite] = WhyNot.OUT_OF_RANGE  # noqa: E711 - element by element
    is_lost = why_not != None  # noqa: E711
    values = {name: np.where(is_lost, np.nan, value) for name, value in numbers.items()}
    if shape:
        return Posterior(**values, why_not=why_not)
    plain = {name: float(v) if np.isfinite(v) else None for name, v in values.items()}
    return Posterior(**plain, why_not=why_not[()])


def _of_lift(pair: Pair, mean: float, sd: float, confidence: float) -> dict[str, Array]:
    """Normal prior × normal likelihood of the lift, with the delta method's variance."""
    c, t, v_c, v_t, _, _, k = pair
    lift = (t - c) / np.abs(c)
    variance = np.maximum(v_t + (t / c) ** 2 * v_c - 2 * (t / c) * k, 0) / c**2
    weight = 1 / variance
    precision = weight + 1 / sd**2
    middle = (weight * lift + mean / sd**2) / precision
    spread = np.sqrt(1 / precision)
    z = middle / spread
    reach = normal_quantile(confidence) * spread
    density = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
    return {
        "chance_to_win": scipy.special.ndtr(z),
        "expected_loss": np.maximum(spread * (density - z * scipy.special.ndtr(-z)), 0.0),
        "mean": middle,
        "sd": spread,
        "low": middle - reach,
        "high": middle + reach,
    }


def _of_shares(
    control: Proportion, treatment: Proportion, prior: tuple[float, float], confidence: float
) -> dict[str, Array]:
    """Two beta posteriors, integrated over the narrower one's density against the other's tail."""
    arms = _betas(control, treatment, prior)
    (a_c, b_c), (a_t, b_t) = arms
    m_c, m_t = a_c / (a_c + b_c), a_t / (a_t + b_t)
    sd = np.sqrt(sum(a * b / ((a + b) ** 2 * (a + b + 1)) for a, b in arms))
    wins = _chance_of_difference(*arms, np.zeros(a_c.shape))
    return {
        "chance_to_win": wins,
        "expected_loss": _loss(arms[0], arms[1]),
        "mean": array(m_t - m_c),
        "sd": array(sd),
        "low": _quantile_of_difference(arms[0], arms[1], (1 - confidence) / 2, m_t - m_c, sd),
        "high": _quantile_of_difference(arms[0], arms[1], (1 + confidence) / 2, m_t - m_c, sd),
    }


Beta = tuple[Array, Array]


def _betas(
    control: Proportion, treatment: Proportion, prior: tuple[float, float]
) -> tuple[Beta, Beta]:
    counts = (control.successes, control.n, treatment.successes, treatment.n)
    x_c, n_c, x_t, n_t = np.broadcast_arrays(*map(array, counts))
    arms = [(x + prior[0], np.maximum(n - x, 0) + prior[1]) for x, n in ((x_c, n_c), (x_t, n_t))]
    return _turned(*arms)


def _turned(control: Beta, treatment: Beta) -> tuple[Beta, Beta]:
    """Shares near 1 as their failures, near 0, where a double has all its digits: t − c is
    (1 − c) − (1 − t)."""
    (a_c, b_c), (a_t, b_t) = control, treatment
    is_high = a_c + a_t > b_c + b_t
    return (
        (np.where(is_high, b_t, a_c), np.where(is_high, a_t, b_c)),
        (np.where(is_high, b_c, a_t), np.where(is_high, a_c, b_t)),
    )


def _chance_of_difference(control: Beta, treatment: Beta, beyond: Array) -> Array:
    """P(t − c > beyond): over the narrower one's density, where the other one is in doubt."""
    is_narrow = _variance(control) < _variance(treatment)
    first = [np.where(is_narrow, c, t) for c, t in zip(control, treatment, strict=True)]
    other = [np.where(is_narrow, t, c)[..., None] for c, t in zip(control, treatment, strict=True)]
    shift = np.where(is_narrow, beyond, -beyond)
    start, end = np.clip(-shift, 0.0, 1.0), np.clip(1 - shift, 0.0, 1.0)
    nodes, mass = _density(first[0], first[1], start, end)
    edge = np.clip(nodes + shift[..., None], 0.0, 1.0)
    # P(t > edge) over c, or P(c < edge) over t: the complement by turning the beta around
    side = is_narrow[..., None]
    turned = np.where(side, other[1], other[0]), np.where(side, other[0], other[1])
    tail = scipy.special.betainc(turned[0], turned[1], np.where(side, 1 - edge, edge))
    below, above = (
        array(scipy.special.betainc(first[0], first[1], start)),
        array(scipy.special.betaincc(first[0], first[1], end)),
    )
    chance = (mass * tail).sum(axis=-1) + np.where(is_narrow, below, above)
    return array(np.clip(chance, 0.0, 1.0))  # rounding may carry a sum past either end


def _loss(control: Beta, treatment: Beta) -> Array:
    """E[max(c − t, 0)] = ∫ P(t ≤ x) P(c > x) dx, in pieces between the edges of both."""
    low = _edge(treatment, 1e-17)
    high = np.maximum(_top(control), low)
    edges = [_edge(control, 1e-17), _top(treatment)]
    pieces = np.sort([low, *(np.clip(edge, low, high) for edge in edges), high], axis=0)
    places, weights = _NODES
    total = np.zeros(low.shape)
    for start, end in pairwise(pieces):
        x = start[..., None] + (end - start)[..., None] * (places + 1) / 2
        below = scipy.special.betainc(treatment[0][..., None], treatment[1][..., None], x)
        above = scipy.special.betaincc(control[0][..., None], control[1][..., None], x)
        total = total + (below * above * weights).sum(axis=-1) * (end - start) / 2
    return array(total)


def _quantile_of_difference(
    control: Beta, treatment: Beta, level: float, mean: Array, sd: Array
) -> Array:
    """By secants on the probit scale, where the curve is nearly straight, kept within a bracket;
    each place only until it is estimated."""
    target = float(scipy.special.ndtri(level))
    arms = np.stack([*control, *treatment]).reshape(4, -1)
    m, spread = mean.ravel(), sd.ravel()
    low, high = np.maximum(m - 12 * spread, -1.0), np.minimum(m + 12 * spread, 1.0)
    last, place = m.copy(), np.clip(m + target * spread, low, high)
    height = _gap(arms, last, target)
    rest = np.arange(m.size)
    for _ in range(60):
        now = _gap(arms[:, rest], place[rest], target)
        is_below = now < 0
        low[rest], high[rest] = (
            np.where(is_below, place[rest], low[rest]),
            np.where(is_below, high[rest], place[rest]),
        )
        step = place[rest] - now * (place[rest] - last[rest]) / (now - height[rest])
        is_inside = (step > low[rest]) & (step < high[rest])
        step = np.where(is_inside, step, (low[rest] + high[rest]) / 2)
        is_open = np.abs(now) > 1e-11
        rest, step, now = rest[is_open], step[is_open], now[is_open]
        if not rest.size:
            break
        last[rest], height[rest], place[rest] = place[rest], now, step
    return place.reshape(mean.shape)


def _gap(arms: Array, place: Array, target: float) -> Array:
    a_c, b_c, a_t, b_t = arms
    return array(_probit_below((a_c, b_c), (a_t, b_t), place) - target)


def _probit_below(control: Beta, treatment: Beta, difference: Array) -> Array:
    """Of the chance to lie below; nothing is left to integrate at −1 and 1, its two ends."""
    chance = _chance_of_difference(control, treatment, difference)
    chance = np.where(np.abs(difference) < 1, chance, difference < 0)
    return array(-scipy.special.ndtri(chance))


def _density(a: Array, b: Array, start: Array, end: Array) -> tuple[Array, Array]:
    """Nodes over all that matters of a beta density from `start` to `end`, with their mass.

    ln f against its mode m: (a−1)(ln(1+u) − u) + (b−1)(ln(1+v) − v), u = (x−m)/m, v = (m−x)/(1−m);
    the linear terms cancel, so counts of 10¹² lose no digits.
    """
    places, weights = _NODES
    low = np.maximum(_edge((a, b), 1e-17), start)
    high = np.maximum(np.minimum(_top((a, b)), end), low)
    x = low[..., None] + (high - low)[..., None] * (places + 1) / 2
    is_bent = (a > 1) & (b > 1)
    mode = np.where(is_bent, (a - 1) / np.where(is_bent, a + b - 2, 1.0), 0.5)[..., None]
    bent = _log1pmx((x - mode) / mode, (a - 1)[..., None])
    bent = bent + _log1pmx((mode - x) / (1 - mode), (b - 1)[..., None])
    plain = scipy.special.xlogy(a[..., None] - 1, x) + scipy.special.xlog1py(b[..., None] - 1, -x)
    log_density = np.where(is_bent[..., None], bent, plain)
    shape = weights * np.exp(log_density - log_density.max(axis=-1, keepdims=True))
    total = scipy.special.betainc(a, b, high) - scipy.special.betainc(a, b, low)
    return x, shape / shape.sum(axis=-1, keepdims=True) * total[..., None]


def _log1pmx(u: Array, times: Array) -> Array:
    """`times`·(ln(1 + u) − u), by series where u is small."""
    series = -(u**2) * (1 / 2 - u * (1 / 3 - u * (1 / 4 - u * (1 / 5 - u * (1 / 6 - u / 7)))))
    return array(times * np.where(np.abs(u) < 1e-3, series, np.log1p(u) - u))


def _variance(beta: Beta) -> Array:
    a, b = beta
    return a * b / ((a + b) ** 2 * (a + b + 1))


def _edge(beta: Beta, level: float) -> Array:
    """Below it lies `level` of a beta. With far more failures than successes (or the other way round)
    a gamma takes its place, for scipy's inverse is wrong there by orders of magnitude."""
    a, b = beta
    plain = scipy.special.betaincinv(a, b, level)
    rare = scipy.special.gammaincinv(a, level) / b
    common = 1 - scipy.special.gammainccinv(b, level) / a
    return array(np.where(_FEW * a < b, rare, np.where(_FEW * b < a, common, plain)))


def _top(beta: Beta) -> Array:
    """Above it lies 1e-17 of a beta."""
    a, b = beta
    plain = 1 - scipy.special.betaincinv(b, a, 1e-17)
    rare = np.minimum(scipy.special.gammainccinv(a, 1e-17) / b, 1.0)
    common = 1 - scipy.special.gammaincinv(b, 1e-17) / a
    return array(np.where(_FEW * a < b, rare, np.where(_FEW * b < a, common, plain)))
