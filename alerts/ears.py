"""EARS C1, C2 and C3 of the CDC: the plain rules other tools use, offered for comparison and as `[detection] method`.

C1 holds a day against mean and standard deviation of the seven days before it, C2 against seven days that end two days
earlier, C3 adds up the last two excesses of C2. They know neither exposure nor weekdays, so expect many false alarms:
docs/detection.md has the figures. C3 follows R's surveillance: its sum leaves the day itself out, where the CDC's text
counts it.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy.special import log_ndtr, ndtri

from alerts.findings import NO_DATA, QUIET, WARMING_UP, Evaluations
from alerts.panel import Floats, Panel
from alerts.policy import Policy

_LAG = {"ears-c1": 0, "ears-c2": 2, "ears-c3": 2}
_SUMMED = (1, 2)  #: days before the tested one whose excess C3 adds up


@dataclass(frozen=True, slots=True)
class Ears:
    """One method over (S, T) counts. NaN where too little came before."""

    mean: Floats
    deviation: Floats
    score: Floats  #: in standard deviations
    counts: Floats
    method: str

    def bound(self, alpha: float) -> Floats:
        """Count above which there is an alarm at that level."""
        z = -ndtri(alpha)
        if self.method == "ears-c3":
            lowered: Floats = np.maximum(0.0, self.counts + self.deviation * (z - self.score))
            return lowered
        bound: Floats = self.mean + z * self.deviation
        return bound


def ears(counts: Floats, method: str, *, baseline: int = 7, least_deviation: float = 0.0) -> Ears:
    """Score each day against the `baseline` days before it, `least_deviation` standing in for none."""
    mean, deviation = _moments(counts, _LAG[method], baseline, least_deviation)
    score = _z(counts, mean, deviation)
    if method == "ears-c3":
        score = sum((_shift(np.maximum(0.0, score - 1.0), lag) for lag in _SUMMED), np.zeros(counts.shape))
    return Ears(mean, deviation, score, counts, method)


def _moments(counts: Floats, lag: int, baseline: int, least: float) -> tuple[Floats, Floats]:
    mean, deviation = np.full(counts.shape, np.nan), np.full(counts.shape, np.nan)
    windows = np.lib.stride_tricks.sliding_window_view(counts, baseline, axis=1)
    first = baseline + lag
    before = windows[:, : max(0, counts.shape[1] - first)]
    mean[:, first:] = before.mean(axis=2)
    deviation[:, first:] = np.maximum(before.std(axis=2, ddof=1), least)
    return mean, deviation


def _z(counts: Floats, mean: Floats, deviation: Floats) -> Floats:
    """Standard deviations above the mean. Where there is no deviation any excess is infinite and none is undefined."""
    with np.errstate(divide="ignore", invalid="ignore"):
        z: Floats = (counts - mean) / deviation
    return z


def _shift(values: Floats, days: int) -> Floats:
    shifted = np.full(values.shape, np.nan)
    shifted[:, days:] = values[:, :-days]
    return shifted


def with_ears(evaluations: Evaluations, panel: Panel, policy: Policy) -> Evaluations:
    """Put the numbers of an EARS method in place of the exposure test's; data and rules stay as they are."""
    if len(panel.days) <= policy.min_history_days:
        return evaluations
    cut = slice(len(panel.days) - len(evaluations.days), None)
    found = ears(panel.counts, policy.method, least_deviation=0.5)  # half a story: a flat week is not certainty
    score, mean, deviation = (np.nan_to_num(a[:, cut]) for a in (found.score, found.mean, found.deviation))
    log_p = log_ndtr(-score) / np.log(10)
    ratio = panel.counts[:, cut] / np.maximum(mean, 1e-9)
    passes = (-log_p >= policy.evidence) & (panel.counts[:, cut] >= policy.min_stories) & (ratio >= policy.min_ratio)
    unknown = evaluations.publishers < 0
    passes &= unknown | (evaluations.publishers >= policy.min_publishers)
    silent = (evaluations.state == NO_DATA) | (evaluations.state == WARMING_UP)
    state = np.where(silent, evaluations.state, np.where(passes, QUIET + 1, QUIET)).astype(np.int8)
    return replace(
        evaluations,
        state=state,
        window=np.ones_like(mean),
        observed=panel.counts[:, cut],
        expected=mean,
        variance=deviation**2,
        ratio=ratio,
        p=10**log_p,
        evidence=-log_p,
    )
