"""What a test says of each series and day: numbers, evidence and state."""

import json
from dataclasses import asdict, dataclass, fields, replace
from datetime import date

import numpy as np
from numpy.typing import NDArray

from alerts.baseline import Tested
from alerts.multiplicity import discovered
from alerts.panel import Bools, Floats, Panel
from alerts.policy import Policy
from alerts.tail import LEAST_P, log_likelihood, upper_tail
from alerts.walk import Step

Ints = NDArray[np.int8]

#: Codes of `Evaluations.state`, in order of the closed list SeriesState.
WARMING_UP, NO_DATA, QUIET, WATCH, ALERT, HIGH, CRITICAL = range(7)
STATES = ("warming-up", "no-data", "quiet", "watch", "alert", "high", "critical")

#: Severities above watch: evidence, ratio and publishers they ask for. A choice of the product, not a measurement.
LADDER = ((ALERT, 3.0, 2.0, 0), (HIGH, 5.0, 3.0, 5), (CRITICAL, 8.0, 5.0, 8))


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluations:
    """What was found of each series on each day kept. Arrays are (S, D) for the last D days of the panel."""

    names: tuple[str, ...]
    days: tuple[date, ...]
    state: Ints
    window: Floats  #: the window with the least p, in days
    observed: Floats
    expected: Floats
    variance: Floats
    ratio: Floats
    p: Floats
    evidence: Floats  #: -log10 of the least p over the windows
    exposure: Floats
    total: Floats
    publishers: Floats  #: in the window; where only days are known, the most of any of its days; -1 unknown
    stories: Floats
    counts: Floats  #: stories counted on the day itself
    residual: Floats  #: Anscombe residual of the day, frozen; NaN when there was none
    policy: Policy
    first_day: date  #: of the panel: baselines begin there

    @property
    def parameters(self) -> str:
        """Everything a test depends on beside the corpus and its watermark, as JSON with sorted keys."""
        return json.dumps({"first_day": self.first_day.isoformat(), **asdict(self.policy)}, sort_keys=True)


def joined(*parts: Evaluations) -> Evaluations:
    """Put evaluations of different series over the same days under one another; settings are those of the first."""
    first = parts[0]
    if any(p.days != first.days for p in parts):
        raise ValueError("joined: the days differ")
    arrays = {
        f.name: np.concatenate([getattr(p, f.name) for p in parts])
        for f in fields(Evaluations)
        if isinstance(getattr(first, f.name), np.ndarray)
    }
    return replace(first, names=tuple(name for p in parts for name in p.names), **arrays)


