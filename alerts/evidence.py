"""From counts and what was expected of them to evidence: Bayes factors, averaged and put on a scale of quiet days."""

import numpy as np
from numpy.typing import NDArray

from alerts.baseline import Tested
from alerts.panel import Bools, Floats
from alerts.policy import Policy
from alerts.tail import log_likelihood


def bayes_factor(tested: Tested, policy: Policy) -> Floats:
    """Log10 of how much likelier the count is if an event goes on, averaged over the sizes an event may have."""
    if_nothing = log_likelihood(tested.observed, tested.expected, tested.variance)
    sizes = [
        log_likelihood(tested.observed, size * tested.expected, tested.variance_at(size)) - if_nothing + np.log(odds)
        for size, odds in zip(policy.sizes, policy.size_odds, strict=True)
    ]
    factor = np.logaddexp.reduce(np.stack(sizes), axis=0) / np.log(10)
    return np.where(tested.expected > 0, factor, 0.0)


def mean_factor(scores: Floats, ready: Bools) -> Floats:
    """Log10 of the mean of 10^scores over the windows that are ready; -inf where none is."""
    powers = np.where(ready, scores * np.log(10), -np.inf)
    number = np.maximum(ready.sum(axis=0), 1)
    mean: Floats = (np.logaddexp.reduce(powers, axis=0) - np.log(number)) / np.log(10)
    return mean


def evidence_of(factor: Floats, policy: Policy) -> Floats:
    """From a Bayes factor to -log10 of the chance that a quiet day has one so great, as calibrated; 0 at least."""
    return np.maximum(0.0, policy.evidence_at_one + policy.evidence_a_decade * factor)


def weigh(
    tested: list[Tested], parts: list[Tested], history: Floats, policy: Policy
) -> tuple[Floats, NDArray[np.intp], Bools]:
    """Give each series' evidence, the place of the window that speaks loudest, and whether any window was ready.

    `parts` are hours of the day: they stand behind the windows in the count of places, and pay for being looked at
    every hour.
    """
    # A window longer than the history would test days against nothing.
    needed = [policy.min_history_days + w + g - 1 for w, g in zip(policy.windows, policy.gaps, strict=True)]
    ready = np.stack([history >= n for n in needed])
    scores = np.stack([bayes_factor(t, policy) for t in tested])
    evidence = evidence_of(mean_factor(scores, ready), policy)
    if parts:
        hourly = np.stack([bayes_factor(t, policy) for t in parts])
        now = np.broadcast_to(ready[:1], hourly.shape)
        looked = evidence_of(mean_factor(hourly, now), policy) - np.log10(policy.looks_a_day)
        scores = np.concatenate([scores, np.where(looked > evidence, hourly, -np.inf)])
        ready = np.concatenate([ready, now])
        evidence = np.maximum(evidence, looked)
    any_ready: Bools = np.logical_or.reduce(ready, axis=0)
    return evidence, np.argmax(np.where(ready, scores, -np.inf), axis=0), any_ready
