"""What a test says of each series and day: numbers, evidence and state."""

import json
from dataclasses import asdict, dataclass, fields, replace
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from alerts.evidence import weigh
from alerts.multiplicity import discovered
from alerts.panel import Bools, Floats, Panel
from alerts.policy import Policy
from alerts.tail import LEAST_P, upper_tail
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
    arrays: dict[str, Any] = {
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
        column, history = step.day - self.first, step.history
        evidence, best, ready = weigh(step.tested, step.parts, history, self.policy)

        def put(name: str, values: list[Floats]) -> Floats:
            picked: Floats = np.stack(values)[best, np.arange(len(best))]
            self.fields[name][:, column] = picked
            return picked

        tests = [*step.tested, *step.parts]
        observed, expected = (put(name, [getattr(t, name) for t in tests]) for name in ("observed", "expected"))
        variance = put("variance", [t.variance for t in tests])
        put("exposure", [t.exposure for t in tests])
        for name, values in self._around(step).items():
            put(name, values)
        tail = np.maximum(upper_tail(observed, expected, variance), LEAST_P)
        self.fields["p"][:, column] = np.where(ready, tail, 1.0)
        self.fields["ratio"][:, column] = observed / np.maximum(expected, 1e-9)
        self.fields["evidence"][:, column] = evidence
        self.residual[:, column] = np.where(history >= self.policy.min_history_days, step.residual, np.nan)
        self.state[:, column] = self._judge(step.day, column, history, step.usable[:, step.day])

    def _around(self, step: Step) -> dict[str, list[Floats]]:
        """Give what else is told of each window and each part of the day."""
        panel, windows = self.panel, self.policy.windows
        hours = panel.hours[: len(step.parts)]
        stories = panel.counts if panel.stories is None else panel.stories
        lengths = [float(w) for w in windows] + [h.hours / 24 for h in hours]
        return {
            "window": [np.full(len(panel.names), length) for length in lengths],
            "total": [*self._sums(panel.totals, step.usable, step.day), *(h.totals for h in hours)],
            "stories": [*self._sums(stories, step.usable, step.day), *(h.counts for h in hours)],
            "publishers": [
                *(self._publishers(step.usable, step.day, i) for i in range(len(windows))),
                *(h.publishers for h in hours),
            ],
        }

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


def _trailing(values: Floats, usable: Bools, day: int, length: int) -> Floats:
    """Cut the last `length` days that end with `day`, unusable ones as 0."""
    cut = slice(max(0, day + 1 - length), day + 1)
    return np.where(usable[:, cut], values[:, cut], 0.0)