class Findings:
    """Fills the arrays of Evaluations day by day."""

    def __init__(self, panel: Panel, policy: Policy, first: int) -> None:
        """Make room for the days from the one of index `first` on."""
        self.panel, self.policy, self.first = panel, policy, first
        shape = (len(panel.names), len(panel.days) - first)
        names = (
            "window", "observed", "expected", "variance", "ratio", "p", "evidence", "exposure", "total", "publishers",
            "stories",
        )  # fmt: skip
        self.fields = {name: np.zeros(shape) for name in names}
        self.residual = np.full(shape, np.nan)
        self.state = np.zeros(shape, dtype=np.int8)

    def take(self, step: Step) -> None:
        """Weigh the evidence of one day, choose each series' best window, and judge it."""
        day, tested, parts, usable, history = step.day, step.tested, step.parts, step.usable, step.history
        panel, policy, column, f = self.panel, self.policy, day - self.first, self.fields
        # A window longer than the history would test days against nothing.
        needed = [policy.min_history_days + w + g - 1 for w, g in zip(policy.windows, policy.gaps, strict=True)]
        ready = np.stack([history >= n for n in needed])
        scores = np.stack([_bayes_factor(t, policy) for t in tested])
        f["evidence"][:, column] = _evidence(_mean(scores, ready), policy)
        if parts:
            hourly = np.stack([_bayes_factor(t, policy) for t in parts])
            now = ready[:1] & np.ones_like(hourly, dtype=bool)
            looked = _evidence(_mean(hourly, now), policy) - np.log10(policy.looks_a_day)
            scores = np.concatenate([scores, np.where(looked > f["evidence"][:, column], hourly, -np.inf)])
            ready = np.concatenate([ready, now])
            f["evidence"][:, column] = np.maximum(f["evidence"][:, column], looked)
        best = np.argmax(np.where(ready, scores, -np.inf), axis=0)
        hours = panel.hours[: len(parts)]

        def chosen(values: list[Floats]) -> Floats:
            picked: Floats = np.stack(values)[best, np.arange(len(best))]
            return picked

        f["window"][:, column] = np.array([*policy.windows, *(h.hours / 24 for h in hours)])[best]
        for name in ("observed", "expected", "variance", "exposure"):
            f[name][:, column] = chosen([getattr(t, name) for t in (*tested, *parts)])
        tail = upper_tail(f["observed"][:, column], f["expected"][:, column], f["variance"][:, column])
        f["p"][:, column] = np.where(ready.any(axis=0), np.maximum(tail, LEAST_P), 1.0)
        f["ratio"][:, column] = f["observed"][:, column] / np.maximum(f["expected"][:, column], 1e-9)
        stories = panel.counts if panel.stories is None else panel.stories
        f["total"][:, column] = chosen([*self._sums(panel.totals, usable, day), *(h.totals for h in hours)])
        f["stories"][:, column] = chosen([*self._sums(stories, usable, day), *(h.counts for h in hours)])
        if panel.publishers is None:
            f["publishers"][:, column] = -1.0
        else:
            most = [self._publishers(usable, day, i) for i in range(len(policy.windows))]
            f["publishers"][:, column] = chosen([*most, *(h.publishers for h in hours)])
        self.residual[:, column] = np.where(history >= policy.min_history_days, step.residual, np.nan)
        self.state[:, column] = self._judge(day, column, history, usable[:, day])

    def _sums(self, values: Floats, usable: Bools, day: int) -> list[Floats]:
        return [_trailing(values, usable, day, w).sum(axis=1) for w in self.policy.windows]

    def _publishers(self, usable: Bools, day: int, index: int) -> Floats:
        """Distinct publishers in a window; where only days are known, the most of any of its days."""
        panel = self.panel
        if panel.publishers_within is not None:
            within: Floats = panel.publishers_within[index][:, day]
            return within
        if panel.publishers is None:
            return np.full(len(panel.names), -1.0)
        most: Floats = _trailing(panel.publishers, usable, day, self.policy.windows[index]).max(axis=1)
        return most

    def _judge(self, day: int, column: int, history: Floats, usable: Bools) -> Ints:
        policy, f = self.policy, self.fields
        asked = policy.evidence + np.where(history < policy.young_days, policy.young_penalty, 0.0)
        evidence, publishers, ratio = f["evidence"][:, column], f["publishers"][:, column], f["ratio"][:, column]
        least = float(policy.min_publishers)
        desk = self.panel.desk_publishers
        if desk is not None and desk[day] < policy.small_desk:
            least = min(least, float(policy.few_publishers))
        unknown = publishers < 0
        passes = (
            (evidence >= asked)
            & (f["observed"][:, column] >= policy.min_stories)
            & (ratio >= policy.min_ratio)
            & (unknown | (publishers >= least))
        )
        state = np.where(passes, WATCH, QUIET)
        for code, decades, times, wide in LADDER:
            state = np.where(
                passes & (evidence >= decades) & (ratio >= times) & (unknown | (publishers >= wide)), code, state
            )
        if self.panel.parents is not None:
            found = discovered(evidence, self.panel.parents, self.panel.names, policy.false_discoveries)
            state = np.where(found, state, np.minimum(state, WATCH))
        state = np.where(history < policy.min_history_days, WARMING_UP, state)
        return np.where(usable, state, NO_DATA).astype(np.int8)

    def finish(self) -> Evaluations:
        """Freeze what was filled."""
        return Evaluations(
            names=self.panel.names,
            days=self.panel.days[self.first :],
            state=self.state,
            residual=self.residual,
            counts=self.panel.counts[:, self.first :],
            policy=self.policy,
            first_day=self.panel.days[0],
            **self.fields,
        )


def _bayes_factor(tested: Tested, policy: Policy) -> Floats:
    """Log10 of how much likelier the count is if an event goes on, averaged over the sizes an event may have."""
    if_nothing = log_likelihood(tested.observed, tested.expected, tested.variance)
    sizes = [
        log_likelihood(tested.observed, size * tested.expected, tested.variance_at(size)) - if_nothing + np.log(odds)
        for size, odds in zip(policy.sizes, policy.size_odds, strict=True)
    ]
    factor = np.logaddexp.reduce(np.stack(sizes), axis=0) / np.log(10)
    return np.where(tested.expected > 0, factor, 0.0)


def _mean(scores: Floats, ready: Bools) -> Floats:
    """Log10 of the mean of 10^scores over the windows that are ready; -inf where none is."""
    powers = np.where(ready, scores * np.log(10), -np.inf)
    number = np.maximum(ready.sum(axis=0), 1)
    mean: Floats = (np.logaddexp.reduce(powers, axis=0) - np.log(number)) / np.log(10)
    return mean


def _evidence(factor: Floats, policy: Policy) -> Floats:
    """From a Bayes factor to -log10 of the chance that a quiet day has one so great, as calibrated; 0 at least."""
    return np.maximum(0.0, policy.evidence_at_one + policy.evidence_a_decade * factor)


def _trailing(values: Floats, usable: Bools, day: int, length: int) -> Floats:
    """Cut the last `length` days that end with `day`, unusable ones as 0."""
    cut = slice(max(0, day + 1 - length), day + 1)
    return np.where(usable[:, cut], values[:, cut], 0.0)
