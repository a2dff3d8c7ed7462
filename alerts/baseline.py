"""What is known of each series at the end of a day, and how one more day changes it. Pure numpy, all series at once."""

from dataclasses import dataclass

import numpy as np

from alerts.panel import Bools, Floats
from alerts.policy import Policy


@dataclass(frozen=True, slots=True)
class Baseline:
    """State of S series at the end of one day. Arrays are (S,) unless said otherwise; sums decay, days weigh."""

    counts: Floats
    counts_squared_weight: Floats  #: with squared weights: what the sum is worth as evidence
    exposure: Floats  #: exposure x weekday factor
    weekday_counts: Floats  #: (7, S)
    weekday_expected: Floats  #: (7, S)
    weekday_factors: Floats  #: (7, S) what a weekday has more than exposure says
    squares: Floats  #: (W, S) squared one-step residuals of each window
    weights: Floats  #: (W, S) and what they weigh
    history: Floats  #: days with data so far
    loud_days: Floats  #: days in a row that stood out

    @classmethod
    def empty(cls, series: int, windows: int) -> "Baseline":
        """Know nothing yet."""
        zero, week, each = np.zeros(series), np.zeros((7, series)), np.zeros((windows, series))
        return cls(zero, zero, zero, week, week, np.ones_like(week), each, each, zero, zero)

    def rate(self) -> Floats:
        """Stories per unit of exposure. Half a story more than was seen: Jeffreys' prior."""
        return np.where(self.exposure > 0, (self.counts + 0.5) / np.maximum(self.exposure, 1e-12), 0.0)

    def worth(self) -> Floats:
        """How many independent stories the rate rests on."""
        worth: Floats = (self.counts + 0.5) ** 2 / (self.counts_squared_weight + 0.5)
        return worth

    def phi(self, window: int, policy: Policy) -> Floats:
        """Over-dispersion of the window of that place: the prior, and the residuals frozen so far."""
        weight = policy.phi_prior_days
        phi = (weight * policy.phi_prior + self.squares[window]) / (weight + self.weights[window])
        at_least_poisson: Floats = np.maximum(1.0, phi)
        return at_least_poisson


@dataclass(frozen=True, slots=True)
class Tested:
    """One window of one day, all series: what was seen and what was expected of it."""

    observed: Floats
    expected: Floats
    phi: Floats
    spread: Floats  #: variance = phi x expected + spread x expected^2: the rate's own uncertainty, and drift
    exposure: Floats
    rate_spread: Floats  #: the part of the spread that is known without phi

    @property
    def variance(self) -> Floats:
        """Variance of the count if nothing happened."""
        return self.variance_at(1.0)

    def variance_at(self, size: float) -> Floats:
        """Variance of the count if everything is `size` times what is expected."""
        mean = size * self.expected
        variance: Floats = self.phi * mean + self.spread * mean**2
        return variance


def anscombe(tested: Tested) -> Floats:
    """Noufaily's residual of a count: near normal. 0 where nothing was expected."""
    mean = np.maximum(tested.expected, 1e-9)
    residual = 1.5 * (tested.observed ** (2 / 3) - mean ** (2 / 3)) / (mean ** (1 / 6) * np.sqrt(tested.phi))
    return np.where(tested.expected > 0, residual, 0.0)


def after(
    before: Baseline, counts: Floats, exposure: Floats, usable: Bools, weekday: int,
    residual: Floats, tested: list[Tested], policy: Policy,
) -> Baseline:  # fmt: skip
    """Take one day into the baseline. A day without data changes nothing, not even the age of the others."""
    loud = np.where(usable, np.where(residual > policy.omega_from, before.loud_days + 1, 0.0), before.loud_days)
    # A day that stands out counts less, so that a spike does not become its own baseline, until it is the new level.
    less = (residual > policy.omega_from) & (loud <= policy.new_level_days)
    weight = np.where(less, (policy.omega_from / np.maximum(residual, 1e-9)) ** 2, 1.0) * usable
    decay = np.where(usable, 0.5 ** (1.0 / policy.half_life_days), 1.0)
    slow = np.where(usable, 0.5 ** (1.0 / policy.phi_half_life_days), 1.0)
    weekday_counts, weekday_expected = before.weekday_counts * decay, before.weekday_expected * decay
    weekday_counts[weekday] += weight * counts
    weekday_expected[weekday] += weight * np.where(before.history > 0, before.rate() * exposure, counts)
    prior = policy.weekday_prior  # pulls a factor to 1 while little is known
    ready = weight * (before.history >= policy.min_history_days)
    squares = np.stack([ready * (t.expected > 0) * _square(t, policy) for t in tested])
    weights = np.stack([ready * (t.expected > 0) for t in tested])
    return Baseline(
        before.counts * decay + weight * counts,
        before.counts_squared_weight * decay**2 + weight**2 * counts,
        before.exposure * decay + weight * exposure * before.weekday_factors[weekday],
        weekday_counts,
        weekday_expected,
        (weekday_counts + prior) / (weekday_expected + prior),
        before.squares * slow + squares,
        before.weights * slow + weights,
        before.history + usable,
        loud,
    )


def _square(tested: Tested, policy: Policy) -> Floats:
    """Squared residual in units of the variance that a Poisson count with an uncertain rate would have."""
    scale = tested.expected + tested.expected**2 * tested.rate_spread
    square = (tested.observed - tested.expected) ** 2 / np.maximum(scale, 1e-9)
    return np.minimum(square, policy.residual_cap)
