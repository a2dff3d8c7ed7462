"""First times: a concept, an actor or a pair that was never or hardly ever told of, and now is.

With a baseline near zero no test of counts has anything to multiply. So the rule is plain: at most one story in all the
days before, four weeks of them at least; three stories by two publishers within three days.
"""

import numpy as np

from alerts.findings import ALERT, NO_DATA, QUIET, WARMING_UP, WATCH, Evaluations
from alerts.panel import Floats, Panel
from alerts.policy import Policy
from alerts.tail import LEAST_P, upper_tail
from alerts.walk import walk

_DAYS = 3  #: within which it has to be told
_MEMORY_DAYS = 28  #: of data before anything can be called new
_MOST_BEFORE = 1.0  #: stories ever: one may be a slip of the lexicon
_LEAST_STORIES = 3.0
_LEAST_PUBLISHERS = 2.0  #: two independent ones; where publishers are unknown, stories have to do
_ALERT_PUBLISHERS = 5.0  #: when everybody has it, it is no curiosity


def novelties(panel: Panel, policy: Policy, *, last: int | None = None) -> Evaluations:
    """Look for first times on each of the last days. Names get `novelty:` before them.

    Evidence is the Poisson tail at half a story over all the days before: a figure for ordering, not a promised rate.
    """
    first = 0 if last is None else max(0, len(panel.days) - last)
    shape = len(panel.names), len(panel.days) - first
    names = ("observed", "expected", "evidence", "publishers", "total", "residual")
    found = {name: np.zeros(shape) for name in names}
    state = np.zeros(shape, dtype=np.int8)
    past = panel.counts if panel.past_counts is None else panel.past_counts
    for step in walk(panel, policy, first=first):
        column = step.day - first
        cut = slice(max(0, step.day + 1 - _DAYS), step.day + 1)
        observed = np.where(step.usable[:, cut], panel.counts[:, cut], 0.0).sum(axis=1)
        before = past[:, : cut.start].sum(axis=1)
        expected = (before + 0.5) * _DAYS / np.maximum(step.history, 1.0)
        publishers = _publishers(panel, cut)
        passes = (before <= _MOST_BEFORE) & (observed >= _LEAST_STORIES)
        passes &= (publishers < 0) | (publishers >= _LEAST_PUBLISHERS)
        severity = np.where(passes, np.where(publishers >= _ALERT_PUBLISHERS, ALERT, WATCH), QUIET)
        young = step.history < _MEMORY_DAYS
        state[:, column] = np.where(step.usable[:, step.day], np.where(young, WARMING_UP, severity), NO_DATA)
        found["observed"][:, column], found["expected"][:, column] = observed, expected
        found["publishers"][:, column] = publishers
        # Days that are not first times are not loud either: the alert then closes by itself.
        found["evidence"][:, column] = np.where(passes, _evidence(observed, expected), 0.0)
        found["total"][:, column] = np.where(step.usable[:, cut], panel.totals[:, cut], 0.0).sum(axis=1)
        found["residual"][:, column] = step.residual
    return Evaluations(
        names=tuple(f"novelty:{name}" for name in panel.names),
        days=panel.days[first:],
        state=state,
        window=np.full(shape, float(_DAYS)),
        variance=found["expected"],
        ratio=found["observed"] / np.maximum(found["expected"], 1e-9),
        p=10.0 ** -found["evidence"],
        exposure=np.ones(shape),
        stories=found["observed"],
        counts=panel.counts[:, first:],
        policy=policy,
        first_day=panel.days[0],
        **found,
    )


def _evidence(observed: Floats, expected: Floats) -> Floats:
    surprise: Floats = -np.log10(np.maximum(upper_tail(observed, expected, expected), LEAST_P))
    return surprise


def _publishers(panel: Panel, cut: slice) -> Floats:
    if panel.publishers is None:
        return np.full(len(panel.names), -1.0)
    most: Floats = panel.publishers[:, cut].max(axis=1)
    return most
